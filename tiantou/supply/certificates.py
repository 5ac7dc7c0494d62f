"""承诺达标合格证: one per lot, a new one when goods are mixed or weighed again; none is deleted."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from tiantou.accounts import face as accounts
from tiantou.core.db import Tx
from tiantou.core.problems import NotFound
from tiantou.kit import ids
from tiantou.regions import face as regions
from tiantou.supply import certificates_sql as sql
from tiantou.supply.views import CertificateView, HouseholdView, LotView, PlotView

# From the weakest ground to the strongest: a mix stands on the weakest of its parts.
BASES = ("control", "self_test", "lab")
COMMITMENTS = ("no_banned_substances", "residues_within_limits", "truthful")


class Paper(Struct, frozen=True, kw_only=True):
    """What a certificate stands on and commits to: one of BASES, some of COMMITMENTS."""

    basis: str
    commitments: list[str]


class Issuer(Struct, frozen=True, kw_only=True):
    """Who commits, and how he is reached."""

    promiser: str
    contact: str


async def issue_for_harvest(
    tx: Tx,
    org_id: UUID,
    lot_id: UUID,
    paper: Paper,
    *,
    product: str,
    grams: int,
    place: HouseholdView | PlotView,
    at: datetime,
) -> None:
    """A harvest lot's certificate, committed to by the organization. Raises NotFound."""
    org = await accounts.org(tx, org_id)
    if org is None:
        raise NotFound()
    division = await regions.division(tx, place.division_code)
    origin = (division.full_name if division else "") + place.village
    issuer = Issuer(promiser=org.name, contact=f"{org.contact_name} {org.contact_phone}")
    await issue(tx, org_id, lot_id, issuer, paper, product, grams, origin, 1, at)


async def issue(
    tx: Tx,
    org_id: UUID,
    lot_id: UUID,
    issuer: Issuer,
    paper: Paper,
    product: str,
    grams: int,
    origin: str,
    roots: int,
    at: datetime,
) -> None:
    """A certificate for a lot, in place of its own one in force."""
    new_id = ids.uuid7()
    old_id = await sql.end_certificate(tx, lot_id, "replaced")
    await sql.add_certificate(
        tx,
        id=new_id,
        org_id=org_id,
        no=ids.draw(),
        lot_id=lot_id,
        state="valid",
        basis=paper.basis,
        commitments=paper.commitments,
        product=product,
        grams=grams,
        origin=origin,
        promiser=issuer.promiser,
        contact=issuer.contact,
        roots=roots,
        issued_at=at,
    )
    if old_id is not None:
        await sql.point_to(tx, old_id, new_id)


async def issue_again(tx: Tx, lot: LotView, grams: int, at: datetime) -> None:
    """The lot's own certificate for another quantity, if it has one."""
    now = (await sql.certificates_for(tx, [lot.id])).get(lot.id)
    if now is None or now.lot_id != lot.id:
        return
    issuer = Issuer(promiser=now.promiser, contact=now.contact)
    paper = Paper(basis=now.basis, commitments=now.commitments)
    await issue(
        tx, lot.org_id, lot.id, issuer, paper, now.product, grams, now.origin, now.roots, at
    )


async def issue_for_mix(
    tx: Tx, org_id: UUID, lot_id: UUID, parents: list[UUID], grams: int, at: datetime
) -> None:
    """A certificate for a mix: the weakest basis, what all commit to, every origin.

    None if a parent has none: nobody can commit to what came without a paper.
    """
    papers = await sql.certificates_for(tx, parents)
    if any(parent not in papers for parent in parents):
        return
    parts = [papers[parent] for parent in sorted(parents)]
    basis = min((part.basis for part in parts), key=BASES.index)
    shared = [word for word in COMMITMENTS if all(word in part.commitments for part in parts)]
    await issue(
        tx,
        org_id,
        lot_id,
        Issuer(promiser=parts[0].promiser, contact=parts[0].contact),
        Paper(basis=basis, commitments=shared),
        parts[0].product,
        grams,
        _together(parts),
        sum(part.roots for part in parts),
        at,
    )


def _together(parts: list[CertificateView]) -> str:
    return "、".join(dict.fromkeys(part.origin for part in parts))
