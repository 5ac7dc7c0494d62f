"""The words of an admission: what is asked, what is said, and the three ways of not saying it."""

from datetime import date, datetime
from enum import IntEnum
from typing import NamedTuple
from uuid import UUID

OURS = "tiantou"
"""The channel of orders that are placed here."""


class Verdict(IntEnum):
    """As the statement gives them."""

    ADMITTED = 0
    SOLD_OUT = 1
    BUYER_LIMIT = 2
    OFFER_CLOSED = 3
    PRICE_CHANGED = 4
    NO_SUCH_OFFER = 5
    TERMS_CHANGED = 6
    BELOW_FLOOR = 7
    KEY_REUSED = 8
    UNPAID_LIMIT = 9
    NO_ROOM = 10
    SENT_LATER = 11
    COUPON_REFUSED = 12


class Line(NamedTuple):
    """Units of an offer, at the price and on the terms that the buyer saw."""

    offer_id: UUID
    units: int
    price_fen: int
    snapshot: bytes


class Asked(NamedTuple):
    """One request, of one order. `digest` is of everything asked: a key covers one request only.

    `more` are the lines after the first, of other offers of the shop. `ship_by` is the day of
    sending that the buyer saw. `coupon` and `platform_coupon` are his claims on them. An order of
    another channel has its number there as `external_no`; buyer and key are not written then.
    """

    buyer_id: UUID
    buyer_no: int
    key: UUID
    digest: UUID
    offer_id: UUID
    units: int
    price_fen: int
    snapshot: bytes
    freight_fen: int
    origin: str
    division_code: str | None
    recipient: bytes | None
    note: str
    more: tuple[Line, ...] = ()
    ship_by: date | None = None
    coupon: UUID | None = None
    platform_coupon: UUID | None = None
    external_no: str | None = None

    def lines(self) -> tuple[Line, ...]:
        """Every line, the first one first."""
        return (Line(self.offer_id, self.units, self.price_fen, self.snapshot), *self.more)

    def usual(self) -> bool:
        """Whether nothing is asked for but one line."""
        return self[-len(_USUAL) :] == _USUAL


_USUAL = tuple(Asked._field_defaults.values())


class Placed(NamedTuple):
    """An admitted order, as the buyer is told. `amount_fen` includes `freight_fen`, and what
    coupons took off is gone from it.
    """

    order_id: UUID
    number: str
    state: str
    amount_fen: int
    freight_fen: int
    pay_before_at: datetime | None
    ship_day: date


class OfferNow(NamedTuple):
    """The offer's version that the statement read under its lock."""

    price_fen: int
    snapshot: bytes
    per_buyer: int | None
    floor_fen: int


class Said(NamedTuple):
    """The verdict; `number` is the units left (SOLD_OUT), those bought so far (BUYER_LIMIT), the
    unpaid orders (UNPAID_LIMIT), or why not (COUPON_REFUSED, as `WhyNot`). `line` is the place of
    the line that a refusal is about, from 0; `day` the day of sending there would be.
    """

    verdict: Verdict
    placed: Placed | None
    number: int
    offer: OfferNow | None
    line: int = 0
    day: date | None = None


class WhyNot(IntEnum):
    """Why a coupon cannot be used, as the statement says it."""

    NOT_YOURS = 1
    USED_OR_OVER = 2
    OTHER_SHOP = 3
    BELOW_THRESHOLD = 4


class NotNow(Exception):
    """Surely not done: rival locks, a timeout inside the database. Ask again shortly."""


class UnknownOutcome(Exception):
    """The connection broke: it may have been committed. Only the same key may be asked again."""


class BadBatch(Exception):
    """The data of one request of the batch is at fault; nothing of the batch was done."""
