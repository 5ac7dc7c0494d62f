"""Facts reach reactions in order, once, through errors, rivals and a restored database."""

import asyncio
from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import text

from tiantou.core import delivery, partitions
from tiantou.core.bus import NoAnswer
from tiantou.core.db import Database, Table, Tx
from tiantou.core.delivery import Consumer, Reaction, consumers, deliver, retry
from tiantou.core.outbox import Fact, announce, outbox_table
from tiantou.core.rebase import rebase

SCHEMA = "probe"


class Happened(Fact, frozen=True, kw_only=True):
    """A fact of these tests alone."""

    keyed_by = "key_name"
    key_name: str
    number: int

    @classmethod
    def schema(cls) -> str:
        return SCHEMA


class Elsewhere(Happened, frozen=True, kw_only=True):
    """A fact that nobody here takes."""


@pytest.fixture(scope="module")
def table() -> Iterator[None]:
    made = outbox_table(SCHEMA)
    yield
    Table.metadata.remove(made.metadata.tables[f"{SCHEMA}.outbox"])


@pytest.fixture
async def db(database: Database, table: None) -> Database:
    async with database.begin() as tx:
        await tx.execute(text(f"create schema {SCHEMA}"))
        for statement in partitions.outbox_ddl(SCHEMA):
            await tx.execute(text(statement))
        await tx.execute(text(f"create table {SCHEMA}.seen (key text, number int)"))
    return database


async def _note(tx: Tx, fact: Happened) -> None:
    await tx.execute(
        text(f"insert into {SCHEMA}.seen values (:k, :n)"), {"k": fact.key_name, "n": fact.number}
    )


def _consumer(run: object) -> Consumer:
    return consumers([Reaction("probe.note", Happened, run)])[0]  # type: ignore[arg-type]


async def _seen(db: Database) -> list[tuple[str, int]]:
    async with db.begin() as tx:
        rows = await tx.execute(text(f"select key, number from {SCHEMA}.seen order by ctid"))
        return [(row[0], row[1]) for row in rows]


async def _say(db: Database, key: str, *numbers: int) -> None:
    for number in numbers:
        async with db.begin() as tx:
            await announce(tx, Happened(key_name=key, number=number))


async def test_each_fact_once_and_in_order(db: Database) -> None:
    await _say(db, "a", 1, 2, 3)
    consumer = _consumer(_note)
    assert await deliver(db, consumer, SCHEMA) == 3
    assert await deliver(db, consumer, SCHEMA) == 0
    assert await _seen(db) == [("a", 1), ("a", 2), ("a", 3)]


async def test_a_fact_of_an_open_transaction_is_not_passed_over(db: Database) -> None:
    consumer = _consumer(_note)
    async with db.begin() as slow:
        await announce(slow, Happened(key_name="slow", number=1))
        await slow.flush()
        await _say(db, "fast", 2)
        await deliver(db, consumer, SCHEMA)
    await deliver(db, consumer, SCHEMA)
    assert sorted(await _seen(db)) == [("fast", 2), ("slow", 1)]


async def test_later_facts_of_a_key_wait_for_a_failing_one(db: Database) -> None:
    broken = True

    async def stumble(tx: Tx, fact: Happened) -> None:
        await _note(tx, fact)
        if broken and fact.key_name == "a":
            raise RuntimeError("not now")

    consumer = _consumer(stumble)
    await _say(db, "a", 1)
    await _say(db, "b", 1)
    await _say(db, "a", 2)
    await deliver(db, consumer, SCHEMA)
    assert await _seen(db) == [("b", 1)]
    broken = False
    by_name = {"probe.note": consumer.reactions["probe.happened"][0]}
    async with asyncio.timeout(10):
        while len(await _seen(db)) < 3:
            await retry(db, by_name)
            await asyncio.sleep(0.05)
    assert await _seen(db) == [("b", 1), ("a", 1), ("a", 2)]


