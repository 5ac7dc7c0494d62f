"""The words of an admission: what is asked, what is said, and the three ways of not saying it."""

from datetime import date, datetime
from enum import IntEnum
from typing import NamedTuple
from uuid import UUID


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


class Asked(NamedTuple):
    """One buyer's request. `digest` is of everything asked: a key covers one request only."""

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


class Placed(NamedTuple):
    """An admitted order, as the buyer is told. `amount_fen` includes `freight_fen`."""

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
    """The verdict; `number` is the units left (SOLD_OUT), those bought so far (BUYER_LIMIT), or the
    unpaid orders (UNPAID_LIMIT).
    """

    verdict: Verdict
    placed: Placed | None
    number: int
    offer: OfferNow | None


class NotNow(Exception):
    """Surely not done: rival locks, a timeout inside the database. Ask again shortly."""


class UnknownOutcome(Exception):
    """The connection broke: it may have been committed. Only the same key may be asked again."""


class BadBatch(Exception):
    """The data of one request of the batch is at fault; nothing of the batch was done."""
