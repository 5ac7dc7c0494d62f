"""What rooms tell of themselves over the bus: viewers now, visits."""

import json
from uuid import UUID

from tiantou.core.bus import Bus, Subscription
from tiantou.core.db import Database
from tiantou.kit import clock
from tiantou.live import figures_sql as sql

KEY_CHARS_MAX = 64
KEYS_MAX = 20_000


def _session(subject: str) -> UUID | None:
    try:
        return UUID(subject.split(".")[1])
    except (ValueError, IndexError):
        return None


async def listen(database: Database, bus: Bus) -> list[Subscription]:
    """Subscribes; of several workers one gets each message."""

    async def viewers(subject: str, payload: bytes) -> None:
        session_id = _session(subject)
        if session_id is None:
            return
        body = json.loads(payload)
        minute = clock.now().replace(second=0, microsecond=0)
        async with database.begin() as tx:
            await sql.note_viewers(tx, session_id, int(body["viewers"]), int(body["peak"]), minute)

    async def seen(subject: str, payload: bytes) -> None:
        session_id = _session(subject)
        if session_id is None:
            return
        keys = [str(key)[:KEY_CHARS_MAX] for key in json.loads(payload)["keys"][:KEYS_MAX]]
        async with database.begin() as tx:
            if keys:
                await sql.note_visits(tx, session_id, keys, clock.now())

    return [
        await bus.subscribe("room.*.n", viewers, group="live"),
        await bus.subscribe("room.*.seen", seen, group="live"),
    ]
