"""The routes of the packing bench."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from tiantou.core import limits
from tiantou.core.http import Caller, InTx, WithDatabase, problems, router
from tiantou.core.problems import (
    AlreadyThere,
    InvalidFields,
    NotAllowed,
    NotFound,
    SignInRequired,
    TooManyRequests,
    WrongStep,
)
from tiantou.core.subject import MANAGER, PACKER
from tiantou.kit import clock
from tiantou.logistics import face as logistics
from tiantou.trade import scans_sql as sql
from tiantou.trade.bench import scanning
from tiantou.trade.http import Empty
from tiantou.trade.promises import CHINA
from tiantou.trade.scans import Count, Scan

routes = router("trade")
# a scan is known by its own id: nothing else need be kept of a request
scan_routes = router("trade", keeps=False)

HANDS = (MANAGER, PACKER)
SCANS_MAX, WAYBILLS_MAX, LATEST, REFUSED_MAX = 100, 500, 20, 100
SCANNED = ((3_000, 60),)
AGE_MAX, AHEAD_MAX = timedelta(days=7), timedelta(minutes=10)

_READ = problems(SignInRequired, NotAllowed, NotFound, InvalidFields)


def _code(said: str) -> str:
    """What a label says: a code, or the address of its passport."""
    return said.strip().rsplit("/", 1)[-1].upper()


class ScanIn(BaseModel):
    """A box held to an order. `id` is the device's own: a scan sent twice is one. `at` is when, by
    its clock; `net_g` what its scale said.
    """

    model_config = ConfigDict(extra="forbid")

    id: UUID
    order: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(str.strip)]
    box: Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_code)]
    at: AwareDatetime
    net_g: int | None = Field(default=None, ge=1, le=1_000_000)


class ScansIn(BaseModel):
    """Scans in the order in which they were made."""

    model_config = ConfigDict(extra="forbid")

    scans: list[ScanIn] = Field(min_length=1, max_length=SCANS_MAX)


class ScanOut(BaseModel):
    """A scan and what came of it: `verdict` is `in` or says why not, `other` names the order or
    lot in the way, `earlier_lot` one that should have gone first. The order is packed once
    `boxes_in` is `boxes_needed`.
    """

    model_config = ConfigDict(from_attributes=True)

    scan_id: UUID
    said_order: str
    said_box: str
    order_id: UUID | None
    number: str | None
    channel: str | None
    order_state: str | None
    line_no: int | None
    box_code: str | None
    lot_code: str | None
    net_g: int | None
    short_fen: int | None
    verdict: str
    other: str | None
    earlier_lot: str | None
    packer_id: UUID
    scanned_at: datetime
    at: datetime
    boxes_in: int
    boxes_needed: int


class ScansOut(BaseModel):
    """What came of each, in the order of asking."""

    items: list[ScanOut]


class Packer(BaseModel):
    """Boxes that somebody put into orders today (Asia/Shanghai)."""

    packer_id: UUID
    boxes: int


class BenchOut(BaseModel):
    """The caller's last scans, everybody's boxes of today, and how many scans wait for a person."""

    latest: list[ScanOut]
    today: list[Packer]
    refused: int


class WaybillIn(BaseModel):
    """The waybill of an order, by the order's number here or in its channel."""

    model_config = ConfigDict(extra="forbid")

    order: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(str.strip)]
    carrier: str = Field(min_length=1, max_length=20)
    waybill: str = Field(min_length=1, max_length=40)


class WaybillsIn(BaseModel):
    """Waybills as the channel's tool printed them."""

    model_config = ConfigDict(extra="forbid")

    waybills: list[WaybillIn] = Field(min_length=1, max_length=WAYBILLS_MAX)


class WaybillsOut(BaseModel):
    """How many are known now."""

    known: int


