"""Routes beside certificates: the grams used and left of each, and roots in listed counties."""

from uuid import UUID

from pydantic import BaseModel

from tiantou.catalog import face as catalog
from tiantou.core.http import Caller, InTx, router
from tiantou.core.problems import NotFound
from tiantou.regions import face as regions
from tiantou.supply import face as supply
from tiantou.trade import face as trade
from tiantou.trust.http import READ, READERS

routes = router("trust")

ROOTS_MAX = 500


class Certified(BaseModel):
    """Grams sold under a certificate, and left of it."""

    certificate_id: UUID
    taken_g: int
    left_g: int


class AllCertified(BaseModel):
    """Every certificate that a pack ever bore."""

    items: list[Certified]


class ListedRoot(BaseModel):
    """A harvest in the boxes of a pack: its plot, and whether that lies in a listed county."""

    lot_code: str
    household: str | None
    plot: str | None
    village: str | None
    county: str | None
    grams_in: int
    listed: bool


class ListedRoots(BaseModel):
    """The harvests in what is packed of a pack; `all_listed` if it may claim a listed county."""

    roots: list[ListedRoot]
    all_listed: bool
    cut: bool


@routes.get("/api/orgs/{org}/certified", responses=READ)
async def list_certified(org: UUID, tx: InTx, caller: Caller) -> AllCertified:
    """What was sold under each certificate and what is left; equal to what orders drew."""
    caller.must(org, *READERS)
    found = await trade.certified_of(tx, org, await supply.scheme_ids(tx, org))
    return AllCertified(
        items=[
            Certified(certificate_id=one, taken_g=grams.taken_g, left_g=grams.left_g)
            for one, grams in sorted(found.items())
        ]
    )


@routes.get("/api/orgs/{org}/packs/{pack_id}/roots", responses=READ)
async def pack_roots(org: UUID, pack_id: UUID, tx: InTx, caller: Caller) -> ListedRoots:
    """Where all that is packed of a pack grew, and which of it in one of the 832 counties.

    A household's address is no plot: without a plot a harvest is not listed.
    """
    caller.must(org, *READERS)
    pack = await catalog.pack(tx, pack_id)
    if pack is None or pack.org_id != org:
        raise NotFound()
    packed = [one.lot_id for one in await supply.lots_for_pack(tx, org, pack_id)]
    roots = await supply.root_lots(tx, packed)
    codes = {one.division_code for one in roots if one.division_code}
    names = await regions.named(tx, codes)
    listed = {code for code in codes if await regions.in_832(tx, code)}
    shown = [
        ListedRoot(
            lot_code=one.code,
            household=one.household_name,
            plot=one.plot_name,
            village=one.village,
            county=names[one.division_code].full_name if one.division_code in names else None,
            grams_in=one.grams_in,
            listed=one.plot_id is not None and one.division_code in listed,
        )
        for one in roots
    ]
    return ListedRoots(
        roots=shown[:ROOTS_MAX],
        all_listed=bool(shown) and all(one.listed for one in shown),
        cut=len(shown) > ROOTS_MAX,
    )
