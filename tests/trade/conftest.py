"""What tests of trade may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.trade.market import Market, open_market
from tiantou.core.db import Database
from tiantou.core.keys import Keys


@pytest.fixture
async def market(database: Database, dsn: str, keys: Keys, tmp_path: Path) -> AsyncIterator[Market]:
    """A co-operative that can sell, and everybody that it takes."""
    async with open_market(database, dsn, keys, tmp_path) as made:
        yield made
