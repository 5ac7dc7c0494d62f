"""A studio for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.live.studio import Studio, open_studio
from tiantou.core.db import Database
from tiantou.core.keys import Keys


@pytest.fixture
async def studio(database: Database, keys: Keys, tmp_path: Path) -> AsyncIterator[Studio]:
    """A shop with stock, its site and its people."""
    async with open_studio(database, keys, tmp_path) as made:
        yield made
