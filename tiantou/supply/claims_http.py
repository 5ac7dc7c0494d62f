"""Routes of scheme certificates and yield ceilings; what packs bear is set by trust's routes."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from tiantou.accounts import face as accounts
from tiantou.catalog import face as catalog
from tiantou.catalog.face import Variety
from tiantou.core import audit
from tiantou.core.db import Tx
from tiantou.core.fields import CLEAN, id_in
from tiantou.core.http import Caller, Cursor, InTx, Limit, Operator, problems, router
from tiantou.core.problems import (
    AlreadyThere,
    InvalidFields,
    NotAllowed,
    NotFound,
    SignInRequired,
    WrongStep,
)
from tiantou.core.subject import MANAGER
from tiantou.kit import clock, paging
from tiantou.supply.claims import claims_sql, schemes
from tiantou.supply.claims.claims_sql import SchemeView
from tiantou.supply.claims.schemes import CERTIFIED_G_MAX, PLOTS_MAX, SchemeIn
from tiantou.supply.http import MINE, SCALE
from tiantou.supply.lifecycle import SCHEME
from tiantou.supply.wire import FromView

routes = router("supply")

_NEW = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, AlreadyThere)
_DESK = problems(SignInRequired, NotAllowed, InvalidFields)
_ACT = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, WrongStep)

No = Annotated[str, Field(min_length=1, max_length=60), CLEAN]
Words = Annotated[str, Field(min_length=1, max_length=120), CLEAN]


class SchemeAsked(BaseModel):
    """A certificate as entered: grams of a variety, harvested from plots within a term."""

    scheme: Literal["organic", "origin", "gi"]
    no: No
    issuer: Words
    variety_id: UUID
    certified_g: int = Field(ge=1, le=CERTIFIED_G_MAX)
    valid_from: date
    valid_until: date
    plots: list[UUID] = Field(min_length=1, max_length=PLOTS_MAX)
    photo: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None


class Scheme(BaseModel):
    """A certificate of a scheme, over so many plots.

    `state`: submitted, verified, refused, revoked, ended.
    """

    id: UUID
    org_id: UUID
    org_name: str
    scheme: str
    no: str
    issuer: str
    variety_id: UUID
    variety: Variety
    plots: int
    certified_g: int
    valid_from: date
    valid_until: date
    photo: str | None
    state: str
    note: str
    made_at: datetime


class Schemes(BaseModel):
    """A page of certificates."""

    items: list[Scheme]
    next: str | None


class SchemeNote(BaseModel):
    """What the operator found."""

    note: Annotated[str, Field(min_length=1, max_length=200), CLEAN]


class CeilingAsked(BaseModel):
    """The most that a mu bears in 365 days, in grams, and who says so."""

    g_per_mu: int = Field(ge=1, le=100_000_000)
    source: Words


class Ceiling(FromView):
    """A variety's ceiling."""

    variety_id: UUID
    g_per_mu: int
    source: str
    set_at: datetime


class Ceilings(BaseModel):
    """Every ceiling."""

    items: list[Ceiling]


@routes.get("/api/orgs/{org}/scheme-certificates", responses=MINE)
async def list_schemes(
    org: UUID, tx: InTx, caller: Caller, cursor: Cursor = None, limit: Limit = paging.LIMIT_DEFAULT
) -> Schemes:
    """The organization's certificates, newest first."""
    caller.must(org, *SCALE)
    found = await claims_sql.schemes(tx, org, list(SCHEME.states), limit + 1, id_in(cursor))
    more = paging.pack(str(found[limit - 1].id)) if len(found) > limit else None
    return Schemes(items=await _schemes(tx, found[:limit]), next=more)


@routes.post("/api/orgs/{org}/scheme-certificates", status_code=201, responses=_NEW)
async def add_scheme(org: UUID, asked: SchemeAsked, tx: InTx, caller: Caller) -> Scheme:
    """A certificate that the operator has to verify before a pack may bear it."""
    caller.must(org, MANAGER)
    made = await schemes.submit(tx, caller, org, SchemeIn(**asked.model_dump()))
    return (await _schemes(tx, [made]))[0]


@routes.get("/api/desk/scheme-certificates", responses=_DESK)
async def review_schemes(
    tx: InTx,
    _: Operator,
    state: Annotated[Literal["submitted", "verified"], Query()] = "submitted",
    cursor: Cursor = None,
    limit: Limit = paging.LIMIT_DEFAULT,
) -> Schemes:
    """Certificates of all organizations that wait, or that are in force."""
    found = await claims_sql.schemes(tx, None, [state], limit + 1, id_in(cursor))
    more = paging.pack(str(found[limit - 1].id)) if len(found) > limit else None
    return Schemes(items=await _schemes(tx, found[:limit]), next=more)


@routes.post("/api/desk/scheme-certificates/{certificate_id}/verify", responses=_ACT)
async def verify_scheme(
    certificate_id: UUID, asked: SchemeNote, tx: InTx, operator: Operator
) -> Scheme:
    """The operator saw the paper."""
    done = await schemes.step(tx, operator, certificate_id, "verify", asked.note)
    return (await _schemes(tx, [done]))[0]


@routes.post("/api/desk/scheme-certificates/{certificate_id}/refuse", responses=_ACT)
async def refuse_scheme(
    certificate_id: UUID, asked: SchemeNote, tx: InTx, operator: Operator
) -> Scheme:
    """The paper does not hold."""
    done = await schemes.step(tx, operator, certificate_id, "refuse", asked.note)
    return (await _schemes(tx, [done]))[0]


@routes.get("/api/desk/yield-ceilings", responses=_DESK)
async def list_ceilings(tx: InTx, _: Operator) -> Ceilings:
    """What a mu of each variety may bear; a lot above it is held for review."""
    found = await claims_sql.ceilings(tx)
    return Ceilings(items=[Ceiling.model_validate(one) for one in found])


@routes.put("/api/desk/yield-ceilings/{variety_id}", responses=_ACT)
async def set_ceiling(
    variety_id: UUID, asked: CeilingAsked, tx: InTx, operator: Operator
) -> Ceiling:
    """The ceiling of a variety from now on; lots weighed in before stay as they are."""
    if await catalog.variety(tx, variety_id) is None:
        raise NotFound()
    values = {"g_per_mu": asked.g_per_mu, "source": asked.source}
    await claims_sql.set_ceiling(
        tx, variety_id=variety_id, set_by=operator.person_id, set_at=clock.now(), **values
    )
    await audit.write(tx, operator, "supply.ceiling", f"variety:{variety_id}", None, values)
    found = await claims_sql.ceilings(tx)
    return Ceiling.model_validate(next(one for one in found if one.variety_id == variety_id))


async def _schemes(tx: Tx, found: list[SchemeView]) -> list[Scheme]:
    orgs = await accounts.orgs(tx, {one.org_id for one in found})
    kinds = await catalog.varieties(tx, {one.variety_id for one in found})
    plots = await claims_sql.plots_counted(tx, [one.id for one in found])
    return [
        Scheme(
            **{name: getattr(one, name) for name in SchemeView.__struct_fields__},
            org_name=orgs[one.org_id].name if one.org_id in orgs else "",
            variety=Variety.model_validate(kinds[one.variety_id]),
            plots=plots.get(one.id, 0),
        )
        for one in found
    ]
