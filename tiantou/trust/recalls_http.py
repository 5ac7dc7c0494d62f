"""Routes of recalls: drafted or drilled, activated, worked off, acknowledged, closed, exported."""

import csv
import io
from datetime import datetime, timedelta, timezone
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from tiantou.core import audit
from tiantou.core.db import Tx
from tiantou.core.fields import CLEAN, id_in
from tiantou.core.http import Caller, Cursor, InTx, Limit, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired, WrongStep
from tiantou.core.subject import MANAGER, PACKER, STATION
from tiantou.kit import paging
from tiantou.regions import face as regions
from tiantou.supply import face as supply
from tiantou.trust import recalls, recalls_sql, trace, working
from tiantou.trust.lifecycle import NOTICE, RECALL
from tiantou.trust.problems import NoticesLeft, RecallTooWide
from tiantou.trust.recalls import STARTS_MAX
from tiantou.trust.views import RecallView

routes = router("trust")

READERS = (MANAGER, STATION, PACKER)
READ = problems(SignInRequired, NotAllowed, NotFound, InvalidFields)
_DRAFT = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, RecallTooWide)
_STEP = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, WrongStep, RecallTooWide)
_CLOSE = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, WrongStep, NoticesLeft)
_ACK = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, WrongStep)
_CHINA = timezone(timedelta(hours=8))
MINE_MAX = 100

Why = Annotated[str, Field(min_length=1, max_length=200), CLEAN]


class FromView(BaseModel):
    """What is read off a view."""

    model_config = ConfigDict(from_attributes=True)


class RecallAsked(BaseModel):
    """A recall from lots forward; from a box: from every root of what is in it."""

    lots: list[UUID] = Field(default=[], max_length=STARTS_MAX)
    box_code: Annotated[str, Field(max_length=20)] | None = None
    reason: Why
    drill: bool = False


class RecallAct(BaseModel):
    """Nothing has to be said."""


class Progress(FromView):
    """Order lines by state, boxes in orders, money asked back in fen."""

    lines: int
    orders: int
    boxes: int
    queued: int
    told: int
    unreachable: int
    acknowledged: int
    refunded_fen: int


class Mass(FromView):
    """Of all lots of the recall: what went in, where it is now; the parts sum to `made_g`."""

    made_g: int
    in_store_g: int
    in_orders_g: int
    destroyed_g: int
    elsewhere_g: int
    lost_g: int


class RecallLot(FromView):
    """A lot of a recall."""

    lot_id: UUID
    start: bool
    code: str
    kind: str
    pack_id: UUID | None
    made_g: int
    left_g: int


class Recall(FromView):
    """A recall in short. `may`: what its state allows. `trace_ms`: how long the trace took."""

    id: UUID
    code: str
    drill: bool
    state: str
    reason: str
    opened_at: datetime
    activated_at: datetime | None
    closed_at: datetime | None
    trace_ms: int | None
    may: list[str] = []

    @classmethod
    def of(cls, one: RecallView) -> "Recall":
        """The recall as shown."""
        made = cls.model_validate(one)
        made.may = [act for act in ("activate", "close", "drop") if RECALL.can(one.state, act)]
        return made


class RecallWhole(Recall):
    """A recall with its lots, how far it is, and where the mass is now.

    A draft's lines are what it would reach today.
    """

    lots: list[RecallLot]
    progress: Progress
    mass: Mass


class Recalls(BaseModel):
    """A page of recalls."""

    items: list[Recall]
    next: str | None


class RecalledLine(FromView):
    """Boxes of a recalled lot in an order line; nothing of the buyer."""

    order_id: UUID
    line_no: int
    lot_id: UUID
    number: str
    channel: str
    lot_code: str
    boxes: int
    order_state: str
    state: str
    refunded_fen: int
    told_at: datetime | None
    acknowledged_at: datetime | None


class Lines(BaseModel):
    """A page of lines; a page never ends within an order."""

    items: list[RecalledLine]
    next: str | None


class MyLine(FromView):
    """A recalled box of one's own order."""

    recall_id: UUID
    shop_id: UUID
    order_id: UUID
    number: str
    lot_code: str
    boxes: int
    state: str
    refunded_fen: int
    told_at: datetime | None
    acknowledged_at: datetime | None


