"""The labels of a packed lot, to print."""

import asyncio
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import Response

from tiantou.accounts import face as accounts
from tiantou.catalog import face as catalog
from tiantou.core.db import Tx
from tiantou.core.http import Caller, WithDatabase, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired
from tiantou.core.subject import MANAGER, PACKER, STATION
from tiantou.supply import face as supply
from tiantou.trust import certificate_pdf, labels, passports
from tiantou.trust.labels import Batch, Label

# Drawing takes a second or so: no transaction is open meanwhile.
routes = router("trust", keeps=False)

MINE = problems(SignInRequired, NotAllowed, NotFound, InvalidFields)

Paper = Annotated[Literal["label", "list"], Query()]
Lang = Annotated[Literal["zh-CN", "en"], Query()]
First = Annotated[int, Query(ge=1, le=1_000_000)]


class Pdf(Response):
    """A PDF document."""

    media_type = "application/pdf"


@routes.get("/api/orgs/{org}/lots/{lot_id}/labels.pdf", response_class=Pdf, responses=MINE)
async def print_labels(
    org: UUID,
    lot_id: UUID,
    request: Request,
    database: WithDatabase,
    caller: Caller,
    paper: Paper = "label",
    lang: Lang = "zh-CN",
    first: First = 1,
) -> Pdf:
    """Labels of 76 × 130 mm or a list on A4, of at most 200 boxes from number `first` on."""
    caller.must(org, MANAGER, STATION, PACKER)
    async with database.begin() as tx:
        batch = await _batch(tx, org, lot_id, first, lang, request.app.state.settings.public_url)
    draw = labels.label_pdf if paper == "label" else labels.list_pdf
    drawn = await asyncio.to_thread(draw, batch, lang)
    name = f"{batch.lot_code}-{paper}-{first}.pdf"
    return Pdf(drawn, headers={"Content-Disposition": f'inline; filename="{name}"'})


@routes.get("/api/orgs/{org}/lots/{lot_id}/certificate.pdf", response_class=Pdf, responses=MINE)
async def print_certificate_label(
    org: UUID, lot_id: UUID, database: WithDatabase, caller: Caller, lang: Lang = "zh-CN"
) -> Pdf:
    """The lot's certificate of conformity as a label of 80 × 60 mm, to stick on boxes."""
    caller.must(org, MANAGER, STATION, PACKER)
    async with database.begin() as tx:
        lot = await supply.lot(tx, org, lot_id)
        paper = (await supply.certificates_for(tx, [lot_id])).get(lot_id)
        if lot is None or paper is None:
            raise NotFound()
        variety = await catalog.variety(tx, lot.variety_id)
    assert variety is not None
    product = f"{variety.crop_en}, {variety.name_en}" if lang == "en" else paper.product
    drawn = await asyncio.to_thread(certificate_pdf.certificate_pdf, paper, lot.code, product, lang)
    name = f"{paper.no}.pdf"
    return Pdf(drawn, headers={"Content-Disposition": f'inline; filename="{name}"'})


async def _batch(tx: Tx, org: UUID, lot_id: UUID, first: int, lang: str, public_url: str) -> Batch:
    """Raises NotFound for a lot that is not packed or has no box of that number."""
    lot = await supply.lot(tx, org, lot_id)
    boxes = await supply.boxes_of_lot(tx, lot_id, labels.LABELS_MAX, first - 1)
    seller = await accounts.org(tx, org)
    if lot is None or lot.pack_id is None or not boxes or seller is None:
        raise NotFound()
    pack, variety = await catalog.pack(tx, lot.pack_id), await catalog.variety(tx, lot.variety_id)
    assert pack is not None and variety is not None
    paper = (await supply.certificates_for(tx, [lot_id])).get(lot_id)
    english = f"{variety.crop_en}, {variety.name_en}"
    return Batch(
        title=english[:1].upper() + english[1:] if lang == "en" else pack.title,
        grade=supply.GRADES.get(lot.grade, lot.grade) if lang == "en" else lot.grade,
        origin="、".join(await passports.places_of(tx, boxes[0].code)),
        packed_by=seller.name,
        lot_code=lot.code,
        paper_no=None if paper is None else paper.no,
        harvested_at=lot.harvested_at,
        best_before=lot.best_before,
        address=f"{public_url}/P/".upper(),
        labels=[Label(code=box.code, no=box.no, net_g=box.net_g) for box in boxes],
    )
