"""The edge: committed before the answer, answered once per key, problems as documents."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from sqlalchemy import Text, cast, select, text
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from tiantou.core import limits
from tiantou.core.db import Database, open_database
from tiantou.core.http import InTx, WithDatabase, router, say_invalid, say_problem
from tiantou.core.keys import Keys
from tiantou.core.problems import NotFound, Problem

routes = router("probe")


class Amount(BaseModel):
    """What the probe adds."""

    number: int = Field(ge=1, le=9)


class Words(BaseModel):
    """What the probe repeats."""

    text: str


@routes.post("/add")
async def _add(amount: Amount, tx: InTx) -> dict[str, int]:
    await tx.execute(text("insert into core.probe values (:n)"), {"n": amount.number})
    if amount.number == 9:
        raise NotFound(what="nine")
    return {"added": amount.number}


@routes.post("/late")
async def _late(tx: InTx) -> dict[str, str]:
    await tx.execute(text("insert into core.probe values (100)"))
    return {"said": "yes"}


@routes.post("/metered")
async def _metered(tx: InTx, database: WithDatabase) -> dict[str, str]:
    await tx.execute(text("select 1"))
    await limits.spend(database, "probe", "one", ((100, 60),))
    return {"said": "yes"}


@routes.post("/stream")
async def _stream(tx: InTx) -> Response:
    await tx.execute(text("insert into core.probe values (50)"))
    await tx.execute(text("delete from core.probe where n = 50"))
    return StreamingResponse(iter([b"streamed"]))


@routes.post("/words")
async def _words(words: Words, tx: InTx) -> dict[str, str]:
    return {"said": str(await tx.scalar(select(cast(words.text, Text))))}


@pytest.fixture
def app() -> FastAPI:
    return FastAPI()


@pytest.fixture
async def client(app: FastAPI, database: Database, keys: Keys) -> AsyncIterator[httpx.AsyncClient]:
    async with database.begin() as tx:
        await tx.execute(
            text(
                "create table core.probe (n int, constraint once_only unique (n)"
                " deferrable initially deferred)"
            )
        )
    app.state.database = database
    app.state.keys = keys
    app.include_router(routes)

    async def problem(_: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return say_problem(error)

    async def invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return say_invalid(error)

    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(RequestValidationError, invalid)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as made:
        yield made


async def _count(database: Database) -> int:
    async with database.begin() as tx:
        return int(await tx.scalar(text("select count(*) from core.probe")) or 0)


async def test_a_key_acts_once_even_for_rivals(
    client: httpx.AsyncClient, database: Database
) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    answers = await asyncio.gather(
        *(client.post("/add", json={"number": 3}, headers=headers) for _ in range(8))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.text for answer in answers} == {'{"added":3}'}
    assert await _count(database) == 1
    other = await client.post("/add", json={"number": 4}, headers=headers)
    assert other.json()["type"] == "/problems/key-reused"
    assert await _count(database) == 1


async def test_more_requests_than_connections_do_not_wait_for_each_other(
    client: httpx.AsyncClient, app: FastAPI, dsn: str
) -> None:
    app.state.database = open_database(dsn, pool_size=2)
    try:
        async with asyncio.timeout(8):
            answers = await asyncio.gather(
                *(
                    client.post("/metered", headers={"Idempotency-Key": str(uuid4())})
                    for _ in range(12)
                )
            )
    finally:
        await app.state.database.close()
    assert {answer.status_code for answer in answers} == {200}


async def test_a_streamed_answer_is_not_kept_as_an_empty_one(client: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    for _ in range(2):
        assert (await client.post("/stream", headers=headers)).text == "streamed"


async def test_what_the_database_cannot_hold_is_bad_input(client: httpx.AsyncClient) -> None:
    answer = await client.post("/words", json={"text": "a\0b"})
    assert answer.json()["type"] == "/problems/invalid-fields"
    assert (await client.post("/words", json={"text": "ab"})).json() == {"said": "ab"}


async def test_a_problem_leaves_nothing_behind(
    client: httpx.AsyncClient, database: Database
) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    for _ in range(2):
        answer = await client.post("/add", json={"number": 9}, headers=headers)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["what"] == "nine"
    assert await _count(database) == 0


async def test_a_failed_commit_is_never_answered_as_success(
    client: httpx.AsyncClient, database: Database
) -> None:
    assert (await client.post("/late")).status_code == 200
    again = await client.post("/late")
    assert again.status_code >= 400
    assert await _count(database) == 1


async def test_bad_input_names_the_field_and_not_what_was_typed(client: httpx.AsyncClient) -> None:
    answer = await client.post("/add", json={"number": 77})
    assert answer.status_code == 422
    field = {"name": "number", "code": "less-than-equal", "le": 9}
    assert answer.json()["fields"] == [field]
    assert "77" not in answer.text
