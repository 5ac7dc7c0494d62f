"""Statements that read lots: one, many, by pack, and up to their roots."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Row, func, or_, select, text
from sqlalchemy.orm import aliased

from tiantou.core.db import Tx
from tiantou.kit import clock
from tiantou.supply.certificates_sql import certificates_for
from tiantou.supply.tables import BoxRow, HouseholdRow, LotBalanceRow, LotEdgeRow, LotRow
from tiantou.supply.views import Edge, LotView, PackedLotView, RootShare

LOT = (
    LotRow.id,
    LotRow.org_id,
    LotRow.code,
    LotRow.kind,
    LotRow.state,
    LotRow.variety_id,
    LotRow.grade,
    LotRow.household_id,
    LotRow.plot_id,
    LotRow.season_id,
    LotRow.slip_id,
    LotRow.pack_id,
    LotRow.net_g,
    LotRow.run_id,
    LotRow.grade_rank,
    LotRow.grams_in,
    LotBalanceRow.grams.label("grams_left"),
    LotRow.price_fen_per_jin,
    LotRow.floor_fen_per_jin,
    LotRow.harvested_at,
    LotRow.best_before,
)
EDGES_MAX = 100_000


def lot_view(row: Row[*tuple[Any, ...]]) -> LotView:
    """A row of LOT as a view."""
    return LotView(**row._mapping)


class PackedHere(Struct, frozen=True, kw_only=True):
    """Boxes of a pack that were packed out of a lot and are left."""

    lot_id: UUID
    pack_id: UUID
    boxes: int


async def lot(tx: Tx, org_id: UUID, lot_id: UUID) -> LotView | None:
    """A lot of the organization, or None."""
    query = select(*LOT).join(LotBalanceRow, LotBalanceRow.lot_id == LotRow.id)
    query = query.where(LotRow.org_id == org_id, LotRow.id == lot_id)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else lot_view(row)


async def lots(tx: Tx, wanted: Iterable[UUID]) -> dict[UUID, LotView]:
    """Those of the lots that exist, whosever they are, by id."""
    query = select(*LOT).join(LotBalanceRow, LotBalanceRow.lot_id == LotRow.id)
    rows = await tx.execute(query.where(LotRow.id.in_(list(set(wanted)))))
    return {row.id: lot_view(row) for row in rows}


async def lot_by_code(tx: Tx, orgs: Iterable[UUID], code: str) -> LotView | None:
    """The lot of a code, or that of the box with a code, of one of the organizations."""
    boxed = select(BoxRow.lot_id).where(BoxRow.code == code)
    query = select(*LOT).join(LotBalanceRow, LotBalanceRow.lot_id == LotRow.id)
    query = query.where(
        LotRow.org_id.in_(list(orgs)), or_(LotRow.code == code, LotRow.id.in_(boxed))
    )
    row = (await tx.execute(query.limit(1))).one_or_none()
    return None if row is None else lot_view(row)


async def lots_of(
    tx: Tx, org_id: UUID, limit: int, before: UUID | None, kinds: Sequence[str]
) -> list[LotView]:
    """An organization's lots of some kinds, newest first."""
    query = select(*LOT).join(LotBalanceRow, LotBalanceRow.lot_id == LotRow.id)
    query = query.where(LotRow.org_id == org_id, LotRow.kind.in_(kinds))
    if before is not None:
        query = query.where(LotRow.id < before)
    return [
        lot_view(row) for row in await tx.execute(query.order_by(LotRow.id.desc()).limit(limit))
    ]


async def packed_lot(tx: Tx, org_id: UUID, code: str) -> LotView | None:
    """An organization's packed lot of a code."""
    query = select(*LOT).join(LotBalanceRow, LotBalanceRow.lot_id == LotRow.id)
    query = query.where(LotRow.org_id == org_id, LotRow.code == code, LotRow.kind == "packed")
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else lot_view(row)


async def first_to_expire(tx: Tx, org_id: UUID, pack_id: UUID) -> LotView | None:
    """The open lot of a pack with boxes left that is good for the shortest time still."""
    query = select(*LOT).join(LotBalanceRow, LotBalanceRow.lot_id == LotRow.id)
    query = query.where(
        LotRow.org_id == org_id,
        LotRow.pack_id == pack_id,
        LotRow.state == "open",
        LotBalanceRow.grams >= LotRow.net_g,
        LotRow.best_before > clock.now(),
    )
    row = (await tx.execute(query.order_by(LotRow.best_before, LotRow.id).limit(1))).one_or_none()
    return None if row is None else lot_view(row)


