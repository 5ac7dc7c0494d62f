"""The lock of a home: one `up` at a time, however the last one ended.

The kernel's file lock decides, not what the file says: it goes with the process that held it.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tiantou.kit.mendable import Mendable


class HomeTaken(Mendable):
    """Another process works in this home. The message says which and what to do."""


def holder(home: Path) -> dict[str, str]:
    """What the holder of the lock wrote about itself; empty if it wrote nothing."""
    try:
        said = json.loads((home / "run" / "lock").read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def taken(home: Path) -> bool:
    """Whether somebody holds the lock now."""
    path = home / "run" / "lock"
    if not path.exists():
        return False
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextmanager
def hold(home: Path, what: str) -> Iterator[None]:
    """Holds the home for `what` ("up", "restore"). Raises HomeTaken."""
    folder = home / "run"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            said = holder(home)
            raise HomeTaken(
                f"tiantou {said.get('what', '')} already runs in {home} "
                f"(process {said.get('pid', 'unknown')}).\n"
                "  Stop it there with Ctrl-C, or give this one a home and ports of its own:\n"
                "  TIANTOU_HOME=./other tiantou up --port 8090"
            ) from None
        write_note(descriptor, {"what": what, "pid": str(os.getpid())})
        yield
    finally:
        os.close(descriptor)


def write_note(descriptor: int, note: dict[str, str]) -> None:
    """Replaces the lock file's words."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(note).encode(), 0)
