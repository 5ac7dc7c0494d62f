"""Clips of a recording: some seconds around a moment, as one file that plays without a script.

A clip's address names its seconds and is signed: it opens nothing else of the recording.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tiantou.media import asgi
from tiantou.media.asgi import SEGMENT, Scope, Send
from tiantou.media.child import make_clip
from tiantou.media.recording import read_index
from tiantou.media.tokens import ClipToken

CLIP = "clip.mp4"
BYTES_MAX = 24 << 20
KEPT_BYTES_MAX = 64 << 20
CACHE = "private, max-age=600"


class Clips:
    """Makes clips, one at a time, and keeps the last ones in memory."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Path, int, int], bytes] = {}
        self._one = asyncio.Lock()

    async def answer(self, scope: Scope, send: Send, folder: Path, asked: ClipToken) -> None:
        """Answers a request for a clip, or for a range of its bytes."""
        made = await self._clip(folder, asked)
        if made is None:
            return await asgi.refuse(send, 404, "no recording of that moment")
        whole = (b"accept-ranges", b"bytes")
        wanted = byte_range(asgi.header(scope, b"range"), len(made))
        if wanted is None:
            return await asgi.answer(send, 200, made, SEGMENT, CACHE, whole)
        first, last = wanted
        if first >= len(made):
            return await asgi.refuse(send, 416, "no such range")
        said = f"bytes {first}-{last}/{len(made)}".encode()
        part = made[first : last + 1]
        return await asgi.answer(send, 206, part, SEGMENT, CACHE, whole, (b"content-range", said))

    async def _clip(self, folder: Path, asked: ClipToken) -> bytes | None:
        key = (folder, asked.start_s, asked.seconds)
        async with self._one:
            kept = self._kept.pop(key, None)
            if kept is None:
                media, whole = await asyncio.to_thread(_gather, folder, asked)
                kept = await make_clip(media) if media else None
                if kept is None or not whole:
                    return kept
            self._kept[key] = kept
            while sum(map(len, self._kept.values())) > KEPT_BYTES_MAX:
                self._kept.pop(next(iter(self._kept)))
            return kept


def byte_range(said: str, size: int) -> tuple[int, int] | None:
    """First and last byte of a `Range` header with one range; None: all (RFC 9110, 14.2)."""
    unit, _, ranges = said.partition("=")
    first, dash, last = ranges.strip().partition("-")
    if unit.strip() != "bytes" or not dash or not _figures(first + last) or len(said) > 60:
        return None
    if not first:
        return max(0, size - int(last)), size - 1
    end = min(int(last), size - 1) if last else size - 1
    return (int(first), end) if not last or int(last) >= int(first) else None


def _gather(folder: Path, asked: ClipToken) -> tuple[bytes, bool]:
    """Header and segments of the asked seconds, and whether no more of them will be recorded."""
    start = datetime.fromtimestamp(asked.start_s, UTC)
    end = start + timedelta(seconds=asked.seconds)
    lines = list(read_index(folder))
    closed = bool(lines) and "n" not in lines[-1]
    runs = _runs([line for line in lines if "n" in line], start, end)
    if not runs:
        return b"", closed
    # a lost signal parts the seconds: what lasted longest is shown
    best = max(runs, key=lambda run: sum(line["duration_us"] for line in run))
    try:
        data = (folder / f"init{best[0]['init']}.mp4").read_bytes()
        for line in best:
            if len(data) + line["size"] > BYTES_MAX:
                break
            data += (folder / f"s{line['n']}.m4s").read_bytes()
    except OSError:
        return b"", closed
    return data, closed or _ends(best[-1]) >= end


def _runs(
    lines: Sequence[dict[str, Any]], start: datetime, end: datetime
) -> list[list[dict[str, Any]]]:
    runs: list[list[dict[str, Any]]] = []
    for line in lines:
        if _ends(line) <= start or datetime.fromisoformat(line["wall"]) >= end:
            continue
        if not runs or line["break"] or line["init"] != runs[-1][-1]["init"]:
            runs.append([])
        runs[-1].append(line)
    return runs


def _ends(line: dict[str, Any]) -> datetime:
    begun = datetime.fromisoformat(line["wall"])
    return begun + timedelta(microseconds=line["duration_us"])


def _figures(text: str) -> bool:
    return text.isascii() and text.isdigit()
