"""Rows of the address book, sealed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text, update

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


_SEVERAL = text(
    "select a.person_id, a.id, a.recipient, a.phone, a.detail, a.sealed,"
    " a.division_code"
    " from unnest(cast(:people as uuid[]), cast(:addresses as uuid[])) k(person_id, id)"
    " join accounts.address a on a.id = k.id and a.person_id = k.person_id"
)


async def several(tx: Tx, asked: Sequence[tuple[UUID, UUID]]) -> Sequence[Any]:
    """Those of (person, address) that are a person's own, as rows."""
    people, wanted = [one[0] for one in asked], [one[1] for one in asked]
    return (await tx.execute(_SEVERAL, {"people": people, "addresses": wanted})).all()


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
