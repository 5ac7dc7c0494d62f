"""Plain ASGI routes that are asked far more often than others: found by a look at one table."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

Routes = Mapping[tuple[str, str], ASGIApp]


class Hot:
    """Behind guard and sessions, before the framework: (method, path) -> app; others pass by."""

    def __init__(self, app: ASGIApp, routes: Routes) -> None:
        self._app, self._routes = app, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI app."""
        hot = self._routes.get((scope.get("method", ""), scope.get("path", "")))
        await (hot or self._app)(scope, receive, send)


async def body_of(receive: Receive) -> bytes | None:
    """The whole body, which the guard bounds; None if the client is gone."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def header(scope: Scope, name: bytes) -> str | None:
    """A header that came once; None if it is missing. The guard refuses some that came twice."""
    found = [value for key, value in scope["headers"] if key == name]
    return found[0].decode("latin-1") if len(found) == 1 else None
