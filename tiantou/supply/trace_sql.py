"""Walks over the graph of lots: down to what was made of some, up to what they were made of."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ARRAY, Uuid, bindparam, text

from tiantou.core.db import Tx
from tiantou.supply.views import Edge, Mass, Reach

LOTS_MAX = 100_000

_LOTS = bindparam("lots", type_=ARRAY(Uuid))

_DOWN = """
  with recursive down(lot_id) as (
      select unnest(cast(:lots as uuid[]))
      union
      select e.child_id from down d join supply.lot_edge e on e.parent_id = d.lot_id
  )"""
_UP = """
  with recursive up(lot_id) as (
      select unnest(cast(:lots as uuid[]))
      union
      select e.parent_id from up u join supply.lot_edge e on e.child_id = u.lot_id
  )"""


class Root(Struct, frozen=True, kw_only=True):
    """A lot without parents: where it grew, as far as it is known."""

    lot_id: UUID
    code: str
    kind: str
    grams_in: int
    harvested_at: datetime
    slip_id: UUID | None
    household_id: UUID | None
    household_name: str | None
    village: str | None
    plot_id: UUID | None
    plot_name: str | None
    division_code: str | None


async def down(tx: Tx, lots: Iterable[UUID]) -> list[UUID]:
    """The lots and all that was made of them, each once."""
    rows = await tx.execute(
        text(f"{_DOWN} select lot_id from down limit :most").bindparams(_LOTS),
        {"lots": list(lots), "most": LOTS_MAX},
    )
    return list(rows.scalars().all())


async def up(tx: Tx, lots: Iterable[UUID]) -> list[UUID]:
    """The lots and all that they were made of, each once."""
    rows = await tx.execute(
        text(f"{_UP} select lot_id from up limit :most").bindparams(_LOTS),
        {"lots": list(lots), "most": LOTS_MAX},
    )
    return list(rows.scalars().all())


async def edges_among(tx: Tx, lots: Iterable[UUID]) -> list[Edge]:
    """The edges whose both ends are among the lots."""
    rows = await tx.execute(
        text(
            "select child_id, parent_id, grams from supply.lot_edge"
            " where child_id = any(:lots) and parent_id = any(:lots) order by child_id, parent_id"
        ).bindparams(_LOTS),
        {"lots": list(lots)},
    )
    return [Edge(row.child_id, row.parent_id, row.grams) for row in rows]


async def roots(tx: Tx, lots: Iterable[UUID]) -> list[Root]:
    """The lots without parents that these were made of, with household and plot."""
    rows = await tx.execute(
        text(
            f"{_UP} select l.id as lot_id, l.code, l.kind, l.grams_in, l.harvested_at, l.slip_id,"
            " l.household_id, h.name as household_name, coalesce(p.village, h.village) as village,"
            " l.plot_id, p.name as plot_name,"
            " coalesce(p.division_code, h.division_code) as division_code"
            " from up join supply.lot l on l.id = up.lot_id"
            " left join supply.household h on h.id = l.household_id"
            " left join supply.plot p on p.id = l.plot_id"
            " where not exists (select from supply.lot_edge e where e.child_id = l.id)"
            " order by l.id limit :most"
        ).bindparams(_LOTS),
        {"lots": list(lots), "most": LOTS_MAX},
    )
    return [Root(**row._mapping) for row in rows]


async def reach(tx: Tx, lots: Iterable[UUID]) -> Reach:
    """What a recall of every root of these lots would reach: lots and packed boxes."""
    above = [root.lot_id for root in await roots(tx, lots)]
    row = (
        await tx.execute(
            text(
                f"{_DOWN} select count(*) as lots,"
                " coalesce(sum(l.grams_in / l.net_g), 0)::bigint as boxes"
                " from down join supply.lot l on l.id = down.lot_id"
            ).bindparams(_LOTS),
            {"lots": above},
        )
    ).one()
    return Reach(roots=len(above), lots=row.lots, boxes=row.boxes)


async def mass_of(tx: Tx, lots: Iterable[UUID]) -> Mass:
    """Where the mass of lots is, of a set that holds all that was made of its members.

    What moved from one of them into another is in it once, so the parts sum to `made_g`.
    """
    row = (
        await tx.execute(
            text(
                "select coalesce(sum(delta_g) filter (where reason in"
                "  ('make', 'count', 'grade', 'pack', 'mix', 'relabel')), 0)::bigint as made_g,"
                " coalesce(sum(delta_g), 0)::bigint as in_store_g,"
                " coalesce(-sum(delta_g) filter (where reason in ('pick', 'return')), 0)::bigint"
                "  as in_orders_g,"
                " coalesce(-sum(delta_g) filter (where reason = 'destroy'), 0)::bigint"
                "  as destroyed_g,"
                " coalesce(-sum(delta_g) filter (where reason in ('donate', 'process')), 0)::bigint"
                "  as elsewhere_g,"
                " coalesce(-sum(delta_g) filter (where reason in ('cull', 'shrink', 'spoil')), 0)"
                "  ::bigint as lost_g"
                " from supply.move where lot_id = any(:lots)"
            ).bindparams(_LOTS),
            {"lots": list(lots)},
        )
    ).one()
    return Mass(**row._mapping)


class Story(Struct, frozen=True, kw_only=True):
    """A box with its lot and its roots, to village level.

    `roots`: {code, household_id, village, plot, division_code, harvested_at} each.
    """

    code: str
    org_id: UUID
    lot_id: UUID
    lot_code: str
    state: str
    variety_id: UUID
    grade: str
    grade_rank: int | None
    pack_id: UUID
    net_g: int
    packed_at: datetime
    harvested_at: datetime
    best_before: datetime
    ref: str | None
    roots: list[dict[str, Any]]


_STORY = text(
    """
    with recursive b as (
        select b.code, b.net_g, b.ref, l.id, l.org_id, l.code as lot_code, l.state, l.variety_id,
               l.grade, l.grade_rank, l.pack_id, l.made_at, l.harvested_at, l.best_before
        from supply.box b join supply.lot l on l.id = b.lot_id where b.code = :code
    ), up(lot_id) as (
        select id from b
        union
        select e.parent_id from up u join supply.lot_edge e on e.child_id = u.lot_id
    )
    select b.code, b.org_id, b.id as lot_id, b.lot_code, b.state, b.variety_id, b.grade,
           b.grade_rank, b.pack_id, b.net_g, b.made_at as packed_at, b.harvested_at,
           b.best_before, b.ref,
           (select jsonb_agg(jsonb_build_object('code', l.code, 'household_id', l.household_id,
                     'village', coalesce(p.village, h.village), 'plot', p.name,
                     'division_code', coalesce(p.division_code, h.division_code),
                     'harvested_at', l.harvested_at) order by l.id)
              from up join supply.lot l on l.id = up.lot_id
              left join supply.household h on h.id = l.household_id
              left join supply.plot p on p.id = l.plot_id
             where not exists (select from supply.lot_edge e where e.child_id = l.id)) as roots
      from b
    """
)


async def story_of(tx: Tx, code: str) -> Story | None:
    """What is known of a box by its code, in one statement; None if there is no such box."""
    row = (await tx.execute(_STORY, {"code": code})).one_or_none()
    return None if row is None else Story(**row._mapping)
