"""RTMP in; low-latency HLS, plain HLS, FLV and sound out; every byte readable by libav."""

import io
import re
from typing import Any

import av

from tests.media.stand import Stand, until, uris
from tiantou.media.flv import Tag


def decode(data: bytes) -> dict[str, int]:
    """Frames that libav decodes, by kind."""
    opened: Any = av.open(io.BytesIO(data), format="mp4")
    found: dict[str, int] = {}
    for frame in opened.decode():
        kind = "video" if isinstance(frame, av.VideoFrame) else "audio"
        found[kind] = found.get(kind, 0) + 1
    return found


async def test_an_encoder_is_on_air_in_every_form(stand: Stand, film: list[Tag]) -> None:
    broadcast_id, key = await stand.opened()
    await stand.push(key, film)
    playlist = await stand.live_list(broadcast_id, segments=2)
    play = stand.play(broadcast_id)
    folder = play.llhls_url.rpartition("/")[0]

    master = (await stand.get(play.llhls_url)).text
    assert re.search(r'CODECS="avc1\.[0-9A-F]{6},mp4a\.40\.2",RESOLUTION=320x180', master)
    assert "live.m3u8" in master
    assert "audio.m3u8" in master

    assert "CAN-BLOCK-RELOAD=YES" in playlist
    parts = [float(found) for found in re.findall(r"PART:DURATION=([\d.]+)", playlist)]
    target = float(re.findall(r"PART-TARGET=([\d.]+)", playlist)[0])
    assert parts
    assert max(parts) <= target
    assert all(float(length) <= 4 for length in re.findall(r"EXTINF:([\d.]+)", playlist))

    header = (await stand.get(f"{folder}/init0.mp4")).content
    for name in uris(playlist)[:2]:
        answer = await stand.get(f"{folder}/{name}")
        assert "immutable" in answer.headers["cache-control"]
        decoded = decode(header + answer.content)
        assert decoded["video"] == 50
        assert 92 <= decoded["audio"] <= 95
    first_part = re.findall(r'URI="(p\d+\.0\.m4s)"', playlist)[0]
    assert decode(header + (await stand.get(f"{folder}/{first_part}")).content)["video"] == 10

    alone = (await stand.get(f"{folder}/ainit0.mp4")).content
    sounds = uris((await stand.get(play.audio_url)).text)
    assert set(decode(alone + (await stand.get(f"{folder}/{sounds[0]}")).content)) == {"audio"}

    plain = (await stand.get(f"{folder}/hls-live.m3u8")).text
    assert "PART" not in plain
    assert "SERVER-CONTROL" not in plain
    assert uris(plain)


async def test_a_blocking_reload_waits_for_the_part_it_names(stand: Stand, film: list[Tag]) -> None:
    broadcast_id, key = await stand.opened()
    await stand.push(key, film)
    playlist = await stand.live_list(broadcast_id)
    hinted = re.findall(r'PRELOAD-HINT:TYPE=PART,URI="p(\d+)\.(\d+)\.m4s"', playlist)[0]
    folder = stand.play(broadcast_id).llhls_url.rpartition("/")[0]
    url = f"{folder}/live.m3u8?_HLS_msn={hinted[0]}&_HLS_part={hinted[1]}"
    assert f'URI="p{hinted[0]}.{hinted[1]}.m4s"' in (await stand.get(url)).text
    hinted_part = await stand.get(f"{folder}/p{hinted[0]}.{hinted[1]}.m4s")
    assert hinted_part.status_code == 200
    ahead = await stand.get(f"{folder}/live.m3u8?_HLS_msn={int(hinted[0]) + 9}")
    assert ahead.status_code == 400
    zipped = await stand.get(f"{folder}/live.m3u8")
    assert zipped.headers["content-encoding"] == "gzip"
    assert "access-control-allow-origin" not in zipped.headers


async def test_flv_begins_at_a_key_frame_and_goes_on(stand: Stand, film: list[Tag]) -> None:
    broadcast_id, key = await stand.opened()
    await stand.push(key, film)
    await stand.live_list(broadcast_id)
    data = bytearray()
    async with stand.client.stream("GET", stand.play(broadcast_id).flv_url) as answer:
        assert answer.headers["content-type"] == "video/x-flv"
        async for piece in answer.aiter_bytes():
            data += piece
            if len(data) > 90_000:
                break
    opened: Any = av.open(io.BytesIO(bytes(data)), format="flv")
    first = next(opened.decode(video=0))
    assert first.key_frame
    assert (first.width, first.height) == (320, 180)
    assert opened.streams.audio


async def test_a_cover_is_made_of_a_key_frame(stand: Stand, film: list[Tag]) -> None:
    broadcast_id, key = await stand.opened()
    await stand.push(key, film)

    async def look() -> bytes:
        answer = await stand.get(stand.play(broadcast_id).cover_url)
        return answer.content if answer.status_code == 200 else b""

    assert (await until(look))[:3] == b"\xff\xd8\xff"
