"""A co-operative with a household, a plot and a product: what tests start from."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text

from tiantou.catalog import face as catalog
from tiantou.catalog.face import PackIn, ProductIn, ProductView
from tiantou.core.db import Database, Tx
from tiantou.core.keys import Keys
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.supply import face as supply
from tiantou.supply import plots
from tiantou.supply.face import Agreement, Paper, SlipView, WeighIn
from tiantou.supply.households import HouseholdIn, add_household
from tiantou.supply.plots import PlotSaid

DIVISION = "421182"
VARIETY = catalog.variety_id("橙", "纽荷尔脐橙")
KEYS = Keys((b"only the tests know this root secret",))


@dataclass(frozen=True)
class World:
    """The ids that tests need. The pack is 箱 of 2,500 g."""

    org_id: UUID
    who: Subject
    household_id: UUID
    plot_id: UUID
    product: ProductView

    @property
    def pack_id(self) -> UUID:
        """The product's first pack."""
        return self.product.packs[0].pack_id


async def add_division(tx: Tx, code: str = DIVISION) -> None:
    """One county in force."""
    await tx.execute(
        text(
            "insert into regions.division (code, since, name, full_name, level, parent,"
            " province_name, leaf, in832) values (:code, 1981, '武穴市', '湖北省黄冈市武穴市',"
            " 'county', '421100', '湖北省', true, false) on conflict do nothing"
        ),
        {"code": code},
    )


async def add_org(tx: Tx, kind: str = "coop") -> UUID:
    """An admitted organization."""
    org_id = ids.uuid7()
    await tx.execute(
        text(
            "insert into accounts.organization (id, kind, name, registration_code, division_code,"
            " address, contact_name, contact_phone, state, demo, applied_at)"
            " values (:id, :kind, '橙光合作社', :code, :division, '花桥镇 1 号', '合作社',"
            " '0713-1234567', 'admitted', false, now())"
        ),
        {"id": org_id, "kind": kind, "code": org_id.hex[-18:], "division": DIVISION},
    )
    return org_id


def subject(org_id: UUID, role: str = "owner") -> Subject:
    """Somebody with a role in an organization."""
    return Subject(ids.uuid7(), 1, ids.uuid7(), ((org_id, role),))


def product_in(**changes: object) -> ProductIn:
    """A product as asked for, of one pack unless changed."""
    asked: dict[str, object] = {
        "title": "武穴脐橙",
        "variety_id": VARIETY,
        "grade": "一级",
        "description": "",
        "origin_code": DIVISION,
        "origin_names": "湖北省黄冈市武穴市",
        "photos": ["0" * 64],
        "fresh": True,
        "packs": [PackIn(id=None, name="5 斤装", unit="箱", net_g=2500, pieces=10, price_fen=2990)],
    }
    return ProductIn(**(asked | changes))  # type: ignore[arg-type]


async def make_world(database: Database) -> World:
    """A world of its own in a database."""
    async with database.begin() as tx:
        await add_division(tx)
        org_id = await add_org(tx)
        household = await add_household(
            tx, KEYS, org_id, HouseholdIn(name="陈家", village="桥头村", division_code=DIVISION)
        )
        plot = await plots.add(
            tx,
            org_id,
            household.id,
            PlotSaid(
                name="南坡",
                village="桥头村",
                division_code=DIVISION,
                area_m2=2000,
                altitude_m=180,
            ),
        )
        product = await catalog.make_product(tx, org_id, product_in())
    return World(org_id, subject(org_id), household.id, plot.id, product)


def reading(world: World, grams: int = 100_000, **changes: object) -> WeighIn:
    """What the scale said: with a certificate, agreed by the grower, unless changed."""
    asked: dict[str, object] = {
        "household_id": world.household_id,
        "plot_id": world.plot_id,
        "variety_id": VARIETY,
        "grade": "一级",
        "grams": grams,
        "price_fen_per_jin": 250,
        "floor_fen_per_jin": 180,
        "harvested_at": clock.now() - timedelta(hours=5),
        "certificate": Paper(basis="self_test", commitments=list(supply.COMMITMENTS)),
        "agreed": Agreement(by="grower"),
    }
    return WeighIn(**(asked | changes))  # type: ignore[arg-type]


async def weigh(database: Database, world: World, grams: int = 100_000, **more: object) -> SlipView:
    """A weigh-in, committed."""
    async with database.begin() as tx:
        return await supply.weigh_in(tx, world.who, world.org_id, reading(world, grams, **more))
