"""Households, slips and lots as they stand in answers, put together in whole pages."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from tiantou.accounts import face as accounts
from tiantou.catalog import face as catalog
from tiantou.catalog.face import Variety
from tiantou.core.db import Tx
from tiantou.regions import face as regions
from tiantou.supply import certificates_sql, households_sql, lots_sql
from tiantou.supply.lifecycle import SLIP
from tiantou.supply.trace_sql import Root
from tiantou.supply.views import CertificateView, LotView, SlipView

_ACTS = ("dispute", "new_reading", "void")


class FromView(BaseModel):
    """What is read off a view."""

    model_config = ConfigDict(from_attributes=True)


class HouseholdName(FromView):
    """A household in short."""

    id: UUID
    no: int
    name: str
    village: str


class Plot(FromView):
    """A plot; `area_m2` whole square metres."""

    id: UUID
    household_id: UUID
    name: str
    village: str
    division_code: str
    area_m2: int
    altitude_m: int | None


class LotName(BaseModel):
    """A lot in short."""

    id: UUID
    code: str


class CertificateName(FromView):
    """A certificate in short; its page is /api/orgs/{org}/lots/{lot}/certificate."""

    no: str
    basis: str


class Slip(BaseModel):
    """A weigh-in slip. `may`: what its state allows a person to do with it."""

    id: UUID
    code: str
    state: str
    entered_by: str
    on_behalf: bool
    helper_name: str | None
    consent: str | None
    household: HouseholdName
    plot: Plot | None
    season_id: UUID | None
    stop_id: UUID | None
    variety: Variety
    grade: str
    grams: int
    price_fen_per_jin: int
    floor_fen_per_jin: int
    value_fen: int
    currency: str = "CNY"
    harvested_at: datetime
    lot: LotName
    certificate: CertificateName | None
    at: datetime
    may: list[str]


class LotRoot(BaseModel):
    """A lot without parents, to village level."""

    lot_id: UUID
    code: str
    grams_in: int
    harvested_at: datetime
    household_id: UUID | None
    household: str | None
    plot_id: UUID | None
    plot: str | None
    village: str | None
    county: str | None


class BoxesOf(BaseModel):
    """Boxes left of a pack."""

    pack_id: UUID
    title: str
    boxes: int


class Lot(BaseModel):
    """A lot. `packed`: what is left of the boxes packed out of it, or that it is itself."""

    id: UUID
    code: str
    kind: str
    state: str
    variety: Variety
    grade: str
    grams_in: int
    grams_left: int
    harvested_at: datetime
    best_before: datetime
    household: HouseholdName | None
    plot: Plot | None
    certificate: CertificateName | None
    packed: list[BoxesOf]
    price_fen_per_jin: int
    floor_fen_per_jin: int


async def slips_out(tx: Tx, found: Sequence[SlipView]) -> list[Slip]:
    """Slips with what they name."""
    homes = await households_sql.households(tx, (one.household_id for one in found))
    plots = await households_sql.plots(tx, (one.plot_id for one in found if one.plot_id))
    kinds = await catalog.varieties(tx, (one.variety_id for one in found))
    people = await accounts.people(tx, {one.entered_by for one in found})
    papers = await certificates_sql.certificates_for(tx, [one.lot_id for one in found])
    return [
        Slip(
            id=one.id,
            code=one.code,
            state=one.state,
            entered_by=people[one.entered_by].nickname if one.entered_by in people else "",
            on_behalf=one.on_behalf,
            helper_name=one.helper_name,
            consent=one.consent,
            household=HouseholdName.model_validate(homes[one.household_id]),
            plot=Plot.model_validate(plots[one.plot_id]) if one.plot_id else None,
            season_id=one.season_id,
            stop_id=one.stop_id,
            variety=Variety.model_validate(kinds[one.variety_id]),
            grade=one.grade,
            grams=one.grams,
            price_fen_per_jin=one.price_fen_per_jin,
            floor_fen_per_jin=one.floor_fen_per_jin,
            value_fen=one.value_fen,
            harvested_at=one.harvested_at,
            lot=LotName(id=one.lot_id, code=one.lot_code),
            certificate=_paper(papers.get(one.lot_id)),
            at=one.at,
            may=[act for act in _ACTS if SLIP.can(one.state, act)],
        )
        for one in found
    ]


async def lots_out(tx: Tx, found: Sequence[LotView]) -> list[Lot]:
    """Lots with what they name and what was packed out of them."""
    homes = await households_sql.households(
        tx, (one.household_id for one in found if one.household_id)
    )
    plots = await households_sql.plots(tx, (one.plot_id for one in found if one.plot_id))
    kinds = await catalog.varieties(tx, (one.variety_id for one in found))
    papers = await certificates_sql.certificates_for(tx, [one.id for one in found])
    boxes = await _boxes(tx, found)
    return [
        Lot(
            id=one.id,
            code=one.code,
            kind=one.kind,
            state=one.state,
            variety=Variety.model_validate(kinds[one.variety_id]),
            grade=one.grade,
            grams_in=one.grams_in,
            grams_left=one.grams_left,
            harvested_at=one.harvested_at,
            best_before=one.best_before,
            household=HouseholdName.model_validate(homes[one.household_id])
            if one.household_id
            else None,
            plot=Plot.model_validate(plots[one.plot_id]) if one.plot_id else None,
            certificate=_paper(papers.get(one.id)),
            packed=boxes[one.id],
            price_fen_per_jin=one.price_fen_per_jin,
            floor_fen_per_jin=one.floor_fen_per_jin,
        )
        for one in found
    ]


async def roots_out(tx: Tx, found: Sequence[Root]) -> list[LotRoot]:
    """Roots with the names of their counties."""
    places = await regions.named(tx, {one.division_code for one in found if one.division_code})
    return [
        LotRoot(
            lot_id=one.lot_id,
            code=one.code,
            grams_in=one.grams_in,
            harvested_at=one.harvested_at,
            household_id=one.household_id,
            household=one.household_name,
            plot_id=one.plot_id,
            plot=one.plot_name,
            village=one.village,
            county=places[one.division_code].full_name if one.division_code in places else None,
        )
        for one in found
    ]


async def _boxes(tx: Tx, found: Sequence[LotView]) -> dict[UUID, list[BoxesOf]]:
    children = await lots_sql.packed_out_of(tx, [one.id for one in found])
    wanted = {one.pack_id for one in children} | {one.pack_id for one in found if one.pack_id}
    packs = await catalog.packs(tx, wanted)
    made: dict[UUID, list[BoxesOf]] = {one.id: [] for one in found}
    for child in children:
        title = packs[child.pack_id].title
        made[child.lot_id].append(BoxesOf(pack_id=child.pack_id, title=title, boxes=child.boxes))
    for one in found:
        if one.pack_id and one.net_g:
            title = packs[one.pack_id].title
            boxes = one.grams_left // one.net_g
            made[one.id].append(BoxesOf(pack_id=one.pack_id, title=title, boxes=boxes))
    return made


def _paper(paper: CertificateView | None) -> CertificateName | None:
    return CertificateName.model_validate(paper) if paper else None