class MyLines(BaseModel):
    """The recalled boxes of one's own orders, newest first."""

    items: list[MyLine]


@routes.get("/api/orgs/{org}/recalls", responses=READ)
async def list_recalls(
    org: UUID, tx: InTx, caller: Caller, cursor: Cursor = None, limit: Limit = paging.LIMIT_DEFAULT
) -> Recalls:
    """The organization's recalls and drills, newest first."""
    caller.must(org, *READERS)
    found = await recalls_sql.recalls_of(tx, org, limit + 1, id_in(cursor))
    more = paging.pack(str(found[limit - 1].id)) if len(found) > limit else None
    return Recalls(items=[Recall.of(one) for one in found[:limit]], next=more)


@routes.post("/api/orgs/{org}/recalls", status_code=201, responses=_DRAFT)
async def add_recall(org: UUID, asked: RecallAsked, tx: InTx, caller: Caller) -> RecallWhole:
    """A draft, or a drill: what would be recalled, and how long it took to find."""
    caller.must(org, MANAGER)
    starts = list(asked.lots)
    if asked.box_code is not None:
        origin = await trace.of_box(tx, org, asked.box_code)
        starts += [root.lot_id for root in origin.roots]
    made = await recalls.draft(tx, caller, org, starts, asked.reason, asked.drill)
    return await _whole(tx, made)


@routes.get("/api/orgs/{org}/recalls/{recall_id}", responses=READ)
async def get_recall(org: UUID, recall_id: UUID, tx: InTx, caller: Caller) -> RecallWhole:
    """A recall with its progress and its mass balance."""
    caller.must(org, *READERS)
    return await _whole(tx, await recalls.own(tx, org, recall_id))


@routes.post("/api/orgs/{org}/recalls/{recall_id}/activate", responses=_STEP)
async def activate_recall(
    org: UUID, recall_id: UUID, _: RecallAct, tx: InTx, caller: Caller
) -> RecallWhole:
    """Lots are recalled, offers paused, buyers queued, in one transaction."""
    caller.must(org, MANAGER)
    return await _whole(tx, await recalls.activate(tx, caller, org, recall_id))


@routes.post("/api/orgs/{org}/recalls/{recall_id}/close", responses=_CLOSE)
async def close_recall(
    org: UUID, recall_id: UUID, _: RecallAct, tx: InTx, caller: Caller
) -> RecallWhole:
    """The recall is over; offers of other lots' boxes are open again."""
    caller.must(org, MANAGER)
    return await _whole(tx, await recalls.close(tx, caller, org, recall_id))


@routes.post("/api/orgs/{org}/recalls/{recall_id}/drop", responses=_ACK)
async def drop_recall(
    org: UUID, recall_id: UUID, _: RecallAct, tx: InTx, caller: Caller
) -> RecallWhole:
    """A draft is given up."""
    caller.must(org, MANAGER)
    return await _whole(tx, await recalls.drop(tx, caller, org, recall_id))


@routes.get("/api/orgs/{org}/recalls/{recall_id}/lines", responses=READ)
async def list_recall_lines(
    org: UUID,
    recall_id: UUID,
    tx: InTx,
    caller: Caller,
    state: Annotated[
        Literal["queued", "told", "unreachable", "acknowledged"] | None, Query()
    ] = None,
    cursor: Cursor = None,
    limit: Limit = paging.LIMIT_DEFAULT,
) -> Lines:
    """The order lines of a recall; `unreachable` is the list of whom to phone."""
    caller.must(org, MANAGER, STATION)
    await recalls.own(tx, org, recall_id)
    states = [state] if state else list(NOTICE.states)
    found = await recalls_sql.lines_of(tx, recall_id, limit + 1, id_in(cursor), states)
    more = None
    if len(found) > limit:
        last = found[limit].order_id
        whole = [one for one in found if one.order_id != last]
        found = whole or await recalls_sql.lines_of_order(tx, recall_id, last)
        more = paging.pack(str(found[-1].order_id))
    return Lines(items=[RecalledLine.model_validate(one) for one in found], next=more)


