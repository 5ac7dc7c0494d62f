"""What live announces. Keyed by the session, within which order holds; reminders by the person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tiantou.core.outbox import Fact


class SessionChanged(Fact, frozen=True, kw_only=True):
    """A session took a step of its machine."""

    keyed_by = "session_id"
    session_id: UUID
    org_id: UUID
    event: str
    state: str
    at: datetime


class RoomEvent(Fact, frozen=True, kw_only=True):
    """Something every viewer must see, in order: `event` is the frame's `ev` item."""

    keyed_by = "session_id"
    session_id: UUID
    event: dict[str, Any]


class Pinned(Fact, frozen=True, kw_only=True):
    """A product is being explained from now on; None: no product is."""

    keyed_by = "session_id"
    session_id: UUID
    item_id: UUID | None
    pack_id: UUID | None
    price_fen: int | None
    at: datetime


class Reminded(Fact, frozen=True, kw_only=True):
    """A reserver is to be told that a session is about to start or has started.

    Keyed by the person: one who cannot be told keeps nobody else waiting.
    """

    keyed_by = "person_id"
    session_id: UUID
    person_id: UUID
    about: str
