"""What accounts does on facts: text what is to be texted, tell the operators who waits."""

from uuid import UUID

from tiantou.accounts import messages, messages_sql, people_sql, phones
from tiantou.accounts.events import NoticeWanted, OrgApplied
from tiantou.accounts.ports import Sms
from tiantou.core.db import Tx
from tiantou.core.keys import Keys


async def on_notice_wanted(tx: Tx, fact: NoticeWanted, keys: Keys, sms: Sms) -> None:
    """Sends the SMS of a message, unless it left before or the person has no phone any more.

    The row says that it left only if the sending succeeded; should the process die in between, the
    message goes again under the same ref, which the port sends once. Raises SmsFailed.
    """
    person = await people_sql.row_of(tx, fact.person_id)
    if person is None or person.phone is None or person.erased_at is not None:
        return
    if await messages_sql.claim_text(tx, fact.message_id):
        digits = phones.unseal(keys, person.phone)
        await sms.send(digits, fact.template, fact.members, str(fact.message_id))


async def on_org_applied(tx: Tx, fact: OrgApplied, *, fact_id: UUID) -> None:
    """The operators see who waits to be admitted."""
    members = {"org_id": str(fact.org_id), "org_name": fact.name}
    await messages.notify_operators(tx, "org-applied", members, dedupe=str(fact_id))
