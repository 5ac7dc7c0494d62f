"""The chain of an organization's traces: a day that is over is hashed, linked and signed.

What is in it cannot be changed later without a stranger's seeing it: `verifying.py` needs the
bundle and the instance's public key, no database.
"""

from datetime import date, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tiantou.core.db import Database, Tx
from tiantou.core.keys import Keys
from tiantou.kit import clock
from tiantou.supply import face as supply
from tiantou.trade.face import CHINA
from tiantou.trust.epcis import chain_sql as sql
from tiantou.trust.epcis import story
from tiantou.trust.epcis.links import canonical, first_link, next_link, root_text

PURPOSE = "trust.trace"
EVERY_S = 1_800
# what was begun before midnight is committed by then
AFTER = timedelta(hours=1)
DAYS_AT_ONCE = 31


def signer(keys: Keys) -> Ed25519PrivateKey:
    """The instance's key for roots."""
    return Ed25519PrivateKey.from_private_bytes(keys.derive(PURPOSE))


def public_key(keys: Keys) -> str:
    """The public half, in hex."""
    return signer(keys).public_key().public_bytes_raw().hex()


async def sweep(database: Database, keys: Keys, public_url: str) -> int:
    """Closes every day that is over, of every organization; says how many days."""
    over = (clock.now() - AFTER).astimezone(CHINA).date()
    async with database.begin() as tx:
        begun = await supply.epcis_begun(tx)
    closed = 0
    for org_id, first in begun.items():
        async with database.begin() as tx:
            last = await sql.last_root(tx, org_id)
        day = last.day + timedelta(days=1) if last else first.astimezone(CHINA).date()
        for _ in range(DAYS_AT_ONCE):
            if day >= over:
                break
            async with database.begin() as tx:
                closed += await close_day(tx, keys, story.Names(public_url, org_id), org_id, day)
            day += timedelta(days=1)
    return closed


async def close_day(tx: Tx, keys: Keys, names: story.Names, org_id: UUID, day: date) -> bool:
    """Links a day's events to the chain and signs its end; False if a rival is at it or was."""
    if not await sql.alone(tx, org_id):
        return False
    last = await sql.last_root(tx, org_id)
    if last is not None and last.day >= day:
        return False
    link = last.link if last else first_link(str(org_id))
    events = last.events if last else 0
    fresh = story.document(await story.of_day(tx, names, org_id, day), clock.now())
    told = [one.out() for one in fresh.epcis_body.event_list]
    known = await sql.known(tx, org_id, [one["eventID"] for one in told])
    rows = []
    for one in told:
        if one["eventID"] in known:
            continue
        link, events = next_link(link, one), events + 1
        rows.append((events, one["eventID"], link, canonical(one).decode()))
    await sql.add_events(tx, org_id, day, rows)
    signature = signer(keys).sign(root_text(str(org_id), day.isoformat(), events, link))
    await sql.add_root(tx, org_id, day, events, link, signature)
    return True
