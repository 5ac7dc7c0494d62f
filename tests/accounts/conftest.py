"""The accounts' API, with an SMS adapter that remembers."""

from collections.abc import AsyncIterator

import pytest

from tests import web
from tiantou.accounts import addresses_http, http, orgs_http
from tiantou.accounts.ports import Sms
from tiantou.core.db import Database
from tiantou.core.keys import Keys


@pytest.fixture
def sms() -> web.SentSms:
    """What was sent."""
    return web.SentSms()


@pytest.fixture
async def site(database: Database, keys: Keys, sms: web.SentSms) -> AsyncIterator[web.Site]:
    """The accounts' API."""
    routers = (http.routes, addresses_http.routes, orgs_http.routes)
    async with web.open_web(database, keys, *routers, engines={Sms: sms}) as made:
        yield made
