"""Rooms, for everybody: enter, ticket, reserve, say, ask, like."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from tiantou.core import join_ticket, limits
from tiantou.core.http import (
    REPLAYED,
    AskedOnce,
    Caller,
    InTx,
    MaybeCaller,
    Unkept,
    WithBus,
    WithDatabase,
    WithKeys,
    asks,
    problems,
    router,
)
from tiantou.core.problems import (
    Busy,
    InvalidFields,
    NotFound,
    SignInRequired,
    TooManyRequests,
    WrongStep,
)
from tiantou.live import figures_sql, rooms, talk, wire
from tiantou.live.lifecycle import ON_AIR
from tiantou.live.ports import Broadcasting
from tiantou.live.problems import Banned, Muted, NotOnAir, SlowMode
from tiantou.live.talk import Talk

routes: APIRouter = router("rooms")

Ways = Annotated[Broadcasting, asks(Broadcasting)]
Voices = Annotated[Talk, asks(Talk)]
LIKES_PER = ((200, 10), (3000, 3600))
TICKETS_PER = ((40, 60),)
# Whoever keeps no cookies is a new visitor each time; many honest ones share an address.
LIKES_PER_ADDRESS = ((4000, 10), (100_000, 3600))
TICKETS_PER_ADDRESS = ((2000, 60),)


class Ticket(BaseModel):
    """Opens the room's stream once, within `expires_in_s`."""

    ticket: str
    url: str
    sse_url: str
    play: wire.Play | None
    expires_in_s: int


class Reserved(BaseModel):
    """Whether the caller reserved, and how many did."""

    reserved: bool
    reservations: int


class WordsIn(BaseModel):
    """What is said: 1 to 100 characters."""

    text: str = Field(min_length=1, max_length=400)


class LikesIn(BaseModel):
    """How often the heart was tapped since the last report."""

    n: int = Field(ge=1, le=50)


def _address(request: Request) -> str:
    return str(request.scope.get("client_ip", "unknown"))


@routes.get("/api/rooms/{session_id}", responses=problems(NotFound))
async def room(
    session_id: UUID, tx: InTx, caller: MaybeCaller, keys: WithKeys, ways: Ways
) -> wire.RoomOut:
    """The room: on air, announced, or as a replay."""
    row = await rooms.public_session(tx, session_id)
    shown = await rooms.room(tx, row, keys, ways)
    mine = await rooms.mine(tx, row, caller)
    return wire.RoomOut(**shown.__dict__, me=mine)


@routes.post(
    "/api/rooms/{session_id}/ticket", responses=problems(NotFound, Banned, TooManyRequests)
)
async def ticket(
    session_id: UUID,
    request: Request,
    tx: InTx,
    caller: MaybeCaller,
    keys: WithKeys,
    ways: Ways,
    database: WithDatabase,
) -> Ticket:
    """A ticket for the room's stream, and fresh sources of the picture."""
    visitor = str(request.scope.get("visitor", "nobody"))
    await limits.spend(database, "live.ticket.address", _address(request), TICKETS_PER_ADDRESS)
    await limits.spend(database, "live.ticket", f"{session_id}:{visitor}", TICKETS_PER)
    row = await rooms.may_enter(tx, session_id, caller)
    viewer_key = f"p{caller.person_no}" if caller else f"v{visitor}"
    made = join_ticket.mint(keys, str(row.id), viewer_key, caller.person_no if caller else 0)
    base = ways.gateway_url
    return Ticket(
        ticket=made,
        url=f"{base}/rt/v1/{row.id}",
        sse_url=f"{base}/rt/v1/{row.id}/sse",
        play=rooms.play(row, keys, ways),
        expires_in_s=join_ticket.TTL_S,
    )


@routes.post(
    "/api/rooms/{session_id}/reserve", responses=problems(SignInRequired, NotFound, WrongStep)
)
async def reserve(session_id: UUID, tx: InTx, caller: Caller) -> Reserved:
    """Wants to be told when it starts."""
    count = await rooms.reserve(tx, caller, session_id, wanted=True)
    return Reserved(reserved=True, reservations=count)


@routes.delete("/api/rooms/{session_id}/reserve", responses=problems(SignInRequired, NotFound))
async def unreserve(session_id: UUID, tx: InTx, caller: Caller) -> Reserved:
    """Takes the reservation back."""
    count = await rooms.reserve(tx, caller, session_id, wanted=False)
    return Reserved(reserved=False, reservations=count)


_SPEAK = problems(SignInRequired, NotFound, InvalidFields, Muted, Banned, NotOnAir, SlowMode, Busy)


async def say(
    session_id: UUID,
    asked: WordsIn,
    caller: Caller,
    database: WithDatabase,
    voices: Voices,
    once: AskedOnce,
    response: Response,
) -> wire.ChatLine:
    """Says something; answered once it is on record."""
    line, before = await talk.say(database, voices, caller, session_id, asked.text, once)
    if before:
        response.headers.update(REPLAYED)
    return line


# A line and its kept answer are one transaction, the lane's; the request's own would be a second.
routes.add_api_route(
    "/api/rooms/{session_id}/chat",
    say,
    methods=["POST"],
    status_code=talk.ANSWERED,
    responses=_SPEAK,
    route_class_override=Unkept,
)


@routes.post("/api/rooms/{session_id}/questions", status_code=201, responses=_SPEAK)
async def ask(session_id: UUID, asked: WordsIn, tx: InTx, caller: Caller) -> wire.Question:
    """Asks the host."""
    return await talk.ask(tx, caller, session_id, asked.text)


@routes.post("/api/rooms/{session_id}/questions/{question_id}/vote", responses=_SPEAK)
async def vote(session_id: UUID, question_id: UUID, tx: InTx, caller: Caller) -> wire.Question:
    """Wants a question answered, too."""
    return await talk.vote(tx, caller, session_id, question_id)


@routes.post(
    "/api/rooms/{session_id}/likes",
    status_code=202,
    responses=problems(NotFound, NotOnAir, TooManyRequests),
)
async def like(
    session_id: UUID,
    asked: LikesIn,
    request: Request,
    tx: InTx,
    bus: WithBus,
    database: WithDatabase,
) -> Response:
    """Adds likes; needs no sign-in."""
    visitor = str(request.scope.get("visitor", "nobody"))
    key = f"{session_id}:{_address(request)}"
    await limits.spend(database, "live.likes.address", key, LIKES_PER_ADDRESS, asked.n)
    await limits.spend(database, "live.likes", f"{session_id}:{visitor}", LIKES_PER, asked.n)
    row = await rooms.public_session(tx, session_id)
    if row.state not in ON_AIR:
        raise NotOnAir()
    total = await figures_sql.note_likes(tx, session_id, asked.n)
    await bus.publish(f"room.{session_id}.st", b'{"likes":%d}' % (total or 0))
    return Response(status_code=202)
