"""The packager alone: breaks, jumps, sound alone, a picture that gives way, odd frame rates."""

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.media.film import make_film
from tiantou.media import codecs, flv
from tiantou.media.chunks import ChunkReader, message
from tiantou.media.codecs import AUDIO, VIDEO, BadMedia, Sample, Track
from tiantou.media.packager import (
    PART_SLACK_US,
    PART_US,
    SEGMENT_US_MAX,
    Packager,
    Part,
    Resume,
    Segment,
)
from tiantou.media.push import film_of
from tiantou.media.timeline import JUMP_US

SOUND = codecs.audio_track(b"\x11\x88")
FRAME = b"\x00\x00\x00\x02\x65\x88"
LATER = b"\x00\x00\x00\x02\x41\x88"


class _Shelf:
    """Keeps what the packager makes."""

    def __init__(self) -> None:
        self.inits = 0
        self.segments: list[Segment] = []
        self.placed: list[Sample] = []

    def init_made(self, number: int, both: bytes, sound: bytes | None, scale: int) -> None:
        self.inits += 1

    def part_made(self, segment: Segment, part: Part) -> None:
        assert part.duration_us > 0

    def segment_made(self, segment: Segment) -> None:
        self.segments.append(segment)


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Track:
    """A real picture configuration."""
    path = make_film(tmp_path_factory.mktemp("one") / "film.flv", 1)
    tags = [tag for tag in film_of(path) if tag.kind == flv.TAG_VIDEO]
    found = flv.read_video(0, tags[0].body)
    assert isinstance(found, Track)
    return found


def _made(expected: frozenset[str], *tracks: Track) -> tuple[Packager, _Shelf]:
    shelf = _Shelf()
    packager = Packager(shelf, Resume(), shelf.placed.append, 50_000, 1920 * 1088)
    packager.begin(expected)
    for track in tracks:
        packager.set_track(track)
    return packager, shelf


