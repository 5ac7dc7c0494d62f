"""The guard before every route, plain ASGI, so that the hot routes pass it too.

It refuses unknown hosts, unsafe requests from other sites and bodies that are too large; it says
who asks (`scope["client_ip"]`), gives each request a trace id, adds the security headers, and turns
what nobody expected into a logged problem.
"""

import ipaddress
import json
import logging
import secrets
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tiantou.core.problems import ForeignOrigin, Problem, TooLarge, Unexpected

BODY_BYTES_MAX = 256 * 1024
EDGES = frozenset({"127.0.0.1", "::1"})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
NUMBER_CHARS_LOGGED = 20

log = logging.getLogger("tiantou.http")


class UnknownHost(Problem):
    """The request names a host that this instance is not."""

    status, title = 421, "This is not the host you asked for"


class _BodyTooLarge(Exception):
    """More of the body arrived than is allowed; the guard answers, nobody else."""


async def answer(send: Send, problem: Problem, headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """Sends a problem as the whole answer of a plain ASGI app."""
    body = json.dumps(problem.body(), ensure_ascii=False, default=str).encode()
    own = [(name.lower().encode(), value.encode()) for name, value in problem.headers().items()]
    fixed = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    start = {"type": "http.response.start", "status": problem.status}
    await send({**start, "headers": [*fixed, *own, *headers]})
    await send({"type": "http.response.body", "body": body})


def content_policy(origins: Sequence[str], peers: Sequence[str]) -> str:
    """The content security policy of our pages.

    `peers` are the addresses of gateway and media, where they are not behind our own origin. The
    sockets of our origins are named one by one: older browsers do not take 'self' for ws.
    """
    # browsers take no IPv6 address as a source, and would say so on every page
    sockets = [_socket(origin) for origin in origins if "[" not in origin]
    others = sorted({*sockets, *(_origin(peer) for peer in peers)})
    shown = sorted({_origin(peer) for peer in peers if not peer.startswith("ws")})
    rules = {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:", *shown],
        "media-src": ["'self'", "blob:", *shown],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'", *others],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(" ".join([name, *values]) for name, values in rules.items())


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _socket(origin: str) -> str:
    return _origin(origin).replace("http", "ws", 1)


def _bracketed(host: str) -> str:
    """An IPv6 address as a Host header writes it."""
    return f"[{host}]" if host.count(":") > 1 and not host.startswith("[") else host


def _name(host: str) -> str:
    """The host without its port."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


@lru_cache(maxsize=4096)
def _address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text.strip().strip("[]")))
    except ValueError:
        return None


def _is_id(value: str) -> bool:
    if value.isdigit():
        return len(value) <= NUMBER_CHARS_LOGGED
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False


def _path_logged(scope: Scope) -> str:
    """The path as its route has it: of what stands for its parameters, ids and numbers alone.

    Anything else may be a token: a sign-in link is one. Of a path without a route the first part.
    """
    path = str(scope["path"])
    if "path_params" not in scope:
        head, _, rest = path[1:].partition("/")
        return f"/{head}/…" if rest else path[: NUMBER_CHARS_LOGGED + 1]
    for name, value in scope["path_params"].items():
        if value != "" and not _is_id(str(value)):
            path = path.replace(str(value), f"{{{name}}}")
    return path


class Guard:
    """The outermost layer of the API.

    `hosts`: names with or without a port (without one, any port). `origins`: `scheme://host:port`,
    as browsers send them. `body_max` bytes, or what `bodies` says for paths with a prefix.
    `callbacks`: prefixes of paths that servers call, which prove themselves by a signature and need
    no Origin. `edges`: addresses whose X-Forwarded-For and -Proto are believed.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Iterable[str],
        origins: Iterable[str],
        body_max: int = BODY_BYTES_MAX,
        *,
        bodies: Mapping[str, int] | None = None,
        callbacks: Sequence[str] = (),
        peers: Sequence[str] = (),
        edges: Iterable[str] = EDGES,
        hsts: bool = False,
    ) -> None:
        self._app = app
        self._hosts = frozenset(_bracketed(host.lower()) for host in hosts)
        self._origins = frozenset(_origin(origin) for origin in origins)
        self._body_max = body_max
        # the longest prefix first: it has the last word
        self._bodies = sorted((bodies or {}).items(), key=lambda one: -len(one[0]))
        self._callbacks = tuple(callbacks)
        self._edges = frozenset(edges)
        fixed = {
            "content-security-policy": content_policy(sorted(self._origins), peers),
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
            "referrer-policy": "same-origin",
            "cross-origin-opener-policy": "same-origin",
            "permissions-policy": "camera=(self), microphone=(self), geolocation=(), payment=()",
        }
        if hsts:
            fixed["strict-transport-security"] = "max-age=31536000"
        self._fixed = [(name.encode(), value.encode()) for name, value in fixed.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lets a request through, or answers it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        scope["trace_id"] = secrets.token_hex(16)
        headers = _once_each(scope)
        self._who_asks(scope, headers)
        refusal = self._refusal(scope, headers)
        if scope["type"] == "websocket":
            if refusal is None:
                await self._app(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 1008})
            return
        guarded = _Answer(send, scope, self._fixed)
        if refusal is not None:
            await answer(guarded.send, refusal)
            return
        await self._through(scope, receive, guarded)

    async def _through(self, scope: Scope, receive: Receive, guarded: "_Answer") -> None:
        bounded = _Body(receive, self._limit(scope["path"]), guarded)
        try:
            await self._app(scope, bounded.receive, guarded.send)
        except _BodyTooLarge:
            pass
        except Exception:
            where = _path_logged(scope)
            log.exception("%s %s %s failed", scope["trace_id"], scope["method"], where)
            if not guarded.started:
                await answer(guarded.send, Unexpected(trace_id=scope["trace_id"]))
        if guarded.too_large is not None and not guarded.started:
            problem, guarded.too_large = guarded.too_large, None
            await answer(guarded.send, problem, [(b"connection", b"close")])

    def _limit(self, path: str) -> int:
        for prefix, limit in self._bodies:
            if path.startswith(prefix):
                return limit
        return self._body_max

    def _who_asks(self, scope: Scope, headers: dict[bytes, bytes | None]) -> None:
        """The peer, or whom the edge names; the last address is the one that our edge added."""
        peer = scope["client"][0] if scope.get("client") else ""
        known = _address(peer)
        if peer == "" or peer in self._edges or known in self._edges:
            forwarded = headers.get(b"x-forwarded-for") or b""
            known = _address(forwarded.decode("latin-1").rpartition(",")[2]) or known
            proto = headers.get(b"x-forwarded-proto")
            if proto in {b"http", b"https"}:
                secure = {"http": "ws", "https": "wss"} if scope["type"] == "websocket" else {}
                scope["scheme"] = secure.get(proto.decode(), proto.decode())
        scope["client_ip"] = known or "unknown"

    def _refusal(self, scope: Scope, headers: dict[bytes, bytes | None]) -> Problem | None:
        host = (headers.get(b"host") or b"").decode("latin-1").lower()
        if host not in self._hosts and _name(host) not in self._hosts:
            return UnknownHost()
        unsafe = scope["type"] == "websocket" or scope["method"] not in SAFE
        if not unsafe:
            return None
        declared = headers.get(b"content-length") or b"0"
        if not declared.isdigit() or int(declared) > self._limit(scope["path"]):
            return TooLarge(limit_bytes=self._limit(scope["path"]))
        if scope["path"].startswith(self._callbacks):
            return None
        if b"origin" in headers:
            origin = (headers[b"origin"] or b"").decode("latin-1").lower()
            return None if origin in self._origins else ForeignOrigin()
        return None if headers.get(b"sec-fetch-site") == b"same-origin" else ForeignOrigin()


def _once_each(scope: Scope) -> dict[bytes, bytes | None]:
    """The headers by name; None for one of ours that came twice, which nobody honest sends."""
    found: dict[bytes, bytes | None] = {}
    for name, value in scope["headers"]:
        if name == b"x-forwarded-for" and found.get(name) is not None:
            found[name] = (found[name] or b"") + b"," + value
        else:
            found[name] = None if name in found else value
    return found


class _Answer:
    """The way out: adds the fixed headers; gives way to `too_large` if nothing has left yet."""

    def __init__(self, send: Send, scope: Scope, fixed: list[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._scope = scope
        self._fixed = fixed
        self.started = False
        self.too_large: Problem | None = None

    async def send(self, message: Message) -> None:
        """An ASGI `send`."""
        if self.too_large is not None and not self.started:
            return
        if message["type"] == "http.response.start":
            self.started = True
            have = {name.lower() for name, _ in message.get("headers", ())}
            added = [(name, value) for name, value in self._fixed if name not in have]
            if self._scope["path"].startswith("/api/") and b"cache-control" not in have:
                added.append((b"cache-control", b"no-store"))
            trace = (b"x-trace-id", self._scope["trace_id"].encode())
            message = {**message, "headers": [*message.get("headers", ()), *added, trace]}
        await self._send(message)


class _Body:
    """The way in: counts the body as it arrives."""

    def __init__(self, receive: Receive, limit: int, answer_: _Answer) -> None:
        self._receive = receive
        self._limit = limit
        self._answer = answer_
        self._got = 0

    async def receive(self) -> Message:
        """An ASGI `receive`. Raises _BodyTooLarge, after telling the way out."""
        message: dict[str, Any] = dict(await self._receive())
        self._got += len(message.get("body", b""))
        if self._got > self._limit:
            self._answer.too_large = TooLarge(limit_bytes=self._limit)
            raise _BodyTooLarge
        return message
