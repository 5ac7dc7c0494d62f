"""Who asks: the session's cookie and the visitor's, as plain ASGI, so that hot routes know too.

Sets `scope["subject"]` (Subject or None) and `scope["visitor"]` (a stable anonymous id). Cookies
are `__Host-` and Secure on https, plain on loopback's http; one kind is never taken for the other.
"""

import logging
import secrets
import time
from typing import TypeVar
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tiantou.accounts import sessions
from tiantou.accounts.revocations import Revocations
from tiantou.accounts.sessions import Claims
from tiantou.core.http_guard import answer
from tiantou.core.keys import BadToken, Keys
from tiantou.core.problems import Busy
from tiantou.core.subject import Subject

SESSION, VISITOR = "tt", "tt_v"
COOKIES_CHARS_MAX = 16_384
# tokens whose signature was checked a moment ago, so that a page's next request is not checked anew
CHECKED_MAX = 16_384

Kept = TypeVar("Kept")

log = logging.getLogger("tiantou.sessions")


def cookie_name(name: str, secure: bool) -> str:
    """The cookie's name: with the `__Host-` prefix on https."""
    return f"__Host-{name}" if secure else name


def cookie(name: str, value: str, life_s: int, secure: bool) -> str:
    """A Set-Cookie line; life 0 removes the cookie."""
    end = "; Secure" if secure else ""
    full = cookie_name(name, secure)
    return f"{full}={value}; Path=/; Max-Age={life_s}; HttpOnly; SameSite=Lax{end}"


class Answering:
    """What a route may still say about the session: `scope["session"]`."""

    def __init__(self, secure: bool) -> None:
        self.secure = secure
        self.token: str | None = None
        self.fresh: str | None = None
        self.ended = False
        self.visitor: str | None = None

    def renew(self, token: str) -> None:
        """The answer, if it is a good one, carries this token: what the route did is in it."""
        self.token = token


def hand_over(request: Request, response: Response, token: str) -> None:
    """Signs in: the answer itself sets the cookie, so it is never kept for a repeated key."""
    answering: Answering = request.scope["session"]
    line = cookie(SESSION, token, sessions.LIFE_S, answering.secure)
    response.headers.append("set-cookie", line)


def take_away(request: Request, response: Response) -> None:
    """Signs out."""
    answering: Answering = request.scope["session"]
    response.headers.append("set-cookie", cookie(SESSION, "", 0, answering.secure))


def _cookies(scope: Scope) -> dict[str, str]:
    """The cookies by name, the first of a name. Others' odd ones (cookies ignore ports) harm none.

    Our own values are plain signs, so nothing is unquoted.
    """
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name == b"cookie" and len(value) <= COOKIES_CHARS_MAX:
            for pair in value.decode("latin-1").split(";"):
                key, _, given = pair.strip().partition("=")
                found.setdefault(key, given)
    return found


class SessionMiddleware:
    """`secure` None decides by the scheme of each request, which the guard has from the edge."""

    def __init__(
        self, app: ASGIApp, keys: Keys, revoked: Revocations, secure: bool | None = None
    ) -> None:
        self._app = app
        self._keys = keys
        self._revoked = revoked
        self._secure = secure
        self._checked: dict[str, tuple[int, Claims]] = {}
        self._visitors: dict[str, tuple[int, str]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Names the subject and the visitor, renews what is due on the way out."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        secure = scope["scheme"] in {"https", "wss"} if self._secure is None else self._secure
        jar = _cookies(scope)
        answering = scope["session"] = Answering(secure)
        token = jar.get(cookie_name(SESSION, secure))
        try:
            claims = await self._claims(token, answering) if token else None
        except _Unsure:
            await answer(send, Busy(retry_after_s=1))
            return
        scope["subject"] = claims.subject if claims else None
        answering.ended = bool(token) and claims is None
        scope["visitor"] = self._visitor(jar.get(cookie_name(VISITOR, secure)), answering)

        async def out(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = _with_cookies(message, answering)
            await send(message)

        await self._app(scope, receive, out)

    async def _claims(self, token: str, answering: Answering) -> Claims | None:
        """What the token says and the rows allow; None if it is no longer good. Raises _Unsure."""
        try:
            claims = self._unsealed(token)
        except BadToken:
            return None
        subject = claims.subject
        if self._revoked.ended(subject.session_id):
            return None
        outdated = self._revoked.outdated(subject.person_id, claims.version)
        if not outdated and not claims.due():
            return claims
        try:
            found = await self._revoked.reread(subject.session_id)
        except Exception as error:
            log.warning("a session could not be read anew: %r", error)
            if outdated:
                raise _Unsure from error
            return claims
        if found is None:
            return None
        fresh, version = found
        answering.fresh = sessions.seal(self._keys, fresh, version)
        return Claims(fresh, version, claims.issued)

    def _unsealed(self, token: str) -> Claims:
        """What a token says; its signature is checked once. Raises BadToken."""
        kept = self._checked.get(token)
        if kept is None or kept[0] <= time.time():
            claims = sessions.unseal(self._keys, token)
            kept = _keep(self._checked, token, (self._keys.expiry(token), claims))
        return kept[1]

    def _visitor(self, token: str | None, answering: Answering) -> str:
        kept = self._visitors.get(token or "")
        if kept is not None and kept[0] > time.time():
            return kept[1]
        try:
            raw = self._keys.verify(sessions.VISITOR_PURPOSE, token) if token else b""
        except BadToken:
            raw = b""
        if token is None or len(raw) != 16:
            raw = secrets.token_bytes(16)
            made = self._keys.sign(sessions.VISITOR_PURPOSE, raw, sessions.VISITOR_LIFE_S)
            life_s, secure = sessions.VISITOR_LIFE_S, answering.secure
            answering.visitor = cookie(VISITOR, made, life_s, secure)
            return str(UUID(bytes=raw))
        named = (self._keys.expiry(token), str(UUID(bytes=raw)))
        return _keep(self._visitors, token, named)[1]


def _keep(kept: dict[str, Kept], token: str, value: Kept) -> Kept:
    """Keeps a value; everything is forgotten rather than that memory grows without bound."""
    if len(kept) >= CHECKED_MAX:
        kept.clear()
    kept[token] = value
    return value


class _Unsure(Exception):
    """The roles have changed and the rows cannot be read: nobody is let through on old ones."""


def _with_cookies(message: Message, answering: Answering) -> Message:
    """The answer's start with our cookies: none on what a cache may keep, none twice."""
    headers = list(message.get("headers", ()))
    said = [(name.lower(), value) for name, value in headers]
    if any(name == b"cache-control" and b"public" in value for name, value in said):
        return message
    names = (b"tt=", b"__Host-tt=")
    taken = any(name == b"set-cookie" and value.startswith(names) for name, value in said)
    lines = [answering.visitor]
    token = answering.fresh
    if answering.token is not None and message["status"] < 400:
        token = answering.token
    if not taken and token is not None:
        lines.append(cookie(SESSION, token, sessions.LIFE_S, answering.secure))
    elif not taken and answering.ended:
        lines.append(cookie(SESSION, "", 0, answering.secure))
    added = [(b"set-cookie", line.encode()) for line in lines if line]
    return {**message, "headers": [*headers, *added]}


def subject_of(scope: Scope) -> Subject | None:
    """Who asks, for plain ASGI routes."""
    found = scope.get("subject")
    return found if isinstance(found, Subject) else None
