"""Playlists and chapter tracks as text. Two views of the same segments: low latency and plain."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tiantou.media.codecs import AUDIO, VIDEO, Track
from tiantou.media.packager import PART_SLACK_US, PART_US, TARGET_S, Segment

WINDOW = 8
PARTS_OF_LAST = 3
PART_TARGET_S = (PART_US + PART_SLACK_US) / 1_000_000


@dataclass(frozen=True)
class View:
    """What a playlist shows: closed segments and the open one, breaks before them, the end."""

    segments: Sequence[Segment]
    next_number: int
    breaks_before: int
    ended: bool


def master(tracks: dict[str, Track], kbps: int, plain: bool) -> str:
    """The variants: picture with sound, sound alone."""
    prefix = "hls-" if plain else ""
    codecs = ",".join(track.codec() for kind in (VIDEO, AUDIO) if (track := tracks.get(kind)))
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{6 if plain else 9}"]
    video, audio = tracks.get(VIDEO), tracks.get(AUDIO)
    if video is not None:
        bandwidth = max(300, kbps) * 1300
        lines += [
            f'#EXT-X-STREAM-INF:BANDWIDTH={bandwidth},CODECS="{codecs}",'
            f"RESOLUTION={video.width}x{video.height}",
            f"{prefix}live.m3u8",
        ]
    if audio is not None:
        lines += [
            f'#EXT-X-STREAM-INF:BANDWIDTH=160000,CODECS="{audio.codec()}"',
            f"{prefix}audio.m3u8",
        ]
    return "\n".join(lines) + "\n"


def media(view: View, sound_only: bool, plain: bool) -> str:
    """The live playlist of a rendition."""
    shown = list(view.segments)
    if plain:
        shown = [segment for segment in shown if segment.closed]
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{8 if plain else 9}",
        f"#EXT-X-TARGETDURATION:{TARGET_S}",
    ]
    if not plain:
        lines += [
            f"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={PART_TARGET_S * 3:.3f},"
            f"HOLD-BACK={TARGET_S * 3:.1f}",
            f"#EXT-X-PART-INF:PART-TARGET={PART_TARGET_S:.3f}",
        ]
    first = shown[0].number if shown else view.next_number
    lines.append(f"#EXT-X-MEDIA-SEQUENCE:{first}")
    if view.breaks_before:
        lines.append(f"#EXT-X-DISCONTINUITY-SEQUENCE:{view.breaks_before}")
    init = None
    for index, segment in enumerate(shown):
        lines += _head(segment, init, sound_only, index == 0)
        init = segment.init
        if not plain and index >= len(shown) - PARTS_OF_LAST:
            lines += _parts(segment, sound_only)
        if segment.closed:
            lines += _whole(segment, sound_only)
    if view.ended:
        lines.append("#EXT-X-ENDLIST")
    elif not plain:
        lines += _hint(shown, view.next_number, sound_only)
    return "\n".join(lines) + "\n"


def _head(segment: Segment, init: int | None, sound_only: bool, first: bool) -> list[str]:
    lines = ["#EXT-X-DISCONTINUITY"] if segment.break_before and not first else []
    if segment.init != init:
        prefix = "a" if sound_only and not segment.silent else ""
        lines.append(f'#EXT-X-MAP:URI="{prefix}init{segment.init}.mp4"')
    wall = segment.wall.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return [*lines, f"#EXT-X-PROGRAM-DATE-TIME:{wall}"]


def _parts(segment: Segment, sound_only: bool) -> Iterable[str]:
    prefix = "a" if sound_only else ""
    for index, part in enumerate(segment.parts):
        line = f"#EXT-X-PART:DURATION={part.duration_us / 1e6:.6f}"
        line += f',URI="{prefix}p{segment.number}.{index}.m4s"'
        if part.independent or sound_only:
            line += ",INDEPENDENT=YES"
        yield line + (",GAP=YES" if sound_only and not part.sound else "")


def _whole(segment: Segment, sound_only: bool) -> list[str]:
    letter = "a" if sound_only else "s"
    lines = [f"#EXTINF:{segment.duration_us / 1e6:.6f},", f"{letter}{segment.number}.m4s"]
    return ["#EXT-X-GAP", *lines] if sound_only and segment.silent else lines


def _hint(shown: Sequence[Segment], next_number: int, sound_only: bool) -> list[str]:
    if not shown:
        return []
    prefix, last = ("a" if sound_only else ""), shown[-1]
    number, index = (next_number, 0) if last.closed else (last.number, len(last.parts))
    return [f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{prefix}p{number}.{index}.m4s"']


def replay(lines: Iterable[dict[str, Any]], sound_only: bool) -> str:
    """The whole recording, of its index lines."""
    out = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{TARGET_S}",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-MEDIA-SEQUENCE:0",
    ]
    init = None
    for line in lines:
        if "n" not in line:
            continue
        segment = segment_of(line)
        out += _head(segment, init, sound_only, init is None)
        out += _whole(segment, sound_only)
        init = segment.init
    return "\n".join([*out, "#EXT-X-ENDLIST"]) + "\n"


def segment_of(line: dict[str, Any]) -> Segment:
    """The closed segment of an index line; its bytes are on disk."""
    return Segment(
        line["n"],
        line["start_us"],
        datetime.fromisoformat(line["wall"]),
        line["init"],
        line["break"],
        line["duration_us"],
        closed=True,
        silent=line["silent"],
    )


def chapters_vtt(chapters: Iterable[dict[str, Any]]) -> str:
    """Chapters ({start_ms, end_ms, title}) as a WebVTT track."""
    out = ["WEBVTT", ""]
    for number, chapter in enumerate(chapters, 1):
        title = " ".join(str(chapter["title"]).replace("-->", "→").split())
        span = f"{_stamp(chapter['start_ms'])} --> {_stamp(chapter['end_ms'])}"
        out += [str(number), span, title.replace("&", "&amp;").replace("<", "&lt;"), ""]
    return "\n".join(out)


def _stamp(ms: int) -> str:
    seconds, rest = divmod(max(0, ms), 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"
