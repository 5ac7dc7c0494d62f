"""A market with the routes of supply and trust, and a worker that works recalls off."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.trade.market import Market, open_market
from tiantou.core.db import Database
from tiantou.core.keys import Keys
from tiantou.supply import acts_http, claims_http, runs_http
from tiantou.trust import holds_http, http, recalls_http
from tiantou.trust.epcis import epcis_http


@pytest.fixture
async def market(database: Database, dsn: str, keys: Keys, tmp_path: Path) -> AsyncIterator[Market]:
    """A co-operative that sells, with nothing in stock."""
    async with open_market(database, dsn, keys, tmp_path) as made:
        for module in (
            http,
            holds_http,
            recalls_http,
            acts_http,
            claims_http,
            runs_http,
            epcis_http,
        ):
            made.site.api.include_router(module.routes)
        yield made
