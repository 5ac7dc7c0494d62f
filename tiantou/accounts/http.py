"""Routes of signing in and of one's own things: nickname, inbox, data."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from tiantou.accounts import codes, messages_sql, orgs_sql, own_data, people_sql, phones, sign_in
from tiantou.accounts.ports import Sms
from tiantou.accounts.problems import CodeExpired, LastOwner, LinkSpent, SmsNotSent, WrongCode
from tiantou.accounts.session_http import hand_over, take_away
from tiantou.accounts.views import nickname_of
from tiantou.accounts.wire import CodeSent, Inbox, Me, Membership, Message, Person
from tiantou.core.db import Tx
from tiantou.core.http import (
    Caller,
    Cursor,
    InTx,
    Limit,
    MaybeCaller,
    WithDatabase,
    WithKeys,
    asks,
    problems,
    router,
)
from tiantou.core.keys import Keys
from tiantou.core.problems import InvalidFields, NotFound, SignInRequired, TooManyRequests
from tiantou.core.subject import Subject
from tiantou.core.words import Line
from tiantou.kit import clock, paging

routes = router("accounts")

WithSms = Annotated[Sms, asks(Sms)]


class PhoneIn(BaseModel):
    """Where the code goes."""

    phone: str = Field(max_length=30)


class CodeIn(BaseModel):
    """The code that came."""

    phone: str = Field(max_length=30)
    code: str = Field(pattern=r"^\d{6}$")


class LinkIn(BaseModel):
    """The token of a one-time link."""

    token: str = Field(min_length=10, max_length=100)


class NicknameIn(BaseModel):
    """The name that others see."""

    nickname: Line = Field(min_length=1, max_length=20)


class ReadIn(BaseModel):
    """The newest message that was seen."""

    up_to: UUID


def _from(request: Request) -> str:
    return str(request.scope.get("client_ip") or "unknown")


async def _me(request: Request, tx: Tx, keys: Keys, caller: Subject | None) -> Me:
    state = request.app.state
    me: dict[str, Any] = {"mode": state.mode, "role": state.role, "now": clock.now()}
    row = None if caller is None else await people_sql.row_of(tx, caller.person_id)
    if row is None:
        return Me(person=None, operator=False, memberships=[], unread=0, **me)
    return Me(
        person=Person(
            id=row.id,
            no=row.no,
            nickname=nickname_of(row.nickname, row.no),
            phone_masked=phones.masked(keys, row.phone),
        ),
        operator=row.operator,
        memberships=[
            Membership.model_validate(
                {
                    "org_id": org.id,
                    "org_name": org.name,
                    "org_kind": org.kind,
                    "org_state": org.state,
                    "role": role,
                }
            )
            for org, role in await orgs_sql.of_person(tx, row.id)
        ],
        unread=await messages_sql.unread(tx, row.id),
        **me,
    )


@routes.post(
    "/api/auth/code",
    status_code=202,
    responses=problems(InvalidFields, TooManyRequests, SmsNotSent),
)
async def ask_code(
    said: PhoneIn, request: Request, database: WithDatabase, keys: WithKeys, sms: WithSms
) -> CodeSent:
    """Sends a code of six digits by SMS; the same for known and unknown numbers."""
    phone = phones.read("phone", said.phone)
    await codes.send_code(database, keys, sms, phone, _from(request))
    return CodeSent(
        resend_after_s=int(codes.PAUSE.total_seconds()),
        expires_in_s=int(codes.LIFE.total_seconds()),
    )


@routes.post(
    "/api/auth/sign-in",
    responses=problems(InvalidFields, WrongCode, CodeExpired, TooManyRequests),
)
async def sign_in_by_code(
    said: CodeIn,
    request: Request,
    response: Response,
    tx: InTx,
    database: WithDatabase,
    keys: WithKeys,
) -> Me:
    """Signs in, for the first time too; sets the session's cookie."""
    phone = phones.read("phone", said.phone)
    subject, token = await sign_in.by_code(database, tx, keys, phone, said.code, _from(request))
    hand_over(request, response, token)
    return await _me(request, tx, keys, subject)


@routes.post("/api/auth/link", responses=problems(InvalidFields, LinkSpent, TooManyRequests))
async def sign_in_by_link(
    said: LinkIn,
    request: Request,
    response: Response,
    tx: InTx,
    database: WithDatabase,
    keys: WithKeys,
) -> Me:
    """Signs in by a one-time link; sets the session's cookie."""
    await codes.count_try(database, _from(request))
    subject, token = await sign_in.by_link(tx, keys, said.token)
    hand_over(request, response, token)
    return await _me(request, tx, keys, subject)


@routes.post("/api/auth/sign-out", status_code=204)
async def sign_out(request: Request, response: Response, tx: InTx, caller: MaybeCaller) -> None:
    """Ends the session everywhere; fine for nobody too."""
    if caller is not None:
        await sign_in.sign_out(tx, caller)
    take_away(request, response)


@routes.get("/api/me")
async def me(
    request: Request, response: Response, tx: InTx, keys: WithKeys, caller: MaybeCaller
) -> Me:
    """Who asks, as the rows say now."""
    response.headers["Cache-Control"] = "no-store"
    return await _me(request, tx, keys, caller)


@routes.patch("/api/me", responses=problems(InvalidFields, SignInRequired))
async def change_me(
    said: NicknameIn, request: Request, tx: InTx, keys: WithKeys, caller: Caller
) -> Me:
    """Changes the nickname."""
    row = await people_sql.row_of(tx, caller.person_id)
    if row is None:
        raise NotFound()
    row.nickname = said.nickname
    await tx.flush()
    return await _me(request, tx, keys, caller)


@routes.get("/api/me/inbox", responses=problems(InvalidFields, SignInRequired))
async def inbox(
    tx: InTx, caller: Caller, cursor: Cursor = None, limit: Limit = paging.LIMIT_DEFAULT
) -> Inbox:
    """One's messages, the newest first."""
    try:
        before = UUID(str(paging.unpack(cursor, 1)[0])) if cursor else None
    except ValueError:
        raise InvalidFields.one("cursor", "cursor") from None
    found = await messages_sql.page(tx, caller.person_id, before, limit + 1)
    more = paging.pack(found[limit - 1].id) if len(found) > limit else None
    return Inbox(items=[Message.model_validate(one) for one in found[:limit]], next=more)


@routes.post("/api/me/inbox/read", status_code=204, responses=problems(SignInRequired))
async def read(said: ReadIn, tx: InTx, caller: Caller) -> None:
    """Marks a message and all older ones as read."""
    await messages_sql.read_up_to(tx, caller.person_id, said.up_to)


@routes.get("/api/me/data", responses=problems(SignInRequired))
async def own_copy(response: Response, tx: InTx, keys: WithKeys, caller: Caller) -> dict[str, Any]:
    """A copy of what is kept of the person here."""
    response.headers["Cache-Control"] = "no-store"
    return await own_data.copy(tx, keys, caller.person_id)


@routes.post("/api/me/erase", status_code=204, responses=problems(SignInRequired, LastOwner))
async def erase(request: Request, response: Response, tx: InTx, caller: Caller) -> None:
    """Takes away what names the person, for good, and signs him out."""
    await own_data.erase(tx, await sign_in.fresh(tx, caller))
    take_away(request, response)
