"""What a sample may be drawn from: boxes that are still here, slips, lots; by code."""

from datetime import date
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from tiantou.core.db import Tx


class Member(Struct, frozen=True, kw_only=True):
    """One that may be drawn, and the lot that it is of."""

    code: str
    lot_id: UUID


_DAY = (
    " >= cast(:day as date)::timestamp at time zone 'Asia/Shanghai'"
    " and {at} < (cast(:day as date) + 1)::timestamp at time zone 'Asia/Shanghai'"
)


def _of_day(at: str) -> str:
    return at + _DAY.format(at=at)


_BOXES_OF_LOT = (
    "with recursive down(lot_id) as (select cast(:lot as uuid) union"
    " select e.child_id from down d join supply.lot_edge e on e.parent_id = d.lot_id)"
    " select b.code, b.lot_id from supply.box b join down on down.lot_id = b.lot_id"
    " where b.org_id = :org and b.ref is null"
)
_BOXES_OF_DAY = (
    "select b.code, b.lot_id from supply.box b join supply.lot l on l.id = b.lot_id"
    " join supply.run r on r.id = l.run_id"
    f" where b.org_id = :org and b.ref is null and {_of_day('r.at')}"
)
_SLIPS_OF_DAY = (
    "select s.code, l.id as lot_id from supply.slip s join supply.lot l on l.slip_id = s.id"
    f" where s.org_id = :org and s.state <> 'void' and {_of_day('s.at')}"
)
_LOTS_OF_DAY = (
    f"select l.code, l.id as lot_id from supply.lot l where l.org_id = :org"
    f" and {_of_day('l.made_at')}"
)
_WHAT = {"boxes": _BOXES_OF_DAY, "slips": _SLIPS_OF_DAY, "lots": _LOTS_OF_DAY}


async def population(
    tx: Tx, org_id: UUID, what: str, lot_id: UUID | None, day: date | None, limit: int
) -> list[Member]:
    """Boxes of a lot and of what was made of it; or boxes, slips or lots of a day; by code.

    A box that was scanned for somebody is not here any more. The day is of Asia/Shanghai.
    """
    query = _BOXES_OF_LOT if lot_id is not None else _WHAT[what]
    rows = await tx.execute(
        text(f'select * from ({query}) p order by p.code collate "C" limit :most'),
        {"org": org_id, "lot": lot_id, "day": day, "most": limit}
        if lot_id is not None
        else {"org": org_id, "day": day, "most": limit},
    )
    return [Member(code=row.code, lot_id=row.lot_id) for row in rows]
