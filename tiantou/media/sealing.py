"""Closing a recording: root, chapters on its own clock, cover. Blocks: for a thread."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tiantou.core.keys import Keys
from tiantou.media.events import ChapterAt
from tiantou.media.recording import Recording, RecordingClosed, read_index, write_whole

CHAPTERS = "chapters.json"


def seal(folder: Path, keys: Keys) -> tuple[str | None, int]:
    """The root's hash (None for an empty recording) and the duration in ms; may be repeated."""
    if not folder.exists():
        return None, 0
    try:
        recording = Recording(folder)
    except RecordingClosed:
        last = list(read_index(folder))[-1]
        return str(last["hash"]), int(last["duration_us"]) // 1000
    if not recording.lines:
        recording.release()
        return None, 0
    duration_ms = recording.resume().end_us // 1000
    return recording.close(keys), duration_ms


def place_chapters(
    lines: Sequence[dict[str, Any]], started_at: datetime | None, chapters: Sequence[dict[str, Any]]
) -> list[ChapterAt]:
    """Chapters (ms of wall clock since `started_at`) on the recording's clock, gaps taken out."""
    segments = [
        (datetime.fromisoformat(line["wall"]), line["start_us"], line["duration_us"])
        for line in lines
        if "n" in line
    ]
    if not segments:
        return []
    origin = started_at or segments[0][0]

    def place(ms: int) -> int:
        wall = origin + timedelta(milliseconds=ms)
        best = 0
        for begun, start_us, duration_us in segments:
            if begun > wall:
                break
            inside = (wall - begun) // timedelta(microseconds=1)
            best = start_us + min(inside, duration_us)
        return best // 1000

    placed = []
    for one in chapters:
        start_ms, end_ms = place(one["start_ms"]), place(one["end_ms"])
        if end_ms > start_ms:
            placed.append(ChapterAt(one["ref"], one["title"], start_ms, end_ms))
    return placed


def lay_chapters(
    folder: Path, started_at: datetime | None, chapters: Sequence[dict[str, Any]]
) -> list[ChapterAt]:
    """Writes `chapters.json` beside the recording, if there is one."""
    if not folder.exists():
        return []
    placed = place_chapters(list(read_index(folder)), started_at, chapters)
    as_json = [
        {"ref": one.ref, "title": one.title, "start_ms": one.start_ms, "end_ms": one.end_ms}
        for one in placed
    ]
    write_whole(folder / CHAPTERS, json.dumps(as_json, ensure_ascii=False).encode())
    return placed
