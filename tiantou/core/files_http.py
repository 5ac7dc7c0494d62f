"""Pictures in and out."""

import re

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import FileResponse, Response

from tiantou.core import files
from tiantou.core.http import Caller, WithDatabase, WithFiles, problems, router
from tiantou.core.problems import InvalidFields, NotFound, SignInRequired, TooLarge

routes = router("files", keeps=False)

_HASH = re.compile(r"[0-9a-f]{64}")
_FOREVER = "public, max-age=31536000, immutable"


class PictureOut(BaseModel):
    """A stored picture; its address is `/files/{hash}/{96|320|800|1600}`."""

    hash: str
    width: int
    height: int


@routes.post(
    "/api/files",
    status_code=201,
    responses=problems(files.NotAPicture, files.QuotaReached, SignInRequired, InvalidFields),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def upload(
    request: Request, caller: Caller, store: WithFiles, database: WithDatabase
) -> PictureOut:
    """The body is the picture itself: JPEG, PNG or WebP, at most 12 MiB and 50 million pixels."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > files.UPLOAD_BYTES_MAX:
            raise TooLarge(limit_bytes=files.UPLOAD_BYTES_MAX)
    async with database.begin() as tx:
        await store.must_fit(tx, caller.person_id)
    made, size = await store.encode(bytes(raw))
    async with database.begin() as tx:
        await store.keep(tx, made, size, caller.person_id)
    return PictureOut(hash=made.hash, width=made.width, height=made.height)


@routes.get("/files/{digest}/{size}", response_class=FileResponse, responses=problems(NotFound))
async def picture(digest: str, size: int, store: WithFiles) -> Response:
    """A size of a picture as WebP; never changes."""
    if not _HASH.fullmatch(digest) or size not in files.SIZES:
        raise NotFound()
    path = store.path(digest, size)
    if not path.is_file():
        raise NotFound()
    return FileResponse(path, media_type="image/webp", headers={"Cache-Control": _FOREVER})
