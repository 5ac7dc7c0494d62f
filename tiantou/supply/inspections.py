"""A test of a lot: judged by the limits of its grade and of residues, and what follows a failure.

A failed laboratory test holds the lot and all that was made of it; so does a quick test that finds
residues. Any other failure only proposes to hold: a person decides.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from tiantou.core import audit
from tiantou.core.db import Tx
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.supply import acts, moves_sql, passport_sql, trace_sql
from tiantou.supply.grading.standards import ATTRIBUTES
from tiantou.supply.grading.standards_sql import LimitView
from tiantou.supply.inspecting import inspections_sql as sql
from tiantou.supply.inspecting.inspections_sql import InspectionView
from tiantou.supply.lifecycle import LOT
from tiantou.supply.views import LotView

SAMPLE_MAX = 10_000
PER_LOT_MAX = 500
RESIDUE_UG_KG_MAX = 1_000_000_000
# GB/T 5009.199: an inhibition of the enzyme of 50 % or more says that residues are over the limit.
INHIBITION_FAILS_PERMILLE = 500
_RESIDUES = frozenset({"inhibition_permille", "residue_ug_kg"})


class Values(Struct, frozen=True, kw_only=True):
    """What was measured, as means over the sample; None: not measured.

    `residue_ug_kg` of `substance` with the limit that its report names; `lab_says`: what a report
    concludes as a whole, pass or fail.
    """

    brix_tenth: int | None = None
    diameter_tenth_mm: int | None = None
    weight_g: int | None = None
    blemish_mm2: int | None = None
    inhibition_permille: int | None = None
    residue_ug_kg: int | None = None
    residue_limit_ug_kg: int | None = None
    substance: str | None = None
    lab_says: str | None = None


class InspectionIn(Struct, frozen=True, kw_only=True):
    """A test as entered. `at` is when it was made; on camera that is the time of the picture."""

    kind: str
    sample_n: int
    values: Values
    lab: str | None = None
    report: str | None = None
    note: str = ""
    session_id: UUID | None = None
    draw_id: UUID | None = None
    drawn_code: str | None = None
    at: datetime | None = None


async def inspect(
    tx: Tx, who: Subject, org_id: UUID, lot_id: UUID, test: InspectionIn
) -> InspectionView:
    """Writes a test down, with its verdict, and holds what must not be sold.

    Raises NotFound, InvalidFields.
    """
    _check(test)
    lot = (await moves_sql.lock_lots(tx, org_id, [lot_id])).get(lot_id)
    if lot is None:
        raise NotFound()
    if await sql.count(tx, lot_id) >= PER_LOT_MAX:
        raise InvalidFields.one("lot_id", "too-many", max=PER_LOT_MAX)
    verdict, failed = await _judge(tx, lot, test.values)
    now, inspection_id = clock.now(), ids.uuid7()
    outcome = "none"
    if verdict == "fail":
        outcome = "proposed"
        if test.kind == "lab" or (test.kind == "quick" and _RESIDUES & set(failed)):
            why = f"inspection: {test.kind}, {', '.join(failed)}"
            outcome = await _hold_all(tx, who, lot, why, inspection_id)
    at = test.at or now
    said = {name: getattr(test.values, name) for name in Values.__struct_fields__}
    await sql.add(
        tx,
        id=inspection_id,
        org_id=org_id,
        lot_id=lot_id,
        kind=test.kind,
        sample_n=test.sample_n,
        **said,
        lab=test.lab,
        report=test.report,
        note=test.note,
        verdict=verdict,
        failed=failed,
        outcome=outcome,
        session_id=test.session_id,
        video_at=at if test.session_id is not None else None,
        draw_id=test.draw_id,
        drawn_code=test.drawn_code,
        made_by=who.person_id,
        at=at,
    )
    after = {"kind": test.kind, "verdict": verdict, "failed": failed, "outcome": outcome}
    await audit.write(tx, who, "supply.inspect", f"lot:{lot_id}", None, after)
    return await sql.one(tx, inspection_id)


def _check(test: InspectionIn) -> None:
    values = test.values
    said = [name for name in Values.__struct_fields__ if getattr(values, name) is not None]
    if not said:
        raise InvalidFields.one("values", "missing")
    for name, most in ATTRIBUTES.items():
        value = getattr(values, name)
        if value is not None and not 0 <= value <= most:
            raise InvalidFields.one(f"values.{name}", "range", min=0, max=most)
    parts = (values.residue_ug_kg, values.residue_limit_ug_kg, values.substance)
    if any(part is None for part in parts) and any(part is not None for part in parts):
        missing = ("residue_ug_kg", "residue_limit_ug_kg", "substance")[parts.index(None)]
        raise InvalidFields.one(f"values.{missing}", "missing")
    if (test.kind == "lab") != (test.lab is not None):
        raise InvalidFields.one("lab", "missing" if test.kind == "lab" else "only-lab")
    if values.lab_says is not None and test.kind != "lab":
        raise InvalidFields.one("values.lab_says", "only-lab")
    if test.at is not None and test.at > clock.now():
        raise InvalidFields.one("at", "future")


async def _judge(tx: Tx, lot: LotView, values: Values) -> tuple[str, list[str]]:
    """pass, fail or noted, and what failed."""
    said = await passport_sql.grade_said(tx, lot.id, lot.grade)
    limits: Iterable[LimitView] = said.grade.limits if said is not None else ()
    judged, failed = 0, []
    for limit in limits:
        value = getattr(values, limit.attribute)
        if value is None:
            continue
        judged += 1
        below = limit.low is not None and value < limit.low
        if below or (limit.high is not None and value > limit.high):
            failed.append(limit.attribute)
    if values.inhibition_permille is not None:
        judged += 1
        if values.inhibition_permille >= INHIBITION_FAILS_PERMILLE:
            failed.append("inhibition_permille")
    if values.residue_ug_kg is not None and values.residue_limit_ug_kg is not None:
        judged += 1
        if values.residue_ug_kg > values.residue_limit_ug_kg:
            failed.append("residue_ug_kg")
    if values.lab_says is not None:
        judged += 1
        if values.lab_says == "fail":
            failed.append("lab_says")
    return ("fail" if failed else "pass" if judged else "noted"), failed


async def _hold_all(tx: Tx, who: Subject, lot: LotView, why: str, inspection_id: UUID) -> str:
    """Holds the lot and what was made of it, as far as it is open; `held` if anything was."""
    below = await moves_sql.lock_lots(tx, lot.org_id, await trace_sql.down(tx, [lot.id]))
    held = "none"
    for lot_id in sorted(below):
        if LOT.can(below[lot_id].state, "hold"):
            await acts.hold(tx, who, lot.org_id, lot_id, why, str(inspection_id))
            held = "held"
    return held
