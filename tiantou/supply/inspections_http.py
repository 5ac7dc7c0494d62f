"""Routes of inspections: what was tested of a lot."""

from uuid import UUID

from tiantou.core.fields import id_in
from tiantou.core.http import Caller, Cursor, InTx, Limit, WithFiles, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired
from tiantou.kit import paging
from tiantou.supply import inspections, lots_sql
from tiantou.supply.http import MINE, READERS, SCALE
from tiantou.supply.inspecting import inspections_sql
from tiantou.supply.inspections_wire import (
    Inspection,
    InspectionAsked,
    Inspections,
    inspections_out,
)

routes = router("supply")

_ADD = problems(SignInRequired, NotAllowed, NotFound, InvalidFields)


@routes.get("/api/orgs/{org}/lots/{lot_id}/inspections", responses=MINE)
async def list_inspections(
    org: UUID,
    lot_id: UUID,
    tx: InTx,
    caller: Caller,
    cursor: Cursor = None,
    limit: Limit = paging.LIMIT_DEFAULT,
) -> Inspections:
    """What was tested of a lot, newest first."""
    caller.must(org, *READERS)
    if await lots_sql.lot(tx, org, lot_id) is None:
        raise NotFound()
    found = await inspections_sql.of_lots(tx, [lot_id], limit + 1, id_in(cursor))
    more = paging.pack(str(found[limit - 1].id)) if len(found) > limit else None
    return Inspections(items=await inspections_out(tx, found[:limit]), next=more)


@routes.post("/api/orgs/{org}/lots/{lot_id}/inspections", status_code=201, responses=_ADD)
async def add_inspection(
    org: UUID, lot_id: UUID, asked: InspectionAsked, tx: InTx, caller: Caller, files: WithFiles
) -> Inspection:
    """A test of a lot; a laboratory's that failed holds it and all that was made of it."""
    caller.must(org, *SCALE)
    if asked.report is not None and not await files.known(tx, asked.report):
        raise InvalidFields.one("report", "unknown")
    made = await inspections.inspect(tx, caller, org, lot_id, asked.said())
    return (await inspections_out(tx, [made]))[0]
