"""Routes of coupons: a shop's and the platform's, what can be claimed, a buyer's own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from tiantou.accounts import face as accounts
from tiantou.core import limits
from tiantou.core.db import Tx
from tiantou.core.fields import CLEAN, id_in
from tiantou.core.http import (
    Caller,
    Cursor,
    InTx,
    Limit,
    MaybeCaller,
    Operator,
    WithDatabase,
    asks,
    problems,
    router,
)
from tiantou.core.problems import (
    Busy,
    InvalidFields,
    NotAllowed,
    NotFound,
    SignInRequired,
    TooManyRequests,
)
from tiantou.core.subject import MANAGER
from tiantou.kit import clock, paging
from tiantou.trade.deals import coupons
from tiantou.trade.deals import coupons_sql as sql
from tiantou.trade.deals.claiming import Claims
from tiantou.trade.deals.coupons import PIECES_MAX, PLATFORM_ID, CouponIn
from tiantou.trade.deals.coupons_sql import ClaimView, CouponView
from tiantou.trade.http import Empty, act_key
from tiantou.trade.orders_wire import FromView
from tiantou.trade.problems import CouponLimit, CouponNotOpen, CouponUsedUp, TooManyCoupons

routes = router("trade")
claim_routes = router("trade", keeps=False)

_READ = problems(SignInRequired, NotAllowed, NotFound, InvalidFields)
_ISSUE = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, TooManyCoupons)
SHOWN_MAX = 20
# (how often, in how many seconds): claims of one buyer
CLAIMED = ((30, 60), (300, 86_400))
Lanes = Annotated[Claims, asks(Claims)]
Fen = Annotated[int, Field(ge=1, le=10_000_000)]


class CouponAsked(BaseModel):
    """A coupon to issue; either `use_days` after the claim or until `use_until` it can be used."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=1, max_length=30), CLEAN]
    off_fen: Fen
    threshold_fen: Fen
    pieces: int = Field(ge=1, le=PIECES_MAX)
    per_buyer: int = Field(default=1, ge=1, le=20)
    claim_from: AwareDatetime | None = None
    claim_until: AwareDatetime
    use_days: Annotated[int, Field(ge=1, le=365)] | None = None
    use_until: AwareDatetime | None = None

    def wanted(self) -> CouponIn:
        """As the use case takes it."""
        values = self.model_dump()
        values["claim_from"] = self.claim_from or clock.now()
        return CouponIn(**values)


class MorePieces(BaseModel):
    """So many more."""

    model_config = ConfigDict(extra="forbid")

    pieces: int = Field(ge=1, le=PIECES_MAX)


class Coupon(FromView):
    """A coupon as its issuer sees it: `left` of `issued` can still be claimed, `used` are in
    orders.
    """

    id: UUID
    kind: Literal["shop", "platform"]
    state: Literal["open", "closed"]
    title: str
    off_fen: int
    threshold_fen: int
    per_buyer: int
    claim_from: datetime
    claim_until: datetime
    use_days: int | None
    use_until: datetime | None
    left: int
    issued: int
    used: int


class Coupons(BaseModel):
    """A page of coupons."""

    items: list[Coupon]
    next: str | None


class CouponOffered(FromView):
    """A coupon that can be claimed now. `claimed`: pieces that the caller has of it already."""

    id: UUID
    issuer_id: UUID
    kind: Literal["shop", "platform"]
    title: str
    off_fen: int
    threshold_fen: int
    per_buyer: int
    claim_until: datetime
    use_days: int | None
    use_until: datetime | None
    left: int
    claimed: int = 0


class CouponsOffered(BaseModel):
    """What can be claimed for a shop's goods, its own and the platform's, at most 20."""

    items: list[CouponOffered]


class CouponClaim(FromView):
    """A buyer's piece of a coupon; `shop_name` none: the platform's."""

    id: UUID
    coupon_id: UUID
    issuer_id: UUID
    kind: Literal["shop", "platform"]
    title: str
    off_fen: int
    threshold_fen: int
    state: Literal["held", "used", "expired"]
    usable_until: datetime
    used_shop_id: UUID | None
    used_order_id: UUID | None
    shop_name: str | None = None


class MyClaims(BaseModel):
    """A page of a buyer's coupons, newest first."""

    items: list[CouponClaim]
    next: str | None


class Claimed(BaseModel):
    """The claim that was made."""

    claim_id: UUID


@routes.get("/api/orgs/{org}/coupons", responses=_READ)
async def shop_coupons(
    org: UUID, tx: InTx, caller: Caller, cursor: Cursor = None, limit: Limit = paging.LIMIT_DEFAULT
) -> Coupons:
    """The shop's coupons, newest first."""
    caller.must(org, MANAGER)
    return await _page(tx, org, cursor, limit)


@routes.post("/api/orgs/{org}/coupons", status_code=201, responses=_ISSUE)
async def issue_of_shop(org: UUID, asked: CouponAsked, tx: InTx, caller: Caller) -> Coupon:
    """A new coupon, at the shop's cost."""
    caller.must(org, MANAGER)
    return Coupon.model_validate(await coupons.issue(tx, caller, org, asked.wanted()))


@routes.post("/api/orgs/{org}/coupons/{coupon_id}/pieces", responses=_READ)
async def more_of_shop(
    org: UUID, coupon_id: UUID, asked: MorePieces, tx: InTx, caller: Caller, request: Request
) -> Coupon:
    """More pieces of it."""
    caller.must(org, MANAGER)
    made = await coupons.add_pieces(tx, caller, org, coupon_id, asked.pieces, act_key(request))
    return Coupon.model_validate(made)


