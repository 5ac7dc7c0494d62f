"""Who is not let in, by which status, with nothing of a ticket in any log."""

import asyncio
import logging
from typing import Any
from urllib.parse import quote

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.gateway.conftest import HOST, ORIGIN, Gateway, gateway_on, stream, until
from tests.gateway.follower import Follower
from tiantou.core.join_ticket import mint
from tiantou.core.keys import BadToken, Keys
from tiantou.engines.memory_bus import MemoryBus
from tiantou.gateway.tickets import Tickets, TooManyTickets

STRANGER = Keys((b"a root secret of somebody else entirely",))


async def _status(gateway: Gateway, target: str, sse: bool = False, **more: Any) -> int:
    """The status of an attempt; both transports must agree."""
    if sse:
        async with stream(gateway, target, **more) as response:
            return response.status_code
    try:
        async with gateway.ws(target, **more):
            return 101
    except InvalidStatus as refused:
        return refused.response.status_code


@pytest.mark.parametrize("sse", ["", "/sse"])
async def test_tickets_that_open_nothing(gateway: Gateway, keys: Keys, sse: str) -> None:
    path = f"/rt/v1/r1{sse}?t="
    good = mint(keys, "r1", "k1", 0)
    other = keys.sign("playback", b'["n","r1","k1",0,0]', 60)
    for token in (
        "",
        "rubbish",
        "a.b.c",
        good[:-3] + "AAA",
        mint(STRANGER, "r1", "k1", 0),
        mint(keys, "r1", "k1", 0, ttl_s=0),
        mint(keys, "r2", "k1", 0),
        other,
        keys.sign("join", b'{"topic":"r1"}', 60),
    ):
        assert await _status(gateway, path + quote(token), bool(sse)) == 401
    async with gateway.ws(f"/rt/v1/r1?t={quote(good)}"):
        assert await _status(gateway, path + quote(good), bool(sse)) == 401
    assert await _status(gateway, path + quote(good), bool(sse)) == 401


async def test_the_banned_stay_out(gateway: Gateway) -> None:
    await gateway.tell("r1", "f1", {"t": "ban", "person_no": 7})
    await gateway.tell("r1", "f2", {"t": "ban", "viewer_key": "k9"})
    for sse in ("", "/sse"):
        assert await _status(gateway, gateway.target("r1", "k1", 7, sse=sse), bool(sse)) == 403
        assert await _status(gateway, gateway.target("r1", "k9", 1, sse=sse), bool(sse)) == 403
    assert await _status(gateway, gateway.target("r2", "k1", 7)) == 101
    await gateway.tell("r1", "f3", {"t": "unban", "person_no": 7})
    assert await _status(gateway, gateway.target("r1", "k1", 7)) == 101


async def test_those_whom_the_api_calls_banned_stay_out(gateway: Gateway) -> None:
    gateway.state["banned"] = [7]
    async with gateway.join("r1", "k1") as client:
        me = Follower()
        await until(me, client, lambda f: f.snapshots)
        assert "banned" not in me.snapshots[0]
    assert await _status(gateway, gateway.target("r1", "k2", 7)) == 403


async def test_hosts_origins_paths_and_versions(gateway: Gateway) -> None:
    async def status(path: str = "/rt/v1/r1", **more: Any) -> int:
        return await _status(gateway, gateway.target("r1", "k1").replace("/rt/v1/r1", path), **more)

    assert await status(name="evil.test") == 421
    assert await status(name=f"{HOST}:8443") == 101
    assert await status(name="[::1]:8443") == 101
    assert await status(origin="https://evil.test") == 403
    assert await status(origin="null") == 403
    assert await status(origin=ORIGIN) == 101
    assert await status("/rt/v2/r1") == 410
    for path in (
        "/",
        "/rt/v1/",
        "/rt/v1/a.b",
        "/rt/v1/r1/x",
        "/rt/v1/r1/sse/",
        "/rt/v1/" + "a" * 99,
    ):
        assert await status(path) == 404
    sse = gateway.target("r1", "k1", sse="/sse")
    assert await _status(gateway, sse, True, headers={"Host": "evil.test"}) == 421
    assert await _status(gateway, sse, True, headers={"Origin": "https://evil.test"}) == 403
    assert await _status(gateway, gateway.target("r1", "k1"), True) == 426


