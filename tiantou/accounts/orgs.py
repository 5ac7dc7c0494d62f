"""Organizations: they apply, the operator admits or refuses, a change of identity applies anew."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from tiantou.accounts import messages, orgs_sql, people_sql, phones, sign_in
from tiantou.accounts.events import OrgAdmitted, OrgApplied, OrgRefused
from tiantou.accounts.organization_machine import ORGANIZATION
from tiantou.accounts.problems import LastOwner, TooMany
from tiantou.accounts.registration import registration_code
from tiantou.accounts.sessions import ORGS_MAX
from tiantou.accounts.tables import OrganizationRow
from tiantou.accounts.views import MemberView, OrgView, nickname_of
from tiantou.core import audit, outbox
from tiantou.core.db import Tx
from tiantou.core.keys import Keys
from tiantou.core.problems import AlreadyThere, InvalidFields, NotFound
from tiantou.core.subject import OWNER, ROLES, Subject
from tiantou.kit import clock, ids
from tiantou.regions import face as regions

VERIFIED_FOR = timedelta(days=183)
MEMBERS_MAX = 200
IDENTITY = (
    "kind",
    "name",
    "registration_code",
    "division_code",
    "address",
    "contact_name",
    "contact_phone",
)


@dataclass(frozen=True, slots=True)
class OrgIdentity:
    """What an organization says it is; `contact_phone` is public, of any form up to 20 signs."""

    kind: str
    name: str
    registration_code: str | None
    division_code: str
    address: str
    contact_name: str
    contact_phone: str


async def _checked(tx: Tx, said: OrgIdentity, org_id: UUID | None) -> OrgIdentity:
    """Raises InvalidFields, AlreadyThere."""
    code = said.registration_code or None
    if code is not None:
        try:
            code = registration_code(code)
        except ValueError:
            raise InvalidFields.one("registration_code", "registration-code") from None
        if await orgs_sql.registered(tx, code, org_id):
            raise AlreadyThere(field="registration_code")
    elif said.kind != "household":
        raise InvalidFields.one("registration_code", "missing")
    place = await regions.division(tx, said.division_code)
    if place is None or not place.leaf:
        raise InvalidFields.one("division_code", "division")
    return replace(said, registration_code=code)


async def _announce_applied(tx: Tx, row: OrganizationRow) -> None:
    await outbox.announce(
        tx,
        OrgApplied(
            org_id=row.id,
            kind_of_org=row.kind,
            name=row.name,
            division_code=row.division_code,
        ),
    )


async def _view(tx: Tx, org_id: UUID) -> OrgView:
    view = await orgs_sql.org(tx, org_id)
    if view is None:
        raise NotFound()
    return view


async def apply(tx: Tx, founder_id: UUID, said: OrgIdentity, demo: bool = False) -> OrgView:
    """A new organization, state applied; its founder becomes owner.

    Raises InvalidFields, AlreadyThere, TooMany.
    """
    said = await _checked(tx, said, None)
    if len(await people_sql.roles(tx, founder_id)) >= ORGS_MAX:
        raise TooMany(limit=ORGS_MAX)
    row = OrganizationRow(
        id=ids.uuid7(),
        **{name: getattr(said, name) for name in IDENTITY},
        state=ORGANIZATION.init,
        demo=demo,
        applied_at=clock.now(),
    )
    await orgs_sql.add(tx, row)
    await orgs_sql.add_member(tx, row.id, founder_id, OWNER)
    await people_sql.roles_changed(tx, founder_id)
    await _announce_applied(tx, row)
    return await _view(tx, row.id)


async def change(tx: Tx, who: Subject, org_id: UUID, changes: dict[str, Any]) -> OrgView:
    """Changes what it says it is; a real change makes it applied again, until it is admitted anew.

    Raises InvalidFields, AlreadyThere, NotFound, WrongState while it is suspended.
    """
    row = await orgs_sql.locked(tx, org_id)
    if row is None:
        raise NotFound()
    before = {name: getattr(row, name) for name in IDENTITY}
    said = await _checked(tx, OrgIdentity(**{**before, **changes}), org_id)
    after = {name: getattr(said, name) for name in IDENTITY}
    if after == before:
        return await _view(tx, org_id)
    row.state = ORGANIZATION.after(row.state, "apply")
    for name, value in after.items():
        setattr(row, name, value)
    row.refusal, row.applied_at, row.verified_until = None, clock.now(), None
    await orgs_sql.set_standing(tx, "org", org_id, "identity", False, None, "changed")
    changed = {name: value for name, value in before.items() if after[name] != value}
    await audit.write(
        tx, who, "accounts.org-changed", f"org:{org_id}", changed, {n: after[n] for n in changed}
    )
    await _announce_applied(tx, row)
    return await _view(tx, org_id)


async def admit(tx: Tx, who: Subject | None, org_id: UUID) -> OrgView:
    """The operator has verified the identity: good for VERIFIED_FOR from now.

    Admitting an admitted one is the six-monthly check. Raises NotFound, WrongState, AlreadyThere.
    """
    row = await orgs_sql.locked(tx, org_id)
    if row is None:
        raise NotFound()
    if row.registration_code:
        await orgs_sql.hold_registration(tx, row.registration_code)
        if await orgs_sql.registered(tx, row.registration_code, org_id):
            raise AlreadyThere(field="registration_code")
    before = row.state
    row.state = ORGANIZATION.after(row.state, "admit")
    row.refusal, row.admitted_at = None, clock.now()
    row.verified_until = row.admitted_at + VERIFIED_FOR
    await orgs_sql.set_standing(tx, "org", org_id, "identity", True, row.verified_until)
    await audit.write(
        tx,
        who,
        "accounts.org-admitted",
        f"org:{org_id}",
        {"state": before},
        {"state": row.state, "verified_until": row.verified_until.isoformat()},
    )
    if before != row.state:
        fact = OrgAdmitted(
            org_id=row.id, kind_of_org=row.kind, name=row.name, division_code=row.division_code
        )
        await outbox.announce(tx, fact)
        members = {"org_id": str(org_id), "org_name": row.name}
        await messages.notify_org(tx, org_id, (OWNER,), "org-admitted", members, sms=True)
    return await _view(tx, org_id)


async def refuse(tx: Tx, who: Subject | None, org_id: UUID, reason: str) -> OrgView:
    """The operator refuses, with a reason that the owners read. Raises NotFound, WrongState."""
    row = await orgs_sql.locked(tx, org_id)
    if row is None:
        raise NotFound()
    before = row.state
    row.state = ORGANIZATION.after(row.state, "refuse")
    row.refusal = reason
    await orgs_sql.set_standing(tx, "org", org_id, "identity", False, None, "refused")
    after = {"state": row.state, "reason": reason}
    await audit.write(tx, who, "accounts.org-refused", f"org:{org_id}", {"state": before}, after)
    await outbox.announce(tx, OrgRefused(org_id=org_id, reason=reason))
    members = {"org_id": str(org_id), "org_name": row.name, "reason": reason}
    await messages.notify_org(tx, org_id, (OWNER,), "org-refused", members, sms=True)
    return await _view(tx, org_id)


async def suspend(tx: Tx, who: Subject | None, org_id: UUID, reason: str) -> None:
    """A verdict pushed down: the organization may not sell. Raises NotFound, WrongState."""
    await _verdict(tx, who, org_id, "suspend", reason)


async def lift(tx: Tx, who: Subject | None, org_id: UUID) -> None:
    """The suspension is over. Raises NotFound, WrongState."""
    await _verdict(tx, who, org_id, "lift", None)


async def _verdict(tx: Tx, who: Subject | None, org_id: UUID, event: str, why: str | None) -> None:
    row = await orgs_sql.locked(tx, org_id)
    if row is None:
        raise NotFound()
    before = row.state
    row.state, row.refusal = ORGANIZATION.after(row.state, event), why
    after = {"state": row.state, "reason": why}
    await audit.write(tx, who, f"accounts.org-{event}", f"org:{org_id}", {"state": before}, after)


async def members(tx: Tx, keys: Keys, org_id: UUID) -> list[MemberView]:
    """Everybody's roles, oldest first."""
    return [
        MemberView(row.id, nickname_of(row.nickname, row.no), phones.masked(keys, row.phone), role)
        for row, role in await orgs_sql.members(tx, org_id)
    ]


