"""What happens to a slip after the scale: disputed, read again, void, owed, advanced, paid."""

from uuid import UUID

from tiantou.core import audit
from tiantou.core.db import Tx
from tiantou.core.outbox import announce
from tiantou.core.subject import Subject
from tiantou.kit import clock
from tiantou.kit.money import value_of
from tiantou.supply import acts, certificates, certificates_sql, moves_sql, slips_sql
from tiantou.supply.events import SlipCorrected, SlipMoved, SlipPaid
from tiantou.supply.lifecycle import LOT, SLIP
from tiantou.supply.problems import LotInUse, LotShort
from tiantou.supply.views import SlipView
from tiantou.supply.weighing import own_slip

_OF_MONEY = frozenset({"owe", "advance", "pay"})


async def step(
    tx: Tx, who: Subject | None, org_id: UUID, slip_id: UUID, event: str, note: str = ""
) -> SlipView:
    """A step that changes nothing but the state: dispute, owe, advance or pay.

    An `owe` of a slip that is owed already changes nothing: every sale of its lot says it.
    Raises NotFound, WrongState.
    """
    slip = await own_slip(tx, org_id, slip_id, lock=True)
    if event == "owe" and slip.state in {"owed", "advanced", "paid"}:
        return slip
    if event not in _OF_MONEY | {"dispute"}:
        raise ValueError(f"{event} is an act of its own")
    return await _step(tx, who, slip, event, note)


async def read_again(
    tx: Tx, who: Subject, org_id: UUID, slip_id: UUID, grams: int, note: str
) -> SlipView:
    """A new reading of a disputed slip: value, lot and certificate follow. Raises NotFound.

    Raises WrongState if it is not disputed, LotShort if more was already taken than the new reading
    leaves.
    """
    slip = await own_slip(tx, org_id, slip_id, lock=True)
    state = SLIP.after(slip.state, "new_reading")
    at = clock.now()
    lot = (await moves_sql.lock_lots(tx, org_id, [slip.lot_id]))[slip.lot_id]
    delta_g = grams - slip.grams
    if lot.grams_left + delta_g < 0:
        raise LotShort(grams_left=lot.grams_left)
    value_fen = value_of(grams, slip.price_fen_per_jin)
    await slips_sql.set_slip(tx, slip_id, state=state, grams=grams, value_fen=value_fen)
    await slips_sql.add_step(tx, slip_id, "new_reading", state, who.person_id, at, note, slip.grams)
    if delta_g:
        await moves_sql.move(tx, org_id, lot.id, delta_g, "count", str(slip_id), who.person_id, at)
        await moves_sql.set_lot(tx, lot.id, grams_in=grams)
        await certificates.issue_again(tx, lot, grams, at)
    if slip.plot_id is not None and delta_g > 0:
        await acts.hold_if_over(
            tx, org_id, lot.id, slip.plot_id, slip.variety_id, slip.harvested_at
        )
    before, after = {"grams": slip.grams}, {"grams": grams, "note": note}
    await audit.write(tx, who, "supply.new-reading", f"slip:{slip_id}", before, after)
    fact = SlipCorrected(
        slip_id=slip_id,
        org_id=org_id,
        household_id=slip.household_id,
        lot_id=lot.id,
        grams=grams,
        grams_before=slip.grams,
        value_fen=value_fen,
        at=at,
    )
    await announce(tx, fact)
    return await own_slip(tx, org_id, slip_id)


async def void(tx: Tx, who: Subject, org_id: UUID, slip_id: UUID, note: str) -> SlipView:
    """Takes a slip back with its lot and certificate, as long as nothing was taken from the lot.

    Raises NotFound, WrongState, LotInUse.
    """
    slip = await own_slip(tx, org_id, slip_id, lock=True)
    SLIP.after(slip.state, "void")
    at = clock.now()
    lot = (await moves_sql.lock_lots(tx, org_id, [slip.lot_id]))[slip.lot_id]
    if lot.grams_left != lot.grams_in:
        raise LotInUse(grams_used=lot.grams_in - lot.grams_left)
    by = who.person_id
    await moves_sql.move(tx, org_id, lot.id, -lot.grams_left, "count", str(slip_id), by, at)
    await moves_sql.set_lot(tx, lot.id, state=LOT.after(lot.state, "close"))
    await certificates_sql.end_certificate(tx, lot.id, "void")
    before = {"code": slip.code, "grams": slip.grams, "state": slip.state}
    await audit.write(tx, who, "supply.void", f"slip:{slip_id}", before, {"note": note})
    return await _step(tx, who, slip, "void", note)


async def _step(tx: Tx, who: Subject | None, slip: SlipView, event: str, note: str) -> SlipView:
    state, at = SLIP.after(slip.state, event), clock.now()
    await slips_sql.set_slip(tx, slip.id, state=state)
    by = who.person_id if who else None
    await slips_sql.add_step(tx, slip.id, event, state, by, at, note)
    slip_id, org_id, household_id = slip.id, slip.org_id, slip.household_id
    if event == "pay":
        fact = SlipPaid(slip_id=slip_id, org_id=org_id, household_id=household_id, at=at)
        await announce(tx, fact)
    else:
        await announce(
            tx,
            SlipMoved(
                slip_id=slip_id,
                org_id=org_id,
                household_id=household_id,
                event=event,
                state=state,
                at=at,
            ),
        )
    return await own_slip(tx, org_id, slip_id)
