"""Whether lots may go under the claims of a pack: every root counts."""

from collections.abc import Sequence
from datetime import timedelta, timezone
from uuid import UUID

from tiantou.core.db import Tx
from tiantou.regions import face as regions
from tiantou.supply import trace_sql
from tiantou.supply.claims import claims_sql as sql
from tiantou.supply.claims.claims_sql import ClaimView
from tiantou.supply.problems import RootNotCovered
from tiantou.supply.trace_sql import Root

_CHINA = timezone(timedelta(hours=8))
NAMED_MAX = 20


async def check(tx: Tx, org_id: UUID, pack_id: UUID, lots: Sequence[UUID]) -> None:
    """Every root of the lots is covered by every claim that the pack bears, until the commit.

    Raises RootNotCovered(claim, lots).
    """
    await sql.hold_pack(tx, pack_id)
    claims = await sql.claims_of(tx, org_id, [pack_id])
    if not claims:
        return
    roots = await trace_sql.roots(tx, lots)
    for claim in claims:
        await check_roots(tx, claim, roots)


async def check_roots(tx: Tx, claim: ClaimView, roots: Sequence[Root]) -> None:
    """Every root is covered by the claim. Raises RootNotCovered."""
    if claim.certificate_id is None:
        bare = [root for root in roots if not await _listed(tx, root)]
    else:
        plots = await sql.plots_of(tx, claim.certificate_id)
        paper = await sql.scheme(tx, claim.org_id, claim.certificate_id)
        assert paper is not None
        bare = [
            root
            for root in roots
            if root.plot_id not in plots
            or not paper.valid_from
            <= root.harvested_at.astimezone(_CHINA).date()
            <= paper.valid_until
        ]
    if bare:
        codes = [root.code for root in bare[:NAMED_MAX]]
        raise RootNotCovered(claim=claim.claim, lots=codes)


async def _listed(tx: Tx, root: Root) -> bool:
    """Whether the root's own plot lies in a listed county; a household's address is no plot."""
    if root.plot_id is None or root.division_code is None:
        return False
    return await regions.in_832(tx, root.division_code)
