"""A browser publishes: WebCodecs with Opus, MediaRecorder's Matroska; wrong keys, wrong bytes."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.media.browser import (
    chunks_of,
    connected,
    hello_of,
    record,
    send_chunks,
    send_container,
)
from tests.media.film import make_film
from tests.media.stand import Stand, uris
from tests.media.test_live import decode
from tiantou.media import face
from tiantou.media.batches import VIDEO_CONFIG, VIDEO_SAMPLE
from tiantou.media.flv import Tag


@pytest.fixture(scope="session")
def opus_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds with Opus sound in Matroska."""
    path = tmp_path_factory.mktemp("opus") / "film.mkv"
    return make_film(path, 6, "libopus", "matroska")


async def _closed(socket: Any) -> int:
    """The code with which the server closes."""
    async with asyncio.timeout(10):
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                await socket.recv()
    assert closed.value.rcvd is not None
    return int(closed.value.rcvd.code)


async def test_a_browser_publishes_by_webcodecs(stand: Stand, opus_film: Path) -> None:
    broadcast_id, key = await stand.opened()
    socket = await connected(stand, broadcast_id, hello_of(key.publish_token))
    assert json.loads(await socket.recv())["ok"] is True
    avcc, chunks = await asyncio.to_thread(chunks_of, opus_film)
    sending = asyncio.create_task(send_chunks(socket, avcc, chunks))
    playlist = await stand.live_list(broadcast_id, 2)
    folder = stand.play(broadcast_id).llhls_url.rpartition("/")[0]
    header = (await stand.get(f"{folder}/init0.mp4")).content
    segment = (await stand.get(f"{folder}/{uris(playlist)[1]}")).content
    decoded = decode(header + segment)
    assert decoded["video"] == 50
    assert 90 <= decoded["audio"] <= 96
    await sending
    acks = [json.loads(text) async for text in _received(socket)]
    assert acks[-1]["ack"] > 50_000
    assert all(0 <= ack["queue_ms"] < 5_000 for ack in acks)
    await socket.send('{"bye":true}')
    assert await _closed(socket) == 1000
    await stand.told(broadcast_id, "signal-lost")
    folder_on_disk = await stand.end(broadcast_id)
    assert face.verify_recording(folder_on_disk, stand.keys).ok


async def _received(socket: Any) -> Any:
    while True:
        try:
            yield await asyncio.wait_for(socket.recv(), 0.5)
        except TimeoutError:
            return


@pytest.mark.parametrize(("audio", "container"), [("libopus", "matroska"), ("aac", "mp4")])
async def test_a_browser_publishes_by_mediarecorder(
    stand: Stand, tmp_path: Path, audio: str, container: str
) -> None:
    broadcast_id, key = await stand.opened()
    hello = hello_of(key.publish_token, "mediarecorder")
    socket = await connected(stand, broadcast_id, hello)
    path = await asyncio.to_thread(make_film, tmp_path / "film", 6, audio, container)
    data = await asyncio.to_thread(path.read_bytes)
    sending = asyncio.create_task(send_container(socket, data, 5))
    playlist = await stand.live_list(broadcast_id, 1)
    folder = stand.play(broadcast_id).llhls_url.rpartition("/")[0]
    header = (await stand.get(f"{folder}/init0.mp4")).content
    decoded = decode(header + (await stand.get(f"{folder}/{uris(playlist)[0]}")).content)
    assert decoded["video"] == 50
    assert decoded["audio"] > 80
    await sending
    await socket.close()


async def test_a_reload_of_the_page_takes_over(stand: Stand, opus_film: Path) -> None:
    broadcast_id, key = await stand.opened()
    avcc, chunks = await asyncio.to_thread(chunks_of, opus_film)
    first = await connected(stand, broadcast_id, hello_of(key.publish_token))
    sending = asyncio.create_task(send_chunks(first, avcc, chunks))
    await stand.live_list(broadcast_id)
    second = await connected(stand, broadcast_id, hello_of(key.publish_token))
    assert await _closed(first) == 4409
    await asyncio.gather(sending, return_exceptions=True)
    again = asyncio.create_task(send_chunks(second, avcc, chunks, offset_us=0))
    playlist = await stand.live_list(broadcast_id, 3)
    assert "#EXT-X-DISCONTINUITY\n" in playlist
    again.cancel()
    await second.close()


async def test_wrong_keys_are_refused_before_a_byte(stand: Stand) -> None:
    broadcast_id, key = await stand.opened()
    other, foreign = await stand.opened()
    async with stand.database.begin() as tx:
        expired = await face.issue_key(tx, stand.keys, other, 0)
    for target, token in (
        (broadcast_id, key.publish_token[:-2] + "AA"),
        (broadcast_id, foreign.publish_token),
        (other, foreign.publish_token),
        (other, expired.publish_token),
        (broadcast_id, ""),
    ):
        socket = await connected(stand, target, hello_of(token))
        assert await _closed(socket) == 4403
    assert not list(stand.root.glob("*/*/*"))


async def test_wrong_bytes_close_their_own_connection_only(
    stand: Stand, film: list[Tag], opus_film: Path
) -> None:
    broadcast_id, key = await stand.opened()
    calm, calm_key = await stand.opened()
    await stand.push(calm_key, film)
    avcc, _ = await asyncio.to_thread(chunks_of, opus_film)
    config = record(VIDEO_CONFIG, True, 0, avcc)
    wrong = [
        b"\x01",
        b"\x09" * 40,
        record(VIDEO_CONFIG, True, 0, b"\x01\x02"),
        config + record(VIDEO_SAMPLE, True, 0, b"\x00\x00\xff\xff\x65"),
        config[:-1],
        record(77, False, 0, b"x"),
        record(3, False, 0, b"x"),
    ]
    for batch in wrong:
        socket = await connected(stand, broadcast_id, hello_of(key.publish_token))
        await socket.send(batch)
        assert await _closed(socket) == 4400, batch[:20]
    hellos: list[Any] = [{}, [], "x", {"key": 1}, hello_of("k", "telepathy"), {"key": "k"}]
    for hello in hellos:
        socket = await connected(stand, broadcast_id, hello)
        assert await _closed(socket) in (4400, 4403)
    socket = await connected(stand, broadcast_id, hello_of(key.publish_token, "mediarecorder"))
    await socket.send(record(3, False, 0, b"\x1aE\xdf\xa3" + bytes(5000)))
    assert await _closed(socket) == 4400
    await stand.live_list(calm, 2)
    assert (await stand.facts(calm)) == ["signal-started"]
