"""Statements on certificates of conformity."""

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, insert, select, text, update

from tiantou.core.db import Tx
from tiantou.supply.tables import CertificateRow
from tiantou.supply.views import CertificateView

_CERTIFICATE = (
    CertificateRow.no,
    CertificateRow.lot_id,
    CertificateRow.state,
    CertificateRow.basis,
    CertificateRow.commitments,
    CertificateRow.product,
    CertificateRow.grams,
    CertificateRow.origin,
    CertificateRow.promiser,
    CertificateRow.contact,
    CertificateRow.roots,
    CertificateRow.issued_at,
)

# A lot without a paper of its own goes under its parent's as long as it has but one parent:
# nothing was mixed. Mixed goods need a paper of their own.
_CLIMB = text(
    """
    with recursive up(start, lot_id) as (
        select id, id from unnest(:lots) as id
        union
        select up.start, e.parent_id
        from up join supply.lot_edge e on e.child_id = up.lot_id
        where not exists (
            select from supply.certificate c where c.lot_id = up.lot_id and c.state = 'valid'
        ) and not exists (
            select from supply.lot_edge o
            where o.child_id = up.lot_id and o.parent_id <> e.parent_id
        )
    )
    select up.start, c.id
    from up join supply.certificate c on c.lot_id = up.lot_id and c.state = 'valid'
    """
).bindparams(bindparam("lots", type_=ARRAY(Uuid)))


async def certificates_for(tx: Tx, lot_ids: list[UUID]) -> dict[UUID, CertificateView]:
    """The certificate in force of each lot: its own, or of what it alone was made of."""
    if not lot_ids:
        return {}
    found = {row.start: row.id for row in await tx.execute(_CLIMB, {"lots": lot_ids})}
    rows = await tx.execute(
        select(CertificateRow.id, *_CERTIFICATE).where(CertificateRow.id.in_(found.values()))
    )
    papers = {}
    for row in rows:
        says = dict(row._mapping)
        paper_id = says.pop("id")
        papers[paper_id] = CertificateView(**says)
    return {lot_id: papers[paper_id] for lot_id, paper_id in found.items()}


async def add_certificate(tx: Tx, **values: Any) -> None:
    """Inserts a certificate."""
    await tx.execute(insert(CertificateRow).values(**values))


async def end_certificate(tx: Tx, lot_id: UUID, state: str) -> UUID | None:
    """Replaces or voids a lot's own certificate in force; gives its id."""
    return await tx.scalar(
        update(CertificateRow)
        .where(CertificateRow.lot_id == lot_id, CertificateRow.state == "valid")
        .values(state=state)
        .returning(CertificateRow.id)
    )


async def point_to(tx: Tx, old_id: UUID, new_id: UUID) -> None:
    """Says which certificate took an old one's place."""
    await tx.execute(
        update(CertificateRow).where(CertificateRow.id == old_id).values(replaced_by=new_id)
    )
