"""A session waits for its signal as long as the instance says, and its end is its machine's."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text

from tests.live.studio import GRACE, Studio
from tiantou import parts
from tiantou.accounts.ports import Sms
from tiantou.core import delivery, timers
from tiantou.kit import clock
from tiantou.live import reactions, sessions_sql, steps
from tiantou.live.ports import Broadcasting
from tiantou.media import face as media
from tiantou.media.events import SignalLost, SignalStarted
from tiantou.media.retention import SPARE_DAYS
from tiantou.settings import Settings
from tiantou.trade.ports import Gateways


def _parts(studio: Studio) -> parts.Parts:
    adapters: dict[type[Any], Any] = {Sms: None, Gateways: None}
    return parts.Parts(Settings(), studio.database, studio.keys, studio.bus, studio.files, adapters)


async def _timer(studio: Studio, session_id: str) -> tuple[str, datetime]:
    """The event and hour of a session's timer."""
    wanted = text(
        "select body->>'event', due_at from core.timer where kind = 'live.session' and key = :id"
    )
    async with studio.database.begin() as tx:
        row = (await tx.execute(wanted, {"id": session_id})).one()
    return row[0], row[1]


async def _pass(studio: Studio, session_id: str) -> None:
    """The session's timer is due, and the worker looks."""
    async with studio.database.begin() as tx:
        await tx.execute(
            text("update core.timer set due_at = :at where kind = 'live.session' and key = :id"),
            {"id": session_id, "at": clock.now() - timedelta(seconds=1)},
        )
    await timers.run_due(studio.database, parts.timers(_parts(studio)))


async def _state(studio: Studio, session_id: str) -> tuple[str, datetime]:
    async with studio.database.begin() as tx:
        row = await sessions_sql.session(tx, UUID(session_id))
    assert row is not None
    return row.state, row.state_at


async def _started(studio: Studio, session_id: str) -> None:
    fact = SignalStarted(broadcast_id=UUID(session_id), at=clock.now())
    async with studio.database.begin() as tx:
        await reactions.on_signal_started(tx, fact)


async def _flows(studio: Studio, session_id: str) -> None:
    """Media has the signal, and nobody else knows yet."""
    async with studio.database.begin() as tx:
        await tx.execute(
            text("update media.broadcast set state = 'on_air', last_signal_at = :at where id = :i"),
            {"at": clock.now(), "i": session_id},
        )


async def test_a_live_that_never_got_a_signal_ends_after_the_grace(studio: Studio) -> None:
    made = await studio.session("live")
    _, since = await _state(studio, made["id"])
    assert await _timer(studio, made["id"]) == ("no_first_signal", since + GRACE)
    await _pass(studio, made["id"])
    assert (await _state(studio, made["id"]))[0] == "ended"
    await studio.settle()
    assert [one["t"] for one in studio.sent][-2:] == ["state", "end"]


async def test_what_was_tried_out_before_is_no_signal_of_the_live(studio: Studio) -> None:
    made = await studio.session("ready")
    await _started(studio, made["id"])
    await studio.owner.post(f"/api/sessions/{made['id']}/go-live", json={})
    assert (await _timer(studio, made["id"]))[0] == "no_first_signal"


async def test_a_signal_that_flows_when_it_goes_live_is_enough(studio: Studio) -> None:
    made = await studio.session("ready")
    assert (await studio.owner.post(f"/api/sessions/{made['id']}/key", json={})).status_code == 200
    await _flows(studio, made["id"])
    await _started(studio, made["id"])
    await studio.owner.post(f"/api/sessions/{made['id']}/go-live", json={})
    assert (await _timer(studio, made["id"]))[0] == "max_duration"


async def test_a_key_is_worth_nothing_once_the_session_is_not_approved(studio: Studio) -> None:
    made = await studio.session("ready")
    path = f"/api/sessions/{made['id']}"
    assert (await studio.owner.post(f"{path}/key", json={})).status_code == 200
    read = text("select state, rehearses, key_hash from media.broadcast where id = :id")

    async def row() -> list[Any]:
        async with studio.database.begin() as tx:
            return list((await tx.execute(read, {"id": made["id"]})).one())

    assert (await row())[:2] == ["opened", True]
    async with studio.database.begin() as tx:
        session = await sessions_sql.locked(tx, UUID(made["id"]))
        assert session is not None
        await steps.step(tx, session, "goods_or_host_changed")
    assert await row() == ["opened", True, None]
    async with studio.database.begin() as tx:
        session = await sessions_sql.locked(tx, UUID(made["id"]))
        assert session is not None
        for event in ("return", "cancel"):
            await steps.step(tx, session, event)
    assert (await row())[0] == "ending"


