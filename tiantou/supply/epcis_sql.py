"""What an organization's lots went through, as rows: of some lots, or of a span of time."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import ARRAY, Uuid, bindparam, text

from tiantou.core.db import Tx

_LOTS = bindparam("lots", type_=ARRAY(Uuid))


class Harvested(Struct, frozen=True, kw_only=True):
    """A lot that came in."""

    code: str
    kind: str
    grams: int
    harvested_at: datetime
    made_at: datetime
    division_code: str | None


class Part(Struct, frozen=True, kw_only=True):
    """A lot in a run, in grams; `net_g` is a box's, of a packed lot."""

    code: str
    grams: int
    net_g: int | None
    best_before: datetime


class Run(Struct, frozen=True, kw_only=True):
    """A run with what went in and came out."""

    id: UUID
    kind: str
    at: datetime
    inputs: list[Part]
    outputs: list[Part]


class RecalledLot(Struct, frozen=True, kw_only=True):
    """A lot that was recalled, with what was left of it."""

    code: str
    grams: int
    net_g: int | None
    at: datetime


async def harvests(
    tx: Tx, org_id: UUID, lots: Sequence[UUID] | None, since: datetime, until: datetime
) -> list[Harvested]:
    """Lots without parents, of `lots` or (None) made within the span."""
    rows = await tx.execute(
        text(
            "select l.code, l.kind, l.grams_in as grams, l.harvested_at, l.made_at,"
            " coalesce(p.division_code, h.division_code) as division_code from supply.lot l"
            " left join supply.household h on h.id = l.household_id"
            " left join supply.plot p on p.id = l.plot_id"
            " where l.org_id = :org and l.kind in ('harvest', 'bought_in') and l.grams_in > 0"
            " and (l.id = any(:lots) or cast(:lots as uuid[]) is null"
            "      and l.made_at >= :since and l.made_at < :until) order by l.made_at, l.id"
        ).bindparams(_LOTS),
        _where(org_id, lots, since, until),
    )
    return [Harvested(**row._mapping) for row in rows]


async def runs(
    tx: Tx, org_id: UUID, lots: Sequence[UUID] | None, since: datetime, until: datetime
) -> list[Run]:
    """The runs that made `lots`, or (None) were worked within the span."""
    rows = await tx.execute(
        text(
            "with r as (select r.id, r.kind, r.at from supply.run r where r.org_id = :org"
            "  and (r.id in (select l.run_id from supply.lot l where l.id = any(:lots))"
            "       or cast(:lots as uuid[]) is null and r.at >= :since and r.at < :until))"
            " select r.id, r.kind, r.at, false as made, p.code, sum(e.grams)::bigint as grams,"
            "  p.net_g, p.best_before from r join supply.lot c on c.run_id = r.id"
            "  join supply.lot_edge e on e.child_id = c.id join supply.lot p on p.id = e.parent_id"
            "  group by r.id, r.kind, r.at, p.code, p.net_g, p.best_before"
            " union all"
            " select r.id, r.kind, r.at, true, c.code, c.grams_in, c.net_g, c.best_before"
            "  from r join supply.lot c on c.run_id = r.id order by 3, 1, 4, 5"
        ).bindparams(_LOTS),
        _where(org_id, lots, since, until),
    )
    found: dict[UUID, Run] = {}
    for row in rows:
        run = found.setdefault(
            row.id, Run(id=row.id, kind=row.kind, at=row.at, inputs=[], outputs=[])
        )
        part = Part(code=row.code, grams=row.grams, net_g=row.net_g, best_before=row.best_before)
        if part.grams:
            (run.outputs if row.made else run.inputs).append(part)
    return [run for run in found.values() if run.inputs and run.outputs]


async def recalls(
    tx: Tx, org_id: UUID, lots: Sequence[UUID] | None, since: datetime, until: datetime
) -> list[RecalledLot]:
    """Recalls of `lots`, or (None) within the span, where anything was left."""
    rows = await tx.execute(
        text(
            "select l.code, s.grams, l.net_g, s.at from supply.lot_step s"
            " join supply.lot l on l.id = s.lot_id"
            " where s.org_id = :org and s.state = 'recalled' and s.grams > 0"
            " and (s.lot_id = any(:lots) or cast(:lots as uuid[]) is null"
            "      and s.at >= :since and s.at < :until) order by s.at, s.id"
        ).bindparams(_LOTS),
        _where(org_id, lots, since, until),
    )
    return [RecalledLot(**row._mapping) for row in rows]


async def begun(tx: Tx) -> dict[UUID, datetime]:
    """When the first lot of each organization was made."""
    rows = await tx.execute(text("select org_id, min(made_at) as at from supply.lot group by 1"))
    return {row.org_id: row.at for row in rows}


def _where(
    org_id: UUID, lots: Sequence[UUID] | None, since: datetime, until: datetime
) -> dict[str, object]:
    named = None if lots is None else list(lots)
    return {"org": org_id, "lots": named, "since": since, "until": until}
