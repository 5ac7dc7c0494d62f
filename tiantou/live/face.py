"""What others may use of live."""

from tiantou.live.events import Pinned, RoomEvent, SessionChanged
from tiantou.live.lifecycle import SESSION
from tiantou.live.ports import Broadcasting
from tiantou.live.session_view import session_out, writable_now
from tiantou.live.sessions_sql import in_states
from tiantou.live.supervise import (
    lift,
    review_decided,
    suspend,
    terminate,
    waiting_for_review,
)
from tiantou.live.tables import SessionRow
from tiantou.live.wire import Session

__all__ = [
    "SESSION",
    "Broadcasting",
    "Pinned",
    "RoomEvent",
    "Session",
    "SessionChanged",
    "SessionRow",
    "in_states",
    "lift",
    "review_decided",
    "session_out",
    "suspend",
    "terminate",
    "waiting_for_review",
    "writable_now",
]
