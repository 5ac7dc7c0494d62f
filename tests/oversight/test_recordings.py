"""A recording goes when the law lets it go: not earlier by API, by command line or by job."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from tests import web
from tiantou.cli import app
from tiantou.core.db import Database
from tiantou.core.keys import Keys
from tiantou.kit import clock, ids
from tiantou.media import face as media
from tiantou.oversight import http as oversight_http


async def _closed(database: Database, days: float) -> UUID:
    """A sealed recording that is kept for so many days from now."""
    broadcast_id = ids.uuid7()
    async with database.begin() as tx:
        await media.open_broadcast(tx, broadcast_id, clock.now() + timedelta(days=days))
        await tx.execute(
            text("update media.broadcast set state = 'closed' where id = :id"),
            {"id": broadcast_id},
        )
    return broadcast_id


async def _state(database: Database, broadcast_id: UUID) -> str:
    async with database.begin() as tx:
        query = text("select state from media.broadcast where id = :id")
        return str(await tx.scalar(query, {"id": broadcast_id}))


async def _acts(database: Database) -> list[str]:
    async with database.begin() as tx:
        return list(await tx.scalars(text("select act from core.audit order by no")))


async def test_by_api(database: Database, keys: Keys) -> None:
    kept, free = await _closed(database, 1), await _closed(database, -1)
    async with web.open_web(database, keys, oversight_http.routes) as site:
        operator = await site.person(database, keys, operator=True)
        refused = await operator.delete(f"/api/desk/sessions/{kept}/recording")
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/kept-by-law")
        assert refused.json()["keep_until"] > clock.now().isoformat()
        assert await _state(database, kept) == "closed" and await _acts(database) == []
        gone = await operator.delete(f"/api/desk/sessions/{free}/recording")
        assert gone.status_code == 204
        again = await operator.delete(f"/api/desk/sessions/{free}/recording")
        assert again.json()["type"] == "/problems/wrong-step"
        nothing = await operator.delete(f"/api/desk/sessions/{uuid4()}/recording")
        assert nothing.status_code == 404
    assert await _state(database, free) == "disposing"
    assert await _acts(database) == ["oversight.delete-recording"]


async def test_by_command_line(
    database: Database, dsn: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept, free = await _closed(database, 1), await _closed(database, -1)
    monkeypatch.setenv("TIANTOU_DATABASE_URL", dsn)
    monkeypatch.setenv("TIANTOU_HOME", str(tmp_path))

    async def delete(session_id: UUID) -> tuple[int, str]:
        words = ["recording", "delete", str(session_id)]
        done = await asyncio.to_thread(CliRunner().invoke, app, words)
        return done.exit_code, done.output

    code, said = await delete(kept)
    assert code == 2 and "it is kept until" in said and "Traceback" not in said
    assert await _state(database, kept) == "closed"
    code, said = await delete(free)
    assert code == 0 and "retention job" in said
    assert await _state(database, free) == "disposing"
    code, said = await delete(free)
    assert code == 2 and "is disposing" in said
    code, said = await delete(uuid4())
    assert code == 2 and "no recording" in said
    assert await _acts(database) == ["oversight.delete-recording"]


async def test_by_the_job(database: Database, tmp_path: Path) -> None:
    kept, spared = await _closed(database, 1), await _closed(database, -1)
    assert await media.dispose_due(database, tmp_path, clock.now()) == 0
    assert {await _state(database, one) for one in (kept, spared)} == {"closed"}
