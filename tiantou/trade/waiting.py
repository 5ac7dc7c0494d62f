"""The waiting list of an offer that is sold out: first come, first served, fifteen minutes each.

Units that come back are kept for who waits in the transaction that brought them back
(`trade.serve_waiting`), so nobody slips in between; the admission lets only him use them.
"""

from uuid import UUID

from tiantou.accounts.face import notify
from tiantou.catalog import face as catalog
from tiantou.core.db import Database, Tx
from tiantou.core.outbox import announce
from tiantou.core.problems import AlreadyThere, InvalidFields, NotFound
from tiantou.kit import clock
from tiantou.trade import offers_sql
from tiantou.trade import waiting_sql as sql
from tiantou.trade.events import WaitingEnded, WaitingOffered
from tiantou.trade.lifecycle import WAITING
from tiantou.trade.problems import OfferClosed, StillLeft, WaitingFull
from tiantou.trade.waiting_sql import WaitingView

LINE_MAX, OWN_MAX, UNITS_MAX = 10_000, 20, 99
SWEEP_EVERY_S, SWEPT_AT_ONCE = 2.0, 100


async def join(tx: Tx, buyer_id: UUID, shop_id: UUID, offer_id: UUID, units: int) -> WaitingView:
    """At the end of the line. Raises NotFound, OfferClosed, StillLeft, AlreadyThere, WaitingFull,
    InvalidFields.
    """
    now = clock.now()
    before = await offers_sql.hold(tx, shop_id, [offer_id])
    found = (await offers_sql.offers(tx, shop_id, [offer_id], now)).get(offer_id)
    if found is None:
        raise NotFound()
    if found.state != "open":
        raise OfferClosed(offer_id=str(offer_id))
    if found.units_left > 0:
        raise StillLeft(units_left=found.units_left)
    most = min(UNITS_MAX, found.per_buyer or UNITS_MAX)
    if units > most:
        raise InvalidFields.one("units", "range", min=1, max=most)
    here, his = await sql.counts(tx, shop_id, offer_id, buyer_id)
    if here >= LINE_MAX or his >= OWN_MAX:
        raise WaitingFull(limit=OWN_MAX if his >= OWN_MAX else LINE_MAX)
    made = await sql.add(tx, shop_id, offer_id, buyer_id, units, WAITING.init, now)
    if made is None:
        raise AlreadyThere(field="offer_id")
    await offers_sql.tell_stock(tx, shop_id, before, now)
    return await own(tx, buyer_id, shop_id, made)


async def own(tx: Tx, buyer_id: UUID, shop_id: UUID, waiting_id: UUID) -> WaitingView:
    """A buyer's wait. Raises NotFound."""
    found = await sql.one(tx, shop_id, waiting_id)
    if found is None or found.buyer_id != buyer_id:
        raise NotFound()
    return found


async def leave(tx: Tx, buyer_id: UUID, shop_id: UUID, waiting_id: UUID) -> WaitingView:
    """He does not want it any more; what was kept for him goes to the next. Raises NotFound,
    WrongState.
    """
    mine = await own(tx, buyer_id, shop_id, waiting_id)
    before = await offers_sql.hold(tx, shop_id, [mine.offer_id])
    state = WAITING.after((await own(tx, buyer_id, shop_id, waiting_id)).state, "leave")
    await sql.end(tx, shop_id, mine.offer_id, [waiting_id], state, clock.now())
    await offers_sql.tell_stock(tx, shop_id, before, clock.now())
    return await own(tx, buyer_id, shop_id, waiting_id)


async def close(tx: Tx, shop_id: UUID, offer_id: UUID) -> None:
    """The offer is over, and so is its line; the caller holds its pools, and tells of the stock."""
    waits = await sql.under_way(tx, shop_id, offer_id)
    state = WAITING.after(WAITING.init, "offer_over")
    if waits:
        await _end(tx, shop_id, offer_id, waits, state)


async def sweep(database: Database) -> int:
    """What was kept fifteen minutes goes to the next in line; says for how many offers."""
    async with database.begin() as tx:
        offers = await sql.due(tx, clock.now(), SWEPT_AT_ONCE)
    for shop_id, offer_id in offers:
        async with database.begin() as tx:
            before = await offers_sql.hold(tx, shop_id, [offer_id])
            waits = await sql.due_of(tx, shop_id, offer_id, clock.now())
            await _end(tx, shop_id, offer_id, waits, WAITING.after("offered", "kept_15min"))
            await offers_sql.tell_stock(tx, shop_id, before, clock.now())
    return len(offers)


async def _end(tx: Tx, shop_id: UUID, offer_id: UUID, waits: list[UUID], state: str) -> None:
    for waiting_id, buyer_id, units in await sql.end(
        tx, shop_id, offer_id, waits, state, clock.now()
    ):
        await announce(
            tx,
            WaitingEnded(
                shop_id=shop_id,
                offer_id=offer_id,
                waiting_id=waiting_id,
                buyer_id=buyer_id,
                units=units,
                state=state,
            ),
        )


async def tell(tx: Tx, fact: WaitingOffered | WaitingEnded) -> None:
    """Who waited finds in his inbox that it is his turn, or that it is over."""
    found = (await offers_sql.offers(tx, fact.shop_id, [fact.offer_id], clock.now())).get(
        fact.offer_id
    )
    sold = await catalog.product(tx, found.product_id) if found else None
    members: dict[str, object] = {
        "waiting_id": str(fact.waiting_id),
        "title": sold.title if sold else "",
        "units": fact.units,
    }
    if isinstance(fact, WaitingOffered):
        kind, more = "waiting-offered", {"until": fact.until.isoformat()}
    else:
        kind, more = "waiting-ended", {"state": fact.state}
    await notify(tx, fact.buyer_id, kind, members | more, dedupe=f"{kind}:{fact.waiting_id}")
