"""Mutated streams: the server stays up, others go on, and nothing of the attacker's is left."""

import asyncio
import random
import struct

from tests.media.stand import Stand
from tiantou.media import amf, flv
from tiantou.media.chunks import message
from tiantou.media.flv import Tag

ROUNDS = 250


def _session(stream_key: str, film: list[Tag]) -> bytes:
    """What a well-behaved encoder sends, all at once."""
    hello = b"\x03" + bytes(1536) + bytes(1536)
    about: amf.Value = {"app": "live", "tcUrl": "rtmp://x/live"}
    commands = [
        message(2, 1, struct.pack(">I", 4096)),
        message(3, 20, amf.encode("connect", 1.0, about)),
        message(3, 20, amf.encode("createStream", 2.0, None)),
        message(3, 20, amf.encode("publish", 3.0, None, stream_key, "live"), 1),
    ]
    media = [message(6, tag.kind, tag.body, 1, tag.at_ms) for tag in film[:60]]
    return hello + b"".join(commands) + b"".join(media)


async def _send(port: int, data: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        await asyncio.wait_for(writer.drain(), 1)
        await asyncio.wait_for(reader.read(4096), 0.05)
    except (OSError, TimeoutError):
        pass
    finally:
        writer.transport.abort()


async def test_mutated_rtmp(stand: Stand, film: list[Tag]) -> None:
    dice = random.Random(7)
    victim, key = await stand.opened()
    calm, calm_key = await stand.opened()
    await stand.push(calm_key, film)
    await stand.live_list(calm)
    whole = _session(key.stream_key, film)
    for _ in range(ROUNDS):
        data = bytearray(whole[: dice.choice([3200, 3600, 8000, len(whole)])])
        for _ in range(dice.choice([0, 1, 5, 60])):
            data[dice.randrange(dice.choice([0, 3073]), len(data))] = dice.randrange(256)
        await _send(stand.rtmp_port, bytes(data))
    before = await stand.live_list(calm)
    await stand.live_list(calm, before.count("#EXTINF"))
    assert await stand.facts(calm) == ["signal-started"]
    await stand.push(key, film)
    await stand.live_list(victim)


async def test_media_before_the_key_is_not_taken(stand: Stand, film: list[Tag]) -> None:
    broadcast_id, key = await stand.opened()
    hello = b"\x03" + bytes(1536) + bytes(1536)
    early = message(6, flv.TAG_VIDEO, film[0].body, 1)
    reader, writer = await asyncio.open_connection("127.0.0.1", stand.rtmp_port)
    writer.write(hello + early + _session(key.stream_key, film)[len(hello) :])
    async with asyncio.timeout(5):
        try:
            while await reader.read(65536):
                pass
        except ConnectionResetError:
            pass
    writer.transport.abort()
    assert await stand.facts(broadcast_id) == []


async def test_an_encoder_that_does_not_wait_for_answers_is_taken(
    stand: Stand, film: list[Tag]
) -> None:
    broadcast_id, key = await stand.opened()
    _, writer = await asyncio.open_connection("127.0.0.1", stand.rtmp_port)
    writer.write(_session(key.stream_key, film))
    await stand.told(broadcast_id, "signal-started")
    writer.transport.abort()
    await stand.told(broadcast_id, "signal-lost")
