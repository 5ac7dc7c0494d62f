"""Checks a bundle of traces: every event under its own id, in its place, under signed roots.

    python3 verify.py FOLDER [KEY]

FOLDER holds `events.jsonl` and `roots.json`. KEY is the instance's public key in hex, as it says it
at /api/trace-key; without it, the one in `roots.json` is taken, which proves only that the bundle
is of one piece. Ends with 0 if all holds, with 1 at the first thing that does not.
"""

import json
import sys
from pathlib import Path
from typing import Any

from tiantou.trust.epcis.ed25519 import signed
from tiantou.trust.epcis.hash_id import event_id
from tiantou.trust.epcis.links import first_link, next_link, root_text


class Broken(Exception):
    """What does not hold, in words."""


def check(folder: Path, key: str | None) -> str:
    """What was verified. Raises Broken."""
    said: dict[str, Any] = json.loads((folder / "roots.json").read_text(encoding="utf-8"))
    public = bytes.fromhex(key or said["key"])
    link, seq = bytes.fromhex(said["before"]["link"]), said["before"]["events"]
    day, signed_until = "", seq
    if seq == 0 and link != first_link(said["org"]):
        raise Broken("the chain does not begin where this organization's begins")
    roots = {one["events"]: one for one in said["roots"]}
    if len(roots) != len(said["roots"]):
        raise Broken("two roots stand at the same place")
    with (folder / "events.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            event = _event(line, seq + 1)
            if event.get("eventID") != event_id(event):
                raise Broken(f"event {seq + 1} was changed: it is not what its id says")
            link, seq = next_link(link, event), seq + 1
            root = roots.pop(seq, None)
            if root is not None:
                day, signed_until = _root(said["org"], root, seq, link, public), seq
    if roots:
        raise Broken(f"events are missing: {min(roots)} were signed, {seq} are here")
    if not day:
        raise Broken("nothing here is signed")
    if seq != signed_until:
        raise Broken(f"nobody signed event {signed_until + 1} and what comes after it")
    return f"{seq - said['before']['events']} events hold, signed until {day}"


def _event(line: str, seq: int) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        raise Broken(f"event {seq} cannot be read") from None
    if not isinstance(found, dict):
        raise Broken(f"event {seq} is none")
    return found


def _root(org: str, root: dict[str, Any], seq: int, link: bytes, public: bytes) -> str:
    day = str(root["day"])
    if bytes.fromhex(root["link"]) != link:
        raise Broken(f"until {day} something was changed, added, taken away or moved")
    if not signed(public, bytes.fromhex(root["signature"]), root_text(org, day, seq, link)):
        raise Broken(f"the root of {day} is not signed by this key")
    return day


def main() -> int:
    """The command."""
    if len(sys.argv) not in {2, 3}:
        sys.stderr.write("python3 verify.py FOLDER [KEY]\n")
        return 2
    try:
        told = check(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) == 3 else None)
    except Broken as broken:
        sys.stdout.write(f"BROKEN: {broken}\n")
        return 1
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.stdout.write(f"BROKEN: the bundle cannot be read: {error!r}\n")
        return 1
    sys.stdout.write(f"OK: {told}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
