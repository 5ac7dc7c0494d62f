"""Statements on passports: scans, reports of problems, households that may be named."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sqlalchemy import delete, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from tiantou.core.db import Tx
from tiantou.trust.tables import BoxScanRow, HoldDeclinedRow, ProblemReportRow, ShownHouseholdRow


class ReportView(Struct, frozen=True, kw_only=True):
    """A report of a problem with a box."""

    id: UUID
    lot_id: UUID
    code: str
    words: str
    photo: str
    at: datetime


class LotRate(Struct, frozen=True, kw_only=True):
    """Of a lot: boxes that were reported, per thousand, and what is usual for its pack."""

    lot_code: str
    state: str
    boxes_reported: int
    boxes: int
    permille: int
    usual_permille: int


class Declined(Struct, frozen=True, kw_only=True):
    """A shop did not hold a lot, after so many of its boxes had been reported."""

    boxes_reported: int
    why: str
    by_person: UUID
    at: datetime


class ReportRate(Struct, frozen=True, kw_only=True):
    """The reports of a packed lot: how many, of how many of its boxes, per thousand boxes."""

    lot_id: UUID
    lot_code: str
    pack_id: UUID
    state: str
    reports: int
    boxes_reported: int
    boxes: int
    permille: int
    last_at: datetime


async def count_scan(tx: Tx, code: str, at: datetime) -> None:
    """One scan more."""
    row = upsert(BoxScanRow).values(code=code, scans=1, first_at=at, last_at=at)
    await tx.execute(
        row.on_conflict_do_update(
            index_elements=["code"], set_={"scans": BoxScanRow.scans + 1, "last_at": at}
        )
    )


async def scans(tx: Tx, code: str) -> int:
    """How often a box's passport was opened."""
    return await tx.scalar(select(BoxScanRow.scans).where(BoxScanRow.code == code)) or 0


async def add_report(
    tx: Tx, id: UUID, org_id: UUID, lot_id: UUID, code: str, words: str, photo: str, at: datetime
) -> None:
    """Stores a report."""
    await tx.execute(
        insert(ProblemReportRow).values(
            id=id, org_id=org_id, lot_id=lot_id, code=code, words=words, photo=photo, at=at
        )
    )


async def reports_of_lot(
    tx: Tx, org_id: UUID, lot_id: UUID, limit: int, before: UUID | None
) -> list[ReportView]:
    """The reports of a lot's boxes, newest first."""
    row = ProblemReportRow
    query = select(row.id, row.lot_id, row.code, row.words, row.photo, row.at).where(
        row.org_id == org_id, row.lot_id == lot_id
    )
    if before is not None:
        query = query.where(row.id < before)
    rows = await tx.execute(query.order_by(row.id.desc()).limit(limit))
    return [ReportView(**one._mapping) for one in rows]


async def rates(tx: Tx, org_id: UUID, limit: int) -> list[ReportRate]:
    """The lots that somebody reported a problem with, the highest rate first."""
    rows = await tx.execute(
        text(
            "select r.lot_id, l.code as lot_code, l.pack_id, l.state, r.reports,"
            " r.boxes_reported, b.boxes, r.boxes_reported * 1000 / b.boxes as permille, r.last_at"
            " from (select lot_id, count(*)::int as reports,"
            " count(distinct code)::int as boxes_reported, max(at) as last_at"
            " from trust.problem_report where org_id = :org group by lot_id) r"
            " join supply.lot l on l.id = r.lot_id"
            " cross join lateral (select count(*)::int as boxes from supply.box"
            " where lot_id = r.lot_id) b"
            " order by permille desc, r.last_at desc limit :limit"
        ),
        {"org": org_id, "limit": limit},
    )
    return [ReportRate(**one._mapping) for one in rows]


async def rate_of(tx: Tx, lot_id: UUID) -> LotRate | None:
    """How a packed lot stands beside the other lots of its pack; None if it has no boxes."""
    row = (
        await tx.execute(
            text(
                "with b as (select x.lot_id, count(*)::int as boxes,"
                "  count(distinct r.code)::int as reported from supply.box x"
                "  left join trust.problem_report r on r.code = x.code"
                "  where x.lot_id in (select o.id from supply.lot o where o.pack_id ="
                "   (select l.pack_id from supply.lot l where l.id = :lot)) group by 1)"
                " select l.code as lot_code, l.state, mine.reported as boxes_reported, mine.boxes,"
                "  mine.reported * 1000 / mine.boxes as permille,"
                "  coalesce((select sum(o.reported) * 1000 / sum(o.boxes) from b o"
                "   where o.lot_id <> :lot), 0)::int as usual_permille"
                " from b mine join supply.lot l on l.id = mine.lot_id where mine.lot_id = :lot"
            ),
            {"lot": lot_id},
        )
    ).one_or_none()
    return None if row is None else LotRate(**row._mapping)


async def add_declined(
    tx: Tx, id: UUID, org_id: UUID, lot_id: UUID, boxes: int, why: str, by: UUID, at: datetime
) -> None:
    """Stores that a lot is not held, `boxes` of it being reported."""
    await tx.execute(
        insert(HoldDeclinedRow).values(
            id=id,
            org_id=org_id,
            lot_id=lot_id,
            boxes_reported=boxes,
            why=why,
            by_person=by,
            at=at,
        )
    )


async def last_declined(tx: Tx, lot_id: UUID) -> Declined | None:
    """What was said last when a lot was not held."""
    row = HoldDeclinedRow
    query = select(row.boxes_reported, row.why, row.by_person, row.at)
    query = query.where(row.lot_id == lot_id).order_by(row.id.desc()).limit(1)
    found = (await tx.execute(query)).one_or_none()
    return None if found is None else Declined(**found._mapping)


async def show(
    tx: Tx, org_id: UUID, household_id: UUID, consent: str, by_person: UUID, at: datetime
) -> None:
    """The household may stand on passports by name."""
    said = {"consent": consent, "by_person": by_person, "at": at}
    row = upsert(ShownHouseholdRow).values(org_id=org_id, household_id=household_id, **said)
    await tx.execute(row.on_conflict_do_update(index_elements=["household_id"], set_=said))


async def hide(tx: Tx, org_id: UUID, household_id: UUID) -> None:
    """No passport names the household any more."""
    row = ShownHouseholdRow
    await tx.execute(delete(row).where(row.org_id == org_id, row.household_id == household_id))


async def shown(tx: Tx, households: Iterable[UUID]) -> dict[UUID, str]:
    """Those of the households that may be named, and how each agreed."""
    row = ShownHouseholdRow
    query = select(row.household_id, row.consent).where(row.household_id.in_(set(households)))
    return {one.household_id: one.consent for one in await tx.execute(query)}
