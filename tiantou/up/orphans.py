"""Children of an `up` that was killed: remembered by process id and start time, ended by the next.

A process id alone may belong to somebody else by now; with its start time and the machine's boot
it does not.
"""

import asyncio
import contextlib
import json
import os
import signal
from dataclasses import asdict, dataclass
from pathlib import Path

PATIENCE_S = 30.0


@dataclass(frozen=True)
class Record:
    """A process: `started` in clock ticks since `boot`."""

    name: str
    pid: int
    started: int
    boot: str
    stop_signal: int


def look(pid: int, name: str, stop_signal: int) -> Record | None:
    """The record of a running process; None if it has ended."""
    fields = _stat(pid)
    if fields is None or fields[0] == "Z":
        return None
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return Record(name, pid, int(fields[19]), boot, stop_signal)


def remember(path: Path, records: list[Record]) -> None:
    """Writes the records, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps([asdict(record) for record in records]))
    draft.replace(path)


def forget(path: Path) -> None:
    """Nothing runs any more."""
    path.unlink(missing_ok=True)


def recall(path: Path) -> list[Record]:
    """The recorded processes that still run."""
    try:
        rows = json.loads(path.read_text())
        records = [Record(**row) for row in rows]
    except (FileNotFoundError, ValueError, TypeError):
        return []
    return [one for one in records if look(one.pid, one.name, one.stop_signal) == one]


async def end(path: Path, patience_s: float = PATIENCE_S) -> list[str]:
    """Ends what a killed `up` left running, last started first. Gives the names."""
    ended = []
    for record in reversed(recall(path)):
        if look(record.pid, record.name, record.stop_signal) != record:
            # It ended while another was waited for; its number may be somebody else's by now.
            continue
        ended.append(record.name)
        await end_one(record.pid, record.stop_signal, patience_s)
    forget(path)
    return ended


async def end_one(pid: int, stop_signal: int, patience_s: float) -> None:
    """Asks a process that is not our child to end, then kills it, and waits until it has gone."""
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop = asyncio.get_running_loop()
    gone = loop.create_future()
    loop.add_reader(pidfd, gone.cancel)
    try:
        for number in (stop_signal, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            done, _ = await asyncio.wait({gone}, timeout=patience_s)
            if done:
                return
    finally:
        loop.remove_reader(pidfd)
        os.close(pidfd)


def children_of(pid: int) -> list[int]:
    """The process ids of a process's children, ended ones that nobody reaped included."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            fields = _stat(int(folder.name))
            if fields and int(fields[1]) == pid:
                found.append(int(folder.name))
    return found


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/<pid>/stat from the state on: the name before them may hold anything."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
