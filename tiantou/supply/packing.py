"""Boxes out of lots: never more than there is, and every gram on an edge."""

from datetime import datetime
from uuid import UUID

from tiantou.catalog import face as catalog
from tiantou.catalog.face import PackView
from tiantou.core.db import Tx
from tiantou.core.outbox import announce
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.supply import certificates, moves_sql
from tiantou.supply.events import LotPacked
from tiantou.supply.lifecycle import LOT
from tiantou.supply.problems import GradeDiffers, LotNotOpen, LotShort
from tiantou.supply.views import LotView, Packed

BOXES_MAX = 100_000


async def pack_lot(
    tx: Tx, who: Subject, org_id: UUID, lot_id: UUID, pack_id: UUID, boxes: int
) -> Packed:
    """Packs `boxes` boxes out of one lot. Raises NotFound, LotNotOpen, GradeDiffers, LotShort."""
    pack = await _pack(tx, org_id, pack_id)
    return await _run(tx, who, org_id, pack, boxes, {lot_id: boxes * pack.net_g})


async def pack_mix(
    tx: Tx, who: Subject, org_id: UUID, pack_id: UUID, boxes: int, grams: dict[UUID, int]
) -> Packed:
    """Packs boxes out of several lots, so many grams of each; a mix gets a certificate of its own.

    Raises as pack_lot does, and InvalidFields if the grams are not the boxes' net weight.
    """
    pack = await _pack(tx, org_id, pack_id)
    if sum(grams.values()) != boxes * pack.net_g or min(grams.values()) <= 0:
        raise InvalidFields.one("grams", "sum", sum=boxes * pack.net_g)
    return await _run(tx, who, org_id, pack, boxes, grams)


async def _pack(tx: Tx, org_id: UUID, pack_id: UUID) -> PackView:
    pack = await catalog.pack(tx, pack_id)
    if pack is None or pack.org_id != org_id:
        raise NotFound()
    if pack.retired:
        raise InvalidFields.one("pack_id", "retired")
    return pack


async def _run(
    tx: Tx, who: Subject, org_id: UUID, pack: PackView, boxes: int, grams: dict[UUID, int]
) -> Packed:
    if not 1 <= boxes <= BOXES_MAX:
        raise InvalidFields.one("boxes", "range", min=1, max=BOXES_MAX)
    held = await moves_sql.lock_lots(tx, org_id, grams)
    for lot_id, wanted in grams.items():
        _fits(held.get(lot_id), pack, wanted)
    parents = [held[lot_id] for lot_id in sorted(grams)]
    run_id, at = ids.uuid7(), clock.now()
    packed_id, code = await _packed_lot(tx, org_id, pack, boxes, parents, grams, at)
    left = 0
    for parent in parents:
        taken = grams[parent.id]
        await moves_sql.add_edge(tx, parent.id, packed_id, taken)
        left += await moves_sql.move(
            tx, org_id, parent.id, -taken, "pack", str(run_id), who.person_id, at
        )
    total = boxes * pack.net_g
    await moves_sql.move(tx, org_id, packed_id, total, "pack", str(run_id), who.person_id, at)
    await moves_sql.add_run(
        tx,
        id=run_id,
        org_id=org_id,
        kind="pack",
        lot_id=packed_id,
        boxes=boxes,
        cull_g=0,
        by_person=who.person_id,
        at=at,
    )
    if len(parents) > 1:
        await certificates.issue_for_mix(tx, org_id, packed_id, list(grams), total, at)
    fact = LotPacked(
        pack_id=pack.pack_id,
        run_id=run_id,
        org_id=org_id,
        lot_id=parents[0].id,
        packed_lot_id=packed_id,
        boxes=boxes,
        net_g=pack.net_g,
        floor_fen_per_box=_floor_fen_per_box(parents, grams, boxes),
        at=at,
    )
    await announce(tx, fact)
    return Packed(
        run_id=run_id,
        lot_id=parents[0].id,
        packed_lot_id=packed_id,
        packed_code=code,
        boxes=boxes,
        grams=total,
        grams_left=left,
    )


def _fits(lot: LotView | None, pack: PackView, wanted_g: int) -> None:
    if lot is None:
        raise NotFound()
    if lot.kind == "packed":
        raise InvalidFields.one("lot_id", "packed")
    if lot.state != "open":
        raise LotNotOpen(state=lot.state)
    if (lot.variety_id, lot.grade) != (pack.variety_id, pack.grade):
        raise GradeDiffers(
            lot={"variety_id": str(lot.variety_id), "grade": lot.grade},
            pack={"variety_id": str(pack.variety_id), "grade": pack.grade},
        )
    if lot.grams_left < wanted_g:
        raise LotShort(grams_left=lot.grams_left)


async def _packed_lot(
    tx: Tx,
    org_id: UUID,
    pack: PackView,
    boxes: int,
    parents: list[LotView],
    grams: dict[UUID, int],
    at: datetime,
) -> tuple[UUID, str]:
    total, code = boxes * pack.net_g, ids.draw()
    worth = sum(grams[lot.id] * lot.price_fen_per_jin for lot in parents)
    floor = sum(grams[lot.id] * lot.floor_fen_per_jin for lot in parents)
    homes = {lot.household_id for lot in parents}
    plots = {lot.plot_id for lot in parents}
    packed_id = await moves_sql.add_lot(
        tx,
        org_id=org_id,
        code=code,
        kind="packed",
        state=LOT.init,
        variety_id=pack.variety_id,
        grade=pack.grade,
        household_id=homes.pop() if len(homes) == 1 else None,
        plot_id=plots.pop() if len(plots) == 1 else None,
        pack_id=pack.pack_id,
        net_g=pack.net_g,
        grams_in=total,
        price_fen_per_jin=(2 * worth + total) // (2 * total),
        floor_fen_per_jin=-(-floor // total),
        harvested_at=min(lot.harvested_at for lot in parents),
        best_before=min(lot.best_before for lot in parents),
        made_at=at,
    )
    return packed_id, code


def _floor_fen_per_box(parents: list[LotView], grams: dict[UUID, int], boxes: int) -> int:
    """The lowest price of a box, rounded up: the growers' floors are never undercut by a fen."""
    whole = sum(grams[lot.id] * lot.floor_fen_per_jin for lot in parents)
    return -(-whole // (500 * boxes))
