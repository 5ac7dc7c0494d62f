"""The operator's look at the standing audit."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from tiantou.core.http import InTx, Operator, problems, router
from tiantou.core.problems import NotAllowed, SignInRequired
from tiantou.trade import audit

routes: APIRouter = router("trade")


class BooksDifference(BaseModel):
    """A rule that rows break: how many do, and the first of them."""

    model_config = ConfigDict(from_attributes=True)
    rule: str
    count: int
    rows: list[dict[str, Any]]


class Books(BaseModel):
    """The last audit; `at` is null before the first. Without differences the books are right."""

    at: datetime | None
    took_ms: int
    differences: list[BooksDifference]


@routes.get("/api/desk/books", responses=problems(SignInRequired, NotAllowed))
async def books(tx: InTx, _: Operator) -> Books:
    """What the last standing audit found."""
    made = await audit.last(tx)
    if made is None:
        return Books(at=None, took_ms=0, differences=[])
    return Books.model_validate(made, from_attributes=True)
