"""Messages to people: in the inbox at once, by SMS when asked; each once for its key."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from tiantou.accounts import messages_sql, orgs_sql, people_sql
from tiantou.accounts.events import NoticeWanted
from tiantou.core import outbox
from tiantou.core.db import Tx


def _same(kind: str, members: dict[str, Any]) -> str:
    """The key of a message that gives none: the same words are the same message."""
    said = json.dumps([kind, members], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:40]


async def notify(
    tx: Tx,
    person_id: UUID,
    kind: str,
    members: dict[str, Any],
    sms: bool = False,
    *,
    dedupe: str | None = None,
) -> bool:
    """Puts a message into a person's inbox; False if it was there.

    `kind` is a word that the client (and the SMS template) words, `members` are JSON values and
    hold no address and no phone. `dedupe` names the occasion (a fact's id, an order and a state);
    without it the same kind and members are the same message. With `sms` the message also goes out
    by SMS, after the commit.
    """
    key = dedupe or _same(kind, members)
    message_id = await messages_sql.add(tx, person_id, kind, members, key)
    if message_id is None:
        return False
    if sms:
        wanted = NoticeWanted(
            person_id=person_id, message_id=message_id, template=kind, members=members
        )
        await outbox.announce(tx, wanted)
    return True


async def notify_org(
    tx: Tx,
    org_id: UUID,
    roles: Iterable[str],
    kind: str,
    members: dict[str, Any],
    sms: bool = False,
    *,
    dedupe: str | None = None,
) -> int:
    """`notify` for everybody in an organization who has one of the roles; says how many got it."""
    got = 0
    for person_id in await orgs_sql.people_with(tx, org_id, roles):
        got += await notify(tx, person_id, kind, members, sms, dedupe=dedupe)
    return got


async def notify_operators(
    tx: Tx, kind: str, members: dict[str, Any], *, dedupe: str | None = None
) -> int:
    """`notify` for who runs the platform, in the inbox only; says how many got it."""
    got = 0
    for person_id in await people_sql.operators(tx):
        got += await notify(tx, person_id, kind, members, dedupe=dedupe)
    return got
