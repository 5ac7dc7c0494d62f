"""Limits are exact over rivals, the audit chain shows a change, timers run once, keys hold."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tiantou.core import audit, limits, once, timers
from tiantou.core.db import Database, Tx
from tiantou.core.keys import BadToken, Keys
from tiantou.core.problems import TooManyRequests
from tiantou.kit import clock


async def test_a_limit_holds_against_rivals(database: Database) -> None:
    async def one() -> bool:
        try:
            await limits.spend(database, "probe", "somebody", ((5, 3600),))
        except TooManyRequests as problem:
            assert 1 <= problem.members["retry_after_s"] <= 3600
            return False
        return True

    assert sum(await asyncio.gather(*(one() for _ in range(20)))) == 5


async def test_the_audit_chain_shows_a_changed_row(database: Database) -> None:
    async def act(n: int) -> None:
        async with database.begin() as tx:
            await audit.write(tx, None, "probe", f"thing:{n}", {"a": 1}, {"a": n, "名": "桃"})

    await asyncio.gather(*(act(n) for n in range(8)))
    async with database.begin() as tx:
        assert await audit.broken_at(tx) is None
        await tx.execute(text("update core.audit set act = 'other' where no = 4"))
    async with database.begin() as tx:
        assert await audit.broken_at(tx) == 4


async def test_timers_run_once_and_failing_ones_again(database: Database) -> None:
    ran: list[str] = []

    async def due(tx: Tx, key: str, body: dict[str, Any]) -> None:
        ran.append(key)
        if key == "bad" and len(ran) < 4:
            await tx.execute(text("select 1/0"))

    past = clock.now() - timedelta(seconds=1)
    async with database.begin() as tx:
        for key in ("a", "b", "bad"):
            await timers.set(tx, "probe", key, past)
        await timers.set(tx, "probe", "later", clock.now() + timedelta(hours=1))
        await timers.set(tx, "probe", "gone", past)
        await timers.cancel(tx, "probe", "gone")
    handlers: dict[str, timers.Due] = {"probe": due}
    await asyncio.gather(*(timers.run_due(database, handlers) for _ in range(3)))
    assert sorted(ran) == ["a", "b", "bad"]
    async with database.begin() as tx:
        left = (await tx.execute(text("select key, tries from core.timer order by key"))).all()
    assert [tuple(row) for row in left] == [("bad", 1), ("later", 0)]


def test_tokens_are_refused_when_wrong_foreign_or_expired(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = keys.sign("join", b"room", 60)
    assert keys.verify("join", token) == b"room"
    for bad in (token[:-2] + "AA", "a.b", "x" * 5000, token.replace(".", "!", 1)):
        with pytest.raises(BadToken):
            keys.verify("join", bad)
    with pytest.raises(BadToken, match="forged"):
        keys.verify("play", token)
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(BadToken, match="expired"):
        keys.verify("join", token)


def test_a_new_root_still_reads_what_the_old_one_wrote(keys: Keys) -> None:
    newer = Keys((b"another root secret that only tests know", keys.roots[0]))
    assert newer.verify("join", keys.sign("join", b"x", 9)) == b"x"
    assert newer.decrypt("phone", keys.encrypt("phone", "13800138000")) == "13800138000"
    assert newer.blind("phone", "1") == keys.blind("phone", "1")
    with pytest.raises(BadToken):
        keys.decrypt("phone", newer.encrypt("phone", "13800138000"))


async def test_old_answers_go_in_one_statement_and_held_ones_wait(database: Database) -> None:
    now = clock.now()
    async with database.begin() as tx:
        await tx.execute(
            text(
                "insert into core.once (scope, key, asked, at) select 'probe', n::text, 'x',"
                " cast(:now as timestamptz) - (n || ' hours')::interval"
                " from generate_series(1, 40) n"
            ),
            {"now": now},
        )
    before = now - timedelta(hours=once.KEEP_HOURS)
    async with database.begin() as other:
        await other.execute(text("select 1 from core.once where key = '40' for update"))
        async with database.begin() as tx:
            assert await once.forget(tx, before, 10) == 10
        async with database.begin() as tx:
            assert await once.forget(tx, before, 10) == 5
    async with database.begin() as tx:
        assert await once.forget(tx, before, 10) == 1
        left = await tx.scalar(text("select count(*) from core.once"))
    assert left == once.KEEP_HOURS
