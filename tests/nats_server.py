"""A real nats-server of the wheel, for tests only: it can be killed and started again."""

import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

TOKEN = "only-the-tests-know-this-token"


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class NatsServer:
    """A running server on loopback."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self._home = Path(tempfile.mkdtemp(prefix="ttn"))
        self._child: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Starts it; returns before it answers."""
        program = Path(sys.executable).parent / "nats-server"
        with (self._home / "log").open("ab") as said:
            self._child = subprocess.Popen(
                [program, "-a", "127.0.0.1", "-p", str(self.port), "--auth", TOKEN],
                stderr=said,
            )

    def kill(self) -> None:
        """kill -9."""
        assert self._child
        self._child.kill()
        self._child.wait()

    def stop(self) -> None:
        """A polite end: the server says farewell to its clients."""
        assert self._child
        self._child.terminate()
        self._child.wait(20)

    def close(self) -> None:
        """Ends it and removes its folder."""
        self.kill()
        shutil.rmtree(self._home, ignore_errors=True)
