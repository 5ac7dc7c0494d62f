"""Supervision: children in order, restarted when they die, stopped in reverse, none left behind."""

import asyncio
import contextlib
import ctypes
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from tiantou.kit.mendable import Mendable
from tiantou.up import launch, orphans
from tiantou.up.log import Log
from tiantou.up.process import Process, start

RESTART_S_MIN, RESTART_S_MAX = 0.2, 10.0
STEADY_S = 20
FAILURES_MAX = 5
ASK_EVERY_S = 0.05
ANSWER_S_MAX = 2.0
PROGRESS_EVERY_S = 3.0
WATCH_EVERY_S, SILENCES_MAX = 10.0, 6
_SUBREAPER = 36

Answers = Callable[[], Awaitable[bool]]


class StartFailed(Mendable):
    """A child ended again and again before it ever answered. Its last lines are in the message."""


@dataclass(frozen=True)
class Child:
    """What to start and how to know that it works."""

    name: str
    command: list[str]
    env: Mapping[str, str]
    fds: tuple[int, ...] = ()
    role: str = "-"
    stop_signal: int = signal.SIGTERM
    stop_s: float = 10.0
    answers: Answers | None = None
    """Whether it answers right now. None: alive is enough."""
    before: Callable[[], Awaitable[None]] | None = None
    """Runs before each start, restarts included."""
    after: Callable[[], None] | None = None
    """Runs when it has been stopped for good."""
    together: str = ""
    """Neighbours in the order of start that share this word stop at the same time."""
    watched: bool = True
    """Whether a child that stops answering is killed. A database is not: it may be recovering."""


@dataclass(eq=False)
class Kept:
    """A child under supervision. `process` is None between two lives."""

    child: Child
    process: Process | None = None
    lives: int = 0
    stopping: bool = False
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    last_lines: list[str] = field(default_factory=list)
    keeper: asyncio.Task[None] | None = None


@dataclass
class Children:
    """Everything that runs, in the order of its start."""

    log: Log
    record: Path
    kept: list[Kept] = field(default_factory=list)
    watcher: asyncio.Task[None] | None = None

    def pid(self, name: str) -> int | None:
        """The process id of a running child."""
        for one in self.kept:
            if one.child.name == name and one.process:
                return one.process.pid
        return None


def adopt_grandchildren() -> None:
    """Orphans of our children become ours, not the system's: `end_strays` can then find them."""
    ctypes.CDLL(None, use_errno=True).prctl(_SUBREAPER, 1, 0, 0, 0)


async def begin(children: Children, child: Child) -> Kept:
    """Starts a child and waits until it answers. Raises StartFailed."""
    kept = Kept(child)
    children.kept.append(kept)
    since = time.monotonic()
    kept.keeper = asyncio.create_task(_keep(children, kept))
    ready = asyncio.create_task(kept.ready.wait())
    try:
        while not ready.done():
            wait = {ready, kept.keeper}
            done, _ = await asyncio.wait(
                wait, timeout=PROGRESS_EVERY_S, return_when=asyncio.FIRST_COMPLETED
            )
            if kept.keeper in done:
                kept.keeper.result()
                raise StartFailed(f"{child.name} ended")
            if not done:
                waited = time.monotonic() - since
                children.log.say(f"  … {child.name} is still starting ({waited:.0f} s)")
    finally:
        ready.cancel()
    children.log.note(f"{child.name} answers after {time.monotonic() - since:.2f} s")
    return kept


async def stop_all(children: Children) -> None:
    """Stops every child in reverse order."""
    if children.watcher:
        children.watcher.cancel()
    for kept in children.kept:
        kept.stopping = True
    for _, group in groupby(reversed(children.kept), key=lambda kept: kept.child.together or kept):
        await asyncio.gather(*(_stop(children, kept) for kept in group))
    children.kept.clear()
    orphans.forget(children.record)


async def _stop(children: Children, kept: Kept) -> None:
    if kept.process:
        code = await kept.process.stop(kept.child.stop_signal, kept.child.stop_s)
        children.log.note(f"{kept.child.name} stopped ({code})")
    if kept.keeper:
        kept.keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError, Mendable):
            await kept.keeper
    if kept.child.after:
        kept.child.after()


