"""Routes of organizations and their members, and the operator's desk for them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from pydantic import BaseModel, Field

from tiantou.accounts import orgs, orgs_sql, sessions, sessions_sql, sign_in
from tiantou.accounts.phones import read as read_phone
from tiantou.accounts.problems import LastOwner, TooMany
from tiantou.accounts.wire import Kind, Member, Members, Org, Orgs, Role, State
from tiantou.core import limits
from tiantou.core.http import (
    Caller,
    Cursor,
    InTx,
    Limit,
    Operator,
    WithDatabase,
    WithKeys,
    problems,
    router,
)
from tiantou.core.problems import (
    AlreadyThere,
    InvalidFields,
    NotAllowed,
    NotFound,
    SignInRequired,
    TooManyRequests,
    WrongStep,
)
from tiantou.core.subject import MANAGER, OWNER
from tiantou.core.words import Line
from tiantou.kit import paging

routes = router("accounts")

APPLICATIONS = ((20, 86_400),)
MEMBERS_NAMED = ((30, 3600), (100, 86_400))
CONTACT_PHONE = r"^[0-9+()\- ]{5,20}$"


class OrgIn(BaseModel):
    """What an organization says it is. The contact is a business contact and public."""

    kind: Kind
    name: Line = Field(min_length=2, max_length=60)
    registration_code: str | None = Field(default=None, max_length=30)
    division_code: str = Field(pattern=r"^\d{6}$")
    address: Line = Field(min_length=4, max_length=120)
    contact_name: Line = Field(min_length=1, max_length=30)
    contact_phone: str = Field(pattern=CONTACT_PHONE)


class OrgChange(BaseModel):
    """What changes; what is left out stays."""

    kind: Kind = "coop"
    name: Line = Field(default="", min_length=2, max_length=60)
    registration_code: str | None = Field(default=None, max_length=30)
    division_code: str = Field(default="", pattern=r"^\d{6}$")
    address: Line = Field(default="", min_length=4, max_length=120)
    contact_name: Line = Field(default="", min_length=1, max_length=30)
    contact_phone: str = Field(default="", pattern=CONTACT_PHONE)


class MemberIn(BaseModel):
    """Whom to give a role: the holder of a phone, who may come later."""

    phone: str = Field(max_length=30)
    role: Role


class RefusalIn(BaseModel):
    """Why; the owners read it."""

    reason: Line = Field(min_length=2, max_length=200)


class Nothing(BaseModel):
    """An empty body."""


@routes.post(
    "/api/orgs",
    status_code=201,
    responses=problems(InvalidFields, SignInRequired, AlreadyThere, TooMany, TooManyRequests),
)
async def apply(
    said: OrgIn, request: Request, tx: InTx, database: WithDatabase, keys: WithKeys, caller: Caller
) -> Org:
    """A new organization asks to be admitted; who asks becomes its owner."""
    await limits.spend(database, "org.apply", str(caller.person_id), APPLICATIONS)
    made = await orgs.apply(tx, caller.person_id, orgs.OrgIdentity(**said.model_dump()))
    again = await sessions_sql.reread(tx, caller.session_id)
    if again is not None:
        # the founder's next request must not depend on how fast the notice travels
        request.scope["session"].renew(sessions.seal(keys, *again))
    return Org.model_validate(made)


@routes.get("/api/orgs/{org_id}", responses=problems(SignInRequired, NotFound))
async def one(org_id: UUID, tx: InTx, caller: Caller) -> Org:
    """An organization, to its members and the operator."""
    if not caller.operator:
        caller.must(org_id)
    found = await orgs_sql.org(tx, org_id)
    if found is None:
        raise NotFound()
    return Org.model_validate(found)


@routes.patch(
    "/api/orgs/{org_id}",
    responses=problems(
        InvalidFields, SignInRequired, NotAllowed, NotFound, AlreadyThere, WrongStep
    ),
)
async def change(org_id: UUID, said: OrgChange, tx: InTx, caller: Caller) -> Org:
    """Owner or manager: a change of identity makes it applied again, until it is admitted anew."""
    caller.must(org_id, MANAGER)
    changes = said.model_dump(exclude_unset=True)
    return Org.model_validate(await orgs.change(tx, caller, org_id, changes))


@routes.get("/api/orgs/{org_id}/members", responses=problems(SignInRequired, NotAllowed, NotFound))
async def members(org_id: UUID, tx: InTx, keys: WithKeys, caller: Caller) -> Members:
    """Owner or manager: everybody's roles."""
    caller.must(org_id, MANAGER)
    found = await orgs.members(tx, keys, org_id)
    return Members(items=[Member.model_validate(member) for member in found])


