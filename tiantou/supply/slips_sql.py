"""Statements on weigh-in slips and their steps."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, insert, select, update

from tiantou.core.db import Tx
from tiantou.kit import ids
from tiantou.supply.tables import LotRow, SlipRow, SlipStepRow
from tiantou.supply.views import SlipView


def _select() -> Select[*tuple[Any, ...]]:
    return select(
        SlipRow.id,
        SlipRow.org_id,
        SlipRow.code,
        SlipRow.state,
        SlipRow.household_id,
        SlipRow.plot_id,
        SlipRow.season_id,
        SlipRow.stop_id,
        SlipRow.variety_id,
        SlipRow.grade,
        SlipRow.grams,
        SlipRow.price_fen_per_jin,
        SlipRow.floor_fen_per_jin,
        SlipRow.value_fen,
        SlipRow.harvested_at,
        SlipRow.entered_by,
        SlipRow.on_behalf,
        SlipRow.helper_name,
        SlipRow.consent,
        LotRow.id.label("lot_id"),
        LotRow.code.label("lot_code"),
        SlipRow.weighed_at,
        SlipRow.at,
    ).join(LotRow, LotRow.slip_id == SlipRow.id)


async def slip(tx: Tx, org_id: UUID, slip_id: UUID, lock: bool = False) -> SlipView | None:
    """A slip of the organization, or None; `lock` holds it until the end of the transaction."""
    query = _select().where(SlipRow.org_id == org_id, SlipRow.id == slip_id)
    if lock:
        query = query.with_for_update(of=SlipRow, key_share=True)
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else SlipView(**row._mapping)


async def slips(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, SlipView]:
    """Those of the slips that exist, by id."""
    rows = await tx.execute(_select().where(SlipRow.id.in_(list(set(ids)))))
    return {row.id: SlipView(**row._mapping) for row in rows}


async def slips_of(
    tx: Tx,
    org_id: UUID,
    limit: int,
    before: UUID | None = None,
    household_id: UUID | None = None,
    season_id: UUID | None = None,
) -> list[SlipView]:
    """An organization's slips, newest first, of one household or season if given."""
    query = _select().where(SlipRow.org_id == org_id)
    if before is not None:
        query = query.where(SlipRow.id < before)
    if household_id is not None:
        query = query.where(SlipRow.household_id == household_id)
    if season_id is not None:
        query = query.where(SlipRow.season_id == season_id)
    rows = await tx.execute(query.order_by(SlipRow.id.desc()).limit(limit))
    return [SlipView(**row._mapping) for row in rows]


async def slips_of_household(tx: Tx, org_id: UUID, household_id: UUID) -> list[SlipView]:
    """All slips of a household of the organization, newest last."""
    query = _select().where(SlipRow.org_id == org_id, SlipRow.household_id == household_id)
    return [SlipView(**row._mapping) for row in await tx.execute(query.order_by(SlipRow.id))]


async def alike(
    tx: Tx, household_id: UUID, variety_id: UUID, grams: int, since: datetime, until: datetime
) -> SlipView | None:
    """A slip in force of the same household, variety and weight that was weighed in between."""
    weighed = func.coalesce(SlipRow.weighed_at, SlipRow.at)
    query = _select().where(
        SlipRow.household_id == household_id,
        SlipRow.variety_id == variety_id,
        SlipRow.grams == grams,
        SlipRow.state != "void",
        weighed.between(since, until),
    )
    row = (await tx.execute(query.order_by(SlipRow.id).limit(1))).one_or_none()
    return None if row is None else SlipView(**row._mapping)


async def add_slip(tx: Tx, **values: Any) -> None:
    """Inserts a slip."""
    await tx.execute(insert(SlipRow).values(**values))


async def set_slip(tx: Tx, slip_id: UUID, **values: Any) -> None:
    """Updates a slip's columns."""
    await tx.execute(update(SlipRow).where(SlipRow.id == slip_id).values(**values))


async def add_step(
    tx: Tx,
    slip_id: UUID,
    event: str,
    state: str,
    by: UUID | None,
    at: datetime,
    note: str = "",
    grams_before: int | None = None,
) -> None:
    """Writes down a step of a slip."""
    await tx.execute(
        insert(SlipStepRow).values(
            id=ids.uuid7(),
            slip_id=slip_id,
            event=event,
            state=state,
            by_person=by,
            note=note,
            grams_before=grams_before,
            at=at,
        )
    )
