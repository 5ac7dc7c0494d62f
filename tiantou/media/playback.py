"""Addresses for viewers. Nobody else builds them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tiantou.core.keys import Keys
from tiantou.media.tokens import LIVE, REPLAY, ClipToken, clip_token, play_token


@dataclass(frozen=True, slots=True)
class Playback:
    """Live sources, in the order in which a player tries them; good until `expires_at`."""

    llhls_url: str
    hls_url: str
    flv_url: str
    audio_url: str
    cover_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Replay:
    """The recording's sources, its chapters and its cover; good until `expires_at`."""

    hls_url: str
    audio_url: str
    chapters_url: str
    chapters_json_url: str
    cover_url: str
    expires_at: datetime


def playback(keys: Keys, broadcast_id: UUID, base_url: str, now: datetime) -> Playback:
    """Addresses of the live stream below `base_url` (no slash at its end), good 20 min or more."""
    token, until = play_token(keys, LIVE, broadcast_id, now)
    at = f"{base_url}/live/{broadcast_id}/{token}"
    return Playback(
        f"{at}/index.m3u8",
        f"{at}/hls.m3u8",
        f"{at}/live.flv",
        f"{at}/hls-audio.m3u8",
        f"{at}/cover.jpg",
        until,
    )


def replay(keys: Keys, broadcast_id: UUID, base_url: str, now: datetime) -> Replay:
    """Addresses of the recording, good for six hours or more: a player loads its list once."""
    token, until = play_token(keys, REPLAY, broadcast_id, now)
    at = f"{base_url}/live/{broadcast_id}/{token}"
    return Replay(
        f"{at}/replay.m3u8",
        f"{at}/replay-audio.m3u8",
        f"{at}/chapters.vtt",
        f"{at}/chapters.json",
        f"{at}/cover.jpg",
        until,
    )


def clip_url(
    keys: Keys, broadcast_id: UUID, base_url: str, start: datetime, seconds: int, now: datetime
) -> str:
    """Where so many seconds of a recording are, as one MP4, and nothing else of it; good 6 h.

    Raises ValueError for more than CLIP_S_MAX seconds.
    """
    wanted = ClipToken(int(start.timestamp()), seconds)
    token, _ = clip_token(keys, broadcast_id, wanted, now)
    return f"{base_url}/live/{broadcast_id}/{token}/clip.mp4"


def publish_url(base_url: str, broadcast_id: UUID) -> str:
    """Where a browser publishes: a WebSocket address; the key goes in its first message."""
    scheme, _, rest = base_url.partition("://")
    return f"{'wss' if scheme == 'https' else 'ws'}://{rest}/in/{broadcast_id}"
