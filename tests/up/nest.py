"""A supervisor in a process of its own: `nest.py FOLDER hold|stop`.

`hold` prints its child's process id and waits to be killed; `stop` gives the child a grandchild in
a session of its own, stops everything, and prints the grandchild's process id.
"""

import asyncio
import os
import sys
from io import StringIO
from pathlib import Path

from tiantou.up.children import Child, Children, adopt_grandchildren, begin, end_strays, stop_all
from tiantou.up.log import Log

SLEEP = "import time; time.sleep(600)"
PARENT = (
    "import subprocess, sys\n"
    f"grand = subprocess.Popen([sys.executable, '-c', {SLEEP!r}], start_new_session=True)\n"
    "print(grand.pid, file=sys.stderr, flush=True)\n"
    f"{SLEEP}"
)


async def _main(folder: Path, how: str) -> None:
    adopt_grandchildren()
    log = Log(folder / "log", terminal=StringIO())
    children = Children(log, folder / "children.json")
    words = SLEEP if how == "hold" else PARENT
    kept = await begin(children, Child("child", [sys.executable, "-c", words], dict(os.environ)))
    assert kept.process
    if how == "hold":
        _tell(kept.process.pid)
        await asyncio.sleep(600)
    while True:
        if kept.last_lines:
            break
        await asyncio.sleep(0.05)
    await stop_all(children)
    await end_strays(children)
    _tell(int(kept.last_lines[0]))


def _tell(pid: int) -> None:
    sys.stdout.write(f"{pid}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1]), sys.argv[2]))