@scan_routes.post(
    "/api/orgs/{org}/bench/scans",
    responses=problems(SignInRequired, NotAllowed, NotFound, InvalidFields, TooManyRequests),
)
async def scan_boxes(org: UUID, asked: ScansIn, caller: Caller, database: WithDatabase) -> ScansOut:
    """Puts boxes into orders, each scan by itself; what one is refused holds nothing of the others.

    Packers who were without a network send what they scanned meanwhile.
    """
    caller.must(org, *HANDS)
    now = clock.now()
    for at, one in enumerate(asked.scans):
        if not now - AGE_MAX <= one.at <= now + AHEAD_MAX:
            raise InvalidFields.one(f"scans.{at}.at", "range")
    await limits.spend(database, "bench.scan", str(caller.person_id), SCANNED, len(asked.scans))
    said = []
    for one in asked.scans:
        wish = Scan(id=one.id, order=one.order, box=one.box, at=one.at, net_g=one.net_g)
        async with database.begin() as tx:
            said.append(await scanning.scan(tx, org, caller.person_id, wish))
    return ScansOut(items=[ScanOut.model_validate(one) for one in said])


@routes.post(
    "/api/orgs/{org}/bench/scans/{scan_id}/undo",
    responses=problems(SignInRequired, NotAllowed, NotFound, WrongStep),
)
async def undo_scan(org: UUID, scan_id: UUID, _: Empty, tx: InTx, caller: Caller) -> ScanOut:
    """Takes the box out of its order again, while that is being packed."""
    caller.must(org, *HANDS)
    return ScanOut.model_validate(await scanning.undo(tx, org, scan_id))


@routes.post(
    "/api/orgs/{org}/bench/scans/{scan_id}/settle",
    status_code=204,
    responses=problems(SignInRequired, NotAllowed, NotFound),
)
async def settle_scan(org: UUID, scan_id: UUID, _: Empty, tx: InTx, caller: Caller) -> None:
    """Says that a refused scan has been dealt with."""
    caller.must(org, *HANDS)
    await scanning.settle(tx, org, scan_id, caller.person_id)


@routes.get("/api/orgs/{org}/bench", responses=_READ)
async def show_bench(org: UUID, tx: InTx, caller: Caller) -> BenchOut:
    """What the bench did today."""
    caller.must(org, *HANDS)
    day = clock.now().astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    today: list[Count] = await sql.counted(tx, org, day)
    mine = await sql.latest(tx, org, caller.person_id, LATEST)
    return BenchOut(
        latest=[ScanOut.model_validate(one) for one in mine],
        today=[Packer(packer_id=one.packer_id, boxes=one.boxes) for one in today],
        refused=len(await sql.refused(tx, org, REFUSED_MAX)),
    )


@routes.get("/api/orgs/{org}/bench/refused", responses=_READ)
async def refused_scans(
    org: UUID,
    tx: InTx,
    caller: Caller,
    limit: Annotated[int, Query(ge=1, le=REFUSED_MAX)] = REFUSED_MAX,
) -> ScansOut:
    """Scans that came to nothing and that nobody has dealt with yet, oldest first."""
    caller.must(org, *HANDS)
    found = await sql.refused(tx, org, limit)
    return ScansOut(items=[ScanOut.model_validate(one) for one in found])


@routes.post(
    "/api/orgs/{org}/waybills",
    responses=problems(SignInRequired, NotAllowed, NotFound, InvalidFields, AlreadyThere),
)
async def put_waybills(org: UUID, asked: WaybillsIn, tx: InTx, caller: Caller) -> WaybillsOut:
    """Says which order each waybill is for, so that the bench knows it by its label.

    The same again is no change; all or none.
    """
    caller.must(org, *HANDS)
    for at, one in enumerate(asked.waybills):
        try:
            carrier = logistics.carrier_code(one.carrier)
            number = logistics.waybill_number(carrier, one.waybill)
        except InvalidFields as bad:
            raise InvalidFields.one(
                f"waybills.{at}.{bad.body()['fields'][0]['name']}", "unknown"
            ) from bad
        order_id = await sql.order_of(tx, org, one.order)
        if order_id is None:
            raise InvalidFields.one(f"waybills.{at}.order", "unknown")
        if await sql.put_waybill(tx, org, order_id, carrier, number, clock.now()) != order_id:
            raise AlreadyThere(field=f"waybills.{at}.waybill")
    return WaybillsOut(known=len(asked.waybills))
