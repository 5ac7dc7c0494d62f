"""The edge: what every route needs. The only core file that knows the web framework.

A route's transaction is opened by `InTx` and committed *before* the answer leaves; with an
`Idempotency-Key` the answer is kept in the same transaction (decision 0002).
"""

import hashlib
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, ClassVar, cast

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from starlette.responses import JSONResponse

from tiantou.core import once
from tiantou.core.bus import Bus
from tiantou.core.db import Database, Tx, refused_for_now
from tiantou.core.files import Files
from tiantou.core.keys import Keys
from tiantou.core.problems import (
    Busy,
    InvalidFields,
    NotAllowed,
    Problem,
    SignInRequired,
    WrongStep,
)
from tiantou.core.subject import Subject
from tiantou.kit import paging
from tiantou.kit.machine import WrongState

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
KEEPABLE_BYTES_MAX = 256 * 1024
REPLAYED = {"Idempotency-Replayed": "true"}
# characters and numbers that the database cannot hold, wherever a field's own limits missed them
_INPUT_STATES = frozenset({"22000", "22003", "22021", "22P05"})


async def _attempt(run: Callable[[], Coroutine[Any, Any, Response]]) -> Response:
    try:
        return await run()
    except WrongState as wrong:
        raise WrongStep(machine=wrong.machine, state=wrong.state, event=wrong.event) from wrong
    except (DBAPIError, ConnectionError, TimeoutError, NoConnection) as error:
        if refused_for_now(error):
            raise Busy(retry_after_s=1) from error
        if getattr(getattr(error, "orig", None), "sqlstate", None) in _INPUT_STATES:
            raise InvalidFields.one("body", "cannot-be-stored") from error
        raise


