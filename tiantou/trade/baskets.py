"""Checking out a basket: one order a shop and destination, each by itself, all under one payment.

What one shop refuses holds nothing of the others. A part's key follows from the basket's, so the
same request again, even after a crash in the middle, gives the same orders.
"""

import asyncio
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct

from tiantou.core.problems import InvalidFields, Problem
from tiantou.core.subject import Subject
from tiantou.kit import ids, text
from tiantou.trade.admission import Asked, Line, Placed
from tiantou.trade.checkout import Checkout, Prepared, Recipient

PARTS_MAX, LINES_MAX, TOGETHER = 50, 20, 8


class Part(Struct, frozen=True, kw_only=True):
    """An order to place: lines of one shop for one destination."""

    shop_id: UUID
    lines: tuple[Line, ...]
    address_id: UUID | None = None
    recipient: Recipient | None = None
    origin: str = "shop"
    note: str = ""
    ship_day: date | None = None
    coupon: UUID | None = None
    platform_coupon: UUID | None = None


class Answered(Struct, frozen=True, kw_only=True):
    """What became of a part: an order, or why not and at which line."""

    placed: Placed | None = None
    problem: Problem | None = None
    line: int = 0


async def place_all(
    checkout: Checkout, buyer: Subject, key: str, parts: Sequence[Part]
) -> list[Answered]:
    """Every part by itself, a few at a time. Raises InvalidFields for what makes no sense."""
    wishes = [_wish(buyer, key, at, part) for at, part in enumerate(parts)]
    gate = asyncio.Semaphore(TOGETHER)

    async def one(part: Part, wish: Asked) -> Answered:
        async with gate:
            return await _placed(checkout, part, wish)

    pairs = zip(parts, wishes, strict=True)
    return list(await asyncio.gather(*(one(part, wish) for part, wish in pairs)))


async def look(
    checkout: Checkout, buyer: Subject, parts: Sequence[Part]
) -> list[Prepared | Problem]:
    """What carrying each part would cost, or why it cannot be carried; nothing is done."""
    wishes = [_wish(buyer, "", at, part) for at, part in enumerate(parts)]
    said = await asyncio.gather(
        *(
            checkout.prepare(part.shop_id, wish, part.address_id, part.recipient)
            for part, wish in zip(parts, wishes, strict=True)
        ),
        return_exceptions=True,
    )
    for one in said:
        if isinstance(one, BaseException) and not isinstance(one, Problem):
            raise one
    return [one for one in said if isinstance(one, Prepared | Problem)]


def _wish(buyer: Subject, key: str, at: int, part: Part) -> Asked:
    offers = [line.offer_id for line in part.lines]
    if len(set(offers)) != len(offers):
        raise InvalidFields.one(f"parts.{at}.lines", "twice")
    first, *more = part.lines
    return Asked(
        buyer_id=buyer.person_id,
        buyer_no=buyer.person_no,
        key=ids.digest(f"{key}/{at}".encode()),
        digest=ids.digest(repr(part).encode()),
        offer_id=first.offer_id,
        units=first.units,
        price_fen=first.price_fen,
        snapshot=first.snapshot,
        freight_fen=0,
        origin=part.origin,
        division_code=None,
        recipient=None,
        note=text.clean(part.note) if part.note else "",
        more=tuple(more),
        ship_by=part.ship_day,
        coupon=part.coupon,
        platform_coupon=part.platform_coupon,
    )


async def _placed(checkout: Checkout, part: Part, wish: Asked) -> Answered:
    try:
        said = await checkout.place(part.shop_id, wish, part.address_id, part.recipient)
    except Problem as problem:
        return Answered(problem=problem)
    if said.placed is not None:
        return Answered(placed=said.placed)
    why = await checkout.why_not(part.shop_id, wish, said)
    return Answered(problem=why, line=said.line)
