"""People and what their sessions carry."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, text, update

from tiantou.accounts.tables import MembershipRow, PersonRow
from tiantou.accounts.views import PersonView, nickname_of
from tiantou.core.db import Tx
from tiantou.kit import clock, ids

REVOCATIONS = "accounts_revocations"

P = PersonRow


def _views() -> Select[UUID, int, str | None, bool, bool]:
    return select(P.id, P.no, P.nickname, P.operator, P.demo)


def _view(row: Any) -> PersonView:
    return PersonView(row.id, row.no, nickname_of(row.nickname, row.no), row.operator, row.demo)


async def person(tx: Tx, person_id: UUID) -> PersonView | None:
    """The person, erased or not; None if there never was one."""
    row = (await tx.execute(_views().where(P.id == person_id))).one_or_none()
    return None if row is None else _view(row)


async def people(tx: Tx, ids_: Iterable[UUID]) -> dict[UUID, PersonView]:
    """The people of those ids, by id."""
    rows = await tx.execute(_views().where(P.id.in_(set(ids_))))
    return {row.id: _view(row) for row in rows}


async def by_no(tx: Tx, no: int) -> PersonView | None:
    """The person with that number, or None."""
    row = (await tx.execute(_views().where(P.no == no))).one_or_none()
    return None if row is None else _view(row)


async def row_of(tx: Tx, person_id: UUID) -> PersonRow | None:
    """The row itself, for this module's use cases."""
    return await tx.get(PersonRow, person_id)


async def by_phone(tx: Tx, phone_index: bytes) -> PersonRow | None:
    """The row of a number's blind index."""
    return await tx.scalar(select(P).where(P.phone_index == phone_index))


async def add(
    tx: Tx,
    *,
    phone: bytes | None = None,
    phone_index: bytes | None = None,
    nickname: str | None = None,
    operator: bool = False,
    demo: bool = False,
) -> PersonRow:
    """A new person. Rivals adding the same number: the second fails at the unique index."""
    now = clock.now()
    row = PersonRow(
        id=ids.uuid7(),
        phone=phone,
        phone_index=phone_index,
        nickname=nickname,
        operator=operator,
        demo=demo,
        roles_version=0,
        roles_changed_at=now,
        created_at=now,
    )
    tx.add(row)
    await tx.flush()
    return row


async def hold_phone(tx: Tx, phone_index: bytes) -> None:
    """Rivals for the same number queue here until the transaction ends."""
    lock = int.from_bytes(phone_index[:8], "big", signed=True)
    await tx.execute(select(func.pg_advisory_xact_lock(lock)))


async def roles(tx: Tx, person_id: UUID) -> tuple[tuple[UUID, str], ...]:
    """The person's roles as (organization, role), oldest first."""
    rows = await tx.execute(
        select(MembershipRow.org_id, MembershipRow.role)
        .where(MembershipRow.person_id == person_id)
        .order_by(MembershipRow.created_at, MembershipRow.org_id, MembershipRow.role)
    )
    return tuple((row.org_id, row.role) for row in rows)


async def roles_changed(tx: Tx, person_id: UUID) -> int:
    """Makes every token of the person out of date, here and in other processes, at commit."""
    version = await tx.scalar(
        update(P)
        .where(P.id == person_id)
        .values(roles_version=P.roles_version + 1, roles_changed_at=clock.now())
        .returning(P.roles_version)
    )
    await say(tx, f"r {person_id} {version}")
    return int(version or 0)


async def say(tx: Tx, word: str) -> None:
    """Tells every process's list of revocations, at commit."""
    await tx.execute(text("select pg_notify(:c, :w)"), {"c": REVOCATIONS, "w": word})


async def has_demo_rows(tx: Tx) -> bool:
    """Whether demo people were ever made in this database."""
    return bool(await tx.scalar(select(P.id).where(P.demo).limit(1)))


async def operators(tx: Tx) -> list[UUID]:
    """Who runs the platform."""
    found = await tx.scalars(select(P.id).where(P.operator, P.erased_at.is_(None)).order_by(P.no))
    return list(found)


async def hold(tx: Tx, person_id: UUID) -> None:
    """Acts of one person that must not cross queue here until the transaction ends."""
    await tx.execute(select(P.id).where(P.id == person_id).with_for_update())
