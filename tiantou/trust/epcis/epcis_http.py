"""The route by which a lot's trace leaves the house."""

import json
from datetime import date
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

from tiantou.core.http import Caller, InTx, WithKeys, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired
from tiantou.core.subject import MANAGER, STATION
from tiantou.kit import clock
from tiantou.supply import face as supply
from tiantou.trust.epcis import chain, story
from tiantou.trust.epcis.bundle import bundle
from tiantou.trust.problems import TraceTooWide

routes = router("trust")


class JsonLd(Response):
    """A document of linked data."""

    media_type = "application/ld+json"


@routes.get(
    "/api/orgs/{org}/lots/{lot_id}/epcis.jsonld",
    response_class=JsonLd,
    responses=problems(SignInRequired, NotAllowed, NotFound, TraceTooWide),
)
async def export_lot(org: UUID, lot_id: UUID, tx: InTx, caller: Caller, request: Request) -> JsonLd:
    """All that happened to a lot, what it was made of and what was made of it, as EPCIS 2.0."""
    caller.must(org, MANAGER, STATION)
    lot = await supply.lot(tx, org, lot_id)
    if lot is None:
        raise NotFound()
    names = story.Names(request.app.state.settings.public_url, org)
    made = await story.of_lot(tx, names, org, lot_id, clock.now())
    body = json.dumps(made.out(), ensure_ascii=False, separators=(",", ":"))
    name = f'attachment; filename="{lot.code}.epcis.jsonld"'
    return JsonLd(body, headers={"Content-Disposition": name})


class TraceKey(BaseModel):
    """The public key of the roots, Ed25519, in hex."""

    key: str


class Zip(Response):
    """An archive."""

    media_type = "application/zip"


@routes.get("/api/trace-key")
async def trace_key(keys: WithKeys) -> TraceKey:
    """With which the roots of traces are verified."""
    return TraceKey(key=chain.public_key(keys))


@routes.get(
    "/api/orgs/{org}/traces.zip",
    response_class=Zip,
    responses=problems(SignInRequired, NotAllowed, NotFound, InvalidFields),
)
async def export_traces(
    org: UUID, tx: InTx, caller: Caller, keys: WithKeys, since: date, until: date
) -> Zip:
    """The signed traces of days, with the file that verifies them offline."""
    caller.must(org, MANAGER)
    made = await bundle(tx, chain.public_key(keys), org, since, until)
    name = f'attachment; filename="traces-{since}-{until}.zip"'
    return Zip(made, headers={"Content-Disposition": name})
