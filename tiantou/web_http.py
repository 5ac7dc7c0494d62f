"""The web files, the problem pages, and what a page asks before anything else."""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from markdown_it import MarkdownIt
from pydantic import BaseModel
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from tiantou.core import instance
from tiantou.core.http import InTx, problems, router, say_problem
from tiantou.core.problems import NotFound
from tiantou.kit import text

routes: APIRouter = router("instance")

APPS = {"studio", "desk"}
KIND_CHARS_MAX = 60
# A problem's page says all in English, then title, meaning and remedy in Chinese.
_CHINESE = "\n## 中文："
_SHELL = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{kind} · 田头 Tiantou</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page.css"></head><body>
<header><a href="/"><img src="/icon.svg" alt="" width="28" height="28">田头 Tiantou</a></header>
<main>{body}</main></body></html>
"""
_FOREVER = "public, max-age=31536000, immutable"


class Config(BaseModel):
    """What kind of instance this is; `licences` stand in the footer."""

    name: str
    mode: str
    role: str
    licences: dict[str, str]


@routes.get("/api/config")
async def config(request: Request) -> Config:
    """The instance's public facts."""
    settings = request.app.state.settings
    return Config(
        name=settings.name, mode=settings.mode, role=settings.role, licences=settings.licences
    )


@routes.get("/healthz", include_in_schema=False)
async def healthz(tx: InTx) -> Response:
    """Whether the process and its database answer."""
    await instance.past(tx)
    return JSONResponse({"ok": True})


@lru_cache(maxsize=256)
def _problem_page(kind: str, lang: str) -> str | None:
    """The page of a kind in both languages, `lang` first; from the wheel or a checkout's docs."""
    package = Path(str(files("tiantou")))
    for folder in (package / "problem_pages", package.parent / "docs/reference/problems"):
        path = folder / f"{kind}.md"
        if path.is_file():
            english, _, chinese = path.read_text(encoding="utf-8").partition(_CHINESE)
            parts = [("en", english), ("zh-CN", f"# {chinese}")]
            if lang != "en":
                parts.reverse()
            body = "".join(
                f'<section lang="{one}">{MarkdownIt().render(text)}</section>\n'
                for one, text in parts
            )
            return _SHELL.format(kind=kind, lang=lang, body=body)
    return None


@routes.get("/problems/{kind}", response_class=HTMLResponse, responses=problems(NotFound))
async def problem(kind: str, request: Request) -> Response:
    """What a kind of problem means and what to do, in both languages, the reader's first."""
    named = len(kind) <= KIND_CHARS_MAX and kind.replace("-", "").isalnum()
    english = text.prefers_english(request.headers.get("accept-language", ""))
    page = _problem_page(kind, "en" if english else "zh-CN") if named else None
    if page is None:
        raise NotFound()
    kept = {"Cache-Control": "public, max-age=3600", "Vary": "Accept-Language"}
    return HTMLResponse(page, headers=kept)


def _file(root: Path, path: str) -> Path | None:
    """The file of an address below `root`; None for what no file can be called, too."""
    try:
        file = (root / path).resolve()
        return file if file.is_relative_to(root) and file.is_file() else None
    except (OSError, ValueError):
        return None


def install(app: FastAPI) -> None:
    """Everything that no other route takes: a file of the built web, or the page of its app."""
    root = (Path(str(files("tiantou"))) / "web").resolve()

    @app.get("/{path:path}", include_in_schema=False)
    async def page(path: str) -> Response:
        file = _file(root, path)
        if file is not None:
            kept = _FOREVER if path.startswith("assets/") else "no-cache"
            return FileResponse(file, headers={"Cache-Control": kept})
        head = path.split("/", 1)[0]
        shell = root / head / "index.html" if head in APPS else root / "index.html"
        if head in {"api", "files", "assets", "live", "in", "rt"} or not shell.is_file():
            return say_problem(NotFound())
        return FileResponse(shell, headers={"Cache-Control": "no-cache"})
