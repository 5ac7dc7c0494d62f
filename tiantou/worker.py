"""The worker's process: facts, timers, jobs."""

import asyncio
import signal

from tiantou import wiring
from tiantou.settings import Settings


async def work(settings: Settings) -> None:
    """Works until it is told to stop."""
    opened = wiring.database(settings, "tiantou worker")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    await opened.close()
