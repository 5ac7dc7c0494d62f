"""The embedded server: as root in a user namespace and as a normal user, killed, left, moved."""

import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path

import asyncpg
import pytest

from tests.up.running import ROOT, left_behind, until
from tiantou.up import launch, postgres, process
from tiantou.up.children import Children, Kept, begin, stop_all
from tiantou.up.log import Log


@pytest.fixture
def home() -> Iterator[Path]:
    """A private folder with a long path and awkward signs in it, as homes have."""
    made = Path(tempfile.mkdtemp(prefix="tt")) / ("it's a long 田头 home " * 3).strip()
    made.mkdir(mode=0o700)
    yield made
    shutil.rmtree(made.parent, ignore_errors=True)


@pytest.fixture
async def children(home: Path) -> AsyncIterator[Children]:
    """What runs, stopped at the end."""
    log = Log(home / "log", terminal=StringIO())
    made = Children(log, home / "children.json")
    yield made
    await stop_all(made)
    log.close()


async def _start(
    children: Children, home: Path, pg_user: str = ""
) -> tuple[postgres.Cluster, Kept]:
    made = await postgres.cluster(home, pg_user)
    await postgres.prepare(made)
    kept = await begin(children, postgres.child(made))
    await postgres.make_database(made)
    return made, kept


async def _ask(made: postgres.Cluster, statement: str) -> object:
    connection = await asyncpg.connect(made.dsn())
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def _again(kept: Kept) -> None:
    assert kept.process
    await kept.process.ended
    kept.ready.clear()
    await asyncio.wait_for(kept.ready.wait(), 60)


async def test_it_serves_and_leaves_nothing(children: Children, home: Path) -> None:
    made, _ = await _start(children, home)
    assert await _ask(made, "show server_encoding") == "UTF8"
    assert await _ask(made, "show data_checksums") == "on"
    assert await _ask(made, "show listen_addresses") == ""
    assert made.sockets.stat().st_mode & 0o777 == 0o700
    await stop_all(children)
    assert left_behind(home) == []
    assert not made.sockets.exists()


async def test_what_was_committed_survives_kill_9(children: Children, home: Path) -> None:
    made, kept = await _start(children, home)
    connection = await asyncpg.connect(made.dsn())
    await connection.execute("create table kept (no int)")
    for no in range(3):
        await connection.execute("insert into kept values ($1)", no)
        assert kept.process
        kept.process.send(signal.SIGKILL)
        await _again(kept)
        await connection.close(timeout=1)
        connection = await asyncpg.connect(made.dsn())
        assert await connection.fetchval("select count(*) from kept") == no + 1
    await connection.close()


async def test_a_stale_lock_of_somebody_elses_process_is_no_obstacle(
    children: Children, home: Path
) -> None:
    made, _ = await _start(children, home)
    await stop_all(children)
    (made.data / "postmaster.pid").write_text(f"{os.getpid()}\n{made.data}\n")
    made, _ = await _start(children, home)
    assert await _ask(made, "select 1") == 1


async def test_a_server_left_running_is_ended_first(children: Children, home: Path) -> None:
    made, kept = await _start(children, home)
    assert kept.process
    before = kept.process.pid
    other = Children(children.log, home / "other.json")
    # As after a kill -9 of `up` whose child did not hear of it: nobody restarts the first one.
    kept.stopping = True
    await begin(other, postgres.child(made))
    assert await _ask(made, "select 1") == 1
    assert kept.process is None or kept.process.pid == before
    await stop_all(other)


async def test_an_operators_own_settings_have_the_last_word(children: Children, home: Path) -> None:
    made = await postgres.cluster(home, "")
    await postgres.prepare(made)
    (made.folder / "own.conf").write_text("work_mem = '7MB'\n")
    made, _ = await _start(children, home)
    assert await _ask(made, "show work_mem") == "7MB"


async def test_data_of_another_major_version_are_not_touched(home: Path) -> None:
    made = await postgres.cluster(home, "")
    (made.folder / "17").mkdir(parents=True)
    with pytest.raises(postgres.NoPostgres, match="PostgreSQL 17"):
        await postgres.prepare(made)


async def test_a_strangers_socket_folder_is_refused(home: Path) -> None:
    made = await postgres.cluster(home, "")
    made.sockets.symlink_to(home)
    try:
        with pytest.raises(postgres.NoPostgres, match="somebody else"):
            await postgres.prepare(made)
    finally:
        made.sockets.unlink()


async def test_refused_namespaces_are_told_apart() -> None:
    env = {"PATH": os.environ["PATH"]}
    code, said = await process.run(["id", "-u"], env, role="namespace")
    assert (code, said) in {(0, "65534"), (launch.NO_NAMESPACE, "")}


async def test_an_unknown_account_is_named(home: Path) -> None:
    if os.geteuid() != 0:
        assert (await postgres.cluster(home, "no-such-account")).role == "-"
        return
    with pytest.raises(postgres.NoPostgres, match="no-such-account"):
        await postgres.cluster(home, "no-such-account")


def _uid(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


@pytest.fixture
def open_home() -> Iterator[Path]:
    """A folder that other accounts may enter."""
    made = Path(tempfile.mkdtemp(prefix="tt"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


async def test_it_runs_as_a_named_account(children: Children, open_home: Path) -> None:
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    made, kept = await _start(children, open_home, account.pw_name)
    assert await _ask(made, "select 1") == 1
    assert kept.process
    assert _uid(kept.process.pid) == account.pw_uid
    await stop_all(children)


def _anybodys_python() -> str:
    """An interpreter that a normal user may run: this one may lie in root's home."""
    wanted = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    user = "nobody" if os.geteuid() == 0 else None
    for python in (sys.executable, "/usr/bin/python3"):
        with contextlib.suppress(PermissionError, subprocess.CalledProcessError):
            subprocess.run([python, "-c", wanted], user=user, check=True, cwd="/")
            return python
    raise AssertionError("no interpreter that a normal user may run")


NORMAL = """
import asyncio, sys
from io import StringIO
from pathlib import Path
from tiantou.up import postgres
from tiantou.up.children import Children, begin, stop_all
from tiantou.up.log import Log
async def main(home):
    children = Children(Log(home / "log", terminal=StringIO()), home / "children.json")
    made = await postgres.cluster(home, "")
    await postgres.prepare(made)
    await begin(children, postgres.child(made))
    await postgres.make_database(made)
    print(made.role, made.os_user, await postgres.reachable(made.dsn()), flush=True)
    await stop_all(children)
asyncio.run(main(Path(sys.argv[1])))
"""


def test_a_normal_user_needs_nothing(home: Path) -> None:
    user = "nobody" if os.geteuid() == 0 else None
    place = Path(tempfile.mkdtemp(prefix="tt"))
    try:
        if user:
            shutil.chown(place, user)
        packages = next(path for path in sys.path if path.endswith("site-packages"))
        done = subprocess.run(
            [_anybodys_python(), "-c", NORMAL, str(place)],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{packages}"},
            user=user,
            group="nogroup" if user else None,
            extra_groups=[] if user else None,
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
        )
        name = user or pwd.getpwuid(os.geteuid()).pw_name
        assert done.stdout.strip() == f"- {name} True", done.stderr
        until(lambda: left_behind(place) == [], "nothing left")
    finally:
        shutil.rmtree(place)


def test_settings_are_quoted(home: Path) -> None:
    made = postgres.Cluster(home, "-", "me")
    text = postgres.settings_text(replace(made, home=Path("/a'b")))
    assert "data_directory = '/a''b/postgres/18'" in text