@routes.post("/api/orgs/{org}/recalls/{recall_id}/orders/{order}/acknowledge", responses=_ACK)
async def acknowledge_for_buyer(
    org: UUID, recall_id: UUID, order: UUID, _: RecallAct, tx: InTx, caller: Caller
) -> Lines:
    """The seller reached an order's buyer himself."""
    caller.must(org, MANAGER, STATION)
    recall = await recalls.own(tx, org, recall_id)
    await working.acknowledge_for(tx, recall, order)
    await audit.write(tx, caller, "trust.acknowledged", f"order:{order}", None, None)
    found = await recalls_sql.lines_of_order(tx, recall_id, order)
    return Lines(items=[RecalledLine.model_validate(one) for one in found], next=None)


@routes.get(
    "/api/orgs/{org}/recalls/{recall_id}/lines.csv", response_class=Response, responses=READ
)
async def export_recall(org: UUID, recall_id: UUID, tx: InTx, caller: Caller) -> Response:
    """The order lines of a recall for the county's office (UTF-8 with a mark, RFC 4180).

    Divisions by name, never an address or a phone.
    """
    caller.must(org, MANAGER)
    recall = await recalls.own(tx, org, recall_id)
    found = await recalls_sql.lines_of(tx, recall_id, trace.LINES_MAX, None, list(NOTICE.states))
    places = await regions.named(tx, {one.division_code for one in found if one.division_code})
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_HEAD)
    for one in found:
        place = places.get(one.division_code or "")
        writer.writerow(
            [
                recall.code,
                one.lot_code,
                one.number,
                one.channel,
                place.full_name if place else "",
                one.boxes,
                one.order_state,
                one.state,
                _at(one.told_at),
                _at(one.acknowledged_at),
                one.refunded_fen,
            ]
        )
    await audit.write(tx, caller, "trust.recall-export", f"recall:{recall_id}", None, None)
    body = out.getvalue().encode("utf-8-sig")
    return Response(body, media_type="text/csv; charset=utf-8")


@routes.get("/api/me/recalls", responses=problems(SignInRequired))
async def my_recalls(tx: InTx, caller: Caller) -> MyLines:
    """The recalled boxes of one's own orders."""
    found = await recalls_sql.lines_of_buyer(tx, caller.person_id, MINE_MAX)
    return MyLines(items=[MyLine.model_validate(one) for one in found])


@routes.post("/api/me/recalls/{recall_id}/{order}/acknowledge", responses=_ACK)
async def acknowledge(
    recall_id: UUID, order: UUID, _: RecallAct, tx: InTx, caller: Caller
) -> MyLines:
    """The buyer has read that his boxes are recalled."""
    await working.acknowledge(tx, caller, recall_id, order)
    found = await recalls_sql.lines_of_order(tx, recall_id, order)
    return MyLines(items=[MyLine.model_validate(one) for one in found])


_HEAD = (
    "recall",
    "lot",
    "order",
    "channel",
    "division",
    "boxes",
    "order_state",
    "state",
    "told_at",
    "acknowledged_at",
    "refunded_fen",
)


async def _whole(tx: Tx, one: RecallView) -> RecallWhole:
    lots = await recalls_sql.lots_of(tx, one.id)
    mass = await supply.mass_of(tx, [lot.lot_id for lot in lots])
    return RecallWhole(
        **Recall.of(one).model_dump(),
        lots=[RecallLot.model_validate(lot) for lot in lots],
        progress=Progress.model_validate(await _progress(tx, one)),
        mass=Mass.model_validate(mass),
    )


async def _progress(tx: Tx, one: RecallView) -> object:
    """Of a draft: what it would reach; else what its lines say."""
    if one.state != "draft":
        return await recalls_sql.progress(tx, one.id)
    starts = [lot.lot_id for lot in await recalls_sql.lots_of(tx, one.id) if lot.start]
    found = await trace.forward(tx, starts)
    return Progress(
        lines=len(found.lines),
        orders=len({line.order_id for line in found.lines}),
        boxes=sum(line.boxes for line in found.lines),
        queued=len(found.lines),
        told=0,
        unreachable=0,
        acknowledged=0,
        refunded_fen=0,
    )


def _at(moment: datetime | None) -> str:
    return moment.astimezone(_CHINA).strftime("%Y-%m-%d %H:%M") if moment else ""
