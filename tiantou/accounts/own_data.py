"""What the law gives every person: a copy of his data, and to be erased."""

from typing import Any
from uuid import UUID

from tiantou.accounts import (
    addresses,
    addresses_sql,
    messages_sql,
    orgs_sql,
    people_sql,
    phones,
    sessions_sql,
)
from tiantou.accounts.problems import LastOwner
from tiantou.core import audit, once
from tiantou.core.db import Tx
from tiantou.core.keys import Keys
from tiantou.core.problems import NotFound
from tiantou.core.subject import OWNER, Subject
from tiantou.kit import clock

MESSAGES_MAX = 100


async def copy(tx: Tx, keys: Keys, person_id: UUID) -> dict[str, Any]:
    """All that accounts keeps of a person, as JSON values; orders are in the buyer's own pages."""
    row = await people_sql.row_of(tx, person_id)
    if row is None:
        raise NotFound()
    inbox = await messages_sql.page(tx, person_id, None, MESSAGES_MAX)
    return {
        "person": {
            "no": row.no,
            "nickname": row.nickname,
            "phone": phones.unseal(keys, row.phone) if row.phone else None,
            "since": row.created_at.isoformat(),
        },
        "addresses": [
            {
                "recipient": one.recipient,
                "phone": one.phone,
                "division": one.division.full_name,
                "detail": one.detail,
            }
            for one in await addresses.book(tx, keys, person_id)
        ],
        "roles": [
            {"organization": org.name, "role": role}
            for org, role in await orgs_sql.of_person(tx, person_id)
        ],
        "messages": [
            {"kind": one.kind, "members": one.members, "at": one.at.isoformat()} for one in inbox
        ],
    }


async def erase(tx: Tx, caller: Subject) -> None:
    """Takes away what names the person: phone, nickname, addresses, messages, roles, sessions.

    His number stays, because orders and chat lines that the law keeps refer to it.
    Raises LastOwner while an organization would be left without an owner.
    """
    await people_sql.hold(tx, caller.person_id)
    row = await people_sql.row_of(tx, caller.person_id)
    if row is None or row.erased_at is not None:
        raise NotFound()
    for org, role in await orgs_sql.of_person(tx, caller.person_id):
        await orgs_sql.locked(tx, org.id)
        await orgs_sql.remove_member(tx, org.id, caller.person_id, role)
        if role == OWNER and await orgs_sql.role_count(tx, org.id, OWNER) == 0:
            raise LastOwner()
    await addresses_sql.remove_all(tx, caller.person_id)
    await messages_sql.remove_all(tx, caller.person_id)
    await once.forget_scope(tx, str(caller.person_id))
    await sessions_sql.revoke_all(tx, caller.person_id)
    row.phone = row.phone_index = row.nickname = None
    row.operator, row.erased_at = False, clock.now()
    await people_sql.roles_changed(tx, caller.person_id)
    await audit.write(tx, caller, "accounts.person-erased", f"person:{caller.person_id}")
