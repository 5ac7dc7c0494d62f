"""The claims that a pack bears: taken on if all that is packed is covered, and given up."""

from uuid import UUID

from tiantou.catalog import face as catalog
from tiantou.core.db import Tx
from tiantou.core.problems import AlreadyThere, InvalidFields, NotFound
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.supply import trace_sql
from tiantou.supply.claims import claims_sql as sql
from tiantou.supply.claims import covering, schemes
from tiantou.supply.claims.claims_sql import ClaimView
from tiantou.supply.problems import GradeDiffers

LISTED = "listed_county"


async def bear(
    tx: Tx, who: Subject, org_id: UUID, pack_id: UUID, certificate_id: UUID | None
) -> ClaimView:
    """The pack is sold under a certificate from now on, or (None) as of a listed county.

    Raises NotFound, InvalidFields (retired), AlreadyThere, GradeDiffers, CertificateNotInForce,
    RootNotCovered (of boxes that are packed already).
    """
    pack = await catalog.pack(tx, pack_id)
    if pack is None or pack.org_id != org_id:
        raise NotFound()
    if pack.retired:
        raise InvalidFields.one("pack_id", "retired")
    claim = LISTED
    if certificate_id is not None:
        paper = await schemes.own(tx, org_id, certificate_id, lock=True)
        schemes.in_force(paper)
        if paper.variety_id != pack.variety_id:
            raise GradeDiffers(
                lot={"variety_id": str(paper.variety_id)},
                pack={"variety_id": str(pack.variety_id), "grade": pack.grade},
            )
        claim = paper.scheme
    await sql.hold_pack(tx, pack_id)
    if any(one.claim == claim for one in await sql.claims_of(tx, org_id, [pack_id])):
        raise AlreadyThere(field="claim")
    await sql.add_claim(
        tx,
        id=ids.uuid7(),
        org_id=org_id,
        pack_id=pack_id,
        claim=claim,
        certificate_id=certificate_id,
        made_by=who.person_id,
        made_at=clock.now(),
    )
    made = await _one(tx, org_id, pack_id, claim)
    packed = await sql.packed_lots(tx, pack_id)
    if packed:
        await covering.check_roots(tx, made, await trace_sql.roots(tx, packed))
    return made


async def give_up(tx: Tx, org_id: UUID, pack_id: UUID, claim: str) -> ClaimView:
    """The pack bears the claim no more. Raises NotFound."""
    await sql.hold_pack(tx, pack_id)
    found = await _one(tx, org_id, pack_id, claim)
    await sql.end_claim(tx, found.id, clock.now())
    return found


async def _one(tx: Tx, org_id: UUID, pack_id: UUID, claim: str) -> ClaimView:
    for one in await sql.claims_of(tx, org_id, [pack_id]):
        if one.claim == claim:
            return one
    raise NotFound()
