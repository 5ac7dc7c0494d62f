"""A `tiantou up` in a process of its own, as a person at a terminal would run it."""

import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import tiantou

ROOT = Path(tiantou.__file__).parents[1]
_count = itertools.count(1)
START_S, WAIT_S = 90.0, 30.0
_ADDRESS = re.compile(r"^  (https?://\S+)$", re.MULTILINE)


def environment(home: Path, **more: str) -> dict[str, str]:
    """A clean environment: free ports, the given home, nothing of the tester's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TIANTOU_")}
    ours = {
        "TIANTOU_HOME": str(home),
        "TIANTOU_PORT": "0",
        "TIANTOU_HTTPS_PORT": "0",
        "TIANTOU_RTMP_PORT": "0",
        "PYTHONPATH": str(ROOT),
    }
    return kept | ours | more


def until(true: Callable[[], object], what: str, patience_s: float = WAIT_S) -> None:
    """Waits until `true()`; fails with `what`."""
    end = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < end, f"not in {patience_s:.0f} s: {what}"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Whether a process runs; one that ended and waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def left_behind(home: Path) -> list[str]:
    """The command lines of processes that have to do with a home."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            words = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
            place = str((folder / "cwd").readlink())
        except OSError:
            continue
        if str(home).encode() in words or place.startswith(str(home)):
            found.append((folder / "cmdline").read_bytes().decode().replace("\0", " "))
    return found


class Up:
    """A running `up`: what it said, its address, its children's process ids."""

    def __init__(self, home: Path, *arguments: str, **more: str) -> None:
        self.home, self._said = home, home.parent / f"{home.name}.{next(_count)}.said"
        command = [sys.executable, "-m", "tiantou", "up", *arguments]
        with self._said.open("wb") as out:
            self.popen = subprocess.Popen(
                command, env=environment(home, **more), stdout=out, stderr=subprocess.STDOUT
            )

    @property
    def said(self) -> str:
        """Everything on its terminal."""
        return self._said.read_text()

    @property
    def url(self) -> str:
        """The address it told; empty until then."""
        match = _ADDRESS.search(self.said)
        return match[1] if match else ""

    def wait(self) -> "Up":
        """Until it tells its address."""
        until(lambda: self.url or self.popen.poll() is not None, "an address", START_S)
        assert self.url, self.said
        return self

    def children(self) -> dict[str, int]:
        """Process ids by name."""
        rows = json.loads((self.home / "run" / "children.json").read_text())
        return {row["name"]: row["pid"] for row in rows}

    def stop(self) -> int:
        """Ctrl-C; gives the exit code."""
        self.popen.send_signal(signal.SIGINT)
        return self.popen.wait(WAIT_S)

    def end(self) -> None:
        """Whatever happened: nothing stays."""
        if self.popen.poll() is None:
            self.popen.send_signal(signal.SIGINT)
            try:
                self.popen.wait(WAIT_S)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
