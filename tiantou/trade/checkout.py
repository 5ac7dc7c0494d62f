"""Before admission: to whom the parcel goes, sealed, what carrying it costs, whose sale it is.

What hardly ever changes (an offer's weight, which divisions exist, a shop's freight) is kept for a
moment in the process; a freight that changes meanwhile holds for orders a moment later.
"""

import json
import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from tiantou.accounts import face as accounts
from tiantou.core.db import Database, Tx
from tiantou.core.keys import Keys
from tiantou.core.problems import InvalidFields
from tiantou.kit import text
from tiantou.logistics import face as logistics
from tiantou.regions import face as regions
from tiantou.trade import certified_sql, offers_sql
from tiantou.trade.admission import Asked
from tiantou.trade.lanes import Lanes
from tiantou.trade.money import fees_sql
from tiantou.trade.problems import AddressNeeded, NoSuchOffer

PURPOSE = "trade.recipient"
SHOP = "shop"
KEEP_S = 2.0
KEPT_MAX = 20_000


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
    said = {"recipient": to.recipient, "phone": to.phone, "detail": to.detail}
    return keys.encrypt(PURPOSE, json.dumps(said, ensure_ascii=False))


def unseal(keys: Keys, sealed: bytes, division_code: str) -> Recipient:
    """The recipient of an order, opened. Raises BadToken."""
    said = json.loads(keys.decrypt(PURPOSE, sealed))
    return Recipient(said["recipient"], said["phone"], division_code, said["detail"])


@dataclass
class Checkout:
    """What the hot route needs of a process."""

    database: Database
    keys: Keys
    lanes: Lanes
    _net_g: dict[tuple[UUID, UUID], int] = field(default_factory=dict)
    _divisions: set[str] = field(default_factory=set)
    _freight: dict[tuple[UUID, str, int, int], tuple[float, int]] = field(default_factory=dict)
    _origins: set[tuple[UUID, str]] = field(default_factory=set)
    _uncertified: dict[tuple[UUID, UUID], bool] = field(default_factory=dict)

    async def prepare(
        self, shop_id: UUID, wish: Asked, address_id: UUID | None, recipient: Recipient | None
    ) -> Prepared:
        """Raises AddressNeeded, NoSuchOffer, NotServed, InvalidFields."""
        goods_fen = wish.units * wish.price_fen
        if recipient is not None:
            to = _clean(recipient)
            kept = self._from_memory(shop_id, wish, to.division_code, goods_fen)
            if kept is not None and (
                wish.origin == SHOP or (shop_id, wish.origin) in self._origins
            ):
                return Prepared(seal(self.keys, to), to.division_code, kept, wish.origin)
        async with self.database.begin() as tx:
            if address_id is not None:
                to = await self._of_book(tx, wish.buyer_id, address_id)
            elif recipient is not None:
                to = await self._checked(tx, _clean(recipient))
            else:
                raise AddressNeeded()
            freight = await self._freight_of(tx, shop_id, wish, to, goods_fen)
            origin = await self._origin(tx, shop_id, wish.origin)
        return Prepared(seal(self.keys, to), to.division_code, freight, origin)

    async def used_up(self, shop_id: UUID, offer_id: UUID, units: int) -> tuple[int, int] | None:
        """(units, grams) left of the certificate that cannot cover so many units, if it is one.

        What an offer draws on never changes, so the losers of most offers are told from memory.
        """
        if self._uncertified.get((shop_id, offer_id)):
            return None
        async with self.database.begin() as tx:
            drawn = await certified_sql.drawn_by(tx, shop_id, offer_id)
        if not drawn:
            _room(self._uncertified)
            self._uncertified[shop_id, offer_id] = True
        short = [(left // per, left) for left, per in drawn if left // per < units]
        return short[0] if short else None

    def _from_memory(self, shop_id: UUID, wish: Asked, division: str, goods_fen: int) -> int | None:
        net_g = self._net_g.get((shop_id, wish.offer_id))
        if net_g is None or division not in self._divisions:
            return None
        kept = self._freight.get((shop_id, division, net_g * wish.units, goods_fen))
        return kept[1] if kept and kept[0] > time.monotonic() else None

    async def _origin(self, tx: Tx, shop_id: UUID, said: str) -> str:
        """Where the sale was made: what the buyer says if the shop sells there, else the shop."""
        if said == SHOP or (shop_id, said) in self._origins:
            return said
        if not await fees_sql.sells_at(tx, shop_id, said):
            return SHOP
        if len(self._origins) >= KEPT_MAX:
            self._origins.clear()
        self._origins.add((shop_id, said))
        return said

    async def _of_book(self, tx: Tx, buyer_id: UUID, address_id: UUID) -> Recipient:
        one = await accounts.address(tx, self.keys, buyer_id, address_id)
        if one is None:
            raise AddressNeeded()
        return Recipient(one.recipient, one.phone, one.division.code, one.detail)

    async def _checked(self, tx: Tx, to: Recipient) -> Recipient:
        if to.division_code not in self._divisions:
            place = await regions.division(tx, to.division_code)
            if place is None or not place.leaf:
                raise InvalidFields.one("recipient.division_code", "unknown")
            self._divisions.add(to.division_code)
        return to

    async def _freight_of(
        self, tx: Tx, shop_id: UUID, wish: Asked, to: Recipient, goods_fen: int
    ) -> int:
        net_g = self._net_g.get((shop_id, wish.offer_id))
        if net_g is None:
            net_g = await offers_sql.net_g_of(tx, shop_id, wish.offer_id)
            if net_g is None:
                raise NoSuchOffer()
            _room(self._net_g)
            self._net_g[shop_id, wish.offer_id] = net_g
        name = (shop_id, to.division_code, net_g * wish.units, goods_fen)
        kept = self._freight.get(name)
        if kept is None or kept[0] <= time.monotonic():
            quote = await logistics.quote(tx, shop_id, to.division_code, name[2], goods_fen)
            _room(self._freight)
            kept = self._freight[name] = (time.monotonic() + KEEP_S, quote.fen)
        return kept[1]


def _room(kept: dict[Any, Any]) -> None:
    """Forgets everything rather than grow without bound."""
    if len(kept) >= KEPT_MAX:
        kept.clear()


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
