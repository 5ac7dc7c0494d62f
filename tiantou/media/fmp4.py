"""Fragmented MP4 (CMAF) written by hand: init segments and moof + mdat; nothing is decoded."""

import struct
from collections.abc import Sequence
from typing import NamedTuple

from tiantou.media.codecs import VIDEO, Track

_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_SYNC, _NOT_SYNC = 0x02000000, 0x01010000
_TFHD_BASE_IS_MOOF = 0x020000
_TRUN_FLAGS = 0x000F01
_TRUN_HEAD_BYTES, _TRUN_SAMPLE_BYTES, _TRAF_HEAD_BYTES = 20, 16, 44


class Unit(NamedTuple):
    """A sample of a fragment; times in ticks of its track."""

    duration: int
    cts: int
    key: bool
    data: bytes


class Run(NamedTuple):
    """The samples of one track in a fragment; `base` is the first decoding time in ticks."""

    track: Track
    base: int
    units: Sequence[Unit]


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box of a kind around its parts."""
    return struct.pack(">I4s", 8 + sum(map(len, parts)), kind) + b"".join(parts)


def _full(kind: bytes, version: int, flags: int, *parts: bytes) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def _descriptor(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    size = len(body)
    head = [tag, 0x80 | size >> 21 & 0x7F, 0x80 | size >> 14 & 0x7F, 0x80 | size >> 7 & 0x7F]
    return bytes([*head, size & 0x7F]) + body


def _sample_entry(track: Track) -> bytes:
    reserved = b"\0" * 6 + struct.pack(">H", 1)
    if track.kind == VIDEO:
        size = struct.pack(">HHIIIH", track.width, track.height, 0x480000, 0x480000, 0, 1)
        depth = b"\0" * 32 + struct.pack(">Hh", 0x18, -1)
        return box(b"avc1", reserved, b"\0" * 16, size, depth, box(b"avcC", track.config))
    sound = struct.pack(">HHHHI", track.channels, 16, 0, 0, track.timescale << 16 & 0xFFFFFFFF)
    decoder = b"\x40\x15\0\0\0" + struct.pack(">II", 256_000, 128_000)
    stream = _descriptor(
        3,
        struct.pack(">HB", 1, 0),
        _descriptor(4, decoder, _descriptor(5, track.config)),
        _descriptor(6, b"\x02"),
    )
    return box(b"mp4a", reserved, b"\0" * 8, sound, _full(b"esds", 0, 0, stream))


def _trak(track: Track) -> bytes:
    picture = track.kind == VIDEO
    tkhd = _full(
        b"tkhd",
        0,
        7,
        struct.pack(">IIIII", 0, 0, track.number, 0, 0),
        b"\0" * 8,
        struct.pack(">hhhh", 0, 0, 0 if picture else 0x100, 0),
        _MATRIX,
        struct.pack(">II", track.width << 16, track.height << 16),
    )
    mdhd = _full(b"mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, track.timescale, 0, 0x55C4, 0))
    kind = b"vide" if picture else b"soun"
    hdlr = _full(b"hdlr", 0, 0, b"\0" * 4, kind, b"\0" * 12, b"tiantou\0")
    head = _full(b"vmhd", 0, 1, b"\0" * 8) if picture else _full(b"smhd", 0, 0, b"\0" * 4)
    dref = _full(b"dref", 0, 0, struct.pack(">I", 1), _full(b"url ", 0, 1))
    none = b"\0" * 4
    stbl = box(
        b"stbl",
        _full(b"stsd", 0, 0, struct.pack(">I", 1), _sample_entry(track)),
        _full(b"stts", 0, 0, none),
        _full(b"stsc", 0, 0, none),
        _full(b"stsz", 0, 0, none * 2),
        _full(b"stco", 0, 0, none),
    )
    return box(
        b"trak", tkhd, box(b"mdia", mdhd, hdlr, box(b"minf", head, box(b"dinf", dref), stbl))
    )


def init_segment(tracks: Sequence[Track]) -> bytes:
    """The header that every fragment of these tracks needs."""
    mvhd = _full(
        b"mvhd",
        0,
        0,
        struct.pack(">IIIIIH", 0, 0, 1000, 0, 0x10000, 0x100),
        b"\0" * 10,
        _MATRIX,
        b"\0" * 24,
        struct.pack(">I", 99),
    )
    trex = [_full(b"trex", 0, 0, struct.pack(">IIIII", t.number, 1, 0, 0, 0)) for t in tracks]
    moov = box(b"moov", mvhd, *map(_trak, tracks), box(b"mvex", *trex))
    return box(b"ftyp", b"iso6\0\0\0\1iso6cmfcmp41") + moov


def fragment(sequence: int, runs: Sequence[Run]) -> bytes:
    """One moof + mdat of these runs."""
    per_run = _TRAF_HEAD_BYTES + _TRUN_HEAD_BYTES
    moof_bytes = 24 + sum(per_run + _TRUN_SAMPLE_BYTES * len(run.units) for run in runs)
    offset = moof_bytes + 8
    boxes: list[bytes] = []
    payload: list[bytes] = []
    for run in runs:
        table = bytearray(struct.pack(">Ii", len(run.units), offset))
        for unit in run.units:
            flags = _SYNC if unit.key else _NOT_SYNC
            table += struct.pack(">IIIi", unit.duration, len(unit.data), flags, unit.cts)
            offset += len(unit.data)
            payload.append(unit.data)
        boxes.append(
            box(
                b"traf",
                _full(b"tfhd", 0, _TFHD_BASE_IS_MOOF, struct.pack(">I", run.track.number)),
                _full(b"tfdt", 1, 0, struct.pack(">Q", run.base)),
                _full(b"trun", 1, _TRUN_FLAGS, bytes(table)),
            )
        )
    moof = box(b"moof", _full(b"mfhd", 0, 0, struct.pack(">I", sequence)), *boxes)
    if len(moof) != moof_bytes:
        raise AssertionError("the offsets of a fragment were computed for another size")
    mdat_bytes = offset - moof_bytes
    return b"".join([moof, struct.pack(">I4s", mdat_bytes, b"mdat"), *payload])


def whole_fragments(data: bytes) -> tuple[int, int]:
    """Of a segment cut short: bytes up to the last whole fragment, and its first track's ticks."""
    at, ticks = 0, 0
    while at + 8 <= len(data):
        moof = int.from_bytes(data[at : at + 4], "big")
        after = at + moof
        if data[at + 4 : at + 8] != b"moof" or after + 8 > len(data):
            break
        mdat = int.from_bytes(data[after : after + 4], "big")
        if data[after + 4 : after + 8] != b"mdat" or after + mdat > len(data):
            break
        ticks += _first_run_ticks(data[at:after])
        at = after + mdat
    return at, ticks


def _first_run_ticks(moof: bytes) -> int:
    start = moof.find(b"trun") + 8
    (count,) = struct.unpack_from(">I", moof, start)
    first = start + 8
    return sum(
        int.from_bytes(moof[first + i * 16 : first + i * 16 + 4], "big") for i in range(count)
    )