async def test_a_fact_that_never_works_is_parked_and_can_be_run_again(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "TRIES_MAX", 2)
    works = False

    async def stumble(tx: Tx, fact: Happened) -> None:
        if not works:
            raise RuntimeError("never")
        await _note(tx, fact)

    consumer = _consumer(stumble)
    by_name = {"probe.note": consumer.reactions["probe.happened"][0]}
    await _say(db, "a", 1)
    await deliver(db, consumer, SCHEMA)
    await asyncio.sleep(0.3)
    assert await retry(db, by_name) == 1
    await asyncio.sleep(1)
    assert await retry(db, by_name) == 0, "a parked fact is not tried"
    works = True
    async with db.begin() as tx:
        number = await tx.scalar(text("select no from core.waiting where parked"))
        assert await delivery.unpark(tx, int(number))
    assert await retry(db, by_name) == 1
    assert await _seen(db) == [("a", 1)]


async def test_who_does_not_answer_is_asked_again_and_never_parked(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "TRIES_MAX", 2)
    monkeypatch.setattr(delivery, "BACKOFF_MIN_S", 0.0)
    there = False

    async def ask(tx: Tx, fact: Happened) -> None:
        if not there:
            raise NoAnswer("nobody")
        await _note(tx, fact)

    consumer = _consumer(ask)
    by_name = {"probe.note": consumer.reactions["probe.happened"][0]}
    await _say(db, "a", 1)
    await deliver(db, consumer, SCHEMA)
    assert await retry(db, by_name, limit=30) == 30
    there = True
    assert await retry(db, by_name) == 1
    assert await _seen(db) == [("a", 1)]


async def test_a_slow_reaction_does_not_hold_its_transaction_open(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "BATCH_S_MAX", 0.1)

    async def slow(tx: Tx, fact: Happened) -> None:
        await asyncio.sleep(0.06)
        await _note(tx, fact)

    consumer = _consumer(slow)
    await _say(db, "a", *range(6))
    assert await deliver(db, consumer, SCHEMA) < 6
    while await deliver(db, consumer, SCHEMA):
        continue
    assert await _seen(db) == [("a", n) for n in range(6)]


def test_a_reaction_that_waits_for_others_is_a_consumer_of_its_own() -> None:
    made = consumers(
        [
            Reaction("probe.note", Happened, _note),
            Reaction("probe.ask", Happened, _note, alone=True),
        ]
    )
    assert [one.name for one in made] == ["probe", "probe.ask"]


async def test_the_watermark_moves_past_what_nobody_here_takes(db: Database) -> None:
    consumer = _consumer(_note)
    await _say(db, "a", 1)
    async with db.begin() as tx:
        await announce(tx, Elsewhere(key_name="b", number=2))
    while await deliver(db, consumer, SCHEMA):
        continue
    assert await _seen(db) == [("a", 1)]
    assert not await delivery.held_back(db, consumer)
    async with db.begin() as tx:
        await announce(tx, Elsewhere(key_name="b", number=3))
        await tx.flush()
        await _say(db, "a", 4)
        await deliver(db, consumer, SCHEMA)
        assert await delivery.held_back(db, consumer)


async def test_what_a_deferred_constraint_refuses_fails_alone(db: Database) -> None:
    async with db.begin() as tx:
        await tx.execute(
            text(
                f"alter table {SCHEMA}.seen add constraint once_only unique (key, number)"
                " deferrable initially deferred"
            )
        )

    async def twice(tx: Tx, fact: Happened) -> None:
        await _note(tx, fact)
        if fact.key_name == "bad":
            await _note(tx, fact)

    await _say(db, "bad", 1)
    await _say(db, "good", 1)
    consumer = _consumer(twice)
    assert await deliver(db, consumer, SCHEMA) == 2
    assert await _seen(db) == [("good", 1)]


