"""The hot route, POST /api/orders: plain ASGI and msgspec, in the same OpenAPI document.

What is asked for is checked here, sealed and priced; the rest is the lanes' and the admission
statement's.
"""

import json
import re
from datetime import date
from typing import Annotated, Any, Literal, cast
from uuid import UUID

import msgspec
from starlette.datastructures import State as AppState
from starlette.types import Receive, Scope, Send

from tiantou.core import http_guard
from tiantou.core.hot_http import Routes, body_of, header
from tiantou.core.http import problems
from tiantou.core.problems import Busy, InvalidFields, KeyReused, Problem, SignInRequired
from tiantou.core.subject import Subject
from tiantou.kit import ids, text
from tiantou.logistics.face import Disrupted, NotServed, WouldRot
from tiantou.trade.admission import Asked, Placed
from tiantou.trade.checkout import Checkout, Recipient
from tiantou.trade.problems import (
    AddressNeeded,
    BelowFloor,
    BuyerLimit,
    CertifiedUsedUp,
    CouponRefused,
    NoRoom,
    NoSuchOffer,
    OfferClosed,
    OutcomeUnknown,
    PriceChanged,
    SentLater,
    SoldOut,
    TermsChanged,
    UnpaidLimit,
)

PATH = "/api/orders"
KEY_CHARS_MIN, KEY_CHARS_MAX = 8, 100

Text = msgspec.Meta
State = Literal[
    "pending_payment",
    "paid",
    "packing",
    "packed",
    "shipped",
    "delivered",
    "completed",
    "cancelled",
    "closed",
    "exception",
]


class RecipientIn(msgspec.Struct, frozen=True):
    """To whom the parcel goes, when it is not an address of the buyer's book."""

    recipient: Annotated[str, Text(min_length=1, max_length=30)]
    phone: Annotated[str, Text(min_length=5, max_length=30)]
    division_code: Annotated[str, Text(pattern="^[1-9][0-9]{5}$")]
    detail: Annotated[str, Text(min_length=2, max_length=120)]


class OrderIn(msgspec.Struct, frozen=True):
    """What a buyer asks for. `snapshot` is the hash of what he saw, `price_fen` a unit's price.

    `ship_day` is the day of sending that he saw: a later one is refused. `coupon` and
    `platform_coupon` are his claims on a coupon of the shop and one of the platform.
    """

    shop_id: UUID
    offer_id: UUID
    units: Annotated[int, Text(ge=1, le=99)]
    price_fen: Annotated[int, Text(ge=1, le=10_000_000)]
    snapshot: Annotated[str, Text(pattern="^[0-9a-f]{64}$")]
    origin: Annotated[str, Text(pattern="^(shop|live:[0-9a-f-]{36})$")] = "shop"
    address_id: UUID | None = None
    recipient: RecipientIn | None = None
    note: Annotated[str, Text(max_length=100)] = ""
    ship_day: date | None = None
    coupon: UUID | None = None
    platform_coupon: UUID | None = None


class OrderPlacedOut(msgspec.Struct, frozen=True):
    """The order: `amount_fen` is all that is to pay, `freight_fen` the part that is freight."""

    shop_id: UUID
    order_id: UUID
    number: str
    state: State
    amount_fen: int
    freight_fen: int
    pay_before_at: str | None
    ship_day: str


_decoder = msgspec.json.Decoder(OrderIn)
_encoder = msgspec.json.Encoder()
_WHERE = re.compile(r" - at `\$\.?([^`]*)`")
_CODES = (
    ("missing required field", "missing"),
    ("matching regex", "pattern"),
    ("length", "length"),
    (">=", "range"),
    ("<=", "range"),
    ("UUID", "uuid"),
    ("Expected", "type"),
)
_MISSING = re.compile(r"missing required field `([^`]+)`")


def _read(body: bytes) -> OrderIn:
    """The request. Raises InvalidFields, which names the field and never echoes what was typed."""
    try:
        return _decoder.decode(body)
    except msgspec.ValidationError as error:
        said = str(error)
        where, missing = _WHERE.search(said), _MISSING.search(said)
        path = [where.group(1)] if where else []
        path += [missing.group(1)] if missing else []
        code = next((code for sign, code in _CODES if sign in said), "invalid")
        raise InvalidFields.one(".".join(part for part in path if part) or "body", code) from error
    except msgspec.DecodeError as error:
        raise InvalidFields.one("body", "json") from error


