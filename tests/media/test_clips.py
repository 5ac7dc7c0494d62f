"""Clips: some seconds of a recording as one MP4, and nothing else of it by their address."""

import io
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import av
import pytest

from tests.media.stand import Stand, until
from tiantou.kit import clock, ids
from tiantou.media import face
from tiantou.media.clips import byte_range
from tiantou.media.flv import Tag
from tiantou.media.recording import read_index


def _url(stand: Stand, broadcast_id: UUID, start: datetime, seconds: int) -> str:
    return face.clip_url(stand.keys, broadcast_id, stand.base, start, seconds, clock.now())


async def _recorded(stand: Stand, film: list[Tag], segments: int = 4) -> tuple[UUID, datetime]:
    """A recording of so many segments that goes on, and when it began."""
    broadcast_id, key = await stand.opened()
    await stand.push(key, film)
    await stand.live_list(broadcast_id, segments)
    folder = next(stand.root.rglob("index.jsonl")).parent
    return broadcast_id, datetime.fromisoformat(next(read_index(folder))["wall"])


def _seconds(data: bytes) -> tuple[float, list[str]]:
    opened: Any = av.open(io.BytesIO(data), format="mp4")
    return opened.duration / 1_000_000, sorted(one.type for one in opened.streams)


async def test_a_clip_is_a_plain_mp4_of_its_seconds(stand: Stand, film: list[Tag]) -> None:
    broadcast_id, began = await _recorded(stand, film)
    answer = await stand.get(_url(stand, broadcast_id, began + timedelta(seconds=2), 3))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "video/mp4"
    assert b"moof" not in answer.content and answer.content[4:8] == b"ftyp"
    seconds, kinds = _seconds(answer.content)
    assert kinds == ["audio", "video"]
    # whole segments of two seconds: those that the three seconds touch
    assert 3 <= seconds <= 7
    frames: Any = av.open(io.BytesIO(answer.content), format="mp4")
    assert sum(1 for _ in frames.decode(video=0)) >= 3 * 25


async def test_a_player_may_ask_for_ranges(stand: Stand, film: list[Tag]) -> None:
    broadcast_id, began = await _recorded(stand, film, 2)
    folder = await stand.end(broadcast_id)
    await stand.told(broadcast_id, "recording-ready")
    assert folder.exists()
    url = _url(stand, broadcast_id, began, 4)
    whole = (await stand.get(url)).content
    part = await stand.client.get(url, headers={"range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp")
    assert part.headers["content-range"] == f"bytes 4-7/{len(whole)}"
    last = await stand.client.get(url, headers={"range": "bytes=-8"})
    assert last.content == whole[-8:]
    beyond = await stand.client.get(url, headers={"range": f"bytes={len(whole)}-"})
    assert beyond.status_code == 416


async def test_an_address_opens_its_seconds_alone(stand: Stand, film: list[Tag]) -> None:
    broadcast_id, began = await _recorded(stand, film, 2)
    url = _url(stand, broadcast_id, began, 2)
    for name in ("replay.m3u8", "s0.m4s", "init0.mp4", "cover.jpg", "live.m3u8"):
        assert (await stand.get(url.replace("clip.mp4", name))).status_code == 404, name
    longer = url.replace("-2.", "-3c.")
    assert longer != url and (await stand.get(longer)).status_code == 403
    replay = face.replay(stand.keys, broadcast_id, stand.base, clock.now()).hls_url
    assert (await stand.get(replay.replace("replay.m3u8", "clip.mp4"))).status_code == 404
    other = url.replace(str(broadcast_id), str(ids.uuid7()))
    assert (await stand.get(other)).status_code == 403
    late = face.clip_url(
        stand.keys, broadcast_id, stand.base, began, 2, clock.now() - timedelta(days=1)
    )
    assert (await stand.get(late)).status_code == 410
    before = _url(stand, broadcast_id, began - timedelta(hours=1), 30)
    assert (await stand.get(before)).status_code == 404, "nothing was recorded then"
    async with stand.database.begin() as tx:
        await face.block(tx, broadcast_id)

    async def stopped() -> bool:
        return (await stand.get(url)).status_code == 403

    assert await until(stopped)


def test_a_clip_is_a_minute_at_most(stand: Stand) -> None:
    with pytest.raises(ValueError, match="a clip of 61 s"):
        _url(stand, ids.uuid7(), clock.now(), 61)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("", None),
        ("bytes=0-", (0, 99)),
        ("bytes=10-19", (10, 19)),
        ("bytes=90-400", (90, 99)),
        ("bytes=-5", (95, 99)),
        ("bytes=-400", (0, 99)),
        ("bytes=5-4", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=0-1,3-4", None),
        ("lines=0-1", None),
    ],
)
def test_ranges_are_read_as_the_standard_says(said: str, found: tuple[int, int] | None) -> None:
    assert byte_range(said, 100) == found
