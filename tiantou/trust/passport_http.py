"""The passport of a box: a page for whoever has it in hand, the same as data, a form for problems.

The address on a label is upper case, so that its QR code is short: `/P/9F3K7QXA2M5`.
"""

from typing import Annotated, Literal

import msgspec
from fastapi import Query, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from tiantou.core import limits
from tiantou.core.db import Database
from tiantou.core.files import UPLOAD_BYTES_MAX, Files, NotAPicture
from tiantou.core.http import WithDatabase, WithFiles, problems, router
from tiantou.core.problems import InvalidFields, NotFound, Problem, TooManyRequests
from tiantou.kit import clock, ids, text
from tiantou.live.face import Clip
from tiantou.media import face as media_face
from tiantou.trust import alarms, passports, passports_sql
from tiantou.trust.passport_data import passport_data
from tiantou.trust.passport_page import POLICY, Said, blank_page, passport_page
from tiantou.trust.passport_tests_page import ClipUrl
from tiantou.trust.passport_words import EN, ZH
from tiantou.trust.passports import Passport

routes = router("trust", keeps=False)

# (how often, in how many seconds): pages of an address; scans of a box counted for an address;
# reports of an address; reports of a box from anywhere
OPENED = ((60, 60), (600, 3_600))
COUNTED = ((1, 3_600),)
REPORTED = ((5, 3_600), (20, 86_400))
REPORTED_OF_BOX = ((3, 86_400),)
WORDS_MIN, WORDS_MAX = 2, 500
# What a form has beside the photo itself: boundaries, heads, the words.
FORM_BYTES_MAX = UPLOAD_BYTES_MAX + 64 * 1024
DATA = "application/ld+json"

Code = str
Lang = Annotated[Literal["zh-CN", "en"] | None, Query()]
SaidQuery = Annotated[str | None, Query(max_length=20)]


@routes.get("/P/{code}", include_in_schema=False)
@routes.get("/p/{code}", response_class=HTMLResponse, responses=problems(NotFound, TooManyRequests))
async def passport(
    code: Code,
    request: Request,
    database: WithDatabase,
    lang: Lang = None,
    said: SaidQuery = None,
) -> Response:
    """The passport of a box by the code on its label; JSON-LD for who asks for it.

    A page for people has words for a code that is unknown (404) and for too many pages (429).
    """
    as_data, tongue = _wants_data(request), lang or _tongue(request)
    address = _address(request)
    try:
        await limits.spend(database, "passport", address, OPENED)
    except TooManyRequests as busy:
        if as_data:
            raise
        return _page(blank_page("", "busy", tongue), 429, busy.headers())
    found = await _read(database, code, None if as_data else address)
    if as_data:
        if found is None:
            raise NotFound()
        document = passport_data(found, f"{request.app.state.settings.public_url}/p/{found.code}")
        return Response(msgspec.json.encode(document), media_type=DATA, headers=_KEPT)
    if found is None:
        return _page(blank_page("", "unknown", tongue), 404)
    told = Said("thanks", True) if said == "sent" else None
    return _page(passport_page(found, tongue, _clips(request), told), media=_media(request))


@routes.post(
    "/p/{code}",
    status_code=303,
    response_class=RedirectResponse,
    responses=problems(NotFound, TooManyRequests, InvalidFields, NotAPicture),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["words", "photo"],
                        "properties": {
                            "words": {"type": "string", "minLength": 2, "maxLength": 500},
                            "photo": {"type": "string", "format": "binary"},
                        },
                    }
                }
            },
        }
    },
)
async def report_problem(
    code: Code, request: Request, database: WithDatabase, store: WithFiles, lang: Lang = None
) -> Response:
    """The page's form: what is wrong, and a photo that shows the label, from who has the box.

    What is refused is said on the page itself, with the status of its problem.
    """
    tongue = lang or _tongue(request)
    try:
        await limits.spend(database, "problem-report", _address(request), REPORTED)
        found = await _read(database, code, None)
        if found is None:
            return _page(blank_page("", "unknown", tongue), 404)
        await _report(request, database, store, found)
    except (TooManyRequests, InvalidFields, NotAPicture) as refused:
        return await _refused(request, database, code, tongue, refused)
    return RedirectResponse(f"/p/{found.code}?lang={tongue}&said=sent", 303)


