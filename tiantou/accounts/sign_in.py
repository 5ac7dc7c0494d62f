"""Signing in: by the code that was sent, or by a link that is good once."""

import secrets
from datetime import timedelta
from uuid import UUID

from tiantou.accounts import codes, people_sql, phones, sessions, sessions_sql, sign_in_sql
from tiantou.accounts.events import PersonSignedUp
from tiantou.accounts.problems import CodeExpired, LinkSpent
from tiantou.accounts.tables import PersonRow
from tiantou.core import audit, outbox
from tiantou.core.db import Database, Tx
from tiantou.core.keys import Keys
from tiantou.core.problems import NotAllowed, SignInRequired
from tiantou.core.subject import Subject
from tiantou.kit import clock

LINK_PURPOSE = "accounts.link"
LINK_LIFE = timedelta(days=7)


async def by_code(
    database: Database, tx: Tx, keys: Keys, phone: str, code: str, client_ip: str
) -> tuple[Subject, str]:
    """Signs in who holds the phone, for the first time too: the subject and the session's token.

    Raises WrongCode, CodeExpired, TooManyRequests.
    """
    index, digest = await codes.check_code(database, keys, phone, code, client_ip)
    if not await sign_in_sql.spend_code(tx, index, digest):
        raise CodeExpired()
    person = await person_of_phone(tx, keys, phone)
    return await _enter(tx, keys, person)


async def by_link(tx: Tx, keys: Keys, token: str) -> tuple[Subject, str]:
    """Signs in whom the link was made for. Raises LinkSpent."""
    person_id = await sign_in_sql.spend_link(tx, keys.blind(LINK_PURPOSE, token))
    person = None if person_id is None else await people_sql.row_of(tx, person_id)
    if person is None or person.erased_at is not None:
        raise LinkSpent()
    return await _enter(tx, keys, person)


async def _enter(tx: Tx, keys: Keys, person: PersonRow) -> tuple[Subject, str]:
    if person.signed_up_at is None:
        person.signed_up_at = clock.now()
        await outbox.announce(tx, PersonSignedUp(person_id=person.id, person_no=person.no))
    subject, version = await sessions_sql.open_session(tx, person)
    return subject, sessions.seal(keys, subject, version)


async def sign_out(tx: Tx, caller: Subject) -> None:
    """Ends the caller's session, here and in every process."""
    await sessions_sql.revoke(tx, caller.session_id)


async def person_of_phone(tx: Tx, keys: Keys, phone: str) -> PersonRow:
    """The person of a number (11 digits), made if there is none yet."""
    index = phones.index(keys, phone)
    await people_sql.hold_phone(tx, index)
    found = await people_sql.by_phone(tx, index)
    if found is not None:
        return found
    return await people_sql.add(tx, phone=phones.seal(keys, phone), phone_index=index)


async def make_person_link(tx: Tx, keys: Keys, person_id: UUID, life: timedelta = LINK_LIFE) -> str:
    """A token that signs the person in once, at `/link/{token}`; only its digest is stored."""
    token = secrets.token_urlsafe(24)
    await sign_in_sql.put_link(tx, keys.blind(LINK_PURPOSE, token), person_id, life)
    return token


async def make_operator_link(tx: Tx, keys: Keys, nickname: str = "平台") -> str:
    """A new operator of the platform, and the token of his one-time link."""
    person = await people_sql.add(tx, nickname=nickname, operator=True)
    return await make_person_link(tx, keys, person.id)


async def operator_link(tx: Tx, keys: Keys, phone: str) -> str:
    """Makes the holder of a phone an operator; the token of his one-time link.

    He may sign in by code from then on. Raises InvalidFields on what is no number.
    """
    person = await person_of_phone(tx, keys, phones.read("phone", phone))
    person.operator = True
    await tx.flush()
    await people_sql.roles_changed(tx, person.id)
    await audit.write(tx, None, "accounts.operator-made", f"person:{person.id}")
    return await make_person_link(tx, keys, person.id)


async def invited(tx: Tx, keys: Keys, given: str, field: str = "phone") -> UUID:
    """The person of a number as it was typed, who may come later: nobody learns whether he did.

    Raises InvalidFields naming `field`.
    """
    return (await person_of_phone(tx, keys, phones.read(field, given))).id


async def make_demo_person(tx: Tx, nickname: str) -> UUID:
    """A person without a phone, marked as demo; signs in by a link."""
    return (await people_sql.add(tx, nickname=nickname, demo=True)).id


async def fresh(tx: Tx, caller: Subject) -> Subject:
    """The caller as the rows say now: for the writes of moderators and operators.

    Raises SignInRequired if his session has ended.
    """
    found = await sessions_sql.reread(tx, caller.session_id)
    if found is None:
        raise SignInRequired()
    return found[0]


async def fresh_operator(tx: Tx, caller: Subject) -> Subject:
    """Like `fresh`. Raises NotAllowed if he does not run the platform."""
    subject = await fresh(tx, caller)
    if not subject.operator:
        raise NotAllowed(needs=["operator"])
    return subject
