"""Rubbish on the wire: whatever comes in, only its own connection ends."""

import asyncio
import random
from contextlib import suppress

from tests.gateway.conftest import HOST, Gateway, until
from tests.gateway.follower import Follower

CONNECTIONS, AT_ONCE = 300, 20


def _hello(target: str) -> bytes:
    return (
        f"GET {target} HTTP/1.1\r\nHost: {HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ).encode()


def _mutated(raw: bytes, source: random.Random) -> bytes:
    made = bytearray(raw)
    for _ in range(source.randint(1, 6)):
        place = source.randrange(len(made))
        kind = source.random()
        if kind < 0.5:
            made[place] = source.randrange(256)
        elif kind < 0.75:
            del made[place : place + source.randint(1, 30)]
        else:
            made[place:place] = source.randbytes(source.randint(1, 30))
        if not made:
            break
    return bytes(made)


def _frames(source: random.Random) -> bytes:
    """Frames with heads that are nearly right."""
    made = b""
    for _ in range(source.randint(1, 8)):
        head = source.choice((0x80, 0x81, 0x82, 0x88, 0x89, 0x8A, source.randrange(256)))
        size = source.choice((0, 1, 2, 125, 126, 127, source.randrange(128)))
        body = source.randbytes(min(size, 125) + source.randint(0, 4))
        made += bytes((head, size | 0x80 * (source.random() < 0.9))) + source.randbytes(4) + body
    return made


async def _throw(gateway: Gateway, content: bytes, cut: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    with suppress(ConnectionError, TimeoutError):
        writer.write(content[:cut])
        await asyncio.sleep(0)
        writer.write(content[cut:])
        await asyncio.wait_for(reader.read(4_096), 0.2)
    writer.transport.abort()


async def test_rubbish_ends_only_its_own_connection(gateway: Gateway) -> None:
    source = random.Random(20_26)
    counts = await gateway.heard("room.r1.n")
    room = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        hello = _hello(gateway.target("r1", f"k{number}", sse=source.choice(("", "", "/sse"))))
        content = _mutated(hello, source) if number % 2 else hello + _frames(source)
        async with room:
            await _throw(gateway, content, source.randrange(len(content) or 1))

    async with gateway.join("r1", "other") as other:
        me = Follower()
        reading = asyncio.create_task(until(me, other, lambda f: f.events))
        await asyncio.gather(*(one(number) for number in range(CONNECTIONS)))
        await gateway.tell("r1", "f1", {"t": "pin"})
        await reading
        assert (len(me.events), me.gap) == (1, False)
        async with asyncio.timeout(20):
            while (await counts.get())["viewers"] != 1:
                pass
