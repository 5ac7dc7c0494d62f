"""Pictures come in: decoded apart, kept once, with no transaction open meanwhile."""

import asyncio
import io
from pathlib import Path
from uuid import uuid4

from PIL import Image
from sqlalchemy import text

from tests import web
from tiantou.core import files_http
from tiantou.core.db import Database
from tiantou.core.files import Files, StoredPicture
from tiantou.core.keys import Keys


def _picture() -> bytes:
    raw = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(raw, "PNG")
    return raw.getvalue()


class _Watched(Files):
    """Notes how many writing transactions are open while a picture is decoded."""

    def __init__(self, root: Path, database: Database) -> None:
        super().__init__(root)
        self._database = database
        self.writers: list[int] = []

    async def encode(self, raw: bytes) -> tuple[StoredPicture, int]:
        async with self._database.begin() as tx:
            count = await tx.scalar(
                text(
                    "select count(*) from pg_stat_activity"
                    " where backend_xid is not null and datname = current_database()"
                )
            )
        self.writers.append(int(count or 0))
        return await super().encode(raw)


async def test_no_transaction_waits_for_a_picture(
    database: Database, keys: Keys, tmp_path: Path
) -> None:
    store = _Watched(tmp_path, database)
    async with web.open_web(database, keys, files_http.routes, files=store) as site:
        person = await site.person(database, keys)
        headers = {"Idempotency-Key": str(uuid4())}
        answer = await person.post("/api/files", content=_picture(), headers=headers)
        assert answer.status_code == 201, answer.text
        assert store.writers == [0]
        shown = await person.get(f"/files/{answer.json()['hash']}/96")
        assert shown.headers["content-type"] == "image/webp"


async def test_rivals_with_one_picture_get_one(
    database: Database, keys: Keys, tmp_path: Path
) -> None:
    store = Files(tmp_path)
    async with web.open_web(database, keys, files_http.routes, files=store) as site:
        person = await site.person(database, keys)
        answers = await asyncio.gather(
            *(person.post("/api/files", content=_picture()) for _ in range(4))
        )
        assert {one.status_code for one in answers} == {201}
        assert len({one.json()["hash"] for one in answers}) == 1
        left = await asyncio.to_thread(lambda: list(tmp_path.glob("new-*")))
        assert left == []
