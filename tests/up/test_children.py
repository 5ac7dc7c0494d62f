"""Supervision of plain commands: restarts, order, last words, nobody left behind."""

import asyncio
import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from tests.up.running import alive, until
from tiantou.up import launch, orphans, process
from tiantou.up.children import Child, Children, StartFailed, begin, restart, stop_all
from tiantou.up.log import Log

ENV = {"PATH": os.environ["PATH"]}


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    """Nothing runs yet; the log closes at the end."""
    log = Log(tmp_path / "log", terminal=StringIO())
    yield Children(log, tmp_path / "children.json")
    log.close()


def _python(words: str) -> list[str]:
    return [sys.executable, "-c", words]


SLEEP = _python("import time; time.sleep(600)")


async def test_a_killed_child_is_started_again(children: Children) -> None:
    kept = await begin(children, Child("sleeper", SLEEP, ENV))
    for _ in range(3):
        assert kept.process
        before = kept.process
        before.send(signal.SIGKILL)
        await before.ended
        kept.ready.clear()
        await asyncio.wait_for(kept.ready.wait(), 20)
        assert kept.process and kept.process.pid != before.pid and alive(kept.process.pid)
    assert kept.process
    last = kept.process.pid
    await stop_all(children)
    assert not alive(last) and kept.lives == 4


async def test_children_stop_in_reverse_order(children: Children, tmp_path: Path) -> None:
    told = tmp_path / "told"
    for name in "abc":
        words = (
            "import signal, sys, time\n"
            f"def end(*_):\n open({str(told)!r}, 'a').write({name!r}); sys.exit(0)\n"
            f"signal.signal(15, end); open({str(tmp_path / name)!r}, 'w').close(); time.sleep(600)"
        )

        async def answers(name: str = name) -> bool:
            return (tmp_path / name).exists()

        await begin(children, Child(name, _python(words), ENV, answers=answers))
    await stop_all(children)
    assert told.read_text() == "cba"


async def test_a_deaf_child_is_killed(children: Children, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    words = (
        "import signal, time; signal.signal(15, signal.SIG_IGN)\n"
        f"open({str(ready)!r}, 'w'); time.sleep(600)"
    )

    async def answers() -> bool:
        return ready.exists()

    kept = await begin(children, Child("deaf", _python(words), ENV, answers=answers, stop_s=0.3))
    assert kept.process
    running = kept.process
    await stop_all(children)
    assert await running.ended == -9


async def test_one_that_never_starts_says_why(children: Children) -> None:
    async def never() -> bool:
        return False

    words = _python("import sys; sys.exit('no such thing')")
    with pytest.raises(StartFailed, match="no such thing"):
        await begin(children, Child("broken", words, ENV, answers=never))
    await stop_all(children)


async def test_a_command_that_is_not_there_says_so(tmp_path: Path) -> None:
    code, said = await process.run(["/no/such/program"], ENV)
    assert code == launch.NO_COMMAND and "/no/such/program" in said


async def test_restart_waits_for_the_next_life(children: Children) -> None:
    kept = await begin(children, Child("sleeper", SLEEP, ENV))
    assert kept.process
    before = kept.process.pid
    await restart(kept)
    assert kept.process.pid != before
    await stop_all(children)


def test_children_die_with_a_killed_parent(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.up.nest", str(tmp_path), "hold"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = int(parent.stdout.readline())
        assert alive(child)
        assert [one.pid for one in orphans.recall(tmp_path / "children.json")] == [child]
        parent.kill()
    until(lambda: not alive(child), "the child's end")


def test_grandchildren_do_not_outlive_the_end(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.up.nest", str(tmp_path), "stop"]
    done = subprocess.run(command, stdout=subprocess.PIPE, timeout=60, check=True)
    assert not alive(int(done.stdout))


TALK = """
import sys, time
print("code 123456", flush=True)
print("WARNING: low\\nfine", file=sys.stderr, flush=True)
time.sleep(600)
"""


async def test_output_is_shown_and_never_kept(children: Children, tmp_path: Path) -> None:
    terminal = children.log.terminal
    assert isinstance(terminal, StringIO)
    kept = await begin(children, Child("api", _python(TALK), ENV))
    for _ in range(200):
        await asyncio.sleep(0.05)
        if len(kept.last_lines) == 2 and "123456" in terminal.getvalue():
            break
    await stop_all(children)
    shown, file = terminal.getvalue(), (tmp_path / "log").read_text()
    assert "code 123456" in shown and "123456" not in file
    assert "WARNING: low" in shown and "WARNING: low" in file
    assert "fine" not in shown and "fine" in file


def test_the_log_turns_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tiantou.up.log.FILE_BYTES_MAX", 2_000)
    log = Log(tmp_path / "t.log", terminal=StringIO())
    for number in range(200):
        log.note(f"line {number}")
    log.close()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["t.log", "t.log.1", "t.log.2", "t.log.3"]


def test_a_full_disk_silences_the_log_and_nothing_else(tmp_path: Path) -> None:
    full = tmp_path / "t.log"
    full.symlink_to("/dev/full")
    terminal = StringIO()
    log = Log(full, terminal=terminal)
    log.say("there is no room")
    full.unlink()
    log.say("there is room again")
    log.close()
    assert "no room" in terminal.getvalue()
    assert full.read_text().endswith("up there is room again\n")
    assert len(full.read_text().splitlines()) == 1


async def test_a_record_that_cannot_be_written_ends_nothing(
    children: Children, tmp_path: Path
) -> None:
    (tmp_path / "children.new").mkdir()
    kept = await begin(children, Child("sleeper", SLEEP, ENV))
    assert kept.process and alive(kept.process.pid)
    await stop_all(children)
    assert "not on record" in (tmp_path / "log").read_text()


async def test_a_fork_that_fails_is_tried_again(
    children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_room(*_: object, **__: object) -> process.Process:
        monkeypatch.undo()
        raise BlockingIOError(errno.EAGAIN, "no room for one more")

    monkeypatch.setattr("tiantou.up.children.start", no_room)
    kept = await begin(children, Child("sleeper", SLEEP, ENV))
    assert kept.lives == 2
    await stop_all(children)
