"""A shop's routes for the tests of catalog."""

from collections.abc import AsyncIterator

import pytest

from tests.supply.app import Shop
from tiantou.core.db import Database


@pytest.fixture
async def shop(database: Database) -> AsyncIterator[Shop]:
    """The routes, with nobody signed in."""
    made = Shop(database)
    yield made
    await made.close()