async def add_member(
    tx: Tx, keys: Keys, who: Subject, org_id: UUID, phone: str, role: str
) -> MemberView:
    """Gives a role to the holder of a phone, who may come later. Raises TooMany."""
    person = await sign_in.person_of_phone(tx, keys, phone)
    if await orgs_sql.locked(tx, org_id) is None:
        raise NotFound()
    if len(await orgs_sql.members(tx, org_id)) >= MEMBERS_MAX:
        raise TooMany(limit=MEMBERS_MAX)
    if len(await people_sql.roles(tx, person.id)) >= ORGS_MAX:
        raise TooMany(limit=ORGS_MAX)
    await give_role(tx, who, org_id, person.id, role)
    nickname = nickname_of(person.nickname, person.no)
    return MemberView(person.id, nickname, phones.masked(keys, person.phone), role)


async def give_role(tx: Tx, who: Subject | None, org_id: UUID, person_id: UUID, role: str) -> None:
    """Gives a person a role; takes effect at his next request. ValueError: no such role."""
    if role not in ROLES:
        raise ValueError(f"no such role: {role}")
    if await orgs_sql.add_member(tx, org_id, person_id, role):
        await people_sql.roles_changed(tx, person_id)
        after = {"person": str(person_id), "role": role}
        await audit.write(tx, who, "accounts.role-given", f"org:{org_id}", None, after)


async def remove_member(tx: Tx, who: Subject, org_id: UUID, person_id: UUID, role: str) -> None:
    """Takes a role; takes effect at the person's next request. Raises NotFound, LastOwner."""
    await orgs_sql.locked(tx, org_id)
    if not await orgs_sql.remove_member(tx, org_id, person_id, role):
        raise NotFound()
    if role == OWNER and await orgs_sql.role_count(tx, org_id, OWNER) == 0:
        raise LastOwner()
    await people_sql.roles_changed(tx, person_id)
    before = {"person": str(person_id), "role": role}
    await audit.write(tx, who, "accounts.role-taken", f"org:{org_id}", before, None)
