"""Replay playlists and chapters from disk, the newest kept in memory."""

import asyncio
import gzip
import json
from pathlib import Path
from typing import Any

from tiantou.media.playlists import replay
from tiantou.media.recording import INDEX, read_index
from tiantou.media.sealing import CHAPTERS

KEPT_MAX = 64


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


class Replays:
    """A small cache; a file that has changed is read anew."""

    def __init__(self) -> None:
        self._lists: dict[tuple[Path, bool], tuple[tuple[int, int], bytes, bytes]] = {}

    async def playlist(self, folder: Path, sound_only: bool, zipped: bool) -> bytes | None:
        """The playlist of a whole recording, None if there is none."""
        stamp = await asyncio.to_thread(_stamp, folder / INDEX)
        if stamp is None:
            return None
        kept = self._lists.pop((folder, sound_only), None)
        if kept is None or kept[0] != stamp:
            plain = await asyncio.to_thread(_render, folder, sound_only)
            kept = stamp, plain, await asyncio.to_thread(gzip.compress, plain, 5)
        self._lists[folder, sound_only] = kept
        while len(self._lists) > KEPT_MAX:
            self._lists.pop(next(iter(self._lists)))
        return kept[2] if zipped else kept[1]

    async def chapters(self, folder: Path) -> tuple[bytes, list[dict[str, Any]]]:
        """The chapters as JSON text and as values; none is an empty list."""
        raw = await asyncio.to_thread(_chapters, folder)
        return raw, json.loads(raw)


def _render(folder: Path, sound_only: bool) -> bytes:
    return replay(read_index(folder), sound_only).encode()


def _chapters(folder: Path) -> bytes:
    try:
        return (folder / CHAPTERS).read_bytes()
    except OSError:
        return b"[]"