async def restart(kept: Kept) -> None:
    """Ends a child's present life; its keeper starts the next one."""
    kept.ready.clear()
    if kept.process:
        await kept.process.stop(kept.child.stop_signal, kept.child.stop_s)
    await kept.ready.wait()


def reap_strays(own: frozenset[int]) -> list[int]:
    """Reaps adopted orphans that have ended; gives those that still live."""
    living = []
    for pid in orphans.children_of(os.getpid()):
        if pid not in own:
            with contextlib.suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG) == (0, 0):
                    living.append(pid)
    return living


async def end_strays(children: Children) -> None:
    """Kills and reaps every grandchild that outlived its parent."""
    for _ in range(100):
        own = frozenset(kept.process.pid for kept in children.kept if kept.process)
        living = reap_strays(own)
        if not living:
            return
        for pid in living:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.02)


async def _keep(children: Children, kept: Kept) -> None:
    """One life after another, until `stopping`."""
    wait_s, failures = 0.0, 0
    while not kept.stopping:
        if wait_s:
            await asyncio.sleep(wait_s)
        born = time.monotonic()
        code = await _live(children, kept)
        if kept.stopping:
            return
        reap_strays(frozenset(one.process.pid for one in children.kept if one.process))
        failures = 0 if kept.ready.is_set() else failures + 1
        if failures >= FAILURES_MAX and kept.lives == failures:
            raise StartFailed(_why(kept, code))
        steady = time.monotonic() - born > STEADY_S
        wait_s = RESTART_S_MIN if steady or not wait_s else min(wait_s * 2, RESTART_S_MAX)
        kept.ready.clear()
        children.log.say(f"{kept.child.name} ended ({_ending(code)}); starting it again")


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"code {code}"


def _why(kept: Kept, code: int) -> str:
    lines = "\n".join(f"    {line}" for line in kept.last_lines)
    return f"{kept.child.name} does not start ({_ending(code)}). Its last words:\n{lines}"


async def _live(children: Children, kept: Kept) -> int:
    """One life: from start to end. Gives the exit code."""
    child, log = kept.child, children.log
    kept.lives += 1

    def read(line: str) -> None:
        kept.last_lines = [*kept.last_lines[-7:], line]
        log.keep(child.name, line, quiet=kept.stopping or not kept.ready.is_set())

    try:
        if child.before:
            await child.before()
        process = kept.process = await start(
            child.command,
            child.env,
            lambda line: log.show(child.name, line),
            read,
            role=child.role,
            death=child.stop_signal,
            fds=child.fds,
        )
    except OSError as error:
        # No memory, no descriptor, no room: perhaps in a moment there is.
        read(f"it cannot be started: {error}")
        return launch.NO_COMMAND
    try:
        orphans.remember(children.record, _records(children))
    except OSError as error:
        log.note(f"{child.name} is not on record: {error}")
    try:
        asking = asyncio.create_task(_watch(children, kept))
        try:
            return await asyncio.shield(process.ended)
        finally:
            asking.cancel()
    finally:
        if process.popen.returncode is not None:
            kept.process = None


async def _watch(children: Children, kept: Kept) -> None:
    """Asks until it answers, then now and then; one that has been dumb for long is killed."""
    while True:
        if await _asked(kept.child, ANSWER_S_MAX):
            break
        await asyncio.sleep(ASK_EVERY_S)
    kept.ready.set()
    silent = 0
    while kept.child.watched:
        await asyncio.sleep(WATCH_EVERY_S)
        silent = 0 if await _asked(kept.child, WATCH_EVERY_S) else silent + 1
        if silent >= SILENCES_MAX and kept.process:
            children.log.say(f"{kept.child.name} has not answered for a minute: ending it")
            kept.process.send(signal.SIGKILL)
            return


async def _asked(child: Child, patience_s: float) -> bool:
    if child.answers is None:
        return True
    try:
        async with asyncio.timeout(patience_s):
            return await child.answers()
    except (OSError, TimeoutError):
        return False


def _records(children: Children) -> list[orphans.Record]:
    running = [(kept.child, kept.process) for kept in children.kept if kept.process]
    made = [
        orphans.look(process.pid, child.name, int(child.stop_signal)) for child, process in running
    ]
    return [record for record in made if record]
