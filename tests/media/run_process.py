"""A media process to be killed: `python -m tests.media.run_process dsn root http_fd rtmp_fd`."""

import asyncio
import signal
import socket
import sys
from pathlib import Path

import uvloop

from tests.media.stand import QUICK
from tiantou.core.keys import Keys
from tiantou.media.process import run


def _ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


def main() -> None:
    """Runs until it is killed."""
    dsn, root, http_fd, rtmp_fd = sys.argv[1:]
    keys = Keys((b"only the tests know this root secret",))
    http, rtmp = socket.socket(fileno=int(http_fd)), socket.socket(fileno=int(rtmp_fd))

    async def serve() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        await run(
            dsn=dsn,
            keys=keys,
            root=Path(root),
            http=http,
            rtmp=rtmp,
            limits=QUICK,
            ready=_ready,
            stop=stop,
        )

    uvloop.run(serve())


if __name__ == "__main__":
    main()
