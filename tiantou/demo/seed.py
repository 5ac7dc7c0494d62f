"""The fair's rows, written through the same use cases as everybody's."""

import io
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from PIL import Image

from tiantou.accounts import face as accounts
from tiantou.accounts.face import OrgIdentity
from tiantou.accounts.registration import check_sign
from tiantou.catalog import face as catalog
from tiantou.catalog.face import PackIn, ProductIn
from tiantou.core import instance
from tiantou.core.db import Database, Tx
from tiantou.core.files import Files
from tiantou.core.keys import Keys
from tiantou.core.subject import OWNER, Subject
from tiantou.demo.looks import LOOKS
from tiantou.demo.produce import tile
from tiantou.demo.rooms import STALLS, Goods, Stall
from tiantou.demo.scene import cover
from tiantou.kit import clock
from tiantou.regions import face as regions
from tiantou.supply import face as supply
from tiantou.supply import plots
from tiantou.supply.certificates import COMMITMENTS, Paper
from tiantou.supply.households import HouseholdIn, add_household
from tiantou.supply.plots import PlotSaid
from tiantou.supply.weighing import Agreement, WeighIn

PHONE = "0900-000 0000"


@dataclass(frozen=True)
class Seeded:
    """A stall whose rows exist: its shop, who owns it, and its packs in shelf order."""

    stall: Stall
    org_id: UUID
    owner: Subject
    packs: tuple[UUID, ...]


def _bytes(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _identity(stall: Stall, number: int) -> OrgIdentity:
    first = f"93{stall.division}{900_000_000 + number:09d}"
    return OrgIdentity(
        kind="family_farm" if "家庭农场" in stall.shop else "coop",
        name=stall.shop,
        registration_code=first + check_sign(first),
        division_code=stall.division,
        address=stall.address,
        contact_name="样例联系人",
        contact_phone=PHONE,
    )


def owner_of(person_id: UUID, person_no: int, org_id: UUID) -> Subject:
    """The owner of a demo shop, as his session would name him."""
    return Subject(person_id, person_no, person_id, ((org_id, OWNER),))


async def seed(database: Database, keys: Keys, files: Files) -> list[Seeded]:
    """Writes what is not there yet, one stall a transaction; gives every stall."""
    made = []
    for number, stall in enumerate(STALLS, 1):
        async with database.begin() as tx:
            found = await _found(tx, stall)
            if found is None:
                await instance.note_fair(tx)
                found = await _write(tx, keys, files, stall, number)
            made.append(found)
    return made


async def _found(tx: Tx, stall: Stall) -> Seeded | None:
    orgs = [one for one in await accounts.search(tx, stall.shop) if one.name == stall.shop]
    if not orgs:
        return None
    org_id = orgs[0].id
    (person_id,) = await accounts.people_with(tx, org_id, [OWNER])
    person = await accounts.person(tx, person_id)
    assert person is not None
    products = await catalog.products_of(tx, org_id, 20)
    by_title = {product.title: product.packs[0].pack_id for product in products}
    packs = tuple(by_title[goods.title] for goods in stall.goods)
    return Seeded(stall, org_id, owner_of(person.id, person.no, org_id), packs)


async def _write(tx: Tx, keys: Keys, files: Files, stall: Stall, number: int) -> Seeded:
    person_id = await accounts.make_demo_person(tx, f"演示店主 {number}")
    person = await accounts.person(tx, person_id)
    assert person is not None
    org = await accounts.apply(tx, person_id, _identity(stall, number), demo=True)
    await accounts.admit(tx, None, org.id)
    owner = owner_of(person_id, person.no, org.id)
    house = HouseholdIn(name=stall.household, village=stall.village, division_code=stall.division)
    household = await add_household(tx, keys, org.id, house, owner)
    plot = await plots.add(
        tx,
        org.id,
        household.id,
        PlotSaid(
            name=stall.plot,
            village=stall.village,
            division_code=stall.division,
            area_m2=6670,
            altitude_m=stall.altitude_m,
        ),
    )
    packs = []
    for place, goods in enumerate(stall.goods):
        packs.append(
            await _goods(tx, files, stall, goods, owner, org.id, (household.id, plot.id), place)
        )
    return Seeded(stall, org.id, owner, tuple(packs))


async def _goods(
    tx: Tx,
    files: Files,
    stall: Stall,
    goods: Goods,
    owner: Subject,
    org_id: UUID,
    root: tuple[UUID, UUID],
    place: int,
) -> UUID:
    """Weighs in, makes the product, packs boxes from the lot; gives the pack."""
    variety_id = catalog.variety_id(goods.crop, goods.variety)
    slip = await supply.weigh_in(
        tx,
        owner,
        org_id,
        WeighIn(
            household_id=root[0],
            plot_id=root[1],
            variety_id=variety_id,
            grade=goods.grade,
            grams=goods.harvest_g,
            price_fen_per_jin=goods.farm_fen_per_jin,
            floor_fen_per_jin=goods.floor_fen_per_jin,
            harvested_at=clock.now() - timedelta(days=goods.harvested_days_ago),
            certificate=Paper(basis="self_test", commitments=list(COMMITMENTS)),
            agreed=Agreement(by="grower"),
        ),
    )
    photo = await files.put(tx, _bytes(tile(goods.picture, 800, seed=place + 3)), None)
    division = await regions.division(tx, stall.division)
    asked = ProductIn(
        title=goods.title,
        variety_id=variety_id,
        grade=goods.grade,
        description=goods.description,
        origin_code=stall.division,
        origin_names=division.full_name if division else "",
        photos=[photo.hash],
        fresh=True,
        packs=[_pack(goods)],
    )
    product = await catalog.make_product(tx, org_id, asked)
    pack_id = product.packs[0].pack_id
    await supply.pack_lot(tx, owner, org_id, slip.lot_id, pack_id, goods.boxes)
    return pack_id


def _pack(goods: Goods) -> PackIn:
    return PackIn(
        id=None,
        name=goods.pack,
        unit="箱",
        net_g=goods.net_g,
        pieces=goods.pieces,
        price_fen=goods.price_fen,
    )


async def cover_of(tx: Tx, files: Files, stall: Stall) -> str:
    """The session's cover: a still of its film."""
    return (await files.put(tx, _bytes(cover(LOOKS[stall.look])), None)).hash
