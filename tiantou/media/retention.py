"""The end of a recording's time: nothing is deleted before, and nothing is forgotten after."""

import asyncio
import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from tiantou.core.db import Database
from tiantou.core.outbox import announce
from tiantou.media import broadcast_sql as sql
from tiantou.media.events import RecordingDisposed
from tiantou.media.limits import Limits
from tiantou.media.machines import BROADCAST

SPARE_DAYS = 30
BATCH_MAX = 100


def recording_ready(root: Path, free_bytes_min: int = Limits.disk_free_bytes_min) -> bool:
    """Whether a recording could be written here now: the folder takes a file, space is left."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root) as probe:
            probe.write(b"recording")
            probe.flush()
        return shutil.disk_usage(root).free >= free_bytes_min
    except OSError:
        return False


async def dispose_due(database: Database, root: Path, now: datetime) -> int:
    """Deletes recordings whose `keep_until` is SPARE_DAYS past; says how many. Safe to repeat.

    A row is marked before its files go, and done after: a killed job is taken up by the next.
    """
    async with database.begin() as tx:
        due = await sql.due(tx, now - timedelta(days=SPARE_DAYS), BATCH_MAX)
        for broadcast_id in due:
            row = await sql.locked(tx, broadcast_id)
            if row is not None and row.state != "disposing" and row.keep_until < now:
                row.state = BROADCAST.after(row.state, "dispose")
    done = 0
    for broadcast_id in due:
        async with database.begin() as tx:
            row = await sql.locked(tx, broadcast_id)
            if row is None or row.state != "disposing" or row.keep_until >= now:
                continue
            await asyncio.to_thread(_remove, root, row.folder)
            row.state = BROADCAST.after(row.state, "deleted")
            row.disposed_at = now
            await announce(tx, RecordingDisposed(broadcast_id=broadcast_id, at=now))
            done += 1
    return done


def _remove(root: Path, folder: str) -> None:
    path = (root / folder).resolve()
    if path.is_relative_to(root.resolve()) and path != root.resolve() and path.exists():
        shutil.rmtree(path)
