"""Statements on scheme certificates, the claims of packs, yield ceilings."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from tiantou.core.db import Tx
from tiantou.supply.claims.tables import (
    PackClaimRow,
    SchemeCertificateRow,
    SchemePlotRow,
    YieldCeilingRow,
)

_SCHEME = (
    SchemeCertificateRow.id,
    SchemeCertificateRow.org_id,
    SchemeCertificateRow.scheme,
    SchemeCertificateRow.no,
    SchemeCertificateRow.issuer,
    SchemeCertificateRow.variety_id,
    SchemeCertificateRow.certified_g,
    SchemeCertificateRow.valid_from,
    SchemeCertificateRow.valid_until,
    SchemeCertificateRow.photo,
    SchemeCertificateRow.state,
    SchemeCertificateRow.note,
    SchemeCertificateRow.made_at,
)
_CLAIM = (
    PackClaimRow.id,
    PackClaimRow.org_id,
    PackClaimRow.pack_id,
    PackClaimRow.claim,
    PackClaimRow.certificate_id,
    PackClaimRow.made_at,
    SchemeCertificateRow.no.label("certificate_no"),
    SchemeCertificateRow.issuer,
    SchemeCertificateRow.valid_until,
)


class SchemeView(Struct, frozen=True, kw_only=True):
    """A certificate of a scheme: `certified_g` grams of a variety, harvested within its term."""

    id: UUID
    org_id: UUID
    scheme: str
    no: str
    issuer: str
    variety_id: UUID
    certified_g: int
    valid_from: date
    valid_until: date
    photo: str | None
    state: str
    note: str
    made_at: datetime


class ClaimView(Struct, frozen=True, kw_only=True):
    """A claim that a pack bears; of its certificate number, issuer and end, if it has one."""

    id: UUID
    org_id: UUID
    pack_id: UUID
    claim: str
    certificate_id: UUID | None
    made_at: datetime
    certificate_no: str | None
    issuer: str | None
    valid_until: date | None


class CeilingView(Struct, frozen=True, kw_only=True):
    """The most that a mu of a variety bears in 365 days, in grams, and who says so."""

    variety_id: UUID
    g_per_mu: int
    source: str
    set_at: datetime


async def add_scheme(tx: Tx, plots: Iterable[UUID], **values: Any) -> None:
    """Inserts a certificate with the plots that it covers."""
    await tx.execute(insert(SchemeCertificateRow).values(**values))
    rows = [{"certificate_id": values["id"], "plot_id": plot} for plot in sorted(set(plots))]
    await tx.execute(insert(SchemePlotRow), rows)


async def scheme_by_no(tx: Tx, org_id: UUID, scheme: str, no: str) -> UUID | None:
    """The certificate of that number, if the organization entered it."""
    return await tx.scalar(
        select(SchemeCertificateRow.id).where(
            SchemeCertificateRow.org_id == org_id,
            SchemeCertificateRow.scheme == scheme,
            SchemeCertificateRow.no == no,
        )
    )


async def scheme(
    tx: Tx, org_id: UUID | None, certificate_id: UUID, lock: bool = False
) -> SchemeView | None:
    """A certificate (of any organization if None); `lock` holds it."""
    query = select(*_SCHEME).where(SchemeCertificateRow.id == certificate_id)
    if org_id is not None:
        query = query.where(SchemeCertificateRow.org_id == org_id)
    if lock:
        query = query.with_for_update()
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else SchemeView(**row._mapping)


async def schemes(
    tx: Tx, org_id: UUID | None, states: Sequence[str], limit: int, before: UUID | None
) -> list[SchemeView]:
    """Certificates in some states, of one organization or all, newest first."""
    query = select(*_SCHEME).where(SchemeCertificateRow.state.in_(states))
    if org_id is not None:
        query = query.where(SchemeCertificateRow.org_id == org_id)
    if before is not None:
        query = query.where(SchemeCertificateRow.id < before)
    rows = await tx.execute(query.order_by(SchemeCertificateRow.id.desc()).limit(limit))
    return [SchemeView(**row._mapping) for row in rows]


async def scheme_ids(tx: Tx, org_id: UUID) -> list[UUID]:
    """The ids of all certificates that an organization entered."""
    rows = await tx.scalars(
        select(SchemeCertificateRow.id).where(SchemeCertificateRow.org_id == org_id)
    )
    return list(rows)


async def set_scheme(tx: Tx, certificate_id: UUID, **values: Any) -> None:
    """Updates a certificate; the caller holds it."""
    await tx.execute(
        update(SchemeCertificateRow)
        .where(SchemeCertificateRow.id == certificate_id)
        .values(**values)
    )


async def plots_of(tx: Tx, certificate_id: UUID) -> set[UUID]:
    """The plots that a certificate covers."""
    rows = await tx.scalars(
        select(SchemePlotRow.plot_id).where(SchemePlotRow.certificate_id == certificate_id)
    )
    return set(rows)


async def plots_counted(tx: Tx, certificates: Iterable[UUID]) -> dict[UUID, int]:
    """How many plots each of the certificates covers."""
    rows = await tx.execute(
        select(SchemePlotRow.certificate_id, func.count())
        .where(SchemePlotRow.certificate_id.in_(list(certificates)))
        .group_by(SchemePlotRow.certificate_id)
    )
    return {row[0]: row[1] for row in rows}


async def own_plots(tx: Tx, org_id: UUID, plots: Iterable[UUID]) -> set[UUID]:
    """Those of the plots that are the organization's."""
    rows = await tx.execute(
        text("select id from supply.plot where org_id = :org and id = any(:plots)"),
        {"org": org_id, "plots": list(plots)},
    )
    return set(rows.scalars().all())