class Route(APIRoute):
    """Commits the request's transaction after the answer is made and before it leaves."""

    keeps: ClassVar[bool] = True

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The framework's handler inside the transaction's life."""
        handle = super().get_route_handler()

        async def run(request: Request) -> Response:
            database: Database = request.app.state.database
            async with database.session() as tx:
                request.state.tx = tx
                key = await _once_key(request) if self.keeps else None
                if key is None:
                    response = await handle(request)
                else:
                    response = await _answered_once(request, tx, key, handle)
                if tx.in_transaction():
                    await tx.commit()
                return response

        async def outer(request: Request) -> Response:
            return await _attempt(lambda: run(request))

        return outer


class Unkept(Route):
    """For an act that is the same however often it is done, or that keeps its answer itself: no
    transaction is open before the route itself begins one.
    """

    keeps: ClassVar[bool] = False


async def _once_key(request: Request) -> tuple[str, str, bytes] | None:
    key = request.headers.get("idempotency-key")
    if request.method not in UNSAFE or key is None:
        return None
    if not 8 <= len(key) <= once.KEY_CHARS_MAX:
        raise InvalidFields.one("Idempotency-Key", "length", min=8, max=once.KEY_CHARS_MAX)
    subject = cast(Subject | None, request.scope.get("subject"))
    caller = str(subject.person_id) if subject else request.scope.get("visitor", "nobody")
    asked = hashlib.sha256(f"{request.method} {request.url.path}\n".encode())
    asked.update(await request.body())
    return caller, key, asked.digest()


async def _answered_once(
    request: Request,
    tx: Tx,
    key: tuple[str, str, bytes],
    handle: Callable[[Request], Coroutine[Any, Any, Response]],
) -> Response:
    keys: Keys = request.app.state.keys
    before = await once.begin(tx, *key)
    if before is not None:
        status, media_type, sealed = before
        return Response(once.unseal(keys, sealed), status, REPLAYED, media_type)
    response = await handle(request)
    said = getattr(response, "body", None)
    whole = isinstance(said, bytes) and len(said) <= KEEPABLE_BYTES_MAX
    # a stream has no body yet; a cookie is for the first asker alone
    if whole and "set-cookie" not in response.headers:
        media_type = response.headers.get("content-type")
        sealed = once.seal(keys, cast(bytes, said))
        await once.answer(tx, key[0], key[1], response.status_code, media_type, sealed)
    else:
        await once.release(tx, key[0], key[1])
    return response


def _transaction(request: Request) -> Tx:
    return cast(Tx, request.state.tx)


def _caller(request: Request) -> Subject | None:
    return cast(Subject | None, request.scope.get("subject"))


def _signed_in(caller: Annotated[Subject | None, Depends(_caller)]) -> Subject:
    if caller is None:
        raise SignInRequired()
    return caller


def _operator(caller: Annotated[Subject, Depends(_signed_in)]) -> Subject:
    if not caller.operator:
        raise NotAllowed(needs=["operator"])
    return caller


def _keys(request: Request) -> Keys:
    return cast(Keys, request.app.state.keys)


def _database(request: Request) -> Database:
    return cast(Database, request.app.state.database)


def _files(request: Request) -> Files:
    return cast(Files, request.app.state.files)


def _bus(request: Request) -> Bus:
    return cast(Bus, request.app.state.bus)


async def _asked_once(request: Request) -> once.Asked | None:
    key = await _once_key(request)
    return None if key is None else once.Asked(*key)


def asks(port: type[Any]) -> Any:
    """A dependency that hands a route the adapter which wiring chose for a port."""

    def adapter(request: Request) -> Any:
        return request.app.state.engines[port]

    return Depends(adapter)


InTx = Annotated[Tx, Depends(_transaction)]
MaybeCaller = Annotated[Subject | None, Depends(_caller)]
Caller = Annotated[Subject, Depends(_signed_in)]
Operator = Annotated[Subject, Depends(_operator)]
WithKeys = Annotated[Keys, Depends(_keys)]
WithDatabase = Annotated[Database, Depends(_database)]
WithFiles = Annotated[Files, Depends(_files)]
WithBus = Annotated[Bus, Depends(_bus)]
# for `Unkept` routes that keep their answers themselves, in the transaction of their act
AskedOnce = Annotated[once.Asked | None, Depends(_asked_once)]
Limit = Annotated[int, Query(ge=1, le=paging.LIMIT_MAX)]
Cursor = Annotated[str | None, Query(max_length=400)]


def router(tag: str, keeps: bool = True) -> APIRouter:
    """A module's router: its routes live in one transaction and answer once, or are `Unkept`."""
    return APIRouter(route_class=Route if keeps else Unkept, tags=[tag])


def problems(*kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route: its problems by status, as application/problem+json."""
    by_status: dict[int | str, list[type[Problem]]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind)
    return {
        status: {
            "description": ", ".join(kind.title for kind in some),
            "content": {
                "application/problem+json": {
                    "schema": {"oneOf": [_problem_schema(kind) for kind in some]}
                }
            },
        }
        for status, some in by_status.items()
    }


def _problem_schema(kind: type[Problem]) -> dict[str, Any]:
    return {
        "type": "object",
        "title": kind.__name__,
        "required": ["type", "title", "status"],
        "properties": {
            "type": {"const": f"/problems/{kind.kind()}"},
            "title": {"type": "string"},
            "status": {"const": kind.status},
        },
        "additionalProperties": True,
    }


def say_problem(problem: Problem) -> Response:
    """The HTTP answer of a problem."""
    return JSONResponse(
        problem.body(), problem.status, problem.headers(), "application/problem+json"
    )


def say_invalid(error: RequestValidationError) -> Response:
    """The framework's validation errors as one InvalidFields, without echoing what was typed."""
    fields = []
    for one in error.errors():
        name = ".".join(str(part) for part in one["loc"][1:]) or str(one["loc"][0])
        limits = {k: v for k, v in one.get("ctx", {}).items() if isinstance(v, int | str)}
        fields.append({"name": name, "code": one["type"].replace("_", "-"), **limits})
    return say_problem(InvalidFields(fields=fields))
