"""What others may call: all but `dispose_due` and `recording_ready` within their transaction."""

from tiantou.media.broadcasts import (
    Chapter,
    Health,
    PublishKey,
    block,
    delete_recording,
    end_broadcast,
    extend_keep,
    health,
    is_blocked,
    is_disposed,
    issue_key,
    open_broadcast,
    revoke_key,
    set_chapters,
    unblock,
)
from tiantou.media.playback import Playback, Replay, clip_url, playback, publish_url, replay
from tiantou.media.problems import BroadcastBlocked, BroadcastOver, KeptByLaw
from tiantou.media.retention import dispose_due, recording_ready
from tiantou.media.tokens import CLIP_S_MAX
from tiantou.media.verify import VerifyResult, verify_recording

__all__ = [
    "CLIP_S_MAX",
    "BroadcastBlocked",
    "BroadcastOver",
    "Chapter",
    "Health",
    "KeptByLaw",
    "Playback",
    "PublishKey",
    "Replay",
    "VerifyResult",
    "block",
    "clip_url",
    "delete_recording",
    "dispose_due",
    "end_broadcast",
    "extend_keep",
    "health",
    "is_blocked",
    "is_disposed",
    "issue_key",
    "open_broadcast",
    "playback",
    "publish_url",
    "recording_ready",
    "replay",
    "revoke_key",
    "set_chapters",
    "unblock",
    "verify_recording",
]
