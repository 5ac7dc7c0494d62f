"""Statements on boxes: their codes, what they weigh, for whom they were taken."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ARRAY, BigInteger, Text, bindparam, select, text, update

from tiantou.core.db import Tx
from tiantou.kit import ids
from tiantou.supply.tables import BoxRow
from tiantou.supply.views import BoxView

_BOX = (
    BoxRow.code,
    BoxRow.org_id,
    BoxRow.lot_id,
    BoxRow.no,
    BoxRow.net_g,
    BoxRow.tare_g,
    BoxRow.ref,
)
_ADD = text(
    "insert into supply.box (code, org_id, lot_id, no, net_g, tare_g)"
    " select b.code, :org, :lot, b.no, b.net_g, :tare"
    " from unnest(:codes, :nets) with ordinality b(code, net_g, no)"
).bindparams(bindparam("codes", type_=ARRAY(Text)), bindparam("nets", type_=ARRAY(BigInteger)))


class Piecework(Struct, frozen=True, kw_only=True):
    """What a packer packed of a pack on a day (Asia/Shanghai)."""

    day: date
    packer_id: UUID
    pack_id: UUID
    runs: int
    boxes: int
    grams: int


async def add(tx: Tx, org_id: UUID, lot_id: UUID, nets: Sequence[int], tare_g: int) -> None:
    """A box with a fresh code for each net weight, numbered from 1."""
    codes = [ids.draw() for _ in nets]
    values = {"org": org_id, "lot": lot_id, "tare": tare_g, "codes": codes, "nets": list(nets)}
    await tx.execute(_ADD, values)


async def box(tx: Tx, code: str) -> BoxView | None:
    """The box of a code, whosever it is, or None."""
    row = (await tx.execute(select(*_BOX).where(BoxRow.code == code))).one_or_none()
    return None if row is None else BoxView(**row._mapping)


async def lock(tx: Tx, org_id: UUID, codes: Iterable[str]) -> list[BoxView]:
    """Those of the boxes that are the organization's, held, in the order of their codes."""
    rows = await tx.execute(
        select(*_BOX)
        .where(BoxRow.org_id == org_id, BoxRow.code.in_(set(codes)))
        .order_by(BoxRow.code)
        .with_for_update()
    )
    return [BoxView(**row._mapping) for row in rows]


async def set_ref(tx: Tx, codes: Sequence[str], ref: str | None) -> None:
    """The boxes are taken for a reference, or (None) nobody's; the caller holds them."""
    await tx.execute(update(BoxRow).where(BoxRow.code.in_(codes)).values(ref=ref))


async def of_ref(tx: Tx, org_id: UUID, ref: str) -> list[BoxView]:
    """The boxes whose codes were scanned for a reference."""
    query = select(*_BOX).where(BoxRow.org_id == org_id, BoxRow.ref == ref).order_by(BoxRow.code)
    return [BoxView(**row._mapping) for row in await tx.execute(query)]


async def of_lot(tx: Tx, lot_id: UUID, limit: int, after: int) -> list[BoxView]:
    """The boxes of a lot by number, those after `after`."""
    query = select(*_BOX).where(BoxRow.lot_id == lot_id, BoxRow.no > after)
    rows = await tx.execute(query.order_by(BoxRow.no).limit(limit))
    return [BoxView(**row._mapping) for row in rows]


async def piecework(tx: Tx, org_id: UUID, since: date, until: date) -> list[Piecework]:
    """What each packer packed from `since` to `until`, both days included, by day and packer."""
    rows = await tx.execute(
        text(
            "select (at at time zone 'Asia/Shanghai')::date as day, packer_id, pack_id,"
            " count(*)::int as runs, sum(boxes)::int as boxes, sum(out_g)::bigint as grams"
            " from supply.run where org_id = :org and kind = 'pack' and packer_id is not null"
            " and at >= cast(:since as date)::timestamp at time zone 'Asia/Shanghai'"
            " and at < (cast(:until as date) + 1)::timestamp at time zone 'Asia/Shanghai'"
            " group by 1, 2, 3 order by 1, 2, 3"
        ),
        {"org": org_id, "since": since, "until": until},
    )
    return [Piecework(**row._mapping) for row in rows]