async def test_the_first_signal_is_enough(studio: Studio) -> None:
    made = await studio.session("live")
    await _started(studio, made["id"])
    assert (await _timer(studio, made["id"]))[0] == "max_duration"


async def test_a_signal_of_which_no_fact_has_told_yet_counts(studio: Studio) -> None:
    made = await studio.session("live")
    await _flows(studio, made["id"])
    await _pass(studio, made["id"])
    assert (await _state(studio, made["id"]))[0] == "live"
    assert (await _timer(studio, made["id"]))[0] == "max_duration"


async def test_a_lifted_session_waits_anew(studio: Studio) -> None:
    made = await studio.session("live")
    for act in ("suspend", "lift"):
        path = f"/api/desk/sessions/{made['id']}/{act}"
        assert (await studio.operator.post(path, json={"reason": "核实"})).status_code == 200
    _, since = await _state(studio, made["id"])
    assert await _timer(studio, made["id"]) == ("no_first_signal", since + GRACE)


async def test_one_setting_says_how_long_a_lost_signal_is_waited_for(studio: Studio) -> None:
    ways: Broadcasting = parts.broadcasting(Settings(media_grace_s=1500))
    assert ways.grace == GRACE
    made = await studio.session("live")
    await _started(studio, made["id"])
    lost = SignalLost(broadcast_id=UUID(made["id"]), at=clock.now(), grace_s=3600)
    async with studio.database.begin() as tx:
        await reactions.on_signal_lost(tx, lost)
    state, since = await _state(studio, made["id"])
    assert state == "interrupted"
    assert await _timer(studio, made["id"]) == ("grace_10min", since + timedelta(hours=1))


async def _archived(studio: Studio) -> str:
    """A session whose recording is closed and whose time is over."""
    made = await studio.session("live")
    long_ago = clock.now() - timedelta(days=SPARE_DAYS + 1)
    async with studio.database.begin() as tx:
        for statement in (
            "update live.session set state = 'archived', keep_until = :at where id = :id",
            "update media.broadcast set state = 'closed', keep_until = :at where id = :id",
        ):
            await tx.execute(text(statement), {"at": long_ago, "id": made["id"]})
        row = await sessions_sql.locked(tx, UUID(made["id"]))
        assert row is not None
        await steps.set_timer(tx, row)
    return str(made["id"])


async def test_a_session_is_disposed_with_its_recording(studio: Studio, tmp_path: Path) -> None:
    session_id = await _archived(studio)
    assert await media.dispose_due(studio.database, tmp_path, clock.now()) == 1
    mine = [one for one in parts.reactions(_parts(studio)) if one.name == "live.disposed"]
    (consumer,) = delivery.consumers(mine)
    await delivery.deliver(studio.database, consumer, "media")
    assert (await _state(studio, session_id))[0] == "disposed"
    assert (await studio.viewer.get(f"/api/rooms/{session_id}")).status_code == 404


async def test_no_session_is_disposed_before_its_recording(studio: Studio, tmp_path: Path) -> None:
    session_id = await _archived(studio)
    await _pass(studio, session_id)
    assert (await _state(studio, session_id))[0] == "archived"
    event, due = await _timer(studio, session_id)
    assert event == "retention_due_no_hold"
    assert due > clock.now()
    await media.dispose_due(studio.database, tmp_path, clock.now())
    await _pass(studio, session_id)
    assert (await _state(studio, session_id))[0] == "disposed"


async def _waits_for_a_lock(studio: Studio) -> None:
    waiting = text(
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(10):
        while True:
            async with studio.database.begin() as tx:
                if await tx.scalar(waiting):
                    return
            await asyncio.sleep(0.01)


async def test_a_timer_and_a_person_never_wait_for_each_other(studio: Studio) -> None:
    made = await studio.session("live")
    async with studio.database.begin() as tx:
        # Of two that wait for each other the one who looks first is refused: the person.
        await tx.execute(text("set local deadlock_timeout = '50ms'"))
        row = await sessions_sql.locked(tx, UUID(made["id"]))
        assert row is not None
        worker = asyncio.create_task(_pass(studio, made["id"]))
        await _waits_for_a_lock(studio)
        # He locks the session and then sets its timer, as every act does.
        await steps.step(tx, row, "suspend")
    await worker
    assert (await _state(studio, made["id"]))[0] == "suspended"
    assert (await _timer(studio, made["id"]))[0] == "suspend_30min"
    async with studio.database.begin() as tx:
        failed = await tx.scalar(text("select count(*) from core.timer where tries > 0"))
    assert failed == 0
