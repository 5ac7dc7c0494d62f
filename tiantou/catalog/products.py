"""Products and their packs: made, changed, switched on and off."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from tiantou.catalog import products_sql as sql
from tiantou.catalog.events import ProductChanged
from tiantou.catalog.varieties_sql import variety
from tiantou.catalog.views import PackView, ProductView, VarietyView
from tiantou.core.db import Tx
from tiantou.core.outbox import announce
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.kit import clock, ids


class PackIn(Struct, frozen=True, kw_only=True):
    """A pack as asked for; `id` names one in force. `price_fen` a `unit` of `net_g` grams."""

    id: UUID | None
    name: str
    unit: str
    net_g: int
    pieces: int | None
    price_fen: int


class ProductIn(Struct, frozen=True, kw_only=True):
    """A product as asked for. `origin_names` are the words by which its place is searched."""

    title: str
    variety_id: UUID
    grade: str
    description: str
    origin_code: str
    origin_names: str
    photos: list[str]
    fresh: bool
    packs: list[PackIn]


async def make_product(tx: Tx, org_id: UUID, asked: ProductIn) -> ProductView:
    """A new product, on. Raises InvalidFields for an unknown variety or a pack with an id."""
    kind = await _variety(tx, asked.variety_id)
    at, product_id = clock.now(), ids.uuid7()
    for place, pack in enumerate(asked.packs):
        if pack.id is not None:
            raise InvalidFields.one(f"packs.{place}.id", "unknown")
    await sql.add_product(
        tx, id=product_id, org_id=org_id, state="on", made_at=at, **_columns(asked, kind, at)
    )
    for place, pack in enumerate(asked.packs):
        await _add(tx, org_id, product_id, asked, pack, place, at)
    return await _tell(tx, product_id, [], at)


async def change_product(
    tx: Tx, org_id: UUID, product_id: UUID, asked: ProductIn, state: str | None = None
) -> ProductView:
    """The product as asked for; packs left out are retired.

    What is in a box never changes under its id: another variety, grade, unit, net weight or piece
    count retires the pack and makes a new one. Raises NotFound, InvalidFields.
    """
    before = await _own(tx, org_id, product_id)
    kind = await _variety(tx, asked.variety_id)
    at = clock.now()
    known = {pack.pack_id: pack for pack in before.packs}
    stays: set[UUID] = set()
    fresh_ones: list[tuple[int, PackIn]] = []
    for place, pack in enumerate(asked.packs):
        if pack.id is None:
            fresh_ones.append((place, pack))
        elif pack.id not in known or pack.id in stays:
            raise InvalidFields.one(f"packs.{place}.id", "unknown")
        elif _same_box(known[pack.id], asked, pack):
            stays.add(pack.id)
            await sql.change_pack(tx, pack.id, pack.name, pack.price_fen, place)
        else:
            fresh_ones.append((place, pack))
    retired = [pack_id for pack_id in known if pack_id not in stays]
    await sql.retire_packs(tx, retired, at)
    columns = _columns(asked, kind, at)
    await sql.change_product(tx, product_id, state=state or before.state, **columns)
    for place, pack in fresh_ones:
        await _add(tx, org_id, product_id, asked, pack, place, at)
    return await _tell(tx, product_id, retired, at)


async def switch_product(tx: Tx, org_id: UUID, product_id: UUID, state: str) -> ProductView:
    """The product, on or off. Raises NotFound."""
    await _own(tx, org_id, product_id)
    at = clock.now()
    await sql.change_product(tx, product_id, state=state, changed_at=at)
    return await _tell(tx, product_id, [], at)


async def open_to_rooms(
    tx: Tx, org_id: UUID, product_id: UUID, permille: int | None
) -> ProductView:
    """Lets other sellers' rooms show the product for this commission; None takes that back.

    What is on a shelf already keeps the commission it was put there for. Raises NotFound.
    """
    before = await _own(tx, org_id, product_id)
    if before.rooms_permille == permille:
        return before
    at = clock.now()
    await sql.change_product(tx, product_id, rooms_permille=permille, changed_at=at)
    return await _tell(tx, product_id, [], at)


async def _own(tx: Tx, org_id: UUID, product_id: UUID) -> ProductView:
    found = await sql.product(tx, product_id, lock=True)
    if found is None or found.org_id != org_id:
        raise NotFound()
    return found


async def _variety(tx: Tx, variety_id: UUID) -> VarietyView:
    found = await variety(tx, variety_id)
    if found is None:
        raise InvalidFields.one("variety_id", "unknown")
    return found


def _same_box(pack: PackView, asked: ProductIn, pack_in: PackIn) -> bool:
    inside = (pack.variety_id, pack.grade, pack.unit, pack.net_g, pack.pieces)
    return inside == (
        asked.variety_id,
        asked.grade,
        pack_in.unit,
        pack_in.net_g,
        pack_in.pieces,
    )


def _columns(asked: ProductIn, kind: VarietyView, at: datetime) -> dict[str, object]:
    words = (asked.title, kind.crop, kind.name, kind.crop_en, kind.name_en, asked.origin_names)
    return {
        "title": asked.title,
        "variety_id": asked.variety_id,
        "grade": asked.grade,
        "description": asked.description,
        "origin_code": asked.origin_code,
        "photos": asked.photos,
        "fresh": asked.fresh,
        "search": " ".join(words),
        "changed_at": at,
    }


async def _add(
    tx: Tx, org_id: UUID, product_id: UUID, asked: ProductIn, pack: PackIn, place: int, at: datetime
) -> None:
    await sql.add_pack(
        tx,
        id=ids.uuid7(),
        product_id=product_id,
        org_id=org_id,
        variety_id=asked.variety_id,
        grade=asked.grade,
        position=place,
        name=pack.name,
        unit=pack.unit,
        net_g=pack.net_g,
        pieces=pack.pieces,
        price_fen=pack.price_fen,
        made_at=at,
    )


async def _tell(tx: Tx, product_id: UUID, retired: list[UUID], at: datetime) -> ProductView:
    now = await sql.product(tx, product_id)
    assert now is not None
    fact = ProductChanged(
        product_id=product_id,
        org_id=now.org_id,
        state=now.state,
        pack_ids=[pack.pack_id for pack in now.packs],
        retired=retired,
        at=at,
    )
    await announce(tx, fact)
    return now
