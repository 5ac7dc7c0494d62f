"""When reports of problems with a lot pile up, its shop is asked whether to hold it.

Nothing is held without a person's saying so. Who says "not now" says why; the shop is asked again
when BOXES_FROM more boxes have been reported.
"""

from uuid import UUID

from msgspec import Struct

from tiantou.accounts.face import notify_org
from tiantou.core import audit
from tiantou.core.db import Tx
from tiantou.core.problems import NotFound
from tiantou.core.subject import MANAGER, OWNER, STATION, Subject
from tiantou.kit import clock, ids
from tiantou.trust import passports_sql as sql
from tiantou.trust.passports_sql import Declined, LotRate

KIND = "lot-reported"
# at least so many boxes, so many of a thousand, and so many times what is usual for the pack
BOXES_FROM, PERMILLE_FROM, TIMES_USUAL = 5, 20, 3


class Proposal(Struct, frozen=True, kw_only=True):
    """Whether a lot should be held, by which rate, and what was said the last time."""

    proposed: bool
    rate: LotRate
    declined: Declined | None


async def look(tx: Tx, org_id: UUID, lot_id: UUID) -> bool:
    """After a report: tells the shop once a lot, if the lot stands out; says whether it does."""
    rate = await sql.rate_of(tx, lot_id)
    if rate is None or not _stands_out(rate):
        return False
    members: dict[str, object] = {
        "lot_id": str(lot_id),
        "lot_code": rate.lot_code,
        "boxes_reported": rate.boxes_reported,
        "boxes": rate.boxes,
        "permille": rate.permille,
        "usual_permille": rate.usual_permille,
    }
    roles = (OWNER, MANAGER, STATION)
    await notify_org(tx, org_id, roles, KIND, members, dedupe=f"{KIND}:{lot_id}")
    return True


async def proposal(tx: Tx, lot_id: UUID) -> Proposal:
    """How a lot of boxes stands. Raises NotFound if it has none."""
    rate = await sql.rate_of(tx, lot_id)
    if rate is None:
        raise NotFound()
    said = await sql.last_declined(tx, lot_id)
    more = said is None or rate.boxes_reported >= said.boxes_reported + BOXES_FROM
    return Proposal(proposed=more and _stands_out(rate), rate=rate, declined=said)


async def decline(tx: Tx, who: Subject, org_id: UUID, lot_id: UUID, why: str) -> Proposal:
    """The lot is not held now, and why is on record. Raises NotFound if it has no boxes."""
    boxes = (await proposal(tx, lot_id)).rate.boxes_reported
    at = clock.now()
    await sql.add_declined(tx, ids.uuid7(), org_id, lot_id, boxes, why, who.person_id, at)
    after = {"why": why, "boxes_reported": boxes}
    await audit.write(tx, who, "trust.not-held", f"lot:{lot_id}", None, after)
    return await proposal(tx, lot_id)


def _stands_out(rate: LotRate) -> bool:
    if rate.state != "open" or rate.boxes_reported < BOXES_FROM:
        return False
    return rate.permille >= max(PERMILLE_FROM, TIMES_USUAL * rate.usual_permille)
