"""What others may use of live."""

from tiantou.live.events import Pinned, RoomEvent, SessionChanged
from tiantou.live.lifecycle import SESSION
from tiantou.live.on_camera import Clip, clips, showings
from tiantou.live.on_camera_sql import Showing
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
    "Clip",
    "Pinned",
    "RoomEvent",
    "Session",
    "SessionChanged",
    "SessionRow",
    "Showing",
    "clips",
    "in_states",
    "lift",
    "review_decided",
    "session_out",
    "showings",
    "suspend",
    "terminate",
    "waiting_for_review",
    "writable_now",
]