def _stream(seconds: float, fps: float, start_us: int = 0, gop_s: float = 2) -> Iterator[Sample]:
    """Picture and sound in the order in which they come."""
    samples = [
        Sample(VIDEO, start_us + round(n / fps * 1e6), 0, n % round(gop_s * fps) == 0, LATER)
        for n in range(round(seconds * fps))
    ]
    samples += [
        Sample(AUDIO, start_us + round(n * 1024 / 48_000 * 1e6) // 1000 * 1000, 0, True, b"aac")
        for n in range(round(seconds * 48_000 / 1024))
    ]
    yield from sorted(samples, key=lambda one: one.dts_us)


def _contiguous(segments: list[Segment]) -> None:
    end = segments[0].start_us
    for number, segment in enumerate(segments):
        assert segment.number == number
        assert segment.start_us == end
        assert 0 < segment.duration_us <= SEGMENT_US_MAX
        end += segment.duration_us


@pytest.mark.parametrize("fps", [10, 15, 24, 25, 29.97, 30, 50, 60])
def test_parts_are_never_longer_than_their_target(fps: float, picture: Track) -> None:
    packager, shelf = _made(frozenset({VIDEO, AUDIO}), picture, SOUND)
    for sample in _stream(20, fps):
        packager.push(sample)
    packager.flush()
    _contiguous(shelf.segments)
    parts = [part for segment in shelf.segments for part in segment.parts]
    assert max(part.duration_us for part in parts) <= PART_US + PART_SLACK_US
    assert all(segment.parts[0].independent for segment in shelf.segments)
    assert 9 <= len(shelf.segments) <= 11


def test_sound_stamped_in_milliseconds_is_put_on_its_grid(picture: Track) -> None:
    packager, shelf = _made(frozenset({VIDEO, AUDIO}), picture, SOUND)
    for sample in _stream(10, 25):
        packager.push(sample)
    sounds = [one.dts_us for one in shelf.placed if one.kind == AUDIO]
    steps = {after - before for before, after in itertools.pairwise(sounds)}
    assert steps <= {21_333, 21_334}


def test_a_long_gop_is_cut_all_the_same(picture: Track) -> None:
    packager, shelf = _made(frozenset({VIDEO, AUDIO}), picture, SOUND)
    for sample in _stream(30, 25, gop_s=10):
        packager.push(sample)
    packager.flush()
    _contiguous(shelf.segments)


def test_sound_alone_is_a_broadcast(picture: Track) -> None:
    packager, shelf = _made(frozenset({AUDIO}), SOUND)
    for sample in _stream(10, 25):
        if sample.kind == AUDIO:
            packager.push(sample)
    packager.flush()
    _contiguous(shelf.segments)
    assert all(part.sound == part.data for part in shelf.segments[0].parts)


def test_the_sound_goes_on_while_the_picture_gives_way(picture: Track) -> None:
    packager, shelf = _made(frozenset({VIDEO, AUDIO}), picture, SOUND)
    for sample in _stream(30, 25):
        if sample.kind == AUDIO or not 6_100_000 < sample.dts_us < 17_900_000:
            packager.push(sample)
    packager.flush()
    _contiguous(shelf.segments)
    assert not any(segment.break_before for segment in shelf.segments)
    assert shelf.segments[-1].start_us > 24_000_000
    back = [segment for segment in shelf.segments if segment.start_us == 18_000_000]
    assert back
    assert back[0].parts[0].independent


def test_a_jump_of_the_publishers_clock_is_a_break_not_a_hole(picture: Track) -> None:
    packager, shelf = _made(frozenset({VIDEO, AUDIO}), picture, SOUND)
    for start_us in (5_000_000_000, 40_000_000, 40_000_000 + 6_000_000 + JUMP_US * 2):
        for sample in _stream(6, 25, start_us):
            packager.push(sample)
    packager.flush()
    _contiguous(shelf.segments)
    assert [segment.break_before for segment in shelf.segments].count(True) == 2
    end = shelf.segments[-1].start_us + shelf.segments[-1].duration_us
    assert 17_500_000 < end < 18_500_000


def test_a_new_configuration_begins_a_new_header_after_a_break(picture: Track) -> None:
    packager, shelf = _made(frozenset({VIDEO, AUDIO}), picture, SOUND)
    for sample in _stream(4, 25):
        packager.push(sample)
    assert not packager.set_track(picture)
    assert packager.set_track(codecs.audio_track(b"\x11\x90"))
    for sample in _stream(4, 25, 4_000_000):
        packager.push(sample)
    packager.flush()
    _contiguous(shelf.segments)
    assert shelf.inits == 2
    assert [segment.break_before for segment in shelf.segments].count(True) == 1


def test_a_picture_that_is_too_large_or_too_dear_is_refused(picture: Track) -> None:
    shelf = _Shelf()
    packager = Packager(shelf, Resume(), shelf.placed.append, 100, 320 * 100)
    with pytest.raises(BadMedia, match="320 x 180"):
        packager.set_track(picture)
    packager.set_track(SOUND)
    with pytest.raises(BadMedia, match="bit rate"):
        for number in range(100):
            packager.push(Sample(AUDIO, number * 21_333, 0, True, bytes(10_000)))


def test_configurations_cut_anywhere_are_refused_not_believed(picture: Track) -> None:
    dice = random.Random(3)
    for size in range(len(picture.config)):
        with pytest.raises(BadMedia):
            codecs.video_track(picture.config[:size] if size < 30 else b"")
    for _ in range(3_000):
        broken = bytearray(picture.config)
        for _ in range(dice.choice([1, 2, 8])):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        try:
            track = codecs.video_track(bytes(broken))
            assert track.width
        except BadMedia:
            pass


def test_chunks_of_any_size_make_the_same_messages() -> None:
    dice = random.Random(5)
    wanted = [
        (9, dice.choice([0, 40, 0xFFFFFE, 0xFFFFFF, 0x1000000, 0xFFFFFFF0]), dice.randbytes(size))
        for size in (0, 1, 127, 128, 129, 4096, 4097, 30_000)
    ]
    for chunk in (128, 4096, 60_000):
        reader = ChunkReader(1 << 20)
        reader.chunk_bytes = chunk
        raw = b"".join(message(6, kind, body, 1, at, chunk) for kind, at, body in wanted)
        found = []
        while raw:
            step = dice.randrange(1, 5000)
            found += list(reader.feed(raw[:step]))
            raw = raw[step:]
        assert found == wanted


def test_a_films_own_tags_survive_the_way_through_flv(tmp_path: Path) -> None:
    path = make_film(tmp_path / "film.flv", 1)
    tags = film_of(path)
    assert {tag.kind for tag in tags} == {flv.TAG_AUDIO, flv.TAG_VIDEO}
    sample = next(
        one
        for tag in tags
        if tag.kind == flv.TAG_VIDEO
        and isinstance(one := flv.read_video(tag.at_ms, tag.body), Sample)
    )
    assert codecs.check_avcc(sample.data)
    assert flv.sample_tag(sample)[11:-4] == next(
        tag.body for tag in tags if tag.kind == flv.TAG_VIDEO and tag.body[1] == 1
    )
