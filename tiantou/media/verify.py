"""Whether a recording is what it was: every file, every hash, the chain, the root."""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tiantou.core.keys import Keys
from tiantou.media.recording import FIRST, INDEX, PURPOSE, line_hash


@dataclass
class VerifyResult:
    """`faults` name file and reason; `root` is the hash of the closing line, if it is closed.

    `signed` is None when no keys were given or it is not closed.
    """

    segments: int = 0
    duration_ms: int = 0
    root: str | None = None
    signed: bool | None = None
    faults: list[tuple[str, str]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Nothing is missing, changed, added or re-ordered."""
        return not self.faults


def verify_recording(
    folder: Path, keys: Keys | None = None, root: str | None = None
) -> VerifyResult:
    """Reads everything (blocks). `root` is the hash known from elsewhere, if any."""
    result = VerifyResult()
    try:
        raw = (folder / INDEX).read_bytes()
    except FileNotFoundError:
        result.faults.append((INDEX, "missing"))
        return result
    before = FIRST
    for number, text in enumerate(raw.split(b"\n")):
        if not text:
            continue
        try:
            line: dict[str, Any] = json.loads(text)
            good = line["hash"] == line_hash(line) and line["prev"] == before
        except (ValueError, KeyError, TypeError):
            line, good = {}, False
        if not good:
            result.faults.append((INDEX, f"line {number + 1} does not fit the chain"))
            return result
        before = line["hash"]
        if result.root is not None:
            result.faults.append((INDEX, "goes on after its end"))
        if line.get("closed"):
            _check_root(result, line, keys)
        else:
            _check_segment(result, folder, line)
    if root is not None and result.root != root:
        result.faults.append((INDEX, "another root than the one on record"))
    return result


def _check_root(result: VerifyResult, line: dict[str, Any], keys: Keys | None) -> None:
    result.root = line["hash"]
    if line["segments"] != result.segments:
        result.faults.append((INDEX, "segments are missing"))
    if keys is not None:
        root, mac = bytes.fromhex(line["hash"]), bytes.fromhex(line.get("mac", ""))
        result.signed = any(
            hmac.compare_digest(keys.mac(PURPOSE, root, generation), mac)
            for generation in range(len(keys.roots))
        )
        if not result.signed:
            result.faults.append((INDEX, "the root is not signed by this instance"))


def _check_segment(result: VerifyResult, folder: Path, line: dict[str, Any]) -> None:
    number = line["n"]
    if number != result.segments:
        result.faults.append((INDEX, f"segment {result.segments} is missing"))
    result.segments = number + 1
    result.duration_ms = (line["start_us"] + line["duration_us"]) // 1000
    init = line["init"]
    alone = folder / f"ainit{init}.mp4"
    for names, key in (
        ([f"s{number}.m4s"], "sha256"),
        ([f"a{number}.m4s"], "sound_sha256"),
        ([f"init{init}.mp4", *([alone.name] if alone.exists() else [])], "init_sha256"),
    ):
        digest = hashlib.sha256()
        try:
            for name in names:
                digest.update((folder / name).read_bytes())
        except OSError:
            result.faults.append((name, "missing"))
            continue
        if digest.hexdigest() != line[key]:
            result.faults.append((names[0], "changed"))