async def _report(request: Request, database: Database, store: Files, found: Passport) -> None:
    """Raises InvalidFields, NotAPicture, TooManyRequests."""
    words, raw = await _form(request)
    await limits.spend(database, "problem-report-box", found.code, REPORTED_OF_BOX)
    photo, size = await store.encode(raw)
    async with database.begin() as tx:
        box = await passports.box_of(tx, found.code)
        await store.keep(tx, photo, size, None)
        await passports_sql.add_report(
            tx, ids.uuid7(), box.org_id, box.lot_id, box.code, words, photo.hash, clock.now()
        )
        await alarms.look(tx, box.org_id, box.lot_id)


async def _form(request: Request) -> tuple[str, bytes]:
    """Words and photo. Raises InvalidFields."""
    try:
        form = await request.form(max_files=1, max_fields=4, max_part_size=16 * 1024)
    except HTTPException as wrong:
        raise InvalidFields.one("body", "form") from wrong
    try:
        said, photo = form.get("words"), form.get("photo")
        words = text.clean(said, newlines=True) if isinstance(said, str) else ""
        if not WORDS_MIN <= len(words) <= WORDS_MAX:
            raise InvalidFields.one("words", "length", min=WORDS_MIN, max=WORDS_MAX)
        if not isinstance(photo, UploadFile):
            raise InvalidFields.one("photo", "missing")
        raw = await photo.read(UPLOAD_BYTES_MAX + 1)
    finally:
        await form.close()
    if not 0 < len(raw) <= UPLOAD_BYTES_MAX:
        raise InvalidFields.one("photo", "size", max_bytes=UPLOAD_BYTES_MAX)
    return words, raw


async def _refused(
    request: Request, database: Database, code: str, tongue: str, refused: Problem
) -> Response:
    found = await _read(database, code, None)
    if found is None:
        page = blank_page("", "busy", tongue)
    else:
        page = passport_page(found, tongue, _clips(request), Said(refused.kind(), False))
    return _page(page, refused.status, refused.headers(), _media(request))


async def _read(database: Database, code: str, counted_for: str | None) -> Passport | None:
    """The passport; a scan is counted once an hour for an address, which is not kept with it."""
    async with database.begin() as tx:
        found = await passports.read(tx, code)
    if found is None or counted_for is None:
        return found
    try:
        await limits.spend(database, "passport-scan", f"{found.code} {counted_for}", COUNTED)
    except TooManyRequests:
        return found
    async with database.begin() as tx:
        await passports_sql.count_scan(tx, found.code, found.at)
    return msgspec.structs.replace(found, scans=found.scans + 1)


_KEPT = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Language"}


def _media(request: Request) -> str:
    """Where the media process is, if not on this origin."""
    return str(request.app.state.settings.media_url)


def _clips(request: Request) -> ClipUrl:
    """The address of a clip, good for some hours and for its seconds alone."""
    keys, base = request.app.state.keys, _media(request)

    def address(clip: Clip) -> str:
        now = clock.now()
        return media_face.clip_url(keys, clip.session_id, base, clip.start, clip.seconds, now)

    return address


def _page(
    html: str, status: int = 200, more: dict[str, str] | None = None, media: str = ""
) -> HTMLResponse:
    policy = f"{POLICY} {media}".rstrip()
    headers = {**_KEPT, "Content-Security-Policy": policy, **(more or {})}
    return HTMLResponse(html, status, headers)


def _address(request: Request) -> str:
    return str(request.scope.get("client_ip") or "unknown")


def _tongue(request: Request) -> str:
    return EN if text.prefers_english(request.headers.get("accept-language", "")) else ZH


def _wants_data(request: Request) -> bool:
    """Whether data is asked for and no page."""
    accept = request.headers.get("accept", "")
    return "text/html" not in accept and (DATA in accept or "application/json" in accept)
