"""The events of an organization's lots: read from rows, which stay the truth."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from tiantou.core.db import Tx
from tiantou.supply import face as supply
from tiantou.trade import face as trade
from tiantou.trade.face import CHINA
from tiantou.trust.epcis.hash_id import event_id
from tiantou.trust.epcis.models import (
    CONTEXT,
    AggregationEvent,
    BizTransaction,
    Body,
    Destination,
    Document,
    Event,
    Ilmd,
    ObjectEvent,
    Persistent,
    Place,
    Quantity,
    TransformationEvent,
)
from tiantou.trust.problems import TraceTooWide

OFFSET = "+08:00"
LOTS_MAX, EVENTS_MAX = 5_000, 50_000
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Names:
    """The addresses under which an instance names things; none of them needs to answer."""

    def __init__(self, public_url: str, org_id: UUID) -> None:
        self._base, self._org = public_url.rstrip("/") or "http://localhost", org_id

    def lot(self, code: str) -> str:
        """A lot as a class."""
        return f"{self._base}/lot/{code}"

    def run(self, run_id: UUID) -> str:
        """A run."""
        return f"{self._base}/run/{run_id}"

    def order(self, number: str) -> str:
        """An order."""
        return f"{self._base}/order/{number}"

    def parcel(self, number: str) -> str:
        """What an order's boxes went into."""
        return f"{self._base}/parcel/{number}"

    def division(self, code: str) -> str:
        """A county."""
        return f"{self._base}/division/{code}"

    def org(self) -> Place:
        """The organization, where it works."""
        return Place(id=f"{self._base}/org/{self._org}")


async def of_lot(tx: Tx, names: Names, org_id: UUID, lot_id: UUID, now: datetime) -> Document:
    """The lot's whole story: all it was made of, all that was made of it, orders and recalls.

    Raises TraceTooWide.
    """
    above, below = await supply.ancestors(tx, [lot_id]), await supply.descendants(tx, [lot_id])
    if len(above) + len(below) > LOTS_MAX:
        raise TraceTooWide(lots=len(above) + len(below), limit=LOTS_MAX)
    events = await _events(tx, names, org_id, sorted({*above, *below}), _NEVER, _NEVER)
    if len(events) > EVENTS_MAX:
        raise TraceTooWide(lots=len(above) + len(below), limit=EVENTS_MAX)
    return document(events, now)


async def of_day(tx: Tx, names: Names, org_id: UUID, day: date) -> list[Event]:
    """What was done on a day in China."""
    since = datetime.combine(day, datetime.min.time(), CHINA)
    return await _events(tx, names, org_id, None, since, since + timedelta(days=1))


def document(events: Iterable[Event], now: datetime) -> Document:
    """Events, each under its hash id, oldest first."""
    named = [one.model_copy(update={"event_id": event_id(one.out())}) for one in events]
    body = Body(event_list=sorted(named, key=lambda one: (one.event_time, one.event_id or "")))
    return Document.model_validate({"@context": [CONTEXT], "creationDate": now, "epcisBody": body})


async def _events(
    tx: Tx,
    names: Names,
    org_id: UUID,
    lots: Sequence[UUID] | None,
    since: datetime,
    until: datetime,
) -> list[Event]:
    span = (tx, org_id, lots, since, until)
    made: list[Event] = [_harvest(names, one) for one in await supply.epcis_harvests(*span)]
    made += [_run(names, one) for one in await supply.epcis_runs(*span)]
    packed = await trade.packed_orders(*span)
    made += [_packed(names, list(some)) for _, some in groupby(packed, lambda one: one.number)]
    made += [_recall(names, one) for one in await supply.epcis_recalls(*span)]
    return made


def _kg(names: Names, code: str, grams: int) -> Quantity:
    return Quantity(epc_class=names.lot(code), quantity=grams / 1_000, uom="KGM")


def _amount(names: Names, one: supply.EpcisPart | supply.EpcisRecalled) -> Quantity:
    """Boxes of a packed lot, kilograms of any other."""
    if one.net_g:
        return Quantity(epc_class=names.lot(one.code), quantity=one.grams // one.net_g)
    return _kg(names, one.code, one.grams)


def _day(at: datetime) -> str:
    return at.astimezone(CHINA).date().isoformat()


def _harvest(names: Names, one: supply.EpcisHarvested) -> ObjectEvent:
    place = one.division_code
    return ObjectEvent(
        event_time=one.harvested_at,
        event_time_zone_offset=OFFSET,
        biz_step="creating_class_instance",
        disposition="active",
        read_point=Place(id=names.division(place)) if place else None,
        biz_location=names.org(),
        action="ADD",
        quantity_list=[_kg(names, one.code, one.grams)],
        ilmd=Ilmd(lot=one.code, harvested=_day(one.harvested_at), country="CN"),
    )


def _run(names: Names, one: supply.EpcisRun) -> TransformationEvent:
    pack = one.kind == "pack"
    first = one.outputs[0]
    return TransformationEvent(
        event_time=one.at,
        event_time_zone_offset=OFFSET,
        biz_step="packing" if pack else "creating_class_instance",
        disposition="sellable_not_accessible" if pack else "active",
        biz_location=names.org(),
        transformation_id=names.run(one.id),
        input_quantity_list=[_amount(names, part) for part in one.inputs],
        output_quantity_list=[_amount(names, part) for part in one.outputs],
        ilmd=Ilmd(lot=first.code, best_before=_day(first.best_before)) if pack else None,
    )


def _packed(names: Names, some: list[trade.PackedOrder]) -> AggregationEvent:
    first = some[0]
    to = first.division_code
    return AggregationEvent(
        event_time=max(one.at for one in some),
        event_time_zone_offset=OFFSET,
        biz_step="packing",
        disposition="in_progress",
        biz_location=names.org(),
        parent_id=names.parcel(first.number),
        child_quantity_list=[
            Quantity(epc_class=names.lot(one.lot_code), quantity=one.boxes) for one in some
        ],
        biz_transaction_list=[BizTransaction(type="po", biz_transaction=names.order(first.number))],
        destination_list=[Destination(destination=names.division(to))] if to else None,
    )


def _recall(names: Names, one: supply.EpcisRecalled) -> ObjectEvent:
    return ObjectEvent(
        event_time=one.at,
        event_time_zone_offset=OFFSET,
        biz_step="holding",
        disposition="recalled",
        biz_location=names.org(),
        action="OBSERVE",
        quantity_list=[_amount(names, one)],
        persistent_disposition=Persistent(set=["recalled"]),
    )
