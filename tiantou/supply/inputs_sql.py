"""Statements on input records: those that stand, and what they withhold."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import aliased

from tiantou.core.db import Tx
from tiantou.supply.growing.tables import InputUseRow

_LATER = aliased(InputUseRow)
_INPUT = (
    InputUseRow.id,
    InputUseRow.season_id,
    InputUseRow.kind,
    InputUseRow.product,
    InputUseRow.registration_no,
    InputUseRow.dose,
    InputUseRow.purpose,
    InputUseRow.used_on,
    InputUseRow.withhold_days,
    InputUseRow.corrects,
    InputUseRow.withdrawn,
    InputUseRow.why,
    InputUseRow.by_person,
    InputUseRow.at,
    _LATER.id.label("corrected_by"),
)


class InputView(Struct, frozen=True, kw_only=True):
    """A record of what was used; `corrected_by` names the record that stands in its place."""

    id: UUID
    season_id: UUID
    kind: str
    product: str
    registration_no: str
    dose: str
    purpose: str
    used_on: date
    withhold_days: int
    corrects: UUID | None
    withdrawn: bool
    why: str
    by_person: UUID
    at: datetime
    corrected_by: UUID | None


class Withheld(Struct, frozen=True, kw_only=True):
    """A use on a plot after which nothing may be harvested before `ends_on`."""

    plot: str
    product: str
    used_on: date
    withhold_days: int
    ends_on: date


class Used(Struct, frozen=True, kw_only=True):
    """What was used before a harvest, and from when on that might begin."""

    product: str
    registration_no: str
    used_on: date
    withhold_days: int
    ends_on: date


async def add(tx: Tx, **values: Any) -> None:
    """Inserts a record."""
    await tx.execute(insert(InputUseRow).values(**values))


async def count(tx: Tx, season_id: UUID) -> int:
    """How many records a season has, corrected ones too."""
    query = select(func.count()).select_from(InputUseRow)
    return int(await tx.scalar(query.where(InputUseRow.season_id == season_id)) or 0)


async def of_season(tx: Tx, season_id: UUID) -> list[InputView]:
    """All records of a season, the last used first."""
    rows = await tx.execute(
        select(*_INPUT)
        .outerjoin(_LATER, _LATER.corrects == InputUseRow.id)
        .where(InputUseRow.season_id == season_id)
        .order_by(InputUseRow.used_on.desc(), InputUseRow.id.desc())
    )
    return [InputView(**row._mapping) for row in rows]


# What is sprayed on a plot is on every season of the variety there, whichever is said.
_STANDS = (
    " from supply.input_use i join supply.season s on s.id = i.season_id"
    " join supply.plot p on p.id = s.plot_id"
    " where s.variety_id = :variety and not i.withdrawn"
    " and not exists (select from supply.input_use c where c.corrects = i.id)"
)


async def withheld(
    tx: Tx, household_id: UUID, plot_id: UUID | None, variety_id: UUID, harvested_on: date
) -> Withheld | None:
    """The use that a harvest of that day is withheld by, the longest; on any plot if None."""
    row = (
        await tx.execute(
            text(
                "select p.name as plot, i.product, i.used_on, i.withhold_days,"
                f" i.used_on + i.withhold_days as ends_on{_STANDS}"
                " and p.household_id = :home and (p.id = :plot or cast(:plot as uuid) is null)"
                " and i.used_on <= :day and i.used_on + i.withhold_days > :day"
                " order by ends_on desc, i.id limit 1"
            ),
            {"home": household_id, "plot": plot_id, "variety": variety_id, "day": harvested_on},
        )
    ).one_or_none()
    return None if row is None else Withheld(**row._mapping)


async def harvested_within(
    tx: Tx, household_id: UUID, plot_id: UUID, variety_id: UUID, since: date, until: date
) -> list[UUID]:
    """The harvest lots of a variety of a plot, harvested from `since` to before `until`.

    Those of the household that name no plot may be of this one, so they are among them.
    """
    rows = await tx.execute(
        text(
            "select l.id from supply.lot l join supply.slip s on s.id = l.slip_id"
            " where s.household_id = :home and (s.plot_id = :plot or s.plot_id is null)"
            " and s.variety_id = :variety and s.state <> 'void'"
            " and (s.harvested_at at time zone 'Asia/Shanghai')::date >= :since"
            " and (s.harvested_at at time zone 'Asia/Shanghai')::date < :until order by l.id"
        ),
        {
            "home": household_id,
            "plot": plot_id,
            "variety": variety_id,
            "since": since,
            "until": until,
        },
    )
    return list(rows.scalars().all())


async def used_for(tx: Tx, lot_ids: list[UUID], most: int) -> list[Used] | None:
    """What was used on the plots of harvest lots in the year before their harvest, last first.

    None if no season of any of them was ever kept.
    """
    kept = await tx.scalar(
        text(f"select exists (select{_OF_LOTS} where l.id = any(:lots))"), {"lots": lot_ids}
    )
    if not kept:
        return None
    rows = await tx.execute(
        text(
            "select distinct i.product, i.registration_no, i.used_on, i.withhold_days,"
            f" i.used_on + i.withhold_days as ends_on{_OF_LOTS}"
            " join supply.input_use i on i.season_id = s.id"
            " where l.id = any(:lots) and i.kind <> 'fertiliser' and not i.withdrawn"
            " and not exists (select from supply.input_use c where c.corrects = i.id)"
            " and i.used_on <= (l.harvested_at at time zone 'Asia/Shanghai')::date"
            " and i.used_on > (l.harvested_at at time zone 'Asia/Shanghai')::date - 366"
            " order by i.used_on desc, i.product limit :most"
        ),
        {"lots": lot_ids, "most": most},
    )
    return [Used(**row._mapping) for row in rows]


_OF_LOTS = (
    " from supply.lot l join supply.season s"
    " on s.plot_id = l.plot_id and s.variety_id = l.variety_id"
)
