"""Before admission: to whom the parcel goes, sealed, what carrying it costs, whose sale it is.

What hardly ever changes (an offer's weight, which divisions exist, a shop's freight) is kept for a
moment in the process; a freight that changes meanwhile holds for orders a moment later.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import NamedTuple
from uuid import UUID

from tiantou.accounts import face as accounts
from tiantou.accounts.face import Destination, Sealed
from tiantou.catalog import face as catalog
from tiantou.core.db import Database, Tx, Window, refused_for_now
from tiantou.core.keys import Keys
from tiantou.core.lanes import Lane, Onward
from tiantou.core.problems import Busy, InvalidFields, Problem
from tiantou.kit import clock, text
from tiantou.logistics import face as logistics
from tiantou.logistics.face import Closed, FreightView, NotServed, TransitView
from tiantou.regions import face as regions
from tiantou.trade import certified_sql, disruptions_sql, offers_sql
from tiantou.trade.admission import Asked, BadBatch, Line, Said, Verdict
from tiantou.trade.lanes import Lanes
from tiantou.trade.money import fees_sql
from tiantou.trade.problems import AddressNeeded, CertifiedUsedUp, NoSuchOffer, OutcomeUnknown
from tiantou.trade.refusals import refusal

SHOP = "shop"
KEEP_S = 2.0
KEPT_MAX = 20_000

Book = dict[tuple[UUID, UUID], Sealed]
Ahead = dict[tuple[UUID, UUID], tuple[date, UUID | None]]


class Recipient(NamedTuple):
    """A person at an address; the division is a county's code."""

    recipient: str
    phone: str
    division_code: str
    detail: str


class Prepared(NamedTuple):
    """What goes into the order."""

    sealed: bytes
    division_code: str
    freight_fen: int
    origin: str


def seal(keys: Keys, to: Recipient) -> bytes:
    """Encrypted for storage; the division stays readable beside it."""
    return accounts.seal_destination(keys, Destination(to.recipient, to.phone, to.detail))


def unseal(keys: Keys, sealed: bytes, division_code: str) -> Recipient:
    """The recipient of an order, opened. Raises BadToken."""
    said = accounts.unseal_destination(keys, sealed)
    return Recipient(said.recipient, said.phone, division_code, said.detail)


class Ask(NamedTuple):
    """A wish and where it goes: an address of the buyer's book, or a recipient, cleaned."""

    shop_id: UUID
    wish: Asked
    lines: tuple[Line, ...]
    address_id: UUID | None
    to: Recipient | None


