"""Real sockets: frames to viewers, coming back, counts, streams, the end."""

import asyncio
import contextlib
import json
import socket
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.gateway.conftest import Gateway, gateway_on, stream, until
from tests.gateway.follower import Follower
from tiantou.core.keys import Keys
from tiantou.engines.memory_bus import MemoryBus


async def test_a_viewer_sees_events_chat_values_and_counts(gateway: Gateway) -> None:
    gateway.state["state"] = {"pinned": "apples"}
    async with gateway.join("r1", "k1") as client:
        me = Follower()
        await until(me, client, lambda f: f.snapshots)
        assert me.snapshots[0]["state"] == {"pinned": "apples"}
        told = await gateway.tell("r1", "f1", {"t": "pin", "item": None})
        assert told == {"e": me.epoch, "o": 1}
        assert await gateway.tell("r1", "f1", {"t": "pin", "item": None}) == told
        await gateway.say("r1", "in", i=1, u="张三", x="甜不甜?", b="", p=5)
        await gateway.say("r1", "st", **{"stock:a": 7, "likes": 3, "orders": 2})
        await gateway.say("r1", "entry", u="李四")
        await gateway.say("r1", "likes", n=4)
        await until(
            me,
            client,
            lambda f: f.lines and f.values and f.counters == [1, 7, 2] and f.entered,
        )
        assert me.events == [{"t": "pin", "item": None}]
        assert (me.offset, me.gap, me.again) == (1, False, 0)
        assert me.lines == [{"i": 1, "u": "张三", "x": "甜不甜?", "b": "", "p": 5}]
        assert me.values == {"stock:a": 7}


async def test_who_comes_back_gets_what_he_missed(gateway: Gateway) -> None:
    me = Follower()
    async with gateway.join("r1", "k1") as client:
        await until(me, client, lambda f: f.snapshots)
        await gateway.tell("r1", "f1", {"t": "a"})
        await until(me, client, lambda f: f.events)
    for number in range(2, 8):
        await gateway.tell("r1", f"f{number}", {"t": "a"})
    await gateway.say("r1", "in", i=3, u="u", x="missed")
    at = f"&e={me.epoch}&o={me.offset}"
    async with gateway.join("r1", "k1", at=at) as client:
        await until(me, client, lambda f: f.offset == 7 and f.lines)
        assert (len(me.events), me.again, len(me.snapshots)) == (7, 0, 1)
    async with gateway.join("r1", "k1", at="&e=00000000&o=3") as client:
        await until(me, client, lambda f: len(f.snapshots) == 2)
        assert not me.gap


async def test_an_event_without_viewers_is_answered_and_shown_later(gateway: Gateway) -> None:
    assert (await gateway.tell("r2", "f1", {"t": "pin"}))["o"] == 1
    async with gateway.join("r2", "k1") as client:
        me = Follower()
        await until(me, client, lambda f: f.snapshots)
        assert (me.offset, me.events) == (1, [])


async def test_malformed_messages_of_the_bus_change_nothing(gateway: Gateway) -> None:
    async with gateway.join("r1", "k1") as client:
        for word in ("st", "in", "entry", "likes"):
            await gateway.bus.publish(f"room.r1.{word}", b'{"n":"x"}')
            await gateway.bus.publish(f"room.r1.{word}", b"\xff{")
        answer = await gateway.bus.request("room.r1.ev", b'{"id":"f1"}')
        assert json.loads(answer) == {"error": "malformed"}
        answer = await gateway.bus.request("room.r1.ev", b"x" * 100_000)
        assert json.loads(answer) == {"error": "too large"}
        await gateway.tell("r1", "f1", {"t": "pin"})
        await until(Follower(), client, lambda f: f.events)


async def test_joiners_share_one_question(gateway: Gateway) -> None:
    async with contextlib.AsyncExitStack() as stack:
        clients = await asyncio.gather(
            *(stack.enter_async_context(gateway.join("r1", f"k{n}")) for n in range(20))
        )
        for client in clients:
            await until(Follower(), client, lambda f: f.snapshots)
    assert gateway.asked == 1


