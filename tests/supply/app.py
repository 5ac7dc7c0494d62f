"""The routes of catalog, logistics and supply in an app of their own, with a chosen caller."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.supply.world import KEYS
from tiantou.catalog import http as catalog_http
from tiantou.core.db import Database
from tiantou.core.files import Files
from tiantou.core.http import say_invalid, say_problem
from tiantou.core.problems import Problem
from tiantou.core.subject import Subject
from tiantou.logistics import http as logistics_http
from tiantou.supply import (
    acts_http,
    claims_http,
    collections_http,
    grading_http,
    inspections_http,
    lots_http,
    mixing_http,
    plots_http,
    runs_http,
    samples_http,
    seasons_http,
    slips_http,
)
from tiantou.supply import http as supply_http

PHOTO = "a" * 64


class As:
    """Puts a caller into the scope of every request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.subject: Subject | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["subject"] = self.subject
        await self.app(scope, receive, send)


class Shop:
    """A client that may become somebody else."""

    def __init__(self, database: Database) -> None:
        app = FastAPI()
        app.state.database, app.state.keys = database, KEYS
        app.state.files = Files(Path("/nowhere"))
        for module in (
            catalog_http,
            logistics_http,
            supply_http,
            plots_http,
            seasons_http,
            collections_http,
            mixing_http,
            samples_http,
            slips_http,
            lots_http,
            runs_http,
            grading_http,
            acts_http,
            claims_http,
            inspections_http,
        ):
            app.include_router(module.routes)

        async def problem(_: Request, error: Exception) -> Response:
            assert isinstance(error, Problem)
            return say_problem(error)

        async def invalid(_: Request, error: Exception) -> Response:
            assert isinstance(error, RequestValidationError)
            return say_invalid(error)

        app.add_exception_handler(Problem, problem)
        app.add_exception_handler(RequestValidationError, invalid)
        self.app = app
        self._as = As(app)
        self._client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self._as), base_url="http://test"
        )

    def become(self, org_id: UUID | None, role: str = "owner") -> None:
        """Acts from now on as somebody with a role in an organization; as nobody for None."""
        self._as.subject = (
            None if org_id is None else Subject(uuid4(), 1, uuid4(), ((org_id, role),))
        )

    def act_as(self, who: Subject, operator: bool = False) -> None:
        """Acts from now on as this person, who may run the platform."""
        self._as.subject = replace(who, operator=operator)

    async def get(self, path: str) -> httpx.Response:
        """A GET."""
        return await self._client.get(path)

    async def send(self, method: str, path: str, body: object) -> httpx.Response:
        """An unsafe request with a key of its own."""
        return await self._client.request(
            method, path, json=body, headers={"Idempotency-Key": str(uuid4())}
        )

    async def send_text(self, method: str, path: str, body: str | bytes) -> httpx.Response:
        """An unsafe request whose body is a CSV."""
        headers = {"Idempotency-Key": str(uuid4()), "Content-Type": "text/csv"}
        return await self._client.request(method, path, content=body, headers=headers)

    async def post(self, path: str, body: object) -> httpx.Response:
        """A POST."""
        return await self.send("POST", path, body)

    async def close(self) -> None:
        """Ends the client."""
        await self._client.aclose()


async def store_photo(database: Database, digest: str = PHOTO) -> None:
    """A picture that the store knows."""
    async with database.begin() as tx:
        await tx.execute(
            text(
                "insert into core.file (hash, width, height, bytes, at)"
                " values (:hash, 8, 8, 8, now()) on conflict do nothing"
            ),
            {"hash": digest},
        )
