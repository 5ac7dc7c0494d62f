"""What befalls a lot that stays itself: grams spoil or are given away, it is held, or recalled."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tiantou.core import audit
from tiantou.core.db import Tx
from tiantou.core.outbox import announce
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.supply import lots_sql, moves_sql
from tiantou.supply.claims import claims_sql
from tiantou.supply.events import BoxesRestored, BoxesWithdrawn
from tiantou.supply.lifecycle import LOT
from tiantou.supply.problems import LotNotOpen, LotShort
from tiantou.supply.views import LotView, Recalled

# Why grams leave a lot for good. What is recalled may only be destroyed.
SCRAPS = ("spoil", "donate", "process", "destroy")


async def scrap(
    tx: Tx, who: Subject, org_id: UUID, lot_id: UUID, reason: str, grams: int, note: str
) -> LotView:
    """Grams leave a lot for good; of a packed lot whole boxes, which are not for sale any more.

    Raises NotFound, InvalidFields (grams), LotNotOpen, LotShort(grams_left).
    """
    lot = await _held(tx, org_id, lot_id)
    if reason not in SCRAPS:
        raise InvalidFields.one("reason", "unknown")
    if lot.state not in {"open", "held"} and not (lot.state == "recalled" and reason == "destroy"):
        raise LotNotOpen(state=lot.state)
    if grams < 1 or (lot.net_g is not None and grams % lot.net_g):
        raise InvalidFields.one("grams", "whole-boxes", net_g=lot.net_g or 1)
    if lot.grams_left < grams:
        raise LotShort(grams_left=lot.grams_left)
    ref, at = str(ids.uuid7()), clock.now()
    await moves_sql.move(tx, org_id, lot_id, -grams, reason, ref, who.person_id, at, note)
    if lot.state == "open":
        await _withdraw(tx, lot, grams, ref)
    return await _again(tx, lot)


async def hold(
    tx: Tx, who: Subject | None, org_id: UUID, lot_id: UUID, why: str, ref: str | None = None
) -> LotView:
    """Nothing is taken from the lot until it is released; its boxes are not for sale.

    Raises NotFound, WrongState.
    """
    lot = await _held(tx, org_id, lot_id)
    step = await _step(tx, who, lot, "hold", why, ref)
    await _withdraw(tx, lot, lot.grams_left, step)
    return await _again(tx, lot)


async def hold_if_over(
    tx: Tx, org_id: UUID, lot_id: UUID, plot_id: UUID, variety_id: UUID, at: datetime
) -> None:
    """Holds an open lot for review if its plot gave more in 365 days than it can bear.

    More than that may be somebody else's fruit, passed off.
    """
    over = await claims_sql.over_ceiling(tx, plot_id, variety_id, at)
    if over is not None:
        await hold_if_open(tx, org_id, lot_id, f"yield-ceiling: {over[0]} g of {over[1]} g")


async def hold_if_open(tx: Tx, org_id: UUID, lot_id: UUID, why: str) -> None:
    """The system holds a lot that still is open when it is looked at. Raises NotFound."""
    lot = await _held(tx, org_id, lot_id)
    if lot.state == LOT.init:
        await hold(tx, None, org_id, lot_id, why)


async def release(tx: Tx, who: Subject, org_id: UUID, lot_id: UUID, why: str) -> LotView:
    """A held lot is open again. Raises NotFound, WrongState."""
    lot = await _held(tx, org_id, lot_id)
    await _step(tx, who, lot, "release", why, None)
    if lot.pack_id is not None and lot.net_g is not None and lot.grams_left:
        steps = await moves_sql.steps_of(tx, lot_id)
        held = next(step for step in reversed(steps) if step.event == "hold")
        fact = BoxesRestored(
            pack_id=lot.pack_id,
            org_id=org_id,
            lot_id=lot_id,
            boxes=lot.grams_left // lot.net_g,
            held=held.grams // lot.net_g,
            ref=str(held.id),
            at=clock.now(),
        )
        await announce(tx, fact)
    return await _again(tx, lot)


async def recall(
    tx: Tx, who: Subject, org_id: UUID, lots: Sequence[UUID], why: str, ref: str
) -> list[Recalled]:
    """The lots are recalled, those that can be; nothing is announced: who recalls sees to sales.

    Each lot is told with its state before; closed and recalled ones stay as they are.
    """
    held = await moves_sql.lock_lots(tx, org_id, lots)
    found = []
    for lot_id in sorted(held):
        lot = held[lot_id]
        if LOT.can(lot.state, "recall"):
            await _step(tx, who, lot, "recall", why, ref)
        found.append(
            Recalled(
                lot_id=lot_id,
                code=lot.code,
                kind=lot.kind,
                before=lot.state,
                pack_id=lot.pack_id,
                grams_in=lot.grams_in,
                grams_left=lot.grams_left,
                boxes_left=lot.grams_left // lot.net_g if lot.net_g else 0,
            )
        )
    return found


async def _held(tx: Tx, org_id: UUID, lot_id: UUID) -> LotView:
    lot = (await moves_sql.lock_lots(tx, org_id, [lot_id])).get(lot_id)
    if lot is None:
        raise NotFound()
    return lot


async def _again(tx: Tx, lot: LotView) -> LotView:
    found = await lots_sql.lot(tx, lot.org_id, lot.id)
    assert found is not None
    return found


async def _step(
    tx: Tx, who: Subject | None, lot: LotView, event: str, why: str, ref: str | None
) -> str:
    state, at = LOT.after(lot.state, event), clock.now()
    by = who.person_id if who else None
    step = await moves_sql.add_step(tx, lot, event, state, why=why, ref=ref, by_person=by, at=at)
    if who is not None:
        before, after = {"state": lot.state}, {"state": state, "why": why}
        await audit.write(tx, who, f"supply.{event}", f"lot:{lot.id}", before, after)
    return str(step)


async def _withdraw(tx: Tx, lot: LotView, grams: int, ref: str) -> None:
    if lot.pack_id is None or lot.net_g is None or not grams:
        return
    fact = BoxesWithdrawn(
        pack_id=lot.pack_id,
        org_id=lot.org_id,
        lot_id=lot.id,
        boxes=grams // lot.net_g,
        ref=ref,
        at=clock.now(),
    )
    await announce(tx, fact)
