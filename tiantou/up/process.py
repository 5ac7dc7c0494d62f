"""One process: started through the launcher, its lines read, its end awaited without a thread."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tiantou.up import launch

LINE_BYTES_MAX = 16_384
SILENT_S = 0.5
Reader = Callable[[str], None]


class _Lines(asyncio.Protocol):
    """Cuts a pipe into lines; an endless one is cut at LINE_BYTES_MAX."""

    def __init__(self, read: Reader) -> None:
        self._read, self._rest = read, b""
        self.done = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LINE_BYTES_MAX:
            lines, self._rest = [*lines, self._rest], b""
        for line in lines:
            self._read(line.decode("utf-8", "replace").rstrip())

    def connection_lost(self, exc: Exception | None) -> None:
        if self._rest:
            self._read(self._rest.decode("utf-8", "replace").rstrip())
        if not self.done.done():
            self.done.set_result(None)


@dataclass
class Process:
    """A started process. `ended` is done when it has been reaped and its last lines read."""

    pid: int
    popen: subprocess.Popen[bytes]
    ended: asyncio.Future[int] = field(repr=False)
    follower: asyncio.Task[None] | None = field(default=None, repr=False)

    def send(self, number: int) -> None:
        """Sends a signal, if the process still lives."""
        if self.popen.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def stop(self, number: int, patience_s: float) -> int:
        """Asks with a signal, then kills. Gives the exit code, negative for a signal."""
        self.send(number)
        done, _ = await asyncio.wait({self.ended}, timeout=patience_s)
        if not done:
            self.send(signal.SIGKILL)
        return await asyncio.shield(self.ended)


async def start(
    command: list[str],
    env: Mapping[str, str],
    out: Reader,
    log: Reader,
    role: str = "-",
    death: int = signal.SIGTERM,
    fds: tuple[int, ...] = (),
    cwd: Path | None = None,
) -> Process:
    """Starts `command`; `out` and `log` get the lines of its standard output and error.

    It gets `death` when this process dies. `fds` keep their numbers. Raises OSError.
    """
    loop = asyncio.get_running_loop()
    popen = _spawn(command, env, role, death, fds, cwd)
    protocols = []
    for pipe, read in ((popen.stdout, out), (popen.stderr, log)):
        made = await loop.connect_read_pipe(partial(_Lines, read), pipe)
        protocols.append(made)
    process = Process(popen.pid, popen, loop.create_future())
    pidfd = os.pidfd_open(popen.pid)
    gone = loop.create_future()
    loop.add_reader(pidfd, gone.cancel)

    async def follow() -> None:
        await asyncio.wait({gone})
        loop.remove_reader(pidfd)
        os.close(pidfd)
        code = popen.wait()
        # A grandchild may hold the pipe open: its lines are worth a moment, not a wait.
        await asyncio.wait([lines.done for _, lines in protocols], timeout=SILENT_S)
        for transport, _ in protocols:
            transport.close()
        process.ended.set_result(code)

    process.follower = loop.create_task(follow())
    return process


def _spawn(
    command: list[str],
    env: Mapping[str, str],
    role: str,
    death: int,
    fds: tuple[int, ...],
    cwd: Path | None,
) -> subprocess.Popen[bytes]:
    """The fork: short, and the launcher does the rest on its own side."""
    launcher = [sys.executable, "-I", "-S", launch.__file__]
    return subprocess.Popen(
        [*launcher, str(os.getpid()), str(int(death)), role, *command],
        env=dict(env),
        pass_fds=fds,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
    )


async def run(
    command: list[str], env: Mapping[str, str], role: str = "-", cwd: Path | None = None
) -> tuple[int, str]:
    """Runs a command to its end: exit code and everything it said."""
    said: list[str] = []
    process = await start(command, env, said.append, said.append, role=role, cwd=cwd)
    try:
        code = await asyncio.shield(process.ended)
    except asyncio.CancelledError:
        await process.stop(signal.SIGTERM, 2)
        raise
    return code, "\n".join(said)