@routes.post(
    "/api/orgs/{org_id}/members",
    status_code=201,
    responses=problems(
        InvalidFields, SignInRequired, NotAllowed, NotFound, TooMany, TooManyRequests
    ),
)
async def add_member(
    org_id: UUID,
    said: MemberIn,
    tx: InTx,
    database: WithDatabase,
    keys: WithKeys,
    caller: Caller,
) -> Member:
    """Owner: gives a role to the holder of a phone."""
    caller = await sign_in.fresh(tx, caller)
    caller.must(org_id, OWNER)
    # the answer names who holds the phone, so numbers cannot be tried at will
    await limits.spend(database, "org.member", str(caller.person_id), MEMBERS_NAMED)
    phone = read_phone("phone", said.phone)
    made = await orgs.add_member(tx, keys, caller, org_id, phone, said.role)
    return Member.model_validate(made)


@routes.delete(
    "/api/orgs/{org_id}/members/{person_id}/{role}",
    status_code=204,
    responses=problems(SignInRequired, NotAllowed, NotFound, LastOwner),
)
async def remove_member(
    org_id: UUID, person_id: UUID, role: Role, tx: InTx, caller: Caller
) -> None:
    """Owner: takes a role. Anybody may lay his own down."""
    caller = await sign_in.fresh(tx, caller)
    if person_id == caller.person_id:
        caller.must(org_id)
    else:
        caller.must(org_id, OWNER)
    await orgs.remove_member(tx, caller, org_id, person_id, role)


@routes.get("/api/desk/orgs", responses=problems(InvalidFields, SignInRequired, NotAllowed))
async def waiting(
    tx: InTx,
    _: Operator,
    state: Annotated[State | None, Query()] = "applied",
    cursor: Cursor = None,
    limit: Limit = paging.LIMIT_DEFAULT,
) -> Orgs:
    """Operator: organizations of a state, the longest waiting first."""
    try:
        after = paging.unpack(cursor, 2) if cursor else None
        last = (datetime.fromisoformat(str(after[0])), UUID(str(after[1]))) if after else None
    except ValueError:
        raise InvalidFields.one("cursor", "cursor") from None
    found = await orgs_sql.page(tx, state, last, limit + 1)
    shown = found[:limit]
    more = None
    if len(found) > limit:
        more = paging.pack(shown[-1].applied_at.isoformat(), shown[-1].id)
    return Orgs(items=[Org.model_validate(org) for org in shown], next=more)


@routes.post(
    "/api/desk/orgs/{org_id}/admit",
    responses=problems(SignInRequired, NotAllowed, NotFound, WrongStep, AlreadyThere),
)
async def admit(org_id: UUID, _: Nothing, tx: InTx, caller: Operator) -> Org:
    """Operator: the identity is verified, for six months from now."""
    caller = await sign_in.fresh_operator(tx, caller)
    return Org.model_validate(await orgs.admit(tx, caller, org_id))


@routes.post(
    "/api/desk/orgs/{org_id}/refuse",
    responses=problems(InvalidFields, SignInRequired, NotAllowed, NotFound, WrongStep),
)
async def refuse(org_id: UUID, said: RefusalIn, tx: InTx, caller: Operator) -> Org:
    """Operator: not admitted, with a reason."""
    caller = await sign_in.fresh_operator(tx, caller)
    return Org.model_validate(await orgs.refuse(tx, caller, org_id, said.reason))
