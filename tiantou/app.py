"""The API's process: routers, middleware, the web files."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI, Request, Response
from starlette.responses import FileResponse, JSONResponse

from tiantou import wiring
from tiantou.core import instance
from tiantou.settings import Settings

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


def create_app() -> FastAPI:
    """The application of a process, from its environment."""
    settings = Settings()
    opened = wiring.database(settings, "tiantou api")

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        yield
        await opened.close()

    app = FastAPI(title="Tiantou", version="1", lifespan=life, docs_url=None, redoc_url=None)
    app.state.database = opened

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> Response:
        async with opened.begin() as tx:
            await instance.past(tx)
        return JSONResponse({"ok": True})

    @app.get("/{path:path}", include_in_schema=False)
    async def page(request: Request, path: str) -> Response:
        return _web(path)

    return app


def _web(path: str) -> Response:
    """A file of the built web, or the page of the app that the path belongs to."""
    root = Path(str(files("tiantou"))) / "web"
    file = (root / path).resolve()
    if path and file.is_relative_to(root.resolve()) and file.is_file():
        return FileResponse(file)
    head = path.split("/", 1)[0]
    page = root / head / "index.html" if head in {"studio", "desk"} else root / "index.html"
    if head in {"api", "files", "assets"} or not page.is_file():
        return JSONResponse(
            {"type": "/problems/not-found", "title": "Not found", "status": 404}, 404
        )
    return FileResponse(
        page, headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
    )
