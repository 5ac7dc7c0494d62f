"""The queues from a terminal: how far behind, what is parked, and one that is run again."""

from pathlib import Path

import pytest
from sqlalchemy import text

from tiantou.core.db import Database
from tiantou.settings import Settings
from tiantou.up import tools


async def test_what_is_parked_is_shown_and_run_again(
    tmp_path: Path, database: Database, dsn: str
) -> None:
    settings = Settings.model_validate({"home": tmp_path, "database_url": dsn})
    said: list[str] = []
    assert await tools.show_queues(settings, said.append) == 0
    assert said == ["timers: 0 standing, 0 late, 0 failing"]
    async with database.begin() as tx:
        await tx.execute(
            text(
                "insert into core.waiting (reaction, fact_id, kind, key, body, tries,"
                " parked, next_at, error, at) values ('trade.packed', uuidv7(),"
                " 'trade.order-packed', 'k', '{}', 14, true, now(), 'it broke', now())"
            )
        )
    said.clear()
    assert await tools.show_queues(settings, said.append) == 1
    line = said[-1]
    assert "trade.packed trade.order-packed k: parked, it broke" in line
    number = int(line.split()[0])
    await tools.run_parked(settings, number)
    assert await tools.show_queues(settings, said.append) == 0
    with pytest.raises(tools.NotParked, match=str(number)):
        await tools.run_parked(settings, number)
