"""Organizations, members, standings: their rows."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from tiantou.accounts.tables import MembershipRow, OrganizationRow, PersonRow, StandingRow
from tiantou.accounts.views import OrgView, StandingView
from tiantou.core.db import Tx
from tiantou.kit import clock
from tiantou.regions import face as regions

Org = OrganizationRow
M = MembershipRow


async def _views(tx: Tx, rows: Sequence[OrganizationRow]) -> list[OrgView]:
    places = await regions.named(tx, {row.division_code for row in rows})
    return [
        OrgView(
            id=row.id,
            kind=row.kind,
            name=row.name,
            registration_code=row.registration_code,
            division=places[row.division_code],
            address=row.address,
            contact_name=row.contact_name,
            contact_phone=row.contact_phone,
            state=row.state,
            refusal=row.refusal,
            applied_at=row.applied_at,
            admitted_at=row.admitted_at,
            verified_until=row.verified_until,
            demo=row.demo,
        )
        for row in rows
    ]


async def org(tx: Tx, org_id: UUID) -> OrgView | None:
    """The organization, in whatever state; None if there is none."""
    row = await tx.get(OrganizationRow, org_id)
    return None if row is None else (await _views(tx, [row]))[0]


async def orgs(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, OrgView]:
    """The organizations of those ids, by id."""
    rows = (await tx.scalars(select(Org).where(Org.id.in_(set(ids))))).all()
    return {view.id: view for view in await _views(tx, rows)}


async def locked(tx: Tx, org_id: UUID) -> OrganizationRow | None:
    """The row, held against rivals until the transaction ends."""
    return await tx.get(OrganizationRow, org_id, with_for_update=True, populate_existing=True)


async def add(tx: Tx, row: OrganizationRow) -> None:
    """Writes a new organization."""
    tx.add(row)
    await tx.flush()


async def hold_registration(tx: Tx, code: str) -> None:
    """Rivals to be admitted under the same code queue here until the transaction ends."""
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(code, 0))))


async def registered(tx: Tx, code: str, but: UUID | None) -> bool:
    """Whether another organization has been admitted under that registration code."""
    taken = select(Org.id).where(
        Org.registration_code == code, Org.state.in_(("admitted", "suspended"))
    )
    if but is not None:
        taken = taken.where(Org.id != but)
    return await tx.scalar(taken.limit(1)) is not None


async def page(
    tx: Tx, state: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[OrgView]:
    """Organizations of a state, the longest waiting first."""
    wanted = select(Org).order_by(Org.applied_at, Org.id).limit(limit)
    if state is not None:
        wanted = wanted.where(Org.state == state)
    if after is not None:
        wanted = wanted.where(tuple_(Org.applied_at, Org.id) > after)
    return await _views(tx, (await tx.scalars(wanted)).all())


def _escaped(word: str) -> str:
    return word.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


async def search(tx: Tx, words: str, limit: int = 20) -> list[OrgView]:
    """Admitted organizations whose name holds every word, the shortest names first."""
    wanted = select(Org).where(Org.state == "admitted")
    for word in words.split():
        wanted = wanted.where(Org.name.like(f"%{_escaped(word)}%"))
    ordered = wanted.order_by(func.length(Org.name), Org.id).limit(limit)
    return await _views(tx, (await tx.scalars(ordered)).all())


async def of_person(tx: Tx, person_id: UUID) -> list[tuple[OrganizationRow, str]]:
    """The person's organizations with his role in each, oldest first."""
    rows = await tx.execute(
        select(Org, M.role)
        .join(M, M.org_id == Org.id)
        .where(M.person_id == person_id)
        .order_by(M.created_at, Org.id, M.role)
    )
    return [(row[0], row[1]) for row in rows]


async def members(tx: Tx, org_id: UUID) -> list[tuple[PersonRow, str]]:
    """The organization's people with their roles, oldest first."""
    rows = await tx.execute(
        select(PersonRow, M.role)
        .join(M, M.person_id == PersonRow.id)
        .where(M.org_id == org_id)
        .order_by(M.created_at, PersonRow.id, M.role)
    )
    return [(row[0], row[1]) for row in rows]


async def add_member(tx: Tx, org_id: UUID, person_id: UUID, role: str) -> bool:
    """Gives a role; False if he had it."""
    row = insert(M).values(org_id=org_id, person_id=person_id, role=role, created_at=clock.now())
    added = await tx.scalar(row.on_conflict_do_nothing().returning(M.role))
    return added is not None


async def remove_member(tx: Tx, org_id: UUID, person_id: UUID, role: str) -> bool:
    """Takes a role; False if he had it not."""
    gone = delete(M).where(M.org_id == org_id, M.person_id == person_id, M.role == role)
    return await tx.scalar(gone.returning(M.role)) is not None


async def role_count(tx: Tx, org_id: UUID, role: str) -> int:
    """How many people have a role."""
    held = select(func.count()).where(M.org_id == org_id, M.role == role)
    return int(await tx.scalar(held) or 0)


async def people_with(tx: Tx, org_id: UUID, roles: Iterable[str]) -> list[UUID]:
    """The people who have one of the roles, each once."""
    found = await tx.scalars(
        select(M.person_id).where(M.org_id == org_id, M.role.in_(set(roles))).distinct()
    )
    return sorted(found)


async def set_standing(
    tx: Tx,
    about: str,
    about_id: UUID,
    kind: str,
    ok: bool,
    until: datetime | None = None,
    reason: str = "",
) -> None:
    """Sets the verdict `kind` on a person or an organization (`about`: "person", "org").

    `until` None has no end; `reason` is a word or a sentence for the one concerned.
    """
    values: dict[str, Any] = {"ok": ok, "until": until, "reason": reason, "at": clock.now()}
    await tx.execute(
        insert(StandingRow)
        .values(about=about, about_id=about_id, kind=kind, **values)
        .on_conflict_do_update(index_elements=["about", "about_id", "kind"], set_=values)
    )


async def standing(tx: Tx, about: str, about_id: UUID, kind: str) -> StandingView:
    """The verdict as it stands now.

    What nobody has judged is granted, except an organization's `identity`: reason `not-verified`.
    A good verdict past its `until` is none: reason `overdue`; a bad one past it is over.
    """
    row = await tx.get(StandingRow, (about, about_id, kind), populate_existing=True)
    if row is None:
        unknown = about == "org" and kind == "identity"
        return StandingView(not unknown, None, "not-verified" if unknown else "")
    over = row.until is not None and row.until <= clock.now()
    if row.ok:
        return StandingView(not over, row.until, "overdue" if over else "")
    return StandingView(over, row.until, "" if over else row.reason)
