"""The API for tests: an app of some routers with the guard and the sessions before it, and people.

async with web.open_web(database, keys, routes, engines={Sms: sent}) as site:
    ann = await site.person(database, keys)
    answer = await ann.get("/api/me")
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp

from tiantou.accounts import people_sql, sessions, sessions_sql
from tiantou.accounts.face import OrgIdentity, admit, apply, give_role
from tiantou.accounts.ports import SmsFailed
from tiantou.accounts.registration import check_sign
from tiantou.accounts.revocations import Revocations
from tiantou.accounts.session_http import SessionMiddleware
from tiantou.core.db import Database
from tiantou.core.hot_http import Hot, Routes
from tiantou.core.http_errors import install
from tiantou.core.http_guard import Guard
from tiantou.core.keys import Keys

HOST = "tiantou.test"
ORIGIN = f"http://{HOST}"
WEIYUAN, MINHE = "621123", "630222"


@dataclass
class SentSms:
    """An adapter of `accounts.ports.Sms` that keeps what was sent."""

    sent: list[tuple[str, str, dict[str, Any], str]] = field(default_factory=list)
    failing: bool = False

    async def send(self, phone: str, template: str, members: dict[str, Any], ref: str) -> None:
        """Remembers it. Raises SmsFailed while `failing`."""
        if self.failing:
            raise SmsFailed("as the test wants it")
        self.sent.append((phone, template, members, ref))

    def code(self, phone: str) -> str:
        """The last code that went to a number."""
        mine = [m for p, t, m, _ in self.sent if p == phone and t == "sign-in-code"]
        return str(mine[-1]["code"])


class Client(httpx.AsyncClient):
    """A browser: sends its Origin, keeps cookies, and gives each unsafe act a key."""

    person_id: UUID

    async def request(self, method: str, url: Any, **more: Any) -> httpx.Response:
        """Like a page of ours would ask."""
        headers = httpx.Headers(more.pop("headers", None) or {})
        if method.upper() not in {"GET", "HEAD"}:
            headers.setdefault("origin", ORIGIN)
            headers.setdefault("idempotency-key", str(uuid4()))
        return await super().request(method, url, headers=headers, **more)


@dataclass
class Site:
    """A running API of one process."""

    app: ASGIApp
    api: FastAPI
    revoked: Revocations
    clients: list[Client] = field(default_factory=list)

    def client(self, token: str | None = None) -> Client:
        """A browser; with a token, a signed-in one."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        made = Client(transport=transport, base_url=ORIGIN, follow_redirects=False)
        if token:
            made.cookies.set("tt", token, domain=HOST, path="/")
        self.clients.append(made)
        return made

    async def enter(self, database: Database, keys: Keys, person_id: UUID) -> Client:
        """A browser in which a person is signed in."""
        async with database.begin() as tx:
            row = await people_sql.row_of(tx, person_id)
            assert row is not None
            subject, version = await sessions_sql.open_session(tx, row)
        made = self.client(sessions.seal(keys, subject, version))
        made.person_id = person_id
        return made

    async def person(
        self, database: Database, keys: Keys, *, operator: bool = False, nickname: str | None = None
    ) -> Client:
        """A new person, signed in."""
        async with database.begin() as tx:
            row = await people_sql.add(tx, operator=operator, nickname=nickname)
        return await self.enter(database, keys, row.id)

    async def member(self, database: Database, keys: Keys, org_id: UUID, role: str) -> Client:
        """A new person with a role, signed in."""
        async with database.begin() as tx:
            row = await people_sql.add(tx)
            await give_role(tx, None, org_id, row.id, role)
        return await self.enter(database, keys, row.id)


@asynccontextmanager
async def open_web(
    database: Database,
    keys: Keys,
    *routers: APIRouter,
    engines: Mapping[type[Any], Any] | None = None,
    mode: str = "demo",
    role: str = "platform",
    hot: Callable[[Any], Routes] = lambda _: {},
    **state: Any,
) -> AsyncIterator[Site]:
    """An API of these routers; `state` is put on `app.state` (files=…, bus=…)."""
    api = FastAPI()
    for one in routers:
        api.include_router(one)
    install(api)
    everything = {
        "database": database,
        "keys": keys,
        "engines": dict(engines or {}),
        "mode": mode,
        "role": role,
        **state,
    }
    for name, value in everything.items():
        setattr(api.state, name, value)
    revoked = Revocations(database)
    await revoked.start()
    guarded = Guard(SessionMiddleware(Hot(api, hot(api.state)), keys, revoked), [HOST], [ORIGIN])
    site = Site(guarded, api, revoked)
    try:
        yield site
    finally:
        for client in site.clients:
            await client.aclose()
        await revoked.close()


async def until(ready: Callable[[], bool], timeout_s: float = 10) -> None:
    """Waits until something that happens elsewhere is seen here. Raises TimeoutError."""
    async with asyncio.timeout(timeout_s):
        while True:
            if ready():
                return
            await asyncio.sleep(0.01)


def registration(number: int = 1, division: str = WEIYUAN) -> str:
    """A registration code that passes the check."""
    first = f"93{division}{number:09d}"
    return first + check_sign(first)


async def make_org(
    database: Database,
    *,
    kind: str = "coop",
    name: str = "会川百合合作社",
    division: str = WEIYUAN,
    number: int = 1,
    admitted: bool = True,
) -> tuple[UUID, UUID]:
    """An organization with its owner: (org, person)."""
    said = OrgIdentity(
        kind=kind,
        name=name,
        registration_code=None if kind == "household" else registration(number, division),
        division_code=division,
        address="会川镇本庙村18号",
        contact_name="合作社办公室",
        contact_phone="0932-4123456",
    )
    async with database.begin() as tx:
        owner = await people_sql.add(tx)
        made = await apply(tx, owner.id, said)
        if admitted:
            await admit(tx, None, made.id)
    return made.id, owner.id
