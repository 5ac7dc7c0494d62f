"""The gateway with the bus in memory. Arguments: port, control port, viewers, file of paths, share
of core time for events at once. A control line `E{...}` is an event by request, `C{...}` chat.
"""

import asyncio
import json
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

import uvloop

from tiantou.core.join_ticket import TTL_S_MAX, mint
from tiantou.core.keys import Keys
from tiantou.engines.memory_bus import MemoryBus
from tiantou.gateway.limits import Limits
from tiantou.gateway.process import run

MANY = 1_000_000


async def main(port: int, control_port: int, viewers: int, paths: Path, share: float) -> None:
    """Serves until stopped."""
    bus, keys = MemoryBus(), Keys((os.urandom(32),))
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))

    async def snapshot(_: str, __: bytes) -> bytes:
        return json.dumps({"state": {"shelf": ["x" * 100] * 20}, "chat": []}).encode()

    async def control(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        number = 0
        with suppress(ConnectionError):
            while line := await reader.readline():
                number += 1
                text = line[1:-1]
                if line[:1] == b"E":
                    await bus.request("room.r.ev", b'{"id":"f%d","ev":%b}' % (number, text))
                else:
                    said = {
                        "i": number,
                        "u": f"viewer {number % 997}",
                        "x": text.decode(),
                        "p": number,
                    }
                    await bus.publish("room.r.in", json.dumps(said).encode())

    def write_paths() -> None:
        tickets = (mint(keys, "r", f"k{n}", 0, TTL_S_MAX) for n in range(viewers))
        draft = paths.with_suffix(".draft")
        draft.write_text("".join(f"/rt/v1/r?t={ticket}\n" for ticket in tickets))
        draft.rename(paths)

    await bus.subscribe("rooms.snapshot", snapshot)
    await asyncio.start_server(control, "127.0.0.1", control_port)
    limits = Limits(
        viewers_max=MANY,
        viewers_per_room_max=MANY,
        viewers_per_address_max=MANY,
        joins_per_s_max=MANY,
        chat_lines_per_s_max=MANY,
        event_budget_share=share,
    )
    await run(bus, keys, listener, hosts=["bench"], origins=[], limits=limits, ready=write_paths)


if __name__ == "__main__":
    asked = main(*(int(word) for word in sys.argv[1:4]), Path(sys.argv[4]), float(sys.argv[5]))
    uvloop.run(asked)
