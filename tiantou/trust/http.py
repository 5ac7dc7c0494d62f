"""Routes of traces and of the claims that packs bear on sale."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from tiantou.core.db import Tx
from tiantou.core.fields import CLEAN
from tiantou.core.http import Caller, InTx, Operator, problems, router
from tiantou.core.problems import (
    AlreadyThere,
    InvalidFields,
    NotAllowed,
    NotFound,
    SignInRequired,
    WrongStep,
)
from tiantou.core.subject import MANAGER, PACKER, STATION
from tiantou.supply import face as supply
from tiantou.supply.face import (
    CertificateNotInForce,
    ClaimView,
    GradeDiffers,
    LotRoot,
    RootNotCovered,
)
from tiantou.trade import face as trade
from tiantou.trade.face import FlashRunning, LineView
from tiantou.trust import claims, trace
from tiantou.trust.views import Backward

routes = router("trust")

READERS = (MANAGER, STATION, PACKER)
SHOWN_MAX = 1_000
READ = problems(SignInRequired, NotAllowed, NotFound, InvalidFields)
_BEAR = problems(
    SignInRequired,
    NotAllowed,
    NotFound,
    InvalidFields,
    AlreadyThere,
    CertificateNotInForce,
    FlashRunning,
    GradeDiffers,
    RootNotCovered,
)
_GIVE_UP = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, FlashRunning)
_REVOKE = problems(SignInRequired, NotAllowed, NotFound, InvalidFields, WrongStep)

Note = Annotated[str, Field(min_length=1, max_length=200), CLEAN]


class TracedLine(BaseModel):
    """Boxes of a lot in an order line."""

    order_id: UUID
    number: str
    channel: str
    state: str
    line_no: int
    lot_id: UUID
    lot_code: str
    boxes: int
    picked_at: datetime

    @classmethod
    def of(cls, one: LineView) -> "TracedLine":
        """The line as shown: nothing of the buyer."""
        names = (name for name in cls.model_fields if name != "picked_at")
        said = {name: getattr(one, name) for name in names}
        return cls(picked_at=one.picked_at, **said)


class Forward(BaseModel):
    """What was made of a lot and which orders it went to; the first SHOWN_MAX lines of `total`."""

    lots: list[UUID]
    lines: list[TracedLine]
    total: int
    orders: int
    boxes: int
    cut: bool


class Origin(BaseModel):
    """Where boxes come from."""

    lots: list[UUID]
    roots: list[LotRoot]


class Claim(BaseModel):
    """A claim that a pack bears. `left_g`: what may still be sold under its certificate."""

    pack_id: UUID
    claim: str
    certificate_id: UUID | None
    certificate_no: str | None
    issuer: str | None
    valid_until: date | None
    made_at: datetime
    left_g: int | None
    taken_g: int | None


class Claims(BaseModel):
    """Every claim in force of an organization."""

    items: list[Claim]


class ClaimAsked(BaseModel):
    """Under which certificate a pack is sold; without one: as of a listed county."""

    certificate_id: UUID | None = None


class RevokeAsked(BaseModel):
    """Why."""

    note: Note


@routes.get("/api/orgs/{org}/lots/{lot_id}/orders", responses=READ)
async def lot_orders(org: UUID, lot_id: UUID, tx: InTx, caller: Caller) -> Forward:
    """Forward: what was made of a lot, and the orders that its boxes went to."""
    caller.must(org, *READERS)
    if await supply.lot(tx, org, lot_id) is None:
        raise NotFound()
    found = await trace.forward(tx, [lot_id])
    return Forward(
        lots=found.lots,
        lines=[TracedLine.of(one) for one in found.lines[:SHOWN_MAX]],
        total=len(found.lines),
        orders=len({one.order_id for one in found.lines}),
        boxes=sum(one.boxes for one in found.lines),
        cut=found.cut,
    )


@routes.get("/api/orgs/{org}/orders/{order}/origin", responses=READ)
async def order_origin(org: UUID, order: UUID, tx: InTx, caller: Caller) -> Origin:
    """Backward: the households and plots in an order's boxes; empty before it is packed."""
    caller.must(org, *READERS)
    return await _origin(tx, await trace.of_order(tx, org, order))


@routes.get("/api/orgs/{org}/boxes/{code}/origin", responses=READ)
async def box_origin(org: UUID, code: str, tx: InTx, caller: Caller) -> Origin:
    """Backward: the households and plots in a box, by the code of its label."""
    caller.must(org, *READERS)
    return await _origin(tx, await trace.of_box(tx, org, code))


@routes.get("/api/orgs/{org}/claims", responses=READ)
async def list_claims(
    org: UUID, tx: InTx, caller: Caller, pack: Annotated[UUID | None, Query()] = None
) -> Claims:
    """The claims that packs bear, with what is left of their certificates."""
    caller.must(org, *READERS)
    found = await supply.claims_of(tx, org, None if pack is None else [pack])
    return Claims(items=await _claims(tx, org, found))


@routes.post("/api/orgs/{org}/packs/{pack_id}/claims", status_code=201, responses=_BEAR)
async def bear_claim(
    org: UUID, pack_id: UUID, asked: ClaimAsked, tx: InTx, caller: Caller
) -> Claim:
    """The pack is sold under a certificate from now on, or as of a listed county.

    Its standing offer ends and begins again, drawing on the certified grams.
    """
    caller.must(org, MANAGER)
    made = await claims.bear(tx, caller, org, pack_id, asked.certificate_id)
    return (await _claims(tx, org, [made]))[0]


@routes.delete("/api/orgs/{org}/packs/{pack_id}/claims/{claim}", responses=_GIVE_UP)
async def give_up_claim(org: UUID, pack_id: UUID, claim: str, tx: InTx, caller: Caller) -> Claims:
    """The pack bears the claim no more; the claims that it still bears."""
    caller.must(org, MANAGER)
    await claims.give_up(tx, caller, org, pack_id, claim)
    return Claims(items=await _claims(tx, org, await supply.claims_of(tx, org, [pack_id])))


@routes.post("/api/desk/scheme-certificates/{certificate_id}/revoke", responses=_REVOKE)
async def revoke_scheme(
    certificate_id: UUID, asked: RevokeAsked, tx: InTx, operator: Operator
) -> Claims:
    """The certificate counts no more, no pack bears it; what its organization still claims."""
    done = await claims.revoke(tx, operator, certificate_id, asked.note)
    still = await supply.claims_of(tx, done.org_id, None)
    return Claims(items=await _claims(tx, done.org_id, still))


async def _origin(tx: Tx, found: Backward) -> Origin:
    return Origin(lots=found.lots, roots=await supply.roots_out(tx, found.roots))


async def _claims(tx: Tx, org: UUID, found: list[ClaimView]) -> list[Claim]:
    papers = [one.certificate_id for one in found if one.certificate_id]
    left = await trade.certified_of(tx, org, papers)
    made = []
    for one in found:
        grams = left.get(one.certificate_id) if one.certificate_id else None
        made.append(
            Claim(
                pack_id=one.pack_id,
                claim=one.claim,
                certificate_id=one.certificate_id,
                certificate_no=one.certificate_no,
                issuer=one.issuer,
                valid_until=one.valid_until,
                made_at=one.made_at,
                left_g=grams.left_g if grams else None,
                taken_g=grams.taken_g if grams else None,
            )
        )
    return made
