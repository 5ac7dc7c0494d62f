"""The route by which a lot's trace leaves the house."""

import json
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from tiantou.core.http import Caller, InTx, problems, router
from tiantou.core.problems import NotAllowed, NotFound, SignInRequired
from tiantou.core.subject import MANAGER, STATION
from tiantou.kit import clock
from tiantou.supply import face as supply
from tiantou.trust.epcis import story

routes = router("trust")


class JsonLd(Response):
    """A document of linked data."""

    media_type = "application/ld+json"


@routes.get(
    "/api/orgs/{org}/lots/{lot_id}/epcis.jsonld",
    response_class=JsonLd,
    responses=problems(SignInRequired, NotAllowed, NotFound),
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
