"""Sessions, for the people of their shop."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from tiantou.accounts.face import TooMany
from tiantou.core import limits
from tiantou.core.fields import moment_and_id_in
from tiantou.core.http import (
    Caller,
    Cursor,
    InTx,
    Limit,
    WithDatabase,
    WithFiles,
    WithKeys,
    asks,
    problems,
    router,
)
from tiantou.core.problems import (
    InvalidFields,
    NotAllowed,
    NotFound,
    SignInRequired,
    WrongStep,
)
from tiantou.core.subject import ROLES
from tiantou.kit import paging
from tiantou.live import sessions, sessions_sql, wire
from tiantou.live.ports import Broadcasting
from tiantou.live.problems import GateClosed, ItemUnavailable
from tiantou.live.session_view import session_out, writable_now

routes: APIRouter = router("sessions")

Ways = Annotated[Broadcasting, asks(Broadcasting)]
_REFUSALS = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, WrongStep)
KEYS_PER = ((6, 60), (60, 3600))


class SessionPage(BaseModel):
    """A page of sessions."""

    items: list[wire.Session]
    next: str | None


class ShelfOrder(BaseModel):
    """The shelf, first to last."""

    items: list[wire.ShelfIn] = Field(max_length=60)


@routes.get("/api/orgs/{org_id}/sessions", responses=problems(SignInRequired, NotFound))
async def sessions_of(
    org_id: UUID,
    tx: InTx,
    caller: Caller,
    ways: Ways,
    state: Annotated[str | None, Query(max_length=30)] = None,
    cursor: Cursor = None,
    limit: Limit = paging.LIMIT_DEFAULT,
) -> SessionPage:
    """An organization's sessions, latest start first."""
    caller.must(org_id)
    after = moment_and_id_in(cursor)
    rows = await sessions_sql.sessions_of(tx, org_id, state, after, limit + 1)
    following = None
    if len(rows) > limit:
        last = rows[limit - 1]
        following = paging.pack(last.starts_at.isoformat(), str(last.id))
    writable = await writable_now(ways)
    return SessionPage(
        items=[await session_out(tx, row, writable) for row in rows[:limit]], next=following
    )


async def _known_cover(asked: wire.SessionIn, tx: InTx, files: WithFiles) -> wire.SessionIn:
    """What was asked. Raises InvalidFields if the cover is no picture that was uploaded here."""
    if asked.cover is not None and not await files.known(tx, asked.cover):
        raise InvalidFields.one("cover", "unknown")
    return asked


Asked = Annotated[wire.SessionIn, Depends(_known_cover)]


@routes.post(
    "/api/orgs/{org_id}/sessions", status_code=201, responses=_REFUSALS | problems(TooMany)
)
async def plan(
    org_id: UUID, asked: Asked, tx: InTx, caller: Caller, keys: WithKeys, ways: Ways
) -> wire.Session:
    """Plans a session; a shop has 50 that are not over at most."""
    row = await sessions.plan(tx, keys, caller, org_id, asked)
    return await session_out(tx, row, await writable_now(ways))


@routes.get("/api/sessions/{session_id}", responses=problems(SignInRequired, NotFound))
async def one(session_id: UUID, tx: InTx, caller: Caller, ways: Ways) -> wire.Session:
    """A session, with the checks of its gate."""
    row = await sessions.seen(tx, caller, session_id, *ROLES)
    return await session_out(tx, row, await writable_now(ways))


@routes.patch("/api/sessions/{session_id}", responses=_REFUSALS)
async def change(
    session_id: UUID, asked: Asked, tx: InTx, caller: Caller, keys: WithKeys, ways: Ways
) -> wire.Session:
    """Changes the plan; an approved session goes back into review if goods or host changed."""
    row = await sessions.change(tx, keys, caller, session_id, asked)
    return await session_out(tx, row, await writable_now(ways))


@routes.put(
    "/api/sessions/{session_id}/shelf",
    responses=_REFUSALS | problems(ItemUnavailable, WrongStep),
)
async def reshelve(
    session_id: UUID, asked: ShelfOrder, tx: InTx, caller: Caller, ways: Ways
) -> wire.Session:
    """Another shelf, in this order."""
    row = await sessions.reshelve(tx, caller, session_id, asked.items)
    return await session_out(tx, row, await writable_now(ways))


@routes.post("/api/sessions/{session_id}/key", responses=_REFUSALS)
async def key(
    session_id: UUID,
    tx: InTx,
    caller: Caller,
    keys: WithKeys,
    ways: Ways,
    database: WithDatabase,
) -> wire.PublishKey:
    """A key to publish with, shown once; older ones stop working."""
    await limits.spend(database, "live.key", str(session_id), KEYS_PER)
    return await sessions.key(tx, keys, caller, session_id, ways)


@routes.post(
    "/api/sessions/{session_id}/go-live", responses=_REFUSALS | problems(GateClosed, WrongStep)
)
async def go_live(session_id: UUID, tx: InTx, caller: Caller, ways: Ways) -> wire.Session:
    """Opens the room, if every check of the gate holds."""
    writable = await writable_now(ways)
    row = await sessions.go_live(tx, caller, session_id, ways, writable)
    return await session_out(tx, row, writable)


@routes.post("/api/sessions/{session_id}/end", responses=_REFUSALS)
async def end(session_id: UUID, tx: InTx, caller: Caller, ways: Ways) -> wire.Session:
    """Closes the room; the replay is made."""
    row = await sessions.end(tx, caller, session_id)
    return await session_out(tx, row, await writable_now(ways))


def _act(event: str) -> None:
    """A route of its own for each act, so that no other address is taken."""

    async def act(session_id: UUID, tx: InTx, caller: Caller, ways: Ways) -> wire.Session:
        """Takes this step of the session's machine."""
        row = await sessions.act(tx, caller, session_id, event, ways)
        return await session_out(tx, row, await writable_now(ways))

    routes.add_api_route(
        f"/api/sessions/{{session_id}}/{event}",
        act,
        methods=["POST"],
        name=event,
        responses=_REFUSALS,
    )


for _event in sessions.ACTS:
    _act(_event)
