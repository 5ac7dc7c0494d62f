"""What tests of trade may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.trade.market import Market, open_market
from tests.vendors.alipay import Alipay
from tests.vendors.base import HERE, Vendor, serving
from tests.vendors.wechat import Wechat
from tiantou.core.db import Database
from tiantou.core.keys import Keys
from tiantou.core.outgoing import Outgoing


@pytest.fixture
async def market(database: Database, dsn: str, keys: Keys, tmp_path: Path) -> AsyncIterator[Market]:
    """A co-operative that can sell, and everybody that it takes."""
    async with open_market(database, dsn, keys, tmp_path) as made:
        yield made


@pytest.fixture(params=["wechat", "alipay"])
async def vendor(request: pytest.FixtureRequest, market: Market) -> AsyncIterator[Vendor]:
    """Each provider in turn, and a market where it can be paid."""
    made = Wechat() if request.param == "wechat" else Alipay()
    async with serving(made):
        market.take(made.gateway(Outgoing(HERE, HERE), market.url))
        yield made
