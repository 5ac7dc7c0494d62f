"""When reports of problems with a lot pile up, its shop is asked whether to hold it.

Nothing is held without a person's saying so.
"""

from uuid import UUID

from tiantou.accounts.face import notify_org
from tiantou.core.db import Tx
from tiantou.core.subject import MANAGER, OWNER, STATION
from tiantou.trust import passports_sql as sql

KIND = "lot-reported"
# at least so many boxes, so many of a thousand, and so many times what is usual for the pack
BOXES_FROM, PERMILLE_FROM, TIMES_USUAL = 5, 20, 3


async def look(tx: Tx, org_id: UUID, lot_id: UUID) -> bool:
    """After a report: tells the shop once a lot, if the lot stands out; says whether it does."""
    rate = await sql.rate_of(tx, lot_id)
    if rate is None or rate.state != "open" or rate.boxes_reported < BOXES_FROM:
        return False
    if rate.permille < max(PERMILLE_FROM, TIMES_USUAL * rate.usual_permille):
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
