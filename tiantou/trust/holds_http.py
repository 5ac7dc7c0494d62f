"""Routes of the question whether to hold a lot that many report problems with."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from tiantou.accounts import face as accounts
from tiantou.core.db import Tx
from tiantou.core.fields import CLEAN
from tiantou.core.http import Caller, InTx, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired
from tiantou.core.subject import MANAGER, PACKER, STATION
from tiantou.supply import face as supply
from tiantou.trust import alarms

routes = router("trust")

MINE = problems(SignInRequired, NotAllowed, NotFound, InvalidFields)


class DeclinedHold(BaseModel):
    """Who did not hold the lot and why, after so many of its boxes had been reported."""

    by: str
    why: str
    boxes_reported: int
    at: datetime


class HoldProposal(BaseModel):
    """Whether to hold a packed lot; `usual_permille`: of the other lots of its pack."""

    lot_id: UUID
    lot_code: str
    state: str
    proposed: bool
    boxes_reported: int
    boxes: int
    permille: int
    usual_permille: int
    declined: DeclinedHold | None


class NotHeldAsked(BaseModel):
    """Why the lot is not held now."""

    reason: Annotated[str, Field(min_length=2, max_length=200), CLEAN]


@routes.get("/api/orgs/{org}/lots/{lot_id}/hold-proposal", responses=MINE)
async def show_hold_proposal(org: UUID, lot_id: UUID, tx: InTx, caller: Caller) -> HoldProposal:
    """Whether a lot of boxes stands out by what was reported of it, and what was said to that."""
    caller.must(org, MANAGER, STATION, PACKER)
    await _own(tx, org, lot_id)
    return await _shown(tx, lot_id, await alarms.proposal(tx, lot_id))


@routes.post("/api/orgs/{org}/lots/{lot_id}/hold-proposal/decline", responses=MINE)
async def decline_hold(
    org: UUID, lot_id: UUID, asked: NotHeldAsked, tx: InTx, caller: Caller
) -> HoldProposal:
    """Not now: the shop is asked again when five more boxes have been reported."""
    caller.must(org, MANAGER, STATION)
    await _own(tx, org, lot_id)
    return await _shown(tx, lot_id, await alarms.decline(tx, caller, org, lot_id, asked.reason))


async def _own(tx: Tx, org: UUID, lot_id: UUID) -> None:
    if await supply.lot(tx, org, lot_id) is None:
        raise NotFound()


async def _shown(tx: Tx, lot_id: UUID, one: alarms.Proposal) -> HoldProposal:
    said, rate = one.declined, one.rate
    declined = None
    if said is not None:
        people = await accounts.people(tx, {said.by_person})
        by = people[said.by_person].nickname if said.by_person in people else ""
        declined = DeclinedHold(by=by, why=said.why, boxes_reported=said.boxes_reported, at=said.at)
    return HoldProposal(
        lot_id=lot_id,
        lot_code=rate.lot_code,
        state=rate.state,
        proposed=one.proposed,
        boxes_reported=rate.boxes_reported,
        boxes=rate.boxes,
        permille=rate.permille,
        usual_permille=rate.usual_permille,
        declined=declined,
    )