async def test_without_an_answer_a_joiner_gets_an_empty_room_and_then_the_real_one(
    gateway: Gateway,
) -> None:
    kept, gateway.state = gateway.state, {}
    async with gateway.join("r1", "k1") as client:
        me = Follower()
        await until(me, client, lambda f: f.snapshots)
        assert me.snapshots[0] == {"state": {}, "chat": [], "ev": []}
        await gateway.tell("r1", "f1", {"t": "pin"})
        gateway.state = kept
        await until(me, client, lambda f: len(f.snapshots) == 2)
        assert me.snapshots[1]["state"] == kept["state"]
        assert (me.offset, len(me.events), me.again) == (1, 1, 0)


async def test_a_publisher_that_lost_values_has_all_rooms_read_anew(gateway: Gateway) -> None:
    async with gateway.join("r1", "k1") as client:
        me = Follower()
        await until(me, client, lambda f: f.snapshots)
        first = me.epoch
        await gateway.tell("r1", "f1", {"t": "pin"})
        gateway.state["state"] = {"pinned": "pears"}
        for _ in range(3):
            await gateway.bus.publish("rooms.refresh", b"")
        await until(me, client, lambda f: len(f.snapshots) == 2)
        assert me.snapshots[1]["state"] == {"pinned": "pears"}
        assert (gateway.asked, len(me.events), me.gap) == (2, 1, False)
        assert me.epoch != first


async def test_viewers_are_people_not_connections(keys: Keys) -> None:
    bus = MemoryBus()
    async with gateway_on(bus, keys, seen_after_s=1.0) as gateway:
        counts, seen = await gateway.heard("room.r1.n"), await gateway.heard("room.r1.seen")
        async with gateway.join("r1", "k1"), gateway.join("r1", "k1"):
            assert await counts.get() == {"viewers": 1, "peak": 1}
            async with gateway.join("r1", "k2"):
                assert await counts.get() == {"viewers": 2, "peak": 2}
            assert await counts.get() == {"viewers": 1, "peak": 2}
            visits: list[str] = []
            while "k1" not in visits:
                visits += (await seen.get())["keys"]
        assert await counts.get() == {"viewers": 0, "peak": 2}
        async with gateway.join("r1", "k1"), gateway.join("r1", "k3"):
            while "k3" not in visits:
                visits += (await seen.get())["keys"]
        assert len(visits) == len(set(visits))
    await bus.close()


async def test_a_stream_carries_the_same_frames(gateway: Gateway) -> None:
    told: list[str] = []
    target = gateway.target("r1", "k2", sse="/sse")
    async with (
        gateway.join("r1", "k1") as client,
        stream(gateway, target, headers={"Origin": "https://rooms.test"}) as response,
    ):
        assert response.headers["content-type"] == "text/event-stream"
        assert response.headers["access-control-allow-origin"] == "https://rooms.test"
        lines = response.aiter_lines()
        for number in range(30):
            await gateway.tell("r1", f"f{number}", {"t": "a", "n": number})
            await gateway.say("r1", "in", i=number, u="u", x="第\n二行")
            await asyncio.sleep(0.01)
        ours, theirs = Follower(), Follower()
        await until(ours, client, lambda f: len(f.events) == 30 and len(f.lines) == 30)
        async with asyncio.timeout(20):
            while len(theirs.events) < 30 or len(theirs.lines) < 30:
                line = await anext(lines)
                if line.startswith("data: "):
                    told.append(line[6:])
                    theirs.take(line[6:])
    assert (ours.events, ours.offset, ours.epoch) == (theirs.events, theirs.offset, theirs.epoch)
    assert ours.lines[-30:] == theirs.lines[-30:]
    assert not theirs.gap