async def claims_of(tx: Tx, org_id: UUID, packs: Sequence[UUID] | None) -> list[ClaimView]:
    """The claims in force of packs (all of the organization's if None), by pack and claim."""
    query = (
        select(*_CLAIM)
        .outerjoin(SchemeCertificateRow, SchemeCertificateRow.id == PackClaimRow.certificate_id)
        .where(PackClaimRow.org_id == org_id, PackClaimRow.ended_at.is_(None))
        .order_by(PackClaimRow.pack_id, PackClaimRow.claim)
    )
    if packs is not None:
        query = query.where(PackClaimRow.pack_id.in_(packs))
    return [ClaimView(**row._mapping) for row in await tx.execute(query)]


async def packs_of(tx: Tx, certificate_id: UUID) -> list[UUID]:
    """The packs that bear a claim under a certificate now."""
    rows = await tx.scalars(
        select(PackClaimRow.pack_id)
        .where(PackClaimRow.certificate_id == certificate_id, PackClaimRow.ended_at.is_(None))
        .order_by(PackClaimRow.pack_id)
    )
    return list(rows)


async def hold_pack(tx: Tx, pack_id: UUID) -> None:
    """Claims and pack runs of a pack follow one another until the end of the transaction."""
    await tx.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"supply.pack:{pack_id}", 0)))
    )


async def add_claim(tx: Tx, **values: Any) -> None:
    """Inserts a claim."""
    await tx.execute(insert(PackClaimRow).values(**values))


async def end_claim(tx: Tx, claim_id: UUID, at: datetime) -> None:
    """The pack bears the claim no more."""
    await tx.execute(update(PackClaimRow).where(PackClaimRow.id == claim_id).values(ended_at=at))


async def packed_lots(tx: Tx, pack_id: UUID) -> list[UUID]:
    """The packed lots of a pack that still hold boxes."""
    rows = await tx.execute(
        text(
            "select l.id from supply.lot l join supply.lot_balance b on b.lot_id = l.id"
            " where l.pack_id = :pack and b.grams > 0 and l.state in ('open', 'held')"
        ),
        {"pack": pack_id},
    )
    return list(rows.scalars().all())


async def set_ceiling(tx: Tx, **values: Any) -> None:
    """The ceiling of a variety, in place of an earlier one."""
    insertion = upsert(YieldCeilingRow).values(**values)
    await tx.execute(insertion.on_conflict_do_update(index_elements=["variety_id"], set_=values))


async def ceilings(tx: Tx) -> list[CeilingView]:
    """Every ceiling."""
    row = YieldCeilingRow
    rows = await tx.execute(
        select(row.variety_id, row.g_per_mu, row.source, row.set_at).order_by(row.variety_id)
    )
    return [CeilingView(**one._mapping) for one in rows]


async def over_ceiling(
    tx: Tx, plot_id: UUID, variety_id: UUID, at: datetime
) -> tuple[int, int] | None:
    """(grams harvested of the plot in the 365 days up to `at`, grams it may bear) if more; or None.

    A mu is 10,000 / 15 m². The plot's row is held, so that two scales see each other's slips.
    """
    await tx.execute(
        text("select 1 from supply.plot where id = :plot for no key update"), {"plot": plot_id}
    )
    row = (
        await tx.execute(
            text(
                "select y.g_per_mu * p.area_m2 * 15 / 10000 as bears,"
                " (select coalesce(sum(s.grams), 0) from supply.slip s where s.plot_id = p.id"
                "   and s.variety_id = y.variety_id and s.state <> 'void'"
                "   and s.harvested_at > cast(:at as timestamptz) - interval '365 days'"
                "   and s.harvested_at <= :at)::bigint as grown"
                " from supply.plot p join supply.yield_ceiling y on y.variety_id = :variety"
                " where p.id = :plot"
            ),
            {"plot": plot_id, "variety": variety_id, "at": at},
        )
    ).one_or_none()
    return (row.grown, row.bears) if row is not None and row.grown > row.bears else None
