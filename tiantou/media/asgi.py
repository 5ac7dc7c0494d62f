"""The little of ASGI that the media server needs; no framework between a segment and its viewer."""

import logging
import re
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any
from uuid import UUID

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Coroutine[Any, Any, Message]]
Send = Callable[[Message], Awaitable[None]]

log = logging.getLogger("tiantou.media.http")

PLAYLIST, SEGMENT, JPEG = "application/vnd.apple.mpegurl", "video/mp4", "image/jpeg"
FOREVER = "private, max-age=31536000, immutable"
NEVER = "no-store"
_PATH = re.compile(
    r"/live/(?P<id>[0-9a-f-]{32,36})/(?P<token>[\w.\-]{1,64})/(?P<name>[\w.\-]{1,64})", re.ASCII
)
_SHOWN = re.compile(r"/(?:live|in)/[0-9a-f-]{1,36}", re.ASCII)


def shown(path: str) -> str:
    """A path as it may be logged: up to the broadcast, never the token."""
    found = _SHOWN.match(path)
    return found.group() if found else "/…"


def uuid_of(text: str) -> UUID | None:
    """The id that a text names, or None."""
    try:
        return UUID(text)
    except ValueError:
        return None


def split(path: str) -> tuple[UUID, str, str] | None:
    """Broadcast, token and file name of a viewer's path."""
    found = _PATH.fullmatch(path)
    broadcast_id = uuid_of(found["id"]) if found else None
    return (broadcast_id, found["token"], found["name"]) if found and broadcast_id else None


def header(scope: Scope, name: bytes) -> str:
    """A request header, empty if missing."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return ""


def headers(media_type: str, cache: str, *more: tuple[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    """The headers of an answer: same origin only, never sniffed."""
    return [
        (b"content-type", media_type.encode()),
        (b"cache-control", cache.encode()),
        (b"x-content-type-options", b"nosniff"),
        *more,
    ]


async def answer(
    send: Send,
    status: int,
    body: bytes,
    media_type: str,
    cache: str,
    *more: tuple[bytes, bytes],
) -> None:
    """A whole answer."""
    length = (b"content-length", str(len(body)).encode())
    start = {"type": "http.response.start", "status": status}
    await send({**start, "headers": headers(media_type, cache, length, *more)})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, status: int, text: str) -> None:
    """A short refusal, never kept."""
    await answer(send, status, text.encode() + b"\n", "text/plain; charset=utf-8", NEVER)