async def test_facts_of_no_reaction_are_parked(db: Database) -> None:
    async def never(tx: Tx, fact: Happened) -> None:
        raise RuntimeError("never")

    await _say(db, "a", 1)
    await deliver(db, _consumer(never), SCHEMA)
    await delivery.park_orphans(db, [Reaction("probe.other", Happened, never)])
    async with db.begin() as tx:
        assert await tx.scalar(text("select parked from core.waiting"))


async def test_rival_workers_deliver_each_fact_once(db: Database) -> None:
    consumer = _consumer(_note)
    await _say(db, "a", *range(60))

    async def work() -> None:
        for _ in range(40):
            await deliver(db, consumer, SCHEMA, limit=7)

    await asyncio.gather(work(), work(), work())
    assert await _seen(db) == [("a", n) for n in range(60)]


async def test_facts_go_on_flowing_after_a_restore(db: Database) -> None:
    consumer = _consumer(_note)
    await _say(db, "a", 1)
    await deliver(db, consumer, SCHEMA)
    await _say(db, "a", 2)
    async with db.begin() as tx:
        # As after a dump and restore: another system, and transaction ids from far ahead.
        await tx.execute(text("update core.cursor set system = 'elsewhere', xid = '900000'"))
        await tx.execute(
            text(
                f"update {SCHEMA}.outbox set xid = case when body->>'number' = '1'"
                " then '900000'::xid8 else '900001'::xid8 end"
            )
        )
        await tx.execute(
            text(
                f"update core.cursor set fact_id = (select id from {SCHEMA}.outbox"
                " where body->>'number' = '1')"
            )
        )
    with pytest.raises(RuntimeError, match="re-base"):
        await deliver(db, consumer, SCHEMA)
    assert await rebase(db, [consumer]) == 1
    assert await rebase(db, [consumer]) == 0
    await _say(db, "b", 3)
    await deliver(db, consumer, SCHEMA)
    await retry(db, {"probe.note": consumer.reactions["probe.happened"][0]})
    assert sorted(await _seen(db)) == [("a", 1), ("a", 2), ("b", 3)]


async def test_rivals_make_partitions_without_failing(db: Database) -> None:
    async with db.begin() as tx:
        days = await tx.scalars(
            text(
                "select inhrelid::regclass::text from pg_inherits"
                " where inhparent = 'probe.outbox'::regclass"
            )
        )
        for day in days:
            await tx.execute(text(f"drop table {day}"))
    await asyncio.gather(*(partitions.make_ahead(db.engine) for _ in range(4)))
    await _say(db, "a", 1)


async def test_partitions_are_made_and_dropped_only_when_everybody_is_past(db: Database) -> None:
    consumer = _consumer(_note)
    async with db.begin() as tx:
        await tx.execute(
            text(
                f"create table {SCHEMA}.outbox_20200101 partition of {SCHEMA}.outbox"
                " for values from ('2020-01-01') to ('2020-01-02')"
            )
        )
        await tx.execute(
            text(
                f"insert into {SCHEMA}.outbox (day, id, kind, key, body, at) values ('2020-01-01',"
                " :id, 'probe.happened', 'old', '{\"key_name\": \"old\", \"number\": 7}', now())"
            ),
            {"id": UUID(int=5)},
        )
    # Processes that start together do not trip over each other.
    await asyncio.gather(*(partitions.make_ahead(db.engine) for _ in range(4)))
    async with db.begin() as tx:
        await tx.execute(
            text(
                "insert into core.cursor select 'probe', 'probe',"
                " system_identifier::text, '0', :nil, now() from pg_control_system()"
            ),
            {"nil": UUID(int=0)},
        )
    assert await partitions.drop_old(db.engine) == []
    await deliver(db, consumer, SCHEMA)
    assert await partitions.drop_old(db.engine) == [f"{SCHEMA}.outbox_20200101"]
    assert await _seen(db) == [("old", 7)]
