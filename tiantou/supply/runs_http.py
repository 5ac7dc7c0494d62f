"""Routes of runs: packing out of several lots, what a recall would reach, piece-work, boxes."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from tiantou.accounts import face as accounts
from tiantou.catalog import face as catalog
from tiantou.core.db import Tx
from tiantou.core.fields import id_in, number_in
from tiantou.core.http import Caller, Cursor, InTx, Limit, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired
from tiantou.core.subject import MANAGER, PACKER
from tiantou.kit import paging
from tiantou.supply import boxes_sql, lots_sql, packing, runs_sql, trace_sql
from tiantou.supply.grading import standards_sql
from tiantou.supply.http import MINE, READERS, SCALE
from tiantou.supply.packing import BOXES_MAX, TARE_G_MAX, WEIGHTS_MAX, PackRun
from tiantou.supply.problems import (
    GradeDiffers,
    LotNotOpen,
    LotShort,
    MassDiffers,
    RootNotCovered,
    ShortWeight,
)
from tiantou.supply.runs import PARENTS_MAX
from tiantou.supply.views import Reach
from tiantou.supply.wire import FromView, Lot, lots_out

routes = router("supply")

GRAMS_MAX = 1_000_000_000
DAYS_MAX = 92
_PACKERS = (*SCALE, PACKER)
_PACKS = problems(
    SignInRequired,
    NotAllowed,
    NotFound,
    InvalidFields,
    GradeDiffers,
    LotNotOpen,
    LotShort,
    MassDiffers,
    RootNotCovered,
    ShortWeight,
)


class Taken(BaseModel):
    """So many grams of a lot."""

    lot_id: UUID
    grams: int = Field(ge=1, le=GRAMS_MAX)


class ReachOut(FromView):
    """How far a recall of the roots would go: lots, and boxes packed so far."""

    roots: int
    lots: int
    boxes: int


class PackOfLots(BaseModel):
    """Boxes of a pack out of lots. `weights`: the net grams of each box, if they were weighed."""

    pack_id: UUID
    boxes: int = Field(ge=1, le=BOXES_MAX)
    lots: list[Taken] = Field(min_length=1, max_length=PARENTS_MAX)
    cull_g: int = Field(default=0, ge=0, le=GRAMS_MAX)
    tare_g: int = Field(default=0, ge=0, le=TARE_G_MAX)
    weights: list[Annotated[int, Field(ge=1, le=GRAMS_MAX)]] = Field(
        default=[], max_length=WEIGHTS_MAX
    )
    packer_id: UUID | None = None


class PackedLot(BaseModel):
    """A pack run that was made: "mixes `reach.roots` roots; a recall would reach so many boxes"."""

    run_id: UUID
    packed_lot_id: UUID
    packed_lot_code: str
    boxes: int
    grams: int
    grams_left: int
    shrink_g: int
    reach: ReachOut


class Run(FromView):
    """A run in short. in_g = out_g + cull_g + gone_g + shrink_g."""

    id: UUID
    kind: str
    standard_id: UUID | None
    pack_id: UUID | None
    packer_id: UUID | None
    boxes: int | None
    in_g: int
    out_g: int
    cull_g: int
    gone_g: int
    shrink_g: int
    tolerance_permille: int
    note: str
    at: datetime


class Runs(BaseModel):
    """A page of runs."""

    items: list[Run]
    next: str | None


class Input(BaseModel):
    """Grams that a lot gave to a run's lots."""

    lot_id: UUID
    code: str
    grams: int


class SampleSummary(BaseModel):
    """How many pieces of a lot were measured."""

    lot_id: UUID
    pieces: int


class RunWhole(Run):
    """A run with its lots. Inputs are the grams that came out again, losses left aside."""

    inputs: list[Input]
    outputs: list[Lot]
    samples: list[SampleSummary]


class Piecework(BaseModel):
    """What a packer packed of a pack on a day."""

    day: date
    packer_id: UUID
    packer: str
    pack_id: UUID
    pack: str
    runs: int
    boxes: int
    grams: int


class PieceworkSheet(BaseModel):
    """The sheet of some days."""

    items: list[Piecework]


class Box(FromView):
    """A box with the code of its label."""

    code: str
    lot_id: UUID
    no: int
    net_g: int
    tare_g: int
    taken: bool = False


class Boxes(BaseModel):
    """A page of boxes."""

    items: list[Box]
    next: str | None


@routes.post("/api/orgs/{org}/runs/pack", status_code=201, responses=_PACKS)
async def pack_lots(org: UUID, asked: PackOfLots, tx: InTx, caller: Caller) -> PackedLot:
    """Boxes out of lots, each with a code; what the run mixes and how far a recall would go."""
    caller.must(org, *_PACKERS)
    if asked.packer_id is not None and asked.packer_id != caller.person_id:
        await _works_here(tx, org, asked.packer_id)
    run = PackRun(
        pack_id=asked.pack_id,
        boxes=asked.boxes,
        grams=grams_of(asked.lots),
        cull_g=asked.cull_g,
        tare_g=asked.tare_g,
        weights=asked.weights,
        packer_id=asked.packer_id,
    )
    made = await packing.pack_run(tx, caller, org, run)
    reach = await trace_sql.reach(tx, [made.packed_lot_id])
    return PackedLot(
        run_id=made.run_id,
        packed_lot_id=made.packed_lot_id,
        packed_lot_code=made.packed_code,
        boxes=made.boxes,
        grams=made.grams,
        grams_left=made.grams_left,
        shrink_g=made.shrink_g,
        reach=_reach(reach),
    )


