"""What a parcel's silence means: after a while it is in trouble, after longer it is lost."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tiantou.core import timers
from tiantou.core.db import Tx
from tiantou.logistics.lifecycle import PARCEL

SILENT = "logistics.parcel-silent"
# How long a state may stand, and the event of the machine that ends it.
_AFTER = {
    "ready": (timedelta(days=14), "ready_14d"),
    "stopped": (timedelta(days=30), "stopped_30d"),
    "handed_over": (timedelta(hours=72), "silent_72h"),
    "moving": (timedelta(hours=72), "silent_72h"),
    "out_for_delivery": (timedelta(hours=72), "silent_72h"),
    "troubled": (timedelta(days=7), "troubled_7d"),
    "returning": (timedelta(days=14), "returning_14d"),
}


async def watch(tx: Tx, parcel_id: UUID, state: str, since: datetime) -> None:
    """Sets the timer of the state that a parcel is in since `since`; none at an end."""
    if state in PARCEL.terminal:
        await timers.cancel(tx, SILENT, str(parcel_id))
        return
    wait, event = _AFTER[state]
    await timers.set(tx, SILENT, str(parcel_id), since + wait, {"event": event})


def due_event(body: dict[str, Any]) -> str:
    """The machine's event that a due timer stands for."""
    return str(body["event"])
