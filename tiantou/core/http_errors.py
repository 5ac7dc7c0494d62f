"""What an app says when a route raises: always a problem document."""

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tiantou.core.http import say_invalid, say_problem
from tiantou.core.problems import NotFound, Problem, Unexpected


class MethodNotAllowed(Problem):
    """The address takes other methods; `Allow` names them."""

    status, title = 405, "This address does not take this method"


class BadRequest(Problem):
    """The request cannot be read."""

    status, title = 400, "This request cannot be read"


async def _problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return say_problem(error)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return say_invalid(error)


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kinds: dict[int, type[Problem]] = {404: NotFound, 405: MethodNotAllowed}
    said = say_problem(kinds.get(error.status_code, BadRequest)())
    said.headers.update(error.headers or {})
    return said


async def _unexpected(request: Request, _: Exception) -> Response:
    """The guard logs it under the same trace id."""
    return say_problem(Unexpected(trace_id=request.scope.get("trace_id")))


def install(app: FastAPI) -> None:
    """Makes every error of the app's routes a problem document."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Exception, _unexpected)
