"""What must hold of an instance after any story, asked in SQL; `audit` gives what is wrong."""

from typing import Any

from sqlalchemy import text

from tests.stories.place import Place, until
from tests.trade.audit import audit as audit_trade
from tiantou import parts
from tiantou.accounts.ports import Sms
from tiantou.core import audit as acts
from tiantou.core import delivery
from tiantou.core.db import Tx
from tiantou.core.files import Files
from tiantou.engines.memory_bus import MemoryBus
from tiantou.media.face import verify_recording
from tiantou.settings import Settings
from tiantou.trade.ports import Gateways

# Each statement finds what is wrong; an honest instance gives no row.
WRONG = {
    "nothing waits, nothing is parked": "select reaction, kind, key, error from core.waiting",
    "no timer has failed": "select kind, key, error from core.timer where tries > 0",
    "the books' sum is 0": "select sum(amount_fen) from trade.posting having sum(amount_fen) <> 0",
    "a room's lines are numbered without a gap": """
        select session_id, count(*), max(no) from live.line
         group by 1 having count(*) <> max(no) or min(no) <> 1""",
    "no lot gave more than it had": "select lot_id from supply.lot_balance where grams < 0",
    "rooms count the orders that were paid in them": """
        select t.session_id, t.orders, o.orders from live.tally t
          join (select origin, count(*) as orders from trade.orders
                 where paid_at is not null group by 1) o on o.origin = 'live:' || t.session_id
         where t.orders <> o.orders""",
}


def consumers(place: Place) -> list[delivery.Consumer]:
    """Who takes which facts, as the worker binds them."""
    made = parts.Parts(
        Settings(),
        place.database,
        place.keys,
        MemoryBus(),
        Files(place.up.home / "files"),
        {Sms: None, Gateways: None},
    )
    return delivery.consumers(parts.reactions(made))


async def undelivered(place: Place) -> dict[str, int]:
    """Facts that somebody has still to take, by consumer and source."""
    found = {}
    async with place.database.begin() as tx:
        for consumer in consumers(place):
            for source in consumer.sources():
                found[f"{consumer.name} < {source}"] = await _ahead(tx, consumer, source)
    return {name: count for name, count in found.items() if count}


async def _ahead(tx: Tx, consumer: delivery.Consumer, source: str) -> int:
    count = await tx.scalar(
        text(
            f"select count(*) from {source}.outbox o, core.cursor c where c.consumer = :consumer"
            " and c.source = :source and (o.xid, o.id) > (c.xid, c.fact_id)"
            " and o.kind = any(:kinds)"
        ),
        {"consumer": consumer.name, "source": source, "kinds": list(consumer.reactions)},
    )
    return int(count or 0)


async def quiet(place: Place) -> None:
    """Waits until every fact was taken."""

    async def done() -> bool:
        if await undelivered(place):
            return False
        async with place.database.begin() as tx:
            waiting = await tx.scalar(text("select count(*) from core.waiting where not parked"))
        return not waiting

    await until(done, "every fact taken")


async def audit(place: Place) -> dict[str, list[str]]:
    """What is wrong, by rule; empty if nothing is."""
    await quiet(place)
    found = await audit_trade(place.database)
    async with place.database.begin() as tx:
        for rule, statement in WRONG.items():
            rows = (await tx.execute(text(statement))).all()
            if rows:
                found[rule] = [str(row) for row in rows]
        if (broken := await acts.broken_at(tx)) is not None:
            found["the chain of acts holds"] = [f"act {broken}"]
    return found


def recording_faults(place: Place, session_id: str, root: str | None = None) -> list[Any]:
    """What is wrong with a recording on disk; it is closed and signed by this instance."""
    checked = verify_recording(place.folder(session_id), place.keys, root)
    assert checked.segments > 0
    assert checked.signed
    return checked.faults


def leaks(place: Place) -> list[str]:
    """Secrets that were handed out and stand in a log."""
    texts = [file.read_text() for file in (place.up.home / "log").iterdir()]
    cookies = {one.value or "" for page in place.pages for one in page.cookies.jar} - {""}
    handed_out = place.secrets | cookies
    return [secret for secret in handed_out if any(secret in text for text in texts)]
