"""What the passport of a box says: nothing of the buyer, no address, no phone, no coordinates.

The distance to the buyer is left out: divisions are known by name, not by coordinates.
"""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from tiantou.accounts import face as accounts
from tiantou.catalog import face as catalog
from tiantou.catalog.face import VarietyView
from tiantou.core.db import Tx
from tiantou.core.problems import NotFound
from tiantou.kit import clock
from tiantou.kit.money import value_of
from tiantou.regions import face as regions
from tiantou.supply import face as supply
from tiantou.supply.face import CertificateView, ClaimView, GradeSaid, Measured, Story
from tiantou.trade import face as trade
from tiantou.trust import passport_tests, trace
from tiantou.trust import passports_sql as sql
from tiantou.trust.passport_tests import BoxTest

PLACES_MAX = 12
NAMED_MAX = 12
STATES = {"open": "good", "closed": "good", "held": "held", "recalled": "recalled"}


class Paper(Struct, frozen=True, kw_only=True):
    """The certificate of conformity without the contact: a phone stands on the paper alone."""

    no: str
    basis: str
    commitments: list[str]
    product: str
    origin: str
    promiser: str
    roots: int
    issued_at: datetime

    @classmethod
    def of(cls, one: CertificateView) -> "Paper":
        """Of a lot's certificate in force."""
        return cls(**{name: getattr(one, name) for name in cls.__struct_fields__})


class GrowersShare(Struct, frozen=True, kw_only=True):
    """What the slips promise the growers for the grams of a box, of the price that was paid."""

    growers_fen: int
    price_fen: int

    @property
    def permille(self) -> int:
        """The share in thousandths, rounded down."""
        return self.growers_fen * 1000 // self.price_fen


class Passport(Struct, frozen=True, kw_only=True):
    """A box's passport. `state`: good, held or recalled. `shop_id` only if it was sold here."""

    code: str
    state: str
    title: str
    photo: str
    variety: VarietyView
    grade: str
    grade_said: GradeSaid | None
    measured: list[Measured]
    tests: list[BoxTest]
    net_g: int
    label_g: int
    harvested_at: datetime
    best_before: datetime
    packed_at: datetime
    packed_by: str
    lot_code: str
    places: list[str]
    plots: int
    growers: list[str]
    paper: Paper | None
    claims: list[ClaimView]
    share: GrowersShare | None
    shop_id: UUID | None
    scans: int
    demo: bool
    at: datetime


async def read(tx: Tx, code: str) -> Passport | None:
    """The passport of a box by the code on its label, in any case; None if there is no such box."""
    story = await trace.passport(tx, code)
    if story is None:
        return None
    org = await accounts.org(tx, story.org_id)
    pack = await catalog.pack(tx, story.pack_id)
    variety = await catalog.variety(tx, story.variety_id)
    assert org is not None and pack is not None and variety is not None
    sale = await trade.sale_of(tx, story.ref)
    paper = (await supply.certificates_for(tx, [story.lot_id])).get(story.lot_id)
    return Passport(
        code=story.code,
        state=STATES[story.state],
        title=pack.title,
        photo=pack.photo,
        variety=variety,
        grade=story.grade,
        grade_said=await supply.grade_said(tx, story.lot_id, story.grade),
        measured=await supply.measured(tx, story.lot_id),
        tests=await passport_tests.of_lot(tx, story.lot_id),
        net_g=story.net_g,
        label_g=pack.net_g,
        harvested_at=story.harvested_at,
        best_before=story.best_before,
        packed_at=story.packed_at,
        packed_by=org.name,
        lot_code=story.lot_code,
        places=await _places(tx, story),
        plots=len(story.roots),
        growers=await _growers(tx, story),
        paper=None if paper is None else Paper.of(paper),
        claims=await supply.claims_of(tx, story.org_id, [story.pack_id]),
        share=await _share(tx, story, sale),
        shop_id=story.org_id if sale is not None and sale.own else None,
        scans=await sql.scans(tx, story.code),
        demo=org.demo,
        at=clock.now(),
    )


async def _places(tx: Tx, story: Story) -> list[str]:
    """Where it grew, down to the village, each place once."""
    codes = {root["division_code"] for root in story.roots if root["division_code"]}
    names = await regions.named(tx, codes)
    found = dict[str, None]()
    for root in story.roots:
        division = names.get(root["division_code"])
        place = (division.full_name if division else "") + (root["village"] or "")
        if place:
            found[place] = None
    return list(found)[:PLACES_MAX]


async def _growers(tx: Tx, story: Story) -> list[str]:
    """The names of the households that agreed to be named."""
    ids = {UUID(root["household_id"]) for root in story.roots if root["household_id"]}
    named = sorted(await sql.shown(tx, ids))[:NAMED_MAX]
    found = [await supply.household(tx, story.org_id, one) for one in named]
    return [one.name for one in found if one is not None]


async def _share(tx: Tx, story: Story, sale: trade.SaleView | None) -> GrowersShare | None:
    """None unless the box was sold here and slips say what every gram of it was bought for."""
    if sale is None or not sale.own:
        return None
    roots = await supply.roots(tx, story.lot_id, sale.net_g)
    if sum(root.grams for root in roots) != sale.net_g:
        return None
    growers = sum(value_of(root.grams, root.price_fen_per_jin) for root in roots)
    return GrowersShare(growers_fen=growers, price_fen=sale.price_fen)


async def box_of(tx: Tx, code: str) -> supply.BoxView:
    """The box of a code. Raises NotFound."""
    box = await supply.box(tx, code)
    if box is None:
        raise NotFound()
    return box


async def places_of(tx: Tx, code: str) -> list[str]:
    """Where the goods of a box grew, down to the village. Raises NotFound."""
    story = await trace.passport(tx, code)
    if story is None:
        raise NotFound()
    return await _places(tx, story)
