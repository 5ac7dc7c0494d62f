"""The whole API in one process, in which a request can be rehearsed: asked, answered, undone.

A rehearsed request runs in savepoints of one connection whose transaction is rolled back after it,
so that each person meets the same world. Chat lines and orders are written on connections of their
own and stay; the world has room for them.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import async_sessionmaker

from tests import web
from tiantou import app, parts
from tiantou.accounts.ports import Sms
from tiantou.accounts.revocations import Revocations
from tiantou.accounts.session_http import SessionMiddleware
from tiantou.core import delivery
from tiantou.core.db import Database
from tiantou.core.files import Files
from tiantou.core.hot_http import Hot
from tiantou.core.http_guard import Guard
from tiantou.core.keys import Keys
from tiantou.engines.memory_bus import MemoryBus
from tiantou.engines.pay_sandbox import PaySandbox
from tiantou.live.ports import Broadcasting
from tiantou.live.talk import Talk
from tiantou.parts import Parts
from tiantou.settings import Settings
from tiantou.trade import errands, orders_http
from tiantou.trade.admission_sql import open_admission
from tiantou.trade.checkout import Checkout
from tiantou.trade.deals.claiming import Claims
from tiantou.trade.lanes import Lanes
from tiantou.trade.ports import Gateways


@dataclass
class House:
    """The running API, its parts, and a way to be somebody."""

    api: FastAPI
    site: web.Site
    made: Parts
    sandbox: PaySandbox

    @property
    def database(self) -> Database:
        """The database, in which things stay."""
        return self.made.database

    async def settle(self) -> None:
        """Brings every fact to its reaction until nothing is left."""
        everybody = delivery.consumers(parts.reactions(self.made))
        while True:
            found = 0
            for consumer in everybody:
                for source in consumer.sources():
                    found += await delivery.deliver(self.database, consumer, source)
            found += await errands.run(self.database, self.made.engines[Gateways])
            if not found:
                return

    async def rehearse(self, token: str | None, method: str, path: str, **more: Any) -> "Said":
        """What a request is answered, without what it did."""
        real = self.database
        client = self.site.client(token)
        async with real.engine.connect() as connection:
            undone = await connection.begin()
            sessions = async_sessionmaker(
                connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
            )
            self.api.state.database = Database(real.engine, real.dsn, sessions, sessions)
            try:
                answer = await client.request(method, path, **more)
            finally:
                self.api.state.database = real
                await undone.rollback()
        return Said(answer)


@dataclass(frozen=True)
class Said:
    """An answer, and in which class of the table it falls."""

    answer: httpx.Response

    @property
    def problem(self) -> str:
        """The kind of problem; empty if there is none."""
        if not self.answer.headers.get("content-type", "").startswith("application/problem"):
            return ""
        return str(self.answer.json()["type"]).removeprefix("/problems/")

    @property
    def kind(self) -> str:
        """`401`, `403`, `404`, or `ok`: the door was open, whatever came of it."""
        if self.problem in {"sign-in-required", "not-allowed", "not-found"}:
            return str(self.status)
        return "ok"

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.answer.status_code

    @property
    def text(self) -> str:
        """The body."""
        return self.answer.text

    @property
    def done(self) -> bool:
        """Whether it was done, not only allowed."""
        return self.status < 400


@asynccontextmanager
async def open_house(database: Database, keys: Keys, home: Path) -> AsyncIterator[House]:
    """The API of `tiantou.app` with adapters that stay in the house."""
    settings = Settings(home=home, role="platform")
    bus = MemoryBus()
    sandbox = PaySandbox(keys, home / "pay", "")
    engines: dict[type[Any], Any] = {
        Broadcasting: parts.broadcasting(settings),
        Talk: Talk(database, bus, keys),
        Claims: Claims(database),
        Sms: web.SentSms(),
        Gateways: Gateways((sandbox,)),
    }
    made = Parts(settings, database, keys, bus, Files(home / "files"), engines)
    api = app.make_api()
    app.equip(api, made)
    lanes = Lanes(await open_admission(database.dsn))
    api.state.checkout = Checkout(database, keys, lanes)
    revoked = Revocations()
    await revoked.start(database)
    outer = Guard(
        SessionMiddleware(Hot(api, orders_http.hot(api.state)), keys, revoked),
        [web.HOST],
        [web.ORIGIN],
        callbacks=app.CALLBACKS,
    )
    site = web.Site(outer, api, revoked)
    try:
        yield House(api, site, made, sandbox)
    finally:
        for client in site.clients:
            await client.aclose()
        await revoked.close()
        await api.state.checkout.close()
        await bus.close()
