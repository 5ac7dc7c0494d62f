"""Routes of lots: what there is, packing, certificates on paper."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse

from tiantou.catalog import face as catalog
from tiantou.core.db import Tx
from tiantou.core.fields import id_in
from tiantou.core.http import Caller, Cursor, InTx, Limit, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired
from tiantou.kit import paging
from tiantou.supply import certificates_sql, inputs, lots_sql, packing, prints
from tiantou.supply.http import MINE, READERS, SCALE
from tiantou.supply.problems import GradeDiffers, LotNotOpen, LotShort, RootNotCovered
from tiantou.supply.slips_http import Lang
from tiantou.supply.views import LotView
from tiantou.supply.wire import Lot, lots_out

routes = router("supply")

_PACKS = problems(
    SignInRequired,
    NotAllowed,
    NotFound,
    InvalidFields,
    GradeDiffers,
    LotNotOpen,
    LotShort,
    RootNotCovered,
)


_KINDS = {
    "harvest": ("harvest", "graded", "bought_in"),
    "graded": ("graded",),
    "packed": ("packed",),
}


class Lots(BaseModel):
    """A page of lots."""

    items: list[Lot]
    next: str | None


class PackRunAsked(BaseModel):
    """So many boxes of a pack."""

    pack_id: UUID
    boxes: int = Field(ge=1, le=packing.BOXES_MAX)


class PackRun(BaseModel):
    """What a run packed, and what is left of the lot."""

    run_id: UUID
    packed_lot_id: UUID
    packed_lot_code: str
    boxes: int
    grams: int
    grams_left: int


@routes.get("/api/orgs/{org}/lots", responses=MINE)
async def list_lots(
    org: UUID,
    tx: InTx,
    caller: Caller,
    kind: Annotated[Literal["harvest", "graded", "packed"], Query()] = "harvest",
    cursor: Cursor = None,
    limit: Limit = paging.LIMIT_DEFAULT,
) -> Lots:
    """The organization's lots, newest first: those in bulk, only the graded ones, or the boxes."""
    caller.must(org, *READERS)
    found = await lots_sql.lots_of(tx, org, limit + 1, id_in(cursor), _KINDS[kind])
    more = paging.pack(str(found[limit - 1].id)) if len(found) > limit else None
    return Lots(items=await lots_out(tx, found[:limit]), next=more)


@routes.get("/api/orgs/{org}/lots/{lot_id}", responses=MINE)
async def get_lot(org: UUID, lot_id: UUID, tx: InTx, caller: Caller) -> Lot:
    """A lot of the organization."""
    caller.must(org, *READERS)
    return (await lots_out(tx, [await _own(tx, org, lot_id)]))[0]


@routes.post("/api/orgs/{org}/lots/{lot_id}/pack", status_code=201, responses=_PACKS)
async def pack(org: UUID, lot_id: UUID, asked: PackRunAsked, tx: InTx, caller: Caller) -> PackRun:
    """Packs boxes out of a lot; never more than is left."""
    caller.must(org, *SCALE)
    made = await packing.pack_lot(tx, caller, org, lot_id, asked.pack_id, asked.boxes)
    return PackRun(
        run_id=made.run_id,
        packed_lot_id=made.packed_lot_id,
        packed_lot_code=made.packed_code,
        boxes=made.boxes,
        grams=made.grams,
        grams_left=made.grams_left,
    )


@routes.get(
    "/api/orgs/{org}/lots/{lot_id}/certificate", response_class=HTMLResponse, responses=MINE
)
async def print_certificate(
    org: UUID, lot_id: UUID, tx: InTx, caller: Caller, lang: Lang = "zh-CN"
) -> HTMLResponse:
    """The lot's certificate of conformity as a page to print."""
    caller.must(org, *READERS)
    lot = await _own(tx, org, lot_id)
    paper = (await certificates_sql.certificates_for(tx, [lot_id])).get(lot_id)
    variety = await catalog.variety(tx, lot.variety_id)
    if paper is None or variety is None:
        raise NotFound()
    english = f"{variety.crop_en}, {variety.name_en}"
    name = english if lang == "en" else paper.product
    page = prints.certificate_page(paper, lot.code, name, await inputs.basis_of(tx, lot_id), lang)
    return HTMLResponse(page.html, headers={"Content-Security-Policy": page.policy})


async def _own(tx: Tx, org: UUID, lot_id: UUID) -> LotView:
    found = await lots_sql.lot(tx, org, lot_id)
    if found is None:
        raise NotFound()
    return found
