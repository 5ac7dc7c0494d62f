"""What must be known of H.264 and AAC without decoding either: configurations, sizes, NAL units."""

from dataclasses import dataclass

VIDEO, AUDIO = "video", "audio"
VIDEO_TIMESCALE = 90_000
AAC_FRAME_SAMPLES = 1024
CONFIG_BYTES_MAX = 4096
_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_HIGH_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128})
_IDR, _SPS, _PPS, _AUD = 5, 7, 8, 9


class BadMedia(ValueError):
    """The publisher's bytes are not the media that they claim to be, or are over a limit."""


@dataclass(frozen=True, slots=True)
class Track:
    """One elementary stream: `config` is the avcC record or the AudioSpecificConfig."""

    kind: str
    config: bytes
    timescale: int
    width: int = 0
    height: int = 0
    channels: int = 0

    @property
    def number(self) -> int:
        """The track's id in every file: picture 1, sound 2."""
        return 1 if self.kind == VIDEO else 2

    def codec(self) -> str:
        """The RFC 6381 string, e.g. `avc1.64001F`, `mp4a.40.2`."""
        if self.kind == VIDEO:
            return "avc1." + self.config[1:4].hex().upper()
        return f"mp4a.40.{self.config[0] >> 3}"


@dataclass(frozen=True, slots=True)
class Sample:
    """One access unit: decoding time and composition offset in µs, AVCC or raw AAC bytes."""

    kind: str
    dts_us: int
    cts_us: int
    key: bool
    data: bytes


class _Bits:
    def __init__(self, raw: bytes) -> None:
        self._value, self._count, self._at = int.from_bytes(raw, "big"), len(raw) * 8, 0

    def u(self, count: int) -> int:
        self._at += count
        if self._at > self._count:
            raise BadMedia("a parameter set is cut short")
        return self._value >> (self._count - self._at) & ((1 << count) - 1)

    def ue(self) -> int:
        zeros = 0
        while self.u(1) == 0:
            zeros += 1
            if zeros > 31:
                raise BadMedia("a number in a parameter set is too long")
        return (1 << zeros) - 1 + (self.u(zeros) if zeros else 0)

    def se(self) -> int:
        value = self.ue()
        return (value + 1) // 2 if value & 1 else -(value // 2)


def _unescaped(nal: bytes) -> bytes:
    out, zeros = bytearray(), 0
    for byte in nal:
        if zeros >= 2 and byte == 3:
            zeros = 0
            continue
        zeros = zeros + 1 if byte == 0 else 0
        out.append(byte)
    return bytes(out)


def _skip_scaling_lists(bits: _Bits, count: int) -> None:
    for index in range(count):
        if not bits.u(1):
            continue
        last = step = 8
        for _ in range(16 if index < 6 else 64):
            if step:
                step = (last + bits.se()) % 256
            last = step or last


def _skip_order_count(bits: _Bits) -> None:
    kind = bits.ue()
    if kind == 0:
        bits.ue()
    elif kind == 1:
        bits.u(1)
        bits.se()
        bits.se()
        for _ in range(min(bits.ue(), 255)):
            bits.se()


def sps_size(sps: bytes) -> tuple[int, int]:
    """Width and height in pixels after cropping. Raises BadMedia."""
    bits = _Bits(_unescaped(sps[1:]))
    profile = bits.u(8)
    bits.u(16)
    bits.ue()
    chroma = 1
    if profile in _HIGH_PROFILES:
        chroma = bits.ue()
        if chroma == 3:
            bits.u(1)
        bits.ue()
        bits.ue()
        bits.u(1)
        if bits.u(1):
            _skip_scaling_lists(bits, 12 if chroma == 3 else 8)
    bits.ue()
    _skip_order_count(bits)
    bits.ue()
    bits.u(1)
    columns, rows, frames = bits.ue() + 1, bits.ue() + 1, bits.u(1)
    if not frames:
        bits.u(1)
    bits.u(1)
    left = right = top = bottom = 0
    if bits.u(1):
        left, right, top, bottom = bits.ue(), bits.ue(), bits.ue(), bits.ue()
    step_x = 2 if chroma in (1, 2) else 1
    step_y = (2 if chroma == 1 else 1) * (2 - frames)
    width = columns * 16 - step_x * (left + right)
    height = rows * 16 * (2 - frames) - step_y * (top + bottom)
    if not (16 <= width <= 16384 and 16 <= height <= 16384):
        raise BadMedia("an impossible picture size")
    return width, height


