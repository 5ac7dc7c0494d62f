"""NATS is killed under the gateway: events by request arrive once, the rest by the snapshot."""

import asyncio
import json
from typing import Any

from tests.gateway.conftest import Gateway, gateway_on, until
from tests.gateway.follower import Follower
from tests.nats_server import TOKEN, NatsServer
from tiantou.core.bus import Bus, NoAnswer
from tiantou.core.keys import Keys
from tiantou.engines.nats_bus import open_nats


async def _deliver(bus: Bus, number: int) -> None:
    """As the outbox's worker: the same fact again until the owner has answered."""
    payload = json.dumps({"id": f"f{number}", "ev": {"t": "price", "k": number}}).encode()
    while True:
        try:
            answer = json.loads(await bus.request("room.r1.ev", payload, timeout_s=0.3))
            assert answer["o"] == number
            return
        except NoAnswer:
            await asyncio.sleep(0.02)


async def _trouble(server: NatsServer, state: dict[str, Any]) -> None:
    loop = asyncio.get_running_loop()
    for version in range(2, 5):
        await asyncio.sleep(0.3)
        await loop.run_in_executor(None, server.kill)
        await asyncio.sleep(0.2)
        state["version"] = version
        server.start()
        await asyncio.sleep(1.0)


async def _follow(gateway: Gateway, key: str, count: int, here: asyncio.Semaphore) -> Follower:
    me = Follower()
    async with gateway.join("r1", key) as client:
        await until(me, client, lambda f: f.snapshots)
        here.release()
        await until(
            me,
            client,
            lambda f: len(f.events) >= count and f.snapshots[-1]["state"]["version"] == 4,
        )
    return me


async def test_kill_nats(keys: Keys) -> None:
    server = NatsServer()
    bus, api = await open_nats(server.url, TOKEN), await open_nats(server.url, TOKEN)
    count, state = 400, {"version": 1}
    try:
        async with gateway_on(bus, keys) as gateway:
            gateway.state = {"state": state, "chat": []}
            here = asyncio.Semaphore(0)
            viewers = [
                asyncio.create_task(_follow(gateway, f"k{n}", count, here)) for n in range(3)
            ]
            for _ in viewers:
                await here.acquire()
            troubles = asyncio.create_task(_trouble(server, state))
            for number in range(1, count + 1):
                await _deliver(api, number)
                await asyncio.sleep(0.01)
            await troubles
            async with asyncio.timeout(30):
                followers = await asyncio.gather(*viewers)
        for me in followers:
            assert [event["k"] for event in me.events] == list(range(1, count + 1))
            assert (me.gap, me.again) == (False, 0)
            assert len(me.snapshots) >= 4
            assert me.snapshots[0]["state"] == {"version": 1}
    finally:
        await bus.close()
        await api.close()
        server.close()


async def test_values_from_before_a_loss_are_not_handed_on(keys: Keys) -> None:
    server = NatsServer()
    bus, api = await open_nats(server.url, TOKEN), await open_nats(server.url, TOKEN)
    state: dict[str, Any] = {"stock": 5}
    try:
        async with gateway_on(bus, keys) as gateway:
            gateway.state = {"state": state}
            me = Follower()
            async with gateway.join("r1", "k1") as client:
                await until(me, client, lambda f: f.snapshots)
                await api.publish("room.r1.st", b'{"stock:a":5}')
                await until(me, client, lambda f: f.values)
                server.kill()
                await api.publish("room.r1.st", b'{"stock:a":4}')
                state["stock"] = 4
                server.start()
                await until(me, client, lambda f: f.snapshots[-1]["state"]["stock"] == 4)
            me.values.clear()
            async with gateway.join("r1", "k1", at=f"&e={me.epoch}&o={me.offset}") as client:
                await until(me, client, lambda f: f.counters)
                assert me.values == {}
    finally:
        await bus.close()
        await api.close()
        server.close()
