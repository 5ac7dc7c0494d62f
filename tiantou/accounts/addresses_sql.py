"""Rows of the address book, sealed."""

from uuid import UUID

from sqlalchemy import delete, select, update

from tiantou.accounts.tables import AddressRow
from tiantou.core.db import Tx

A = AddressRow


async def of_person(tx: Tx, person_id: UUID) -> list[AddressRow]:
    """A person's addresses: the default one first, then the newest."""
    order = (A.is_default.desc(), A.id.desc())
    return list(await tx.scalars(select(A).where(A.person_id == person_id).order_by(*order)))


async def one(tx: Tx, person_id: UUID, address_id: UUID) -> AddressRow | None:
    """A person's own address, or None."""
    return await tx.scalar(select(A).where(A.id == address_id, A.person_id == person_id))


async def add(tx: Tx, row: AddressRow) -> None:
    """Writes a new address."""
    tx.add(row)
    await tx.flush()


async def no_default(tx: Tx, person_id: UUID) -> None:
    """Takes the mark from whichever address has it."""
    await tx.execute(
        update(A).where(A.person_id == person_id, A.is_default).values(is_default=False)
    )


async def remove(tx: Tx, person_id: UUID, address_id: UUID) -> bool:
    """Deletes a person's own address; False if there is none."""
    gone = delete(A).where(A.id == address_id, A.person_id == person_id)
    return await tx.scalar(gone.returning(A.id)) is not None


async def remove_all(tx: Tx, person_id: UUID) -> None:
    """Deletes a person's address book."""
    await tx.execute(delete(A).where(A.person_id == person_id))
