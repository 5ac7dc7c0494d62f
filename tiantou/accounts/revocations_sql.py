"""Hears what other processes revoke: LISTEN on a connection of its own."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

CONNECT_TIMEOUT_S = 10
PING_EVERY_S = 20
PING_TIMEOUT_S = 10


async def listen_once(
    dsn: str, channel: str, heard: Callable[[str], None], connected: Callable[[], Awaitable[None]]
) -> None:
    """Listens until the connection is lost, which raises. `connected` runs once it listens.

    The connection is pinged, so that a silent loss is noticed within PING_EVERY_S.
    """

    def notice(_: Any, __: int, ___: str, word: str) -> None:
        heard(word)

    connection = await asyncpg.connect(
        dsn,
        timeout=CONNECT_TIMEOUT_S,
        server_settings={"application_name": "tiantou revocations"},
    )
    lost = asyncio.Event()
    try:
        connection.add_termination_listener(lambda _: lost.set())
        await connection.add_listener(channel, notice)
        await connected()
        while True:
            try:
                await asyncio.wait_for(lost.wait(), PING_EVERY_S)
            except TimeoutError:
                await connection.execute("select 1", timeout=PING_TIMEOUT_S)
                continue
            raise ConnectionError("the connection that hears revocations was lost")
    finally:
        connection.terminate()
