"""A shared link: picture, title and price for other apps' cards, then the room."""

import html
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from tiantou.core.http import InTx, WithKeys, asks, problems, router
from tiantou.core.problems import NotFound
from tiantou.live import rooms
from tiantou.live.ports import Broadcasting

routes: APIRouter = router("share")

Ways = Annotated[Broadcasting, asks(Broadcasting)]

_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{title}</title>
<meta name="description" content="{text}">
<meta property="og:type" content="video.other">
<meta property="og:title" content="{title}">
<meta property="og:description" content="{text}">
<meta property="og:url" content="{url}">
{picture}
<meta http-equiv="refresh" content="0;url={room}">
</head><body><p><a href="{room}">{title}</a></p><p>{text}</p></body></html>
"""


@routes.get("/share/{session_id}", response_class=HTMLResponse, responses=problems(NotFound))
async def card(session_id: UUID, tx: InTx, keys: WithKeys, ways: Ways) -> HTMLResponse:
    """The card of a room; browsers go on to the room."""
    row = await rooms.public_session(tx, session_id)
    shown = (await rooms.room(tx, row, keys, ways)).share
    picture = ""
    if shown.picture:
        address = f"{ways.page_url}/files/{shown.picture}/800"
        picture = f'<meta property="og:image" content="{html.escape(address)}">'
    page = _PAGE.format(
        title=html.escape(shown.title),
        text=html.escape(shown.text),
        url=html.escape(f"{ways.page_url}/share/{session_id}"),
        picture=picture,
        room=f"/room/{session_id}",
    )
    return HTMLResponse(page, headers={"Cache-Control": "public, max-age=30"})