@routes.get("/api/orgs/{org}/reach", responses=MINE)
async def show_reach(
    org: UUID,
    tx: InTx,
    caller: Caller,
    lot: Annotated[list[UUID], Query(min_length=1, max_length=PARENTS_MAX)],
) -> ReachOut:
    """What a run out of these lots would mix, and how far a recall of its roots goes already."""
    caller.must(org, *READERS)
    found = await lots_sql.lots(tx, lot)
    if len(found) != len(set(lot)) or any(one.org_id != org for one in found.values()):
        raise NotFound()
    return _reach(await trace_sql.reach(tx, lot))


@routes.get("/api/orgs/{org}/runs", responses=MINE)
async def list_runs(
    org: UUID, tx: InTx, caller: Caller, cursor: Cursor = None, limit: Limit = paging.LIMIT_DEFAULT
) -> Runs:
    """The organization's runs, newest first."""
    caller.must(org, *READERS)
    found = await runs_sql.runs_of(tx, org, limit + 1, id_in(cursor))
    more = paging.pack(str(found[limit - 1].id)) if len(found) > limit else None
    return Runs(items=[Run.model_validate(one) for one in found[:limit]], next=more)


@routes.get("/api/orgs/{org}/runs/{run_id}", responses=MINE)
async def get_run(org: UUID, run_id: UUID, tx: InTx, caller: Caller) -> RunWhole:
    """A run with what went in and what came out."""
    caller.must(org, *READERS)
    run = await runs_sql.run(tx, org, run_id)
    if run is None:
        raise NotFound()
    inputs = await runs_sql.inputs_of(tx, run.lot_ids)
    lots = await lots_sql.lots(tx, run.lot_ids)
    measured = await standards_sql.samples_of(tx, run.lot_ids)
    return RunWhole(
        **Run.model_validate(run).model_dump(),
        inputs=[Input(lot_id=one.lot_id, code=one.code, grams=one.grams) for one in inputs],
        outputs=await lots_out(tx, [lots[one] for one in run.lot_ids]),
        samples=[
            SampleSummary(lot_id=lot_id, pieces=len(pieces)) for lot_id, pieces in measured.items()
        ],
    )


@routes.get("/api/orgs/{org}/piecework", responses=MINE)
async def show_piecework(
    org: UUID, tx: InTx, caller: Caller, since: date, until: date
) -> PieceworkSheet:
    """What each packer packed on these days, both included (Asia/Shanghai)."""
    caller.must(org, MANAGER)
    return PieceworkSheet(items=await _piecework(tx, org, since, until))


@routes.get("/api/orgs/{org}/piecework.csv", response_class=Response, responses=MINE)
async def export_piecework(
    org: UUID, tx: InTx, caller: Caller, since: date, until: date
) -> Response:
    """The piece-work sheet as CSV (UTF-8 with a mark)."""
    caller.must(org, MANAGER)
    rows = await _piecework(tx, org, since, until)
    return csv_of(
        ["day", "packer", "pack", "runs", "boxes", "grams"],
        [[one.day, one.packer, one.pack, one.runs, one.boxes, one.grams] for one in rows],
    )


@routes.get("/api/orgs/{org}/lots/{lot_id}/boxes", responses=MINE)
async def list_boxes(
    org: UUID,
    lot_id: UUID,
    tx: InTx,
    caller: Caller,
    cursor: Cursor = None,
    limit: Limit = paging.LIMIT_DEFAULT,
) -> Boxes:
    """The boxes of a packed lot by number, with the codes for their labels."""
    caller.must(org, *READERS)
    if await lots_sql.lot(tx, org, lot_id) is None:
        raise NotFound()
    found = await boxes_sql.of_lot(tx, lot_id, limit + 1, number_in(cursor))
    more = paging.pack(found[limit - 1].no) if len(found) > limit else None
    items = [
        Box(
            code=one.code,
            lot_id=one.lot_id,
            no=one.no,
            net_g=one.net_g,
            tare_g=one.tare_g,
            taken=one.ref is not None,
        )
        for one in found[:limit]
    ]
    return Boxes(items=items, next=more)


def grams_of(lots: Sequence[Taken]) -> dict[UUID, int]:
    """Grams by lot. Raises InvalidFields if a lot is named twice."""
    grams = {one.lot_id: one.grams for one in lots}
    if len(grams) != len(lots):
        raise InvalidFields.one("lots", "twice")
    return grams


def csv_of(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> Response:
    """A CSV file (RFC 4180, UTF-8 with a mark); cells that a sheet would run are made text."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([[_cell(one) for one in row] for row in rows])
    return Response(out.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8")


def _cell(value: object) -> object:
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return "'" + value
    return value


def _reach(found: Reach) -> ReachOut:
    return ReachOut.model_validate(found)


async def _works_here(tx: Tx, org: UUID, person_id: UUID) -> None:
    """Raises InvalidFields for somebody who is not of the organization."""
    if person_id not in await accounts.people_with(tx, org, ("owner", *_PACKERS)):
        raise InvalidFields.one("packer_id", "unknown")


async def _piecework(tx: Tx, org: UUID, since: date, until: date) -> list[Piecework]:
    if not timedelta(0) <= until - since <= timedelta(days=DAYS_MAX):
        raise InvalidFields.one("until", "range", max_days=DAYS_MAX)
    found = await boxes_sql.piecework(tx, org, since, until)
    people = await accounts.people(tx, {one.packer_id for one in found})
    packs = await catalog.packs(tx, {one.pack_id for one in found})
    return [
        Piecework(
            day=one.day,
            packer_id=one.packer_id,
            packer=(people[one.packer_id].nickname or "") if one.packer_id in people else "",
            pack_id=one.pack_id,
            pack=f"{packs[one.pack_id].title} {packs[one.pack_id].name}",
            runs=one.runs,
            boxes=one.boxes,
            grams=one.grams,
        )
        for one in found
    ]
