"""Other sellers' goods for one's own rooms, and one's own goods in others' rooms."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from tiantou.core.fields import CLEAN, moment_and_id_in
from tiantou.core.http import Caller, Cursor, InTx, Limit, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired
from tiantou.kit import paging
from tiantou.live import guests, sessions, wire

routes: APIRouter = router("sessions")

_REFUSALS = problems(SignInRequired, NotAllowed, NotFound, InvalidFields)


class OpenGoodsFound(BaseModel):
    """What fits the words, newest change first."""

    items: list[wire.OpenGoods]
    next: str | None = None


class GuestShows(BaseModel):
    """A page of others' rooms."""

    items: list[wire.GuestShow]
    next: str | None


@routes.get("/api/orgs/{org_id}/others-goods", responses=_REFUSALS)
async def find(
    org_id: UUID, tx: InTx, caller: Caller, q: Annotated[str, Query(max_length=40), CLEAN] = ""
) -> OpenGoodsFound:
    """Goods that other sellers let rooms show: by goods, county, variety, or the shop's name."""
    caller.must(org_id, *sessions.CREW)
    return OpenGoodsFound(items=await guests.find(tx, org_id, q))


@routes.get("/api/orgs/{org_id}/others-rooms", responses=_REFUSALS)
async def shown_in(
    org_id: UUID,
    tx: InTx,
    caller: Caller,
    cursor: Cursor = None,
    limit: Limit = paging.LIMIT_DEFAULT,
) -> GuestShows:
    """Others' rooms in which this seller's goods are or will be shown, with its own sales there."""
    caller.must(org_id)
    found = await guests.shown_in(tx, org_id, moment_and_id_in(cursor), limit + 1)
    following = None
    if len(found) > limit:
        last = found[limit - 1][0]
        following = paging.pack(last.starts_at.isoformat(), str(last.id))
    return GuestShows(items=[one for _, one in found[:limit]], next=following)