def video_track(avcc: bytes) -> Track:
    """The picture track of an AVCDecoderConfigurationRecord. Raises BadMedia."""
    if not 11 <= len(avcc) <= CONFIG_BYTES_MAX or avcc[0] != 1:
        raise BadMedia("not an H.264 configuration")
    if avcc[4] & 3 != 3:
        raise BadMedia("NAL lengths must have four bytes")
    if avcc[5] & 31 < 1:
        raise BadMedia("an H.264 configuration without a parameter set")
    size = int.from_bytes(avcc[6:8], "big")
    sps = avcc[8 : 8 + size]
    if len(sps) != size or size < 4 or sps[0] & 31 != _SPS:
        raise BadMedia("an H.264 configuration with a broken parameter set")
    width, height = sps_size(sps)
    return Track(VIDEO, avcc, VIDEO_TIMESCALE, width=width, height=height)


def audio_track(config: bytes) -> Track:
    """The sound track of an AudioSpecificConfig. Raises BadMedia."""
    if not 2 <= len(config) <= 64:
        raise BadMedia("not an AAC configuration")
    kind, index, channels = config[0] >> 3, (config[0] & 7) << 1 | config[1] >> 7, config[1] >> 3
    channels &= 15
    if kind not in (2, 5, 29) or index >= len(_RATES) or not 1 <= channels <= 2:
        raise BadMedia("only AAC in mono or stereo is taken")
    return Track(AUDIO, config, _RATES[index], channels=channels)


def avcc_of(sps: bytes, pps: bytes) -> bytes:
    """The configuration record of one parameter set of each kind."""
    head = bytes([1, sps[1], sps[2], sps[3], 0xFF, 0xE1]) + len(sps).to_bytes(2, "big") + sps
    tail = b"\x01" + len(pps).to_bytes(2, "big") + pps
    return head + tail + (b"\xfd\xf8\xf8\x00" if sps[1] in (100, 110, 122, 144) else b"")


def split_annexb(data: bytes) -> list[bytes]:
    """The NAL units of a byte stream with start codes."""
    units: list[bytes] = []
    start = data.find(b"\x00\x00\x01")
    while start >= 0:
        after = data.find(b"\x00\x00\x01", start + 3)
        unit = data[start + 3 : after].rstrip(b"\x00") if after >= 0 else data[start + 3 :]
        if unit:
            units.append(unit)
        start = after
    return units


def avcc_from_annexb(data: bytes) -> tuple[bytes | None, bytes]:
    """The configuration found in a byte stream's access unit, if any, and the unit as AVCC."""
    sps = pps = None
    out: list[bytes] = []
    for unit in split_annexb(data):
        kind = unit[0] & 31
        if kind == _SPS and len(unit) >= 4:
            sps = unit
        elif kind == _PPS:
            pps = unit
        elif kind != _AUD:
            out += [len(unit).to_bytes(4, "big"), unit]
    return (avcc_of(sps, pps) if sps and pps else None), b"".join(out)


def check_avcc(data: bytes) -> bool:
    """Whether an access unit in AVCC form holds an IDR picture. Raises BadMedia if malformed."""
    at, end, key = 0, len(data), False
    while at < end:
        size = int.from_bytes(data[at : at + 4], "big")
        at += 4
        if size == 0 or at + size > end:
            raise BadMedia("a NAL unit ends outside its frame")
        key = key or data[at] & 31 == _IDR
        at += size
    return key
