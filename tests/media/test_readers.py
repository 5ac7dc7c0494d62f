"""FLV readers who do not keep up: they skip to a key frame, and those who never read are let go."""

import asyncio

from tiantou.media import codecs, flv
from tiantou.media.codecs import AUDIO, VIDEO, Sample, Track
from tiantou.media.flv_hub import FlvHub, Reader

PICTURE = Track(VIDEO, b"\x01\x42\xc0\x1e" + bytes(20), 90_000, width=320, height=180)
SOUND = codecs.audio_track(b"\x11\x88")


def _hub(backlog_bytes_max: int) -> FlvHub:
    hub = FlvHub(backlog_bytes_max)
    hub.track(PICTURE)
    hub.track(SOUND)
    return hub


def _picture(number: int) -> Sample:
    return Sample(VIDEO, number * 40_000, 0, number % 50 == 0, number.to_bytes(4, "big") * 250)


async def _taken(reader: Reader) -> bytes:
    return await asyncio.wait_for(reader.take(), 1)


async def test_a_new_reader_gets_headers_and_the_newest_gop() -> None:
    hub = _hub(1 << 20)
    for number in range(60):
        hub.sample(_picture(number))
    data = await _taken(hub.join())
    assert data.startswith(flv.HEADER)
    assert data.count(b"\x17\x00") >= 1
    assert flv.sample_tag(_picture(50)) in data
    assert flv.sample_tag(_picture(49)) not in data


async def test_a_slow_reader_skips_to_the_next_key_frame() -> None:
    hub = _hub(20_000)
    hub.sample(_picture(0))
    reader = hub.join()
    await _taken(reader)
    for number in range(1, 110):
        hub.sample(_picture(number))
        hub.sample(Sample(AUDIO, number * 40_000, 0, True, b"sound"))
    data = await _taken(reader)
    assert data.startswith(flv.sample_tag(_picture(100)))
    assert len(data) <= 20_000


async def test_a_reader_who_never_reads_is_let_go() -> None:
    hub = _hub(20_000)
    hub.sample(_picture(0))
    stuck, reading = hub.join(), hub.join()
    await _taken(reading)
    for number in range(1, 80):
        hub.sample(_picture(number))
        await _taken(reading) if reading.behind and number < 50 else None
    stuck.taken_at -= 100
    hub.drop_stuck(10)
    assert hub.readers == {reading}
    assert stuck.ended


async def test_a_reader_of_a_gop_too_large_to_keep_waits_for_the_next() -> None:
    hub = _hub(8 << 20)
    hub.sample(Sample(VIDEO, 0, 0, True, bytes(3 << 20)))
    reader = hub.join()
    hub.sample(_picture(1))
    assert flv.sample_tag(_picture(1)) not in await _taken(reader)
    hub.sample(_picture(50))
    assert await _taken(reader) == flv.sample_tag(_picture(50))
