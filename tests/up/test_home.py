"""A home's lock and secret; ports; the records of what runs."""

import asyncio
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tiantou.core import secret
from tiantou.up import lock, orphans
from tiantou.up.sockets import PortTaken, open_door, open_single


def test_a_home_has_one_holder(tmp_path: Path) -> None:
    with lock.hold(tmp_path, "up"):
        assert lock.taken(tmp_path)
        with pytest.raises(lock.HomeTaken) as refused, lock.hold(tmp_path, "up"):
            pass
        assert f"process {os.getpid()}" in str(refused.value)
        assert "TIANTOU_HOME" in str(refused.value)
    assert not lock.taken(tmp_path)
    with lock.hold(tmp_path, "restore"):
        assert lock.holder(tmp_path)["what"] == "restore"


def test_the_secret_is_made_once_and_is_private(tmp_path: Path) -> None:
    made = secret.root(tmp_path, "")
    assert secret.root(tmp_path, "") == made and len(made) >= 32
    assert secret.path(tmp_path).stat().st_mode & 0o777 == 0o600
    assert secret.root(tmp_path, "g" * 32) == b"g" * 32


def test_a_secret_that_others_read_is_refused(tmp_path: Path) -> None:
    secret.root(tmp_path, "")
    secret.path(tmp_path).chmod(0o644)
    with pytest.raises(secret.SecretUnsafe, match="chmod 600"):
        secret.root(tmp_path, "")


def test_a_cut_off_secret_is_refused(tmp_path: Path) -> None:
    secret.path(tmp_path).write_text("short")
    secret.path(tmp_path).chmod(0o600)
    with pytest.raises(secret.SecretUnsafe, match="your copy"):
        secret.root(tmp_path, "")


def test_a_port_in_use_says_whose_and_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken) as refused:
            open_door("http", port, "tiantou up --port 8090")
        words = str(refused.value)
        assert f"port {port}" in words and f"process {os.getpid()}" in words
        assert "tiantou up --port 8090" in words


def test_two_instances_cannot_share_a_port() -> None:
    door = open_door("http", 0, "")
    try:
        with pytest.raises(PortTaken):
            open_door("http", door.port, "")
        with pytest.raises(PortTaken):
            open_single("http", door.port, "")
    finally:
        door.close()


def _sleeper() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])


def _lingerer() -> subprocess.Popen[bytes]:
    """Says a line; told to end, it does so when it gets one."""
    words = (
        "import signal, sys\n"
        "signal.signal(15, lambda *_: sys.stdin.readline() and sys.exit(0))\n"
        "print('ready', flush=True); signal.pause()"
    )
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", words], stdin=pipe, stdout=pipe)


async def test_what_a_killed_up_left_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "children.json"
    sleeper = _sleeper()
    record = orphans.look(sleeper.pid, "sleeper", 15)
    assert record
    orphans.remember(path, [record])
    reaping = asyncio.create_task(asyncio.to_thread(sleeper.wait))
    assert await orphans.end(path) == ["sleeper"]
    assert await reaping == -15
    assert not path.exists()


async def test_what_ended_meanwhile_is_not_signalled(tmp_path: Path) -> None:
    """While one of them takes its time to end, another's process id may find a new owner."""
    path = tmp_path / "children.json"
    quick = _sleeper()
    slow = _lingerer()
    assert slow.stdout and slow.stdin and slow.stdout.readline()
    records = [orphans.look(one.pid, name, 15) for name, one in (("quick", quick), ("slow", slow))]
    orphans.remember(path, [one for one in records if one])
    ending = asyncio.create_task(orphans.end(path))
    await asyncio.sleep(0)
    quick.kill()
    quick.wait()
    slow.stdin.write(b"\n")
    slow.stdin.flush()
    reaping = asyncio.create_task(asyncio.to_thread(slow.wait))
    assert await ending == ["slow"]
    assert await reaping == 0
    slow.stdin.close()
    slow.stdout.close()


async def test_a_process_id_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "children.json"
    record = orphans.look(os.getpid(), "myself", 9)
    assert record
    stranger = orphans.Record("api", record.pid, record.started - 1, record.boot, 9)
    earlier = orphans.Record("api", record.pid, record.started, "another boot", 9)
    orphans.remember(path, [stranger, earlier])
    assert await orphans.end(path) == []
    path.write_text("torn")
    assert await orphans.end(path) == []