async def test_firefox_wants_to_keep_the_connection_alive(gateway: Gateway) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(
        f"GET {gateway.target('r1', 'k1')} HTTP/1.1\r\nHost: {HOST}\r\n"
        "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    assert b" 101 " in await reader.readline()
    writer.close()


async def test_limits_per_address_room_and_second(keys: Keys) -> None:
    bus = MemoryBus()
    limits = {"viewers_per_address_max": 2, "viewers_per_room_max": 3, "joins_per_s_max": 12}
    async with gateway_on(bus, keys, **limits) as gateway:
        a: dict[str, Any] = {"headers": {"X-Forwarded-For": "198.51.100.7, 203.0.113.1"}}
        b: dict[str, Any] = {"headers": {"X-Forwarded-For": "203.0.113.2"}}
        async with gateway.join("r1", "k1", **a), gateway.join("r1", "k2", **a):
            async with gateway.join("r1", "k3", **a) as third:
                with pytest.raises(ConnectionClosed) as closed:
                    await third.recv()
                assert closed.value.rcvd
                assert closed.value.rcvd.code == 1013
            sse = gateway.target("r1", "k3", sse="/sse")
            async with stream(gateway, sse, **a) as response:
                assert '"code":1013' in (await response.aread()).decode()
            async with gateway.join("r1", "k4", **b):
                assert await _status(gateway, gateway.target("r1", "k5"), **b) == 503
            assert await _status(gateway, gateway.target("r2", "k5"), **b) == 101
        statuses = [await _status(gateway, gateway.target("r2", f"k{n}"), **b) for n in range(20)]
        assert 503 in statuses
    await bus.close()


def test_a_spent_ticket_is_remembered_until_it_would_be_expired(keys: Keys) -> None:
    tickets = Tickets(keys, 2, 0)
    one = mint(keys, "r", "k", 1)
    assert tickets.open(one, "r", 0.0).person_no == 1
    tickets.open(mint(keys, "r", "k", 1), "r", 1.0)
    with pytest.raises(TooManyTickets):
        tickets.open(mint(keys, "r", "k", 1), "r", 2.0)
    tickets.open(mint(keys, "r", "k", 1), "r", 126.0)
    with pytest.raises(BadToken, match="replayed"):
        Tickets(keys, 2, 2**62).open(mint(keys, "r", "k", 1), "r", 0.0)


def test_a_ticket_has_bounds(keys: Keys) -> None:
    for topic, key, ttl in (("r", "k" * 65, 60), ("", "k", 60), ("r", "k", 121)):
        with pytest.raises(ValueError, match="at most"):
            mint(keys, topic, key, 0, ttl)


async def test_malformed_input_ends_its_own_connection_only(gateway: Gateway) -> None:
    hello = (
        f"GET {{}} HTTP/1.1\r\nHost: {HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    async with gateway.join("r1", "other") as other:
        for greeting in (b"\x16\x03\x01rubbish\r\n\r\n", b"POST / HTTP/1.1\r\n\r\n", b"G" * 40_000):
            await _throw(gateway.port, greeting)
        for bad in (
            b"\x81\x05hello",
            b"\x83\x80\0\0\0\0",
            b"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0",
            b"\x89\xfe\x10\x00\0\0\0\0",
            b"\x88\x81\0\0\0\0x",
            b"\x09\x80\0\0\0\0",
            b"\x80\x81\0\0\0\0x",
            bytes(range(256)) * 8,
        ):
            for sse in ("", "/sse"):
                target = gateway.target("r1", "k1", sse=sse)
                await _throw(gateway.port, hello.format(target).encode() + bad)
        await gateway.tell("r1", "f1", {"t": "pin"})
        await until(Follower(), other, lambda f: f.events)


async def _throw(port: int, content: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(content)
    try:
        await asyncio.wait_for(reader.read(-1), 20)
    except ConnectionError:
        pass
    finally:
        writer.close()


async def test_no_log_holds_a_ticket(keys: Keys, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("httpcore").setLevel(logging.WARNING)
    logging.getLogger("websockets").setLevel(logging.WARNING)
    tokens = [mint(keys, "r1", f"k{n}", 0) for n in range(4)]
    bus = MemoryBus()
    async with gateway_on(bus, keys) as gateway:
        tokens = [mint(keys, "r1", f"k{n}", 0) for n in range(4)]
        for _ in range(2):
            await _status(gateway, f"/rt/v1/r1?t={quote(tokens[0])}")
            await _status(gateway, f"/rt/v1/r1/sse?t={quote(tokens[1])}", True)
        await _status(gateway, f"/rt/v1/r1?t={quote(tokens[2])}", name="evil.test")
        await _throw(gateway.port, f"GET /rt/v1/r1?t={tokens[3]} HTTP/9\r\n\r\n".encode())
    await bus.close()
    said = caplog.text + "".join(str(record.args) for record in caplog.records)
    assert "gateway: drained" in said
    assert not [token for token in tokens if token in said or token[:40] in said]