async def packed_out_of(tx: Tx, lot_ids: list[UUID]) -> list[PackedHere]:
    """The boxes left of packed lots whose parents are these lots, by parent and pack."""
    child = aliased(LotRow)
    rows = await tx.execute(
        select(
            LotEdgeRow.parent_id.label("lot_id"),
            child.pack_id,
            (func.sum(LotBalanceRow.grams / child.net_g)).label("boxes"),
        )
        .join(child, child.id == LotEdgeRow.child_id)
        .join(LotBalanceRow, LotBalanceRow.lot_id == child.id)
        .where(LotEdgeRow.parent_id.in_(lot_ids), child.kind == "packed")
        .group_by(LotEdgeRow.parent_id, child.pack_id)
        .order_by(LotEdgeRow.parent_id, child.pack_id)
    )
    return [
        PackedHere(lot_id=row.lot_id, pack_id=row.pack_id, boxes=int(row.boxes))
        for row in rows
        if row.pack_id is not None
    ]


async def lots_for_packs(
    tx: Tx, org_id: UUID, pack_ids: Iterable[UUID]
) -> dict[UUID, list[PackedLotView]]:
    """The open packed lots with boxes left, by pack, first expired first."""
    rows = (
        await tx.execute(
            select(
                *LOT,
                HouseholdRow.name.label("household_name"),
                HouseholdRow.village.label("village"),
            )
            .join(LotBalanceRow, LotBalanceRow.lot_id == LotRow.id)
            .outerjoin(HouseholdRow, HouseholdRow.id == LotRow.household_id)
            .where(
                LotRow.org_id == org_id,
                LotRow.pack_id.in_(list(set(pack_ids))),
                LotRow.state == "open",
                LotBalanceRow.grams > 0,
            )
            .order_by(LotRow.best_before, LotRow.id)
        )
    ).all()
    papers = await certificates_for(tx, [row.id for row in rows])
    found: dict[UUID, list[PackedLotView]] = {}
    for row in rows:
        paper = papers.get(row.id)
        view = PackedLotView(
            lot_id=row.id,
            code=row.code,
            pack_id=row.pack_id,
            net_g=row.net_g,
            boxes_in=row.grams_in // row.net_g,
            boxes_left=row.grams_left // row.net_g,
            harvested_at=row.harvested_at,
            best_before=row.best_before,
            household_id=row.household_id,
            household_name=row.household_name,
            village=row.village,
            certificate_no=paper.no if paper else None,
            floor_fen_per_jin=row.floor_fen_per_jin,
        )
        found.setdefault(row.pack_id, []).append(view)
    return found


async def lots_for_pack(tx: Tx, org_id: UUID, pack_id: UUID) -> list[PackedLotView]:
    """The open packed lots of one pack with boxes left, first expired first."""
    return (await lots_for_packs(tx, org_id, [pack_id])).get(pack_id, [])


_UP = text(
    """
    with recursive up(child_id, parent_id, grams) as (
        select child_id, parent_id, grams from supply.lot_edge where child_id = :lot
        union
        select e.child_id, e.parent_id, e.grams
        from up join supply.lot_edge e on e.child_id = up.parent_id
    )
    select child_id, parent_id, grams from up limit :most
    """
)


async def edges_up(tx: Tx, lot_id: UUID) -> list[Edge]:
    """Every edge from a lot up to its roots."""
    rows = await tx.execute(_UP, {"lot": lot_id, "most": EDGES_MAX})
    return [Edge(row.child_id, row.parent_id, row.grams) for row in rows]


async def root_rows(tx: Tx, grams: dict[UUID, int]) -> list[RootShare]:
    """Harvest lots with the grams given for each, in the order of their ids."""
    rows = await tx.execute(
        select(LotRow.id, LotRow.slip_id, LotRow.household_id, LotRow.price_fen_per_jin)
        .where(LotRow.id.in_(list(grams)), LotRow.slip_id.is_not(None))
        .order_by(LotRow.id)
    )
    return [
        RootShare(
            slip_id=row.slip_id,
            household_id=row.household_id,
            lot_id=row.id,
            grams=grams[row.id],
            price_fen_per_jin=row.price_fen_per_jin,
        )
        for row in rows
        if row.slip_id is not None and row.household_id is not None
    ]