async def test_a_stream_says_farewell(gateway: Gateway) -> None:
    target = gateway.target("r1", "k2", person=8, sse="/sse")
    async with stream(gateway, target) as response:
        parts = response.aiter_text()
        text = await anext(parts)
        await gateway.tell("r1", "f1", {"t": "ban", "person_no": 8})
        text += "".join([part async for part in parts])
    assert text.rstrip().endswith('event: bye\ndata: {"code":4003,"reason":"banned"}')
    assert '"ev":[{"t": "ban", "person_no": 8}]' in text


async def _closed(client: Any) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed) as closed:
        async with asyncio.timeout(20):
            while True:
                await client.recv()
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code, closed.value.rcvd.reason


async def test_the_banned_see_why_and_are_gone(gateway: Gateway) -> None:
    async with (
        gateway.join("r1", "k1", 7) as one,
        gateway.join("r1", "k2", 7) as two,
        gateway.join("r1", "k3", 9) as other,
    ):
        await gateway.tell("r1", "f1", {"t": "ban", "person_no": 7})
        me = Follower()
        await until(me, one, lambda f: f.events)
        assert await _closed(one) == (4003, "banned")
        assert await _closed(two) == (4003, "banned")
        await gateway.tell("r1", "f2", {"t": "ban", "viewer_key": "k3"})
        assert await _closed(other) == (4003, "banned")


async def test_viewers_only_listen(gateway: Gateway) -> None:
    async with gateway.join("r1", "other") as other:
        for said in ("hello", b"\0\1"):
            async with gateway.join("r1", "k1") as client:
                await client.send(said)
                assert (await _closed(client))[0] == 1008
        async with gateway.join("r1", "k1") as client:
            pong = await client.ping(b"there?")
            assert await asyncio.wait_for(pong, 20) >= 0
            with contextlib.suppress(ConnectionClosed):
                for _ in range(100):
                    await client.ping()
            assert (await _closed(client))[0] == 1008
        await gateway.tell("r1", "f1", {"t": "pin"})
        await until(Follower(), other, lambda f: f.events)


async def test_a_deploy_sends_everybody_elsewhere(gateway: Gateway) -> None:
    async with gateway.join("r1", "k1") as one, gateway.join("r2", "k2") as two:
        gateway.stop.set()
        for client in (one, two):
            code, reason = await _closed(client)
            assert code == 1012
            assert 1_000 <= json.loads(reason)["spread_ms"] <= 10_000
        assert gateway.running
        await asyncio.wait_for(asyncio.shield(gateway.running), 20)


async def test_a_slow_viewer_is_closed_and_comes_back(keys: Keys) -> None:
    bus = MemoryBus()
    async with gateway_on(bus, keys) as gateway:
        small = socket.socket()
        small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        small.setblocking(False)
        await asyncio.get_running_loop().sock_connect(small, ("127.0.0.1", gateway.port))
        slow, quick = Follower(), Follower()
        async with (
            gateway.join("r1", "slow", sock=small, max_queue=1) as laggard,
            gateway.join("r1", "quick", max_size=None) as other,
        ):
            await until(slow, laggard, lambda f: f.snapshots)
            reading = asyncio.create_task(until(quick, other, lambda f: len(f.events) == 300))
            for number in range(300):
                await gateway.tell("r1", f"f{number}", {"t": "a", "x": "y" * 2_000})
                await asyncio.sleep(0.002)
            await reading
            with pytest.raises(ConnectionClosed) as closed:
                await until(slow, laggard, lambda _: False)
            assert closed.value.rcvd
            assert closed.value.rcvd.code == 4008
        assert 0 < len(slow.events) < 300
        at = f"&e={slow.epoch}&o={slow.offset}"
        async with gateway.join("r1", "slow", at=at, max_size=None) as laggard:
            await until(slow, laggard, lambda f: len(f.events) == 300)
        assert (slow.again, slow.gap, len(slow.snapshots)) == (0, False, 1)
    await bus.close()
