"""Two kinds of tokens: a publisher's key, signed and of a generation; a viewer's, in the path.

A viewer's token is the same for everybody within ten minutes, so that playlists can be cached.
"""

import hashlib
import hmac
import os
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from tiantou.core.keys import BadToken, Keys

PUBLISH, PLAY = "media.publish", "media.play"
BUCKET_S = 600
LIVE, REPLAY, CLIP = "w", "r", "c"
LIFE_S = {LIVE: 1_200, REPLAY: 6 * 3_600}
CLIP_LIFE_S = 6 * 3_600
CLIP_S_MAX = 60
TOKEN_CHARS_MAX = 64


class Refused(Exception):
    """A publisher is not let in. Carries a short reason for the log, never the key."""


@dataclass(frozen=True, slots=True)
class PublishToken:
    """What a publisher's key says, once its signature and expiry were found good."""

    broadcast_id: UUID
    generation: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class ClipToken:
    """The seconds that a clip's address opens: from a second of Unix time, so many."""

    start_s: int
    seconds: int


def new_publish_token(keys: Keys, broadcast_id: UUID, generation: int, ttl_s: int) -> str:
    """A key for one broadcast and one generation."""
    payload = broadcast_id.bytes + generation.to_bytes(4, "big") + os.urandom(8)
    return keys.sign(PUBLISH, payload, ttl_s)


def hash_of(token: str) -> bytes:
    """What is stored of a publisher's key."""
    return hashlib.sha256(token.encode()).digest()


def read_publish_token(keys: Keys, token: str) -> PublishToken:
    """Raises BadToken."""
    payload = keys.verify(PUBLISH, token)
    if len(payload) != 28:
        raise BadToken("malformed")
    generation = int.from_bytes(payload[16:20], "big")
    return PublishToken(UUID(bytes=payload[:16]), generation, hash_of(token))


def _mark(keys: Keys, kind: str, broadcast_id: UUID, until: int, generation: int) -> str:
    said = f"{kind}:{broadcast_id.hex}:{until:x}".encode()
    return urlsafe_b64encode(keys.mac(PLAY, said, generation)).decode().rstrip("=")


def play_token(keys: Keys, kind: str, broadcast_id: UUID, now: datetime) -> tuple[str, datetime]:
    """A viewer's token of a kind (LIVE, REPLAY) and when it ends: LIFE_S from now or later."""
    until = (int(now.timestamp()) // BUCKET_S + 1) * BUCKET_S + LIFE_S[kind]
    token = f"{kind}{until:x}.{_mark(keys, kind, broadcast_id, until, 0)}"
    return token, datetime.fromtimestamp(until, UTC)


def check_play_token(keys: Keys, broadcast_id: UUID, token: str, now: datetime) -> str:
    """The kind of a viewer's token. Raises BadToken."""
    head, _, mark = token.partition(".")
    kind = head[:1]
    if len(token) > TOKEN_CHARS_MAX or kind not in LIFE_S or not token.isascii():
        raise BadToken("malformed")
    try:
        until = int(head[1:], 16)
    except ValueError:
        raise BadToken("malformed") from None
    if not any(
        hmac.compare_digest(mark, _mark(keys, kind, broadcast_id, until, generation))
        for generation in range(len(keys.roots))
    ):
        raise BadToken("forged")
    if until <= now.timestamp():
        raise BadToken("expired")
    return kind


def clip_token(
    keys: Keys, broadcast_id: UUID, wanted: ClipToken, now: datetime
) -> tuple[str, datetime]:
    """A token for these seconds of a recording alone, and when it ends.

    Raises ValueError for more than CLIP_S_MAX seconds.
    """
    if not 0 < wanted.seconds <= CLIP_S_MAX:
        raise ValueError(f"a clip of {wanted.seconds} s")
    until = (int(now.timestamp()) // BUCKET_S + 1) * BUCKET_S + CLIP_LIFE_S
    kind = f"{CLIP}{wanted.start_s:x}-{wanted.seconds:x}"
    token = f"{CLIP}{until:x}-{wanted.start_s:x}-{wanted.seconds:x}"
    mark = _mark(keys, kind, broadcast_id, until, 0)
    return f"{token}.{mark}", datetime.fromtimestamp(until, UTC)


def check_clip_token(keys: Keys, broadcast_id: UUID, token: str, now: datetime) -> ClipToken:
    """The seconds of a clip's token. Raises BadToken."""
    head, _, mark = token.partition(".")
    try:
        until, start_s, seconds = (int(part, 16) for part in head[1:].split("-"))
    except ValueError:
        raise BadToken("malformed") from None
    kind = f"{CLIP}{start_s:x}-{seconds:x}"
    if head[:1] != CLIP or not token.isascii() or not 0 < seconds <= CLIP_S_MAX:
        raise BadToken("malformed")
    if not any(
        hmac.compare_digest(mark, _mark(keys, kind, broadcast_id, until, generation))
        for generation in range(len(keys.roots))
    ):
        raise BadToken("forged")
    if until <= now.timestamp():
        raise BadToken("expired")
    return ClipToken(start_s, seconds)
