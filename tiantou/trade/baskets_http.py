"""Routes of a basket: what it would cost, and checking out; several shops, several destinations."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from tiantou.core import limits
from tiantou.core.fields import CLEAN, DIVISION_CODE
from tiantou.core.http import Caller, WithDatabase, problems, router
from tiantou.core.problems import Busy, InvalidFields, Problem, SignInRequired, TooManyRequests
from tiantou.trade import baskets
from tiantou.trade.admission import Line
from tiantou.trade.baskets import LINES_MAX, PARTS_MAX, Answered, Part
from tiantou.trade.checkout import Checkout, Recipient
from tiantou.trade.http import UNITS_MAX
from tiantou.trade.orders_http import KEY_CHARS_MAX, KEY_CHARS_MIN

routes = router("trade", keeps=False)

# (how often, in how many seconds): baskets of one buyer
PLACED, LOOKED = ((30, 60),), ((120, 60),)
Fen = Annotated[int, Field(ge=1, le=10_000_000)]


class LineIn(BaseModel):
    """Units of an offer, at a unit's price and on the terms that the buyer saw."""

    model_config = ConfigDict(extra="forbid")

    offer_id: UUID
    units: int = Field(ge=1, le=UNITS_MAX)
    price_fen: Fen
    snapshot: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class RecipientGiven(BaseModel):
    """To whom a part goes, when it is not an address of the buyer's book."""

    model_config = ConfigDict(extra="forbid")

    recipient: Annotated[str, Field(min_length=1, max_length=30), CLEAN]
    phone: Annotated[str, Field(min_length=5, max_length=30)]
    division_code: DIVISION_CODE
    detail: Annotated[str, Field(min_length=2, max_length=120), CLEAN]


class PartIn(BaseModel):
    """One order: lines of one shop for one destination."""

    model_config = ConfigDict(extra="forbid")

    shop_id: UUID
    lines: list[LineIn] = Field(min_length=1, max_length=LINES_MAX)
    address_id: UUID | None = None
    recipient: RecipientGiven | None = None
    origin: Annotated[str, Field(pattern="^(shop|live:[0-9a-f-]{36})$")] = "shop"
    note: Annotated[str, Field(max_length=100)] = ""
    ship_day: date | None = None
    coupon: UUID | None = None
    platform_coupon: UUID | None = None

    def wanted(self) -> Part:
        """The part as the use case takes it."""
        lines = tuple(
            Line(one.offer_id, one.units, one.price_fen, bytes.fromhex(one.snapshot))
            for one in self.lines
        )
        to = self.recipient
        return Part(
            shop_id=self.shop_id,
            lines=lines,
            address_id=self.address_id,
            recipient=Recipient(to.recipient, to.phone, to.division_code, to.detail)
            if to
            else None,
            origin=self.origin,
            note=self.note,
            ship_day=self.ship_day,
            coupon=self.coupon,
            platform_coupon=self.platform_coupon,
        )


class BasketIn(BaseModel):
    """A basket, at most 50 orders."""

    model_config = ConfigDict(extra="forbid")

    parts: list[PartIn] = Field(min_length=1, max_length=PARTS_MAX)


class PartPlaced(BaseModel):
    """What became of a part: an order, or `problem`, a problem document, and the place of the line
    that it is about, from 0.
    """

    shop_id: UUID
    order_id: UUID | None = None
    number: str | None = None
    amount_fen: int = 0
    freight_fen: int = 0
    pay_before_at: datetime | None = None
    ship_day: date | None = None
    problem: dict[str, Any] | None = None
    line: int = 0


class BasketPlaced(BaseModel):
    """The parts, and what all orders together cost."""

    parts: list[PartPlaced]
    amount_fen: int


class PartQuoted(BaseModel):
    """What carrying a part costs, or why it cannot be carried."""

    freight_fen: int = 0
    goods_fen: int
    problem: dict[str, Any] | None = None


class BasketQuoted(BaseModel):
    """The parts, in the order of asking, coupons left aside."""

    parts: list[PartQuoted]


def _key(request: Request) -> str:
    """Raises InvalidFields."""
    key = request.headers.get("idempotency-key", "")
    if not KEY_CHARS_MIN <= len(key) <= KEY_CHARS_MAX:
        code = "length" if key else "missing"
        raise InvalidFields.one("Idempotency-Key", code, min=KEY_CHARS_MIN, max=KEY_CHARS_MAX)
    return key


@routes.post(
    "/api/checkouts",
    status_code=201,
    responses=problems(SignInRequired, InvalidFields, TooManyRequests, Busy),
)
async def place_basket(
    asked: BasketIn, caller: Caller, database: WithDatabase, request: Request
) -> BasketPlaced:
    """Places every part by itself; what one shop refuses holds nothing of the others."""
    key = _key(request)
    await limits.spend(database, "basket.place", str(caller.person_id), PLACED)
    checkout: Checkout = request.app.state.checkout
    parts = [one.wanted() for one in asked.parts]
    said = await baskets.place_all(checkout, caller, key, parts)
    shown = [_shown(part, one) for part, one in zip(parts, said, strict=True)]
    return BasketPlaced(parts=shown, amount_fen=sum(one.amount_fen for one in shown))


@routes.post(
    "/api/checkouts/quote",
    responses=problems(SignInRequired, InvalidFields, TooManyRequests, Busy),
)
async def quote_basket(
    asked: BasketIn, caller: Caller, database: WithDatabase, request: Request
) -> BasketQuoted:
    """What carrying each part would cost; nothing is done."""
    await limits.spend(database, "basket.quote", str(caller.person_id), LOOKED)
    checkout: Checkout = request.app.state.checkout
    parts = [one.wanted() for one in asked.parts]
    quoted = []
    said = await baskets.look(checkout, caller, parts)
    for part, one in zip(parts, said, strict=True):
        goods = sum(line.units * line.price_fen for line in part.lines)
        if isinstance(one, Problem):
            quoted.append(PartQuoted(goods_fen=goods, problem=one.body()))
        else:
            quoted.append(PartQuoted(goods_fen=goods, freight_fen=one.freight_fen))
    return BasketQuoted(parts=quoted)


def _shown(part: Part, said: Answered) -> PartPlaced:
    if said.placed is None:
        problem = said.problem.body() if said.problem else None
        return PartPlaced(shop_id=part.shop_id, problem=problem, line=said.line)
    one = said.placed
    return PartPlaced(
        shop_id=part.shop_id,
        order_id=one.order_id,
        number=one.number,
        amount_fen=one.amount_fen,
        freight_fen=one.freight_fen,
        pay_before_at=one.pay_before_at,
        ship_day=one.ship_day,
    )
