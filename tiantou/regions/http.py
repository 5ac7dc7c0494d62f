"""Routes of regions: the tree of divisions and its search. Public, cacheable, the same for all."""

from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict

from tiantou.core.http import InTx, problems, router
from tiantou.core.problems import InvalidFields
from tiantou.regions import divisions_sql
from tiantou.regions.wire import Division

routes = router("regions")

CACHE = "public, max-age=86400"


class DivisionNode(BaseModel):
    """A division in the tree; `leaf` means that nothing lies below it."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    name: str
    level: str
    leaf: bool
    in832: bool


async def _fresh(tx: InTx, request: Request, response: Response) -> bool:
    """Names the version in the headers; True if the asker has it already."""
    tag = f'"{(await divisions_sql.version(tx))[:16]}"'
    response.headers["Cache-Control"] = CACHE
    response.headers["ETag"] = tag
    return request.headers.get("if-none-match") == tag


@routes.get(
    "/api/divisions",
    response_model=list[DivisionNode],
    responses={304: {"description": "Not modified"}, **problems(InvalidFields)},
)
async def tree(
    tx: InTx,
    request: Request,
    response: Response,
    parent: Annotated[str, Query(pattern=r"^(\d{6}|none)$")] = "none",
) -> list[DivisionNode] | Response:
    """The divisions right below `parent`, by code; the provinces for `none`."""
    if await _fresh(tx, request, response):
        return Response(status_code=304, headers=dict(response.headers))
    found = await divisions_sql.below(tx, None if parent == "none" else parent)
    return [DivisionNode.model_validate(one) for one in found]


@routes.get(
    "/api/divisions/search",
    response_model=list[Division],
    responses={304: {"description": "Not modified"}, **problems(InvalidFields)},
)
async def search(
    tx: InTx,
    request: Request,
    response: Response,
    q: Annotated[str, Query(min_length=1, max_length=40)],
) -> list[Division] | Response:
    """At most 20 divisions whose full names hold every word of `q`, or are like it."""
    if await _fresh(tx, request, response):
        return Response(status_code=304, headers=dict(response.headers))
    return [Division.model_validate(one) for one in await divisions_sql.search(tx, q)]
