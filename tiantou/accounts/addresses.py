"""A person's address book."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from tiantou.accounts import addresses_sql, destination, people_sql, phones
from tiantou.accounts.destination import Destination
from tiantou.accounts.problems import TooMany
from tiantou.accounts.tables import AddressRow
from tiantou.accounts.views import AddressView
from tiantou.core.db import Tx
from tiantou.core.keys import Keys
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.kit import clock, ids
from tiantou.regions import face as regions

PURPOSE = "accounts.address"
ADDRESSES_MAX = 20


@dataclass(frozen=True, slots=True)
class AddressText:
    """What a person fills in; the division is one that nothing lies below."""

    recipient: str
    phone: str
    division_code: str
    detail: str
    is_default: bool


class Sealed(NamedTuple):
    """Whom a parcel goes to, sealed, and the division."""

    sealed: bytes
    division_code: str


async def _views(tx: Tx, keys: Keys, rows: list[AddressRow]) -> list[AddressView]:
    places = await regions.named(tx, {row.division_code for row in rows})
    return [
        AddressView(
            id=row.id,
            recipient=keys.decrypt(PURPOSE, row.recipient),
            phone=phones.unseal(keys, row.phone),
            division=places[row.division_code],
            detail=keys.decrypt(PURPOSE, row.detail),
            is_default=row.is_default,
        )
        for row in rows
    ]


async def book(tx: Tx, keys: Keys, person_id: UUID) -> list[AddressView]:
    """A person's addresses, the default one first."""
    return await _views(tx, keys, await addresses_sql.of_person(tx, person_id))


async def address(tx: Tx, keys: Keys, person_id: UUID, address_id: UUID) -> AddressView | None:
    """A person's own address, opened; None if he has no such one."""
    row = await addresses_sql.one(tx, person_id, address_id)
    return None if row is None else (await _views(tx, keys, [row]))[0]


async def several(
    tx: Tx, keys: Keys, asked: Sequence[tuple[UUID, UUID]]
) -> dict[tuple[UUID, UUID], Sealed]:
    """People's own addresses, by (person, address); what is not theirs is left out."""
    return {
        (row.person_id, row.id): Sealed(row.sealed or _sealed(keys, row), row.division_code)
        for row in await addresses_sql.several(tx, asked)
    }


def _sealed(keys: Keys, row: Any) -> bytes:
    """For an address of before it was kept."""
    to = Destination(
        keys.decrypt(PURPOSE, row.recipient),
        phones.unseal(keys, row.phone),
        keys.decrypt(PURPOSE, row.detail),
    )
    return destination.seal(keys, to)


async def add(tx: Tx, keys: Keys, person_id: UUID, said: AddressText) -> AddressView:
    """Adds an address; the first one is the default. Raises InvalidFields, TooMany."""
    await people_sql.hold(tx, person_id)
    have = await addresses_sql.of_person(tx, person_id)
    if len(have) >= ADDRESSES_MAX:
        raise TooMany(limit=ADDRESSES_MAX)
    row = AddressRow(id=ids.uuid7(), person_id=person_id, is_default=False, created_at=clock.now())
    await _fill(tx, keys, row, said, default=said.is_default or not have)
    await addresses_sql.add(tx, row)
    return (await _views(tx, keys, [row]))[0]


async def change(
    tx: Tx, keys: Keys, person_id: UUID, address_id: UUID, said: AddressText
) -> AddressView:
    """Changes an address of one's own. Raises InvalidFields, NotFound."""
    await people_sql.hold(tx, person_id)
    row = await addresses_sql.one(tx, person_id, address_id)
    if row is None:
        raise NotFound()
    await _fill(tx, keys, row, said, default=said.is_default)
    return (await _views(tx, keys, [row]))[0]


async def _fill(tx: Tx, keys: Keys, row: AddressRow, said: AddressText, default: bool) -> None:
    place = await regions.division(tx, said.division_code)
    if place is None or not place.leaf:
        raise InvalidFields.one("division_code", "division")
    digits = phones.read("phone", said.phone)
    if default and not row.is_default:
        await addresses_sql.no_default(tx, row.person_id)
    row.recipient = keys.encrypt(PURPOSE, said.recipient)
    row.phone = phones.seal(keys, digits)
    row.detail = keys.encrypt(PURPOSE, said.detail)
    row.sealed = destination.seal(keys, Destination(said.recipient, digits, said.detail))
    row.division_code, row.is_default = said.division_code, default


async def remove(tx: Tx, person_id: UUID, address_id: UUID) -> None:
    """Deletes an address of one's own. Raises NotFound."""
    if not await addresses_sql.remove(tx, person_id, address_id):
        raise NotFound()
