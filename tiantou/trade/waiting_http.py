"""Routes of the waiting list: joining, leaving, a buyer's own places in line."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from tiantou.catalog import face as catalog
from tiantou.core.db import Tx
from tiantou.core.http import Caller, InTx, problems, router
from tiantou.core.problems import (
    AlreadyThere,
    InvalidFields,
    NotFound,
    SignInRequired,
    WrongStep,
)
from tiantou.kit import clock
from tiantou.trade import offers_sql, waiting, waiting_sql
from tiantou.trade.http import Empty
from tiantou.trade.problems import OfferClosed, StillLeft, WaitingFull
from tiantou.trade.waiting import UNITS_MAX
from tiantou.trade.waiting_sql import WaitingView

routes = router("trade")

SHOWN_MAX = 50


class WaitIn(BaseModel):
    """How many units he wants."""

    model_config = ConfigDict(extra="forbid")

    units: int = Field(ge=1, le=UNITS_MAX)


class Wait(BaseModel):
    """A place in line: `ahead` wait before. When it is one's turn (`offered`), `units` are kept
    until `offered_until`.
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    shop_id: UUID
    offer_id: UUID
    units: int
    state: Literal["waiting", "offered", "taken", "lapsed", "left", "over"]
    at: datetime
    offered_until: datetime | None
    order_id: UUID | None
    ahead: int
    title: str = ""
    product_id: UUID | None = None


class Waits(BaseModel):
    """One's places in line, those under way first, at most 50."""

    items: list[Wait]
    next: str | None = None


@routes.post(
    "/api/offers/{shop}/{offer}/waiting",
    status_code=201,
    responses=problems(
        SignInRequired, NotFound, InvalidFields, AlreadyThere, OfferClosed, StillLeft, WaitingFull
    ),
)
async def join_line(shop: UUID, offer: UUID, asked: WaitIn, tx: InTx, caller: Caller) -> Wait:
    """At the end of the line of an offer that is sold out."""
    made = await waiting.join(tx, caller.person_id, shop, offer, asked.units)
    return (await _shown(tx, [made]))[0]


@routes.post(
    "/api/me/waiting/{shop}/{waiting_id}/leave",
    responses=problems(SignInRequired, NotFound, WrongStep),
)
async def leave_line(shop: UUID, waiting_id: UUID, _: Empty, tx: InTx, caller: Caller) -> Wait:
    """Not wanted any more."""
    return (await _shown(tx, [await waiting.leave(tx, caller.person_id, shop, waiting_id)]))[0]


@routes.get("/api/me/waiting", responses=problems(SignInRequired))
async def my_waits(tx: InTx, caller: Caller) -> Waits:
    """Where the caller stands in line."""
    found = await waiting_sql.of_buyer(tx, caller.person_id, SHOWN_MAX)
    return Waits(items=await _shown(tx, found))


async def _shown(tx: Tx, found: list[WaitingView]) -> list[Wait]:
    items = [Wait.model_validate(one) for one in found]
    by_shop: dict[UUID, list[UUID]] = {}
    for one in found:
        by_shop.setdefault(one.shop_id, []).append(one.offer_id)
    products: dict[UUID, UUID] = {}
    for shop_id, offers in by_shop.items():
        known = await offers_sql.offers(tx, shop_id, offers, clock.now())
        products |= {offer_id: offer.product_id for offer_id, offer in known.items()}
    sold = await catalog.products(tx, list(set(products.values())))
    for shown in items:
        shown.product_id = products.get(shown.offer_id)
        if shown.product_id in sold:
            shown.title = sold[shown.product_id].title
    return items
