"""A browser's publisher, as far as its bytes go."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any, NamedTuple

import av
from websockets.asyncio.client import ClientConnection, connect

from tests.media.stand import Stand
from tiantou.media.batches import (
    AUDIO_SAMPLE,
    CONTAINER,
    RECORD,
    VIDEO_CONFIG,
    VIDEO_SAMPLE,
)


class Chunk(NamedTuple):
    """One encoded chunk as WebCodecs hands it out."""

    type: int
    key: bool
    at_us: int
    data: bytes


def record(kind: int, key: bool, at_us: int, data: bytes) -> bytes:
    """One record of a batch."""
    return RECORD.pack(kind, key, at_us, len(data)) + data


def chunks_of(path: Path) -> tuple[bytes, list[Chunk]]:
    """The avcC and the chunks of a film whose sound is Opus."""
    opened: Any = av.open(str(path))
    avcc = bytes(opened.streams.video[0].codec_context.extradata)
    found = []
    for packet in opened.demux():
        if packet.size:
            kind = VIDEO_SAMPLE if packet.stream.type == "video" else AUDIO_SAMPLE
            at_us = int(packet.pts * packet.time_base * 1_000_000)
            found.append(Chunk(kind, bool(packet.is_keyframe), at_us, bytes(packet)))
    return avcc, sorted(found, key=lambda chunk: chunk.at_us)


async def connected(stand: Stand, broadcast_id: object, hello: object) -> ClientConnection:
    """A connection that has sent its hello."""
    made = await connect(f"ws://127.0.0.1:{stand.http_port}/in/{broadcast_id}", max_queue=None)
    await made.send(json.dumps(hello))
    return made


def hello_of(key: str, kind: str = "webcodecs", description: str | None = None) -> dict[str, Any]:
    """A hello of picture and Opus sound."""
    video = {"codec": "avc1.42001f", "width": 320, "height": 180, "description": description}
    audio = {"codec": "opus", "rate": 48_000, "channels": 1, "description": None}
    return {"key": key, "kind": kind, "video": video, "audio": audio}


async def send_chunks(
    socket: ClientConnection, avcc: bytes, chunks: list[Chunk], offset_us: int = 7_000_000_000
) -> None:
    """Sends chunks in real time, one message per 100 ms."""
    begun = time.monotonic()
    batch = record(VIDEO_CONFIG, True, 0, avcc)
    due = 100_000
    for chunk in chunks:
        if chunk.at_us >= due:
            await asyncio.sleep(max(0, begun + due / 1e6 - time.monotonic()))
            await socket.send(batch)
            batch, due = b"", due + 100_000
        batch += record(chunk.type, chunk.key, chunk.at_us + offset_us, chunk.data)
    await socket.send(batch)


async def send_container(socket: ClientConnection, data: bytes, seconds: float) -> None:
    """Sends a container's bytes in pieces, as MediaRecorder hands them out."""
    pieces = max(1, int(seconds * 5))
    step = len(data) // pieces + 1
    for at in range(0, len(data), step):
        await socket.send(record(CONTAINER, False, 0, data[at : at + step]))
        await asyncio.sleep(0.2)