@routes.post("/api/orgs/{org}/coupons/{coupon_id}/close", responses=_READ)
async def close_of_shop(org: UUID, coupon_id: UUID, _: Empty, tx: InTx, caller: Caller) -> Coupon:
    """Nobody claims it any more; what was claimed stays usable."""
    caller.must(org, MANAGER)
    return Coupon.model_validate(await coupons.close(tx, caller, org, coupon_id))


@routes.get("/api/desk/coupons", responses=_READ)
async def platform_coupons(
    tx: InTx, _: Operator, cursor: Cursor = None, limit: Limit = paging.LIMIT_DEFAULT
) -> Coupons:
    """The platform's coupons, newest first."""
    return await _page(tx, PLATFORM_ID, cursor, limit)


@routes.post("/api/desk/coupons", status_code=201, responses=_ISSUE)
async def issue_of_platform(asked: CouponAsked, tx: InTx, caller: Operator) -> Coupon:
    """A new coupon, at the platform's cost, for goods of every shop."""
    return Coupon.model_validate(await coupons.issue(tx, caller, PLATFORM_ID, asked.wanted()))


@routes.post("/api/desk/coupons/{coupon_id}/pieces", responses=_READ)
async def more_of_platform(
    coupon_id: UUID, asked: MorePieces, tx: InTx, caller: Operator, request: Request
) -> Coupon:
    """More pieces of it."""
    key = act_key(request)
    made = await coupons.add_pieces(tx, caller, PLATFORM_ID, coupon_id, asked.pieces, key)
    return Coupon.model_validate(made)


@routes.post("/api/desk/coupons/{coupon_id}/close", responses=_READ)
async def close_of_platform(coupon_id: UUID, _: Empty, tx: InTx, caller: Operator) -> Coupon:
    """Nobody claims it any more; what was claimed stays usable."""
    return Coupon.model_validate(await coupons.close(tx, caller, PLATFORM_ID, coupon_id))


@routes.get("/api/shops/{shop}/coupons", responses=problems(InvalidFields))
async def coupons_for(shop: UUID, tx: InTx, caller: MaybeCaller) -> CouponsOffered:
    """What can be claimed for the shop's goods now."""
    found = await sql.open_now(tx, [shop, PLATFORM_ID], clock.now(), SHOWN_MAX)
    had = await sql.claimed(tx, caller.person_id, [one.id for one in found]) if caller else {}
    items = [CouponOffered.model_validate(one) for one in found]
    for one in items:
        one.claimed = had.get(one.id, 0)
    return CouponsOffered(items=items)


@routes.get("/api/me/coupons", responses=problems(SignInRequired, InvalidFields))
async def my_coupons(
    tx: InTx,
    caller: Caller,
    state: Annotated[Literal["held", "used", "expired"] | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = paging.LIMIT_DEFAULT,
) -> MyClaims:
    """The caller's coupons, newest first."""
    found = await sql.claims_of(tx, caller.person_id, state, id_in(cursor), limit + 1, clock.now())
    more = paging.pack(str(found[limit - 1].id)) if len(found) > limit else None
    return MyClaims(items=await _named(tx, found[:limit]), next=more)


@routes.get("/api/me/coupons/{shop}", responses=problems(SignInRequired, InvalidFields))
async def usable_coupons(shop: UUID, tx: InTx, caller: Caller) -> MyClaims:
    """What the caller can use for the shop's goods now, the most that is taken off first."""
    found = await sql.usable(tx, caller.person_id, [shop, PLATFORM_ID], clock.now())
    return MyClaims(items=await _named(tx, found), next=None)


@claim_routes.post(
    "/api/coupons/{issuer}/{coupon_id}/claim",
    status_code=201,
    responses=problems(
        SignInRequired,
        NotFound,
        InvalidFields,
        CouponUsedUp,
        CouponLimit,
        CouponNotOpen,
        TooManyRequests,
        Busy,
    ),
)
async def claim_coupon(
    issuer: UUID,
    coupon_id: UUID,
    _: Empty,
    caller: Caller,
    lanes: Lanes,
    database: WithDatabase,
    request: Request,
) -> Claimed:
    """A piece of it for the caller; the same request again is the same claim."""
    await limits.spend(database, "coupon.claim", str(caller.person_id), CLAIMED)
    claim = await lanes.claim(issuer, coupon_id, caller.person_id, act_key(request))
    return Claimed(claim_id=claim)


async def _page(tx: Tx, issuer_id: UUID, cursor: Cursor, limit: int) -> Coupons:
    found: list[CouponView] = await sql.coupons_of(tx, issuer_id, id_in(cursor), limit + 1)
    more = paging.pack(str(found[limit - 1].id)) if len(found) > limit else None
    return Coupons(items=[Coupon.model_validate(one) for one in found[:limit]], next=more)


async def _named(tx: Tx, found: Sequence[ClaimView]) -> list[CouponClaim]:
    shops = {one.issuer_id for one in found if one.kind == "shop"}
    names = {org_id: org.name for org_id, org in (await accounts.orgs(tx, list(shops))).items()}
    items = [CouponClaim.model_validate(one) for one in found]
    for one in items:
        one.shop_name = names.get(one.issuer_id)
    return items
