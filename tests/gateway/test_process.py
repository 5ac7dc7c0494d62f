"""The gateway as a process of its own: killed, started again on the same socket, told to stop."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, WebSocketException

from tests.gateway.conftest import Gateway, bound, until
from tests.gateway.follower import Follower
from tests.nats_server import TOKEN, NatsServer
from tiantou.core.bus import NoAnswer
from tiantou.core.keys import Keys
from tiantou.engines.nats_bus import open_nats

ROOT = "only the tests of the process know this root"


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[tuple[Gateway, Callable[[], Any]]]:
    """A bus, a bound socket, and how to start a gateway on it."""
    server = NatsServer()
    bus = await open_nats(server.url, TOKEN)
    listener = bound()
    listener.listen(64)
    listener.set_inheritable(True)
    keys = Keys((ROOT.encode(),))
    seen = Gateway(bus, keys, listener.getsockname()[1], asyncio.Event())
    seen.state = {"state": {}, "chat": [], "seq": []}
    await bus.subscribe("rooms.snapshot", seen.answer, group="api")
    environment = {
        **os.environ,
        "TIANTOU_HOME": str(tmp_path),
        "TIANTOU_ROOT_SECRET": ROOT,
        "TIANTOU_NATS_URL": server.url.replace("://", f"://{TOKEN}@"),
        "TIANTOU_PUBLIC_URLS": "https://rooms.test",
    }
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        fd = listener.fileno()
        command = [sys.executable, "-m", "tiantou", "gateway", "--fd", str(fd)]
        with (tmp_path / "log").open("ab") as log:
            child = subprocess.Popen(
                command, env=environment, pass_fds=(fd,), stdout=log, stderr=log
            )
        started.append(child)
        return child

    yield seen, start
    for child in started:
        child.kill()
        child.wait()
    assert "Traceback" not in (tmp_path / "log").read_text()
    listener.close()
    await bus.close()
    server.close()


async def _tell(gateway: Gateway, number: int) -> None:
    while True:
        try:
            await gateway.tell("r1", f"f{number}", {"t": "price", "k": number})
            return
        except NoAnswer:
            await asyncio.sleep(0.05)


async def _come(gateway: Gateway, me: Follower, enough: Callable[[Follower], object]) -> None:
    """As the page's client: comes back, with a new ticket, until there is enough."""
    while not enough(me):
        at = f"&e={me.epoch}&o={me.offset}" if me.epoch else ""
        try:
            async with gateway.join("r1", "k1", at=at) as client:
                await until(me, client, enough)
        except (WebSocketException, ConnectionError):
            await asyncio.sleep(0.05)


async def test_killed_and_told_to_stop(parts: tuple[Gateway, Callable[[], Any]]) -> None:
    gateway, start = parts
    child, me = start(), Follower()
    async with asyncio.timeout(60):
        await _tell(gateway, 1)
        await _come(gateway, me, lambda f: f.snapshots)
        first = me.epoch
        following = asyncio.create_task(
            _come(gateway, me, lambda f: f.events and f.events[-1]["k"] == 30)
        )
        for number in range(2, 31):
            if number == 15:
                child.kill()
                child.wait()
                gateway.state["seq"] = ["f14"]
                child = start()
            await _tell(gateway, number)
            await asyncio.sleep(0.02)
        await following
        assert me.epoch != first
        shown = [event["k"] for event in me.events]
        assert shown == sorted(set(shown))
        async with gateway.join("r1", "k2") as client:
            await until(Follower(), client, lambda f: f.snapshots)
            child.send_signal(signal.SIGTERM)
            with pytest.raises(ConnectionClosed) as closed:
                await until(Follower(), client, lambda _: False)
        assert closed.value.rcvd
        assert closed.value.rcvd.code == 1012
        assert json.loads(closed.value.rcvd.reason)["spread_ms"] > 0
        assert await asyncio.get_running_loop().run_in_executor(None, child.wait) == 0
