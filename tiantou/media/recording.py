"""A recording on disk: immutable files, a hash per segment, a chain over the index, a signed root.

`index.jsonl` has one line per segment, each with the hash of the line before it; the last line of a
closed recording carries the root, signed. All calls block: they belong in a thread.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from tiantou.core.keys import Keys
from tiantou.kit import clock
from tiantou.media.fmp4 import whole_fragments
from tiantou.media.packager import Resume, Segment

INDEX, OPEN = "index.jsonl", "open.json"
PURPOSE = "media.recording"
FIRST = "0" * 64


class RecordingClosed(Exception):
    """The recording has its root; nothing may be added."""


def line_hash(line: dict[str, Any]) -> str:
    """The hash of an index line: over its members but `hash` and `mac`, keys sorted."""
    bare = {key: value for key, value in line.items() if key not in ("hash", "mac")}
    return hashlib.sha256(json.dumps(bare, sort_keys=True).encode()).hexdigest()


def read_index(folder: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of the index; a line torn by a killed process is not one of them."""
    try:
        raw = (folder / INDEX).read_bytes()
    except FileNotFoundError:
        return
    for line in raw.split(b"\n")[:-1]:
        yield json.loads(line)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file so that it is there whole or not at all."""
    draft = path.with_name(path.name + ".new")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _write_at(file: BinaryIO, at: int, data: bytes) -> None:
    file.seek(at)
    file.truncate()
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


@dataclass
class _Files:
    both: BinaryIO
    sound: BinaryIO
    hash_both: Any = field(default_factory=hashlib.sha256)
    hash_sound: Any = field(default_factory=hashlib.sha256)
    size_both: int = 0
    size_sound: int = 0


class Recording:
    """An open recording. Opening one that a killed process left takes in its whole fragments.

    Raises RecordingClosed if it has its root, OSError if the disk refuses.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.lines = list(read_index(folder))
        if self.lines and self.lines[-1].get("closed"):
            raise RecordingClosed(folder.name)
        self._trim_index()
        self._index = (folder / INDEX).open("ab")
        self._files: dict[int, _Files] = {}
        self._init_hash: dict[int, tuple[str, int]] = {}
        self._adopt()
        _sync_folder(folder)

    def resume(self) -> Resume:
        """Where to go on."""
        inits = [int(file.stem[4:]) for file in self.folder.glob("init*.mp4")]
        next_init = max(inits, default=-1) + 1
        if not self.lines:
            return Resume(0, next_init, 0)
        last = self.lines[-1]
        return Resume(last["n"] + 1, next_init, last["start_us"] + last["duration_us"])

    def write_init(self, number: int, both: bytes, sound: bytes | None, scale: int) -> None:
        """Keeps the header of segments to come."""
        write_whole(self.folder / f"init{number}.mp4", both)
        if sound is not None:
            write_whole(self.folder / f"ainit{number}.mp4", sound)
        self._init_hash[number] = hashlib.sha256(both + (sound or b"")).hexdigest(), scale

    def append(self, segment: Segment, both: bytes, sound: bytes) -> None:
        """Adds a part to the files of its segment; readable by a later process at once.

        May be repeated after an OSError (a full disk): a part written halfway is overwritten.
        """
        files = self._files.get(segment.number)
        if files is None:
            (self.folder / OPEN).write_text(json.dumps(self._head(segment)))
            files = self._files[segment.number] = _Files(
                (self.folder / f"s{segment.number}.m4s").open("wb", buffering=0),
                (self.folder / f"a{segment.number}.m4s").open("wb", buffering=0),
            )
        _write_at(files.both, files.size_both, both)
        _write_at(files.sound, files.size_sound, sound)
        files.hash_both.update(both)
        files.hash_sound.update(sound)
        files.size_both += len(both)
        files.size_sound += len(sound)

    def close_segment(self, segment: Segment) -> None:
        """Makes the segment's files lasting and adds its line to the chain."""
        files = self._files[segment.number]
        for file in (files.both, files.sound):
            os.fsync(file.fileno())
            file.close()
        line = self._head(segment) | {
            "duration_us": segment.duration_us,
            "size": files.size_both,
            "sha256": files.hash_both.hexdigest(),
            "sound_size": files.size_sound,
            "sound_sha256": files.hash_sound.hexdigest(),
        }
        self._add_line(line)
        del self._files[segment.number]
        (self.folder / OPEN).unlink(missing_ok=True)

    def close(self, keys: Keys) -> str:
        """Ends the recording with its signed root; gives the root's hash."""
        line: dict[str, Any] = {
            "closed": True,
            "at": clock.now().isoformat(),
            "segments": len(self.lines),
            "duration_us": self.resume().end_us,
            "prev": self._last_hash(),
        }
        line["hash"] = line_hash(line)
        line["mac"] = keys.mac(PURPOSE, bytes.fromhex(line["hash"])).hex()
        self._write_line(line)
        self._index.close()
        return str(line["hash"])

    def release(self) -> None:
        """Lets go of the files, the recording stays open for a later process."""
        for files in self._files.values():
            files.both.close()
            files.sound.close()
        self._index.close()

    def _head(self, segment: Segment) -> dict[str, Any]:
        init_hash, scale = self._init_hash[segment.init]
        return {
            "n": segment.number,
            "start_us": segment.start_us,
            "wall": segment.wall.isoformat(),
            "init": segment.init,
            "init_sha256": init_hash,
            "scale": scale,
            "break": segment.break_before,
            "silent": segment.silent,
        }

    def _last_hash(self) -> str:
        return str(self.lines[-1]["hash"]) if self.lines else FIRST

    def _add_line(self, line: dict[str, Any]) -> None:
        line["prev"] = self._last_hash()
        line["hash"] = line_hash(line)
        self._write_line(line)
        self.lines.append(line)

    def _write_line(self, line: dict[str, Any]) -> None:
        self._index.write(json.dumps(line, sort_keys=True).encode() + b"\n")
        self._index.flush()
        os.fsync(self._index.fileno())

    def _trim_index(self) -> None:
        path = self.folder / INDEX
        if path.exists():
            raw = path.read_bytes()
            whole = raw.rfind(b"\n") + 1
            if whole < len(raw):
                os.truncate(path, whole)

    def _adopt(self) -> None:
        """Takes the whole fragments of the segment that a killed process had open."""
        try:
            head = json.loads((self.folder / OPEN).read_text())
        except (FileNotFoundError, ValueError):
            return
        if head["n"] == len(self.lines):
            both = self._cut(f"s{head['n']}.m4s")
            sound = self._cut(f"a{head['n']}.m4s")
            if both[1]:
                self._add_line(
                    head
                    | {
                        "duration_us": both[1] * 1_000_000 // head["scale"],
                        "size": len(both[0]),
                        "sha256": hashlib.sha256(both[0]).hexdigest(),
                        "sound_size": len(sound[0]),
                        "sound_sha256": hashlib.sha256(sound[0]).hexdigest(),
                    }
                )
        (self.folder / OPEN).unlink(missing_ok=True)

    def _cut(self, name: str) -> tuple[bytes, int]:
        path = self.folder / name
        if not path.exists():
            path.write_bytes(b"")
        data = path.read_bytes()
        whole, ticks = whole_fragments(data)
        with path.open("r+b") as file:
            file.truncate(whole)
            os.fsync(file.fileno())
        return data[:whole], ticks