def _key(scope: Scope) -> UUID:
    key = header(scope, b"idempotency-key")
    if key is None:
        raise InvalidFields.one("Idempotency-Key", "missing")
    if not KEY_CHARS_MIN <= len(key) <= KEY_CHARS_MAX:
        raise InvalidFields.one("Idempotency-Key", "length", min=KEY_CHARS_MIN, max=KEY_CHARS_MAX)
    return ids.digest(key.encode())


def asked_in(scope: Scope, body: bytes) -> tuple[OrderIn, Asked]:
    """The request and the wish in it. Raises SignInRequired, InvalidFields."""
    buyer: Subject | None = scope.get("subject")
    if buyer is None:
        raise SignInRequired()
    key = _key(scope)
    asked = _read(body)
    return asked, Asked(
        buyer_id=buyer.person_id,
        buyer_no=buyer.person_no,
        key=key,
        digest=ids.digest(body),
        offer_id=asked.offer_id,
        units=asked.units,
        price_fen=asked.price_fen,
        snapshot=bytes.fromhex(asked.snapshot),
        freight_fen=0,
        origin=asked.origin,
        division_code=None,
        recipient=None,
        note=text.clean(asked.note) if asked.note else "",
        ship_by=asked.ship_day,
        coupon=asked.coupon,
        platform_coupon=asked.platform_coupon,
    )


def _answer(shop_id: UUID, placed: Placed) -> OrderPlacedOut:
    before = placed.pay_before_at
    return OrderPlacedOut(
        shop_id=shop_id,
        order_id=placed.order_id,
        number=placed.number,
        state=cast(State, placed.state),
        amount_fen=placed.amount_fen,
        freight_fen=placed.freight_fen,
        pay_before_at=before.isoformat().replace("+00:00", "Z") if before else None,
        ship_day=placed.ship_day.isoformat(),
    )


class PlaceOrder:
    """POST /api/orders as an ASGI app. Answered when the order is committed.

    `state.checkout` is a Checkout, from the start of the process's life on.
    """

    def __init__(self, state: AppState) -> None:
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Places an order, or says why not."""
        body = await body_of(receive)
        if body is None:
            return
        try:
            asked, wish = asked_in(scope, body)
            checkout: Checkout = self._state.checkout
            to = asked.recipient
            recipient = Recipient(*msgspec.structs.astuple(to)) if to else None
            said = await checkout.place(asked.shop_id, wish, asked.address_id, recipient)
            if said.placed is None:
                raise await checkout.why_not(asked.shop_id, wish, said)
        except Problem as problem:
            await http_guard.answer(send, problem)
        else:
            await say_placed(send, asked.shop_id, said.placed)


async def say_placed(send: Send, shop_id: UUID, placed: Placed) -> None:
    """The answer 201."""
    body = _encoder.encode(_answer(shop_id, placed))
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def hot(state: AppState) -> Routes:
    """The hot routes, by method and path."""
    return {("POST", PATH): PlaceOrder(state)}


_PROBLEMS = (
    SoldOut,
    CertifiedUsedUp,
    BuyerLimit,
    UnpaidLimit,
    OfferClosed,
    PriceChanged,
    TermsChanged,
    BelowFloor,
    NoRoom,
    SentLater,
    CouponRefused,
    NoSuchOffer,
    AddressNeeded,
    NotServed,
    Disrupted,
    WouldRot,
    InvalidFields,
    KeyReused,
    SignInRequired,
    Busy,
    OutcomeUnknown,
)


def openapi_paths() -> dict[str, Any]:
    """`paths` and `components` of the hot route, to be merged into the OpenAPI document."""
    (body, answer), schemas = msgspec.json.schema_components(
        [OrderIn, OrderPlacedOut], ref_template="#/components/schemas/{name}"
    )
    operation = {
        "tags": ["trade"],
        "operationId": "trade_orders_place",
        "summary": "Place an order",
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "schema": {
                    "type": "string",
                    "minLength": KEY_CHARS_MIN,
                    "maxLength": KEY_CHARS_MAX,
                },
            }
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "201": {
                "description": "The order, committed; or the one placed before under this key",
                "content": {"application/json": {"schema": answer}},
            },
            **{str(status): said for status, said in problems(*_PROBLEMS).items()},
        },
    }
    document = {"paths": {PATH: {"post": operation}}, "components": {"schemas": schemas}}
    copied: dict[str, Any] = json.loads(json.dumps(document))
    return copied