@dataclass
class Checkout:
    """What the hot route needs of a process.

    Orders that come together are prepared together, like they are admitted: one look at the
    database for all of them.
    """

    database: Database
    keys: Keys
    lanes: Lanes
    _net_g: dict[tuple[UUID, UUID], int] = field(default_factory=dict)
    _divisions: set[str] = field(default_factory=set)
    _freight: dict[UUID, tuple[float, FreightView]] = field(default_factory=dict)
    _closed: dict[UUID, list[Closed]] = field(default_factory=dict)
    _transit: dict[UUID, TransitView] = field(default_factory=dict)
    _origins: set[tuple[UUID, str]] = field(default_factory=set)
    _uncertified: dict[tuple[UUID, UUID], bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._window = Window(self.database)
        self._desk: Lane[Ask, Said] = Lane(self._onward)
        self._looks: Lane[Ask, Prepared] = Lane(self._prepared)

    async def prepare(
        self, shop_id: UUID, wish: Asked, address_id: UUID | None, recipient: Recipient | None
    ) -> Prepared:
        """Raises AddressNeeded, NoSuchOffer, NotServed, Disrupted, WouldRot, InvalidFields or
        Busy.
        """
        return await self._looks.put(_ask(shop_id, wish, address_id, recipient))

    async def place(
        self, shop_id: UUID, wish: Asked, address_id: UUID | None, recipient: Recipient | None
    ) -> Said:
        """The verdict on a wish, prepared and asked of the lanes.

        Raises what `prepare` raises, OutcomeUnknown, BadBatch.
        """
        if self.lanes.too_late(shop_id, wish.offer_id):
            lost = await self.lanes.loser(shop_id, wish)
            if lost is not None:
                return lost
        try:
            ask = _ask(shop_id, wish, address_id, recipient)
            try:
                return await self._desk.put(ask)
            except BadBatch:
                # A rival's row with the same key, or a number drawn twice: once more, alone.
                return await self._desk.put(ask)
        except (Busy, OutcomeUnknown):
            raise
        except Problem:
            # An address may be gone since: a key that was answered keeps its answer.
            before = await self.lanes.before(shop_id, wish)
            if before is None:
                raise
            return before

    async def close(self) -> None:
        """Waits for the batches under way, then closes the connections."""
        await self.lanes.close()
        await self._window.close()

    async def why_not(self, shop_id: UUID, wish: Asked, said: Said) -> Problem:
        """The problem of a verdict that is no admission.

        Where it is a certificate that has not enough, not the stock, that is what is said.
        """
        line = wish.lines()[said.line]
        if said.verdict is Verdict.SOLD_OUT:
            left = await self.used_up(shop_id, line.offer_id, line.units)
            if left is not None:
                offer = str(line.offer_id)
                return CertifiedUsedUp(offer_id=offer, units_left=left[0], left_g=left[1])
        return refusal(line.offer_id, said)

    async def used_up(self, shop_id: UUID, offer_id: UUID, units: int) -> tuple[int, int] | None:
        """(units, grams) left of the certificate that cannot cover so many units, if it is one.

        What an offer draws on never changes, so the losers of most offers are told from memory.
        """
        if self._uncertified.get((shop_id, offer_id)):
            return None
        async with self.database.begin() as tx:
            drawn = await certified_sql.drawn_by(tx, shop_id, offer_id)
        if not drawn:
            if len(self._uncertified) >= KEPT_MAX:
                self._uncertified.clear()
            self._uncertified[shop_id, offer_id] = True
        short = [(left // per, left) for left, per in drawn if left // per < units]
        return short[0] if short else None

    async def _onward(self, asks: Sequence[Ask]) -> list[Onward[Said] | BaseException]:
        """Prepares, and sends those who may buy on to the lanes of their shops."""
        prepared = await self._prepared(asks)
        known = await self.lanes.known({ask.shop_id for ask in asks})
        return [
            Onward(partial(self.lanes.take, ask.shop_id, _with(ask.wish, one)))
            if isinstance(one, Prepared) and ask.shop_id in known
            else one
            if isinstance(one, BaseException)
            else NoSuchOffer()
            for ask, one in zip(asks, prepared, strict=True)
        ]

    async def _prepared(self, asks: Sequence[Ask]) -> list[Prepared | BaseException]:
        """Nothing is done here: what the database refuses for now may be asked again, once by us,
        for the kept connection may be one of before its server was started anew.
        """
        for last in (False, True):
            try:
                async with self._window.looking() as tx:
                    book = await self._learn(tx, asks)
                    ahead = await self._ahead(tx, asks)
            except Exception as error:
                if not refused_for_now(error):
                    raise
                if last:
                    return [Busy(retry_after_s=1)] * len(asks)
            else:
                break
        return [self._one(ask, book, ahead) for ask in asks]

    def _one(self, ask: Ask, book: Book, ahead: Ahead) -> Prepared | BaseException:
        shop_id, wish = ask.shop_id, ask.wish
        if ask.address_id is not None:
            own = book.get((wish.buyer_id, ask.address_id))
            if own is None:
                return AddressNeeded()
        elif ask.to is not None:
            if ask.to.division_code not in self._divisions:
                return InvalidFields.one("recipient.division_code", "unknown")
            own = Sealed(seal(self.keys, ask.to), ask.to.division_code)
        else:
            return AddressNeeded()
        division = own.division_code
        lines = ask.lines
        net_g = [self._net_g.get((shop_id, line.offer_id)) for line in lines]
        grams = sum(
            line.units * each for line, each in zip(lines, net_g, strict=True) if each is not None
        )
        if None in net_g:
            return NoSuchOffer()
        goods_fen = sum(line.units * line.price_fen for line in lines)
        setting = self._freight[shop_id][1]
        try:
            quote = logistics.quote_by(setting, division, grams, goods_fen)
        except NotServed as refused:
            return refused
        closed, transit = self._closed[shop_id], self._transit[shop_id]
        for line in lines if closed or transit.limits else ():
            day, variety = ahead.get((shop_id, line.offer_id), (None, None))
            refusal = logistics.refusal(closed, division, day) or logistics.rot(
                setting, transit, variety, division
            )
            if refusal is not None:
                return refusal
        known = wish.origin == SHOP or (shop_id, wish.origin) in self._origins
        origin = wish.origin if known else SHOP
        return Prepared(own.sealed, division, quote.fen, origin)

    async def _learn(self, tx: Tx, asks: Sequence[Ask]) -> Book:
        """The addresses that are asked for; keeps for the next ones what hardly ever changes."""
        for kept in (self._freight, self._net_g, self._origins):
            if len(kept) > KEPT_MAX:
                # Forgets everything rather than grow without bound.
                kept.clear()
        if not self._freight:
            self._closed.clear()
            self._transit.clear()
        now = time.monotonic()
        shops = {
            one
            for one in {ask.shop_id for ask in asks}
            if one not in self._freight or self._freight[one][0] <= now
        }
        if shops:
            found = await logistics.freights(tx, shops)
            self._freight |= {one: (now + KEEP_S, setting) for one, setting in found.items()}
            self._closed |= await logistics.closed_for(tx, shops)
            self._transit |= await logistics.transits(tx, shops)
        offers = {
            (ask.shop_id, line.offer_id) for ask in asks for line in ask.lines
        } - self._net_g.keys()
        if offers:
            self._net_g |= await offers_sql.grams_of(tx, list(offers))
        places = {(ask.shop_id, ask.wish.origin) for ask in asks if ask.wish.origin != SHOP}
        if places := places - self._origins:
            self._origins |= await fees_sql.sold_at(tx, list(places))
        for code in {ask.to.division_code for ask in asks if ask.to} - self._divisions:
            place = await regions.division(tx, code)
            if place is not None and place.leaf:
                self._divisions.add(code)
        mine = [(ask.wish.buyer_id, ask.address_id) for ask in asks if ask.address_id]
        return await accounts.addresses(tx, self.keys, mine) if mine else {}

    async def _ahead(self, tx: Tx, asks: Sequence[Ask]) -> Ahead:
        """When an offer would be sent and of which variety it is, where a shop's limits ask."""
        limited = {
            one
            for one in {ask.shop_id for ask in asks}
            if self._closed[one] or self._transit[one].limits
        }
        if not limited:
            return {}
        hit = {
            (ask.shop_id, line.offer_id)
            for ask in asks
            for line in ask.lines
            if ask.shop_id in limited
        }
        found = await disruptions_sql.ship_days(tx, list(hit), clock.now())
        sold = await catalog.products(tx, [product for _, product in found.values()])
        return {
            name: (day, sold[product].variety.id if product in sold else None)
            for name, (day, product) in found.items()
        }


def _ask(shop_id: UUID, wish: Asked, address_id: UUID | None, recipient: Recipient | None) -> Ask:
    """Raises AddressNeeded, InvalidFields."""
    if address_id is not None:
        return Ask(shop_id, wish, wish.lines(), address_id, None)
    if recipient is None:
        raise AddressNeeded()
    return Ask(shop_id, wish, wish.lines(), None, _clean(recipient))


def _with(wish: Asked, parcel: Prepared) -> Asked:
    return wish._replace(
        freight_fen=parcel.freight_fen,
        division_code=parcel.division_code,
        recipient=parcel.sealed,
        origin=parcel.origin,
    )


def _clean(to: Recipient) -> Recipient:
    """Raises InvalidFields."""
    try:
        phone = text.phone(to.phone)
    except ValueError:
        raise InvalidFields.one("recipient.phone", "phone") from None
    name, detail = text.clean(to.recipient), text.clean(to.detail)
    if not name:
        raise InvalidFields.one("recipient.recipient", "length", min=1, max=30)
    if len(detail) < 2:
        raise InvalidFields.one("recipient.detail", "length", min=2, max=120)
    return Recipient(name, phone, to.division_code, detail)
