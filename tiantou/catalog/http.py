"""Routes of catalog: varieties, a shop's products, a product as everybody sees it."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from tiantou.accounts import face as accounts
from tiantou.accounts.face import Seller
from tiantou.catalog import products, products_sql, varieties_sql
from tiantou.catalog.products import PackIn, ProductIn
from tiantou.catalog.views import ProductView
from tiantou.catalog.wire import Product, Variety
from tiantou.core import audit
from tiantou.core.db import Tx
from tiantou.core.fields import CLEAN, CLEAN_LINES, DIVISION_CODE, PICTURE_HASH, id_in
from tiantou.core.files import Files
from tiantou.core.http import Caller, Cursor, InTx, Limit, MaybeCaller, WithFiles, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired
from tiantou.core.subject import MANAGER, Subject
from tiantou.kit import paging
from tiantou.regions import face as regions

routes = router("catalog")

PACK_G_MAX, PRICE_FEN_MAX, PIECES_MAX = 1_000_000, 10_000_000, 10_000
COMMISSION_PERMILLE_MAX = 500
_MINE = problems(SignInRequired, NotAllowed, NotFound, InvalidFields)

Title = Annotated[str, Field(min_length=2, max_length=60), CLEAN]
Grade = Annotated[str, Field(min_length=1, max_length=20), CLEAN]
Text = Annotated[str, Field(max_length=2000), CLEAN_LINES]
Photos = Annotated[list[PICTURE_HASH], Field(min_length=1, max_length=9)]


class PackAsked(BaseModel):
    """A pack; `id` names one in force, none makes a new one."""

    id: UUID | None = None
    name: Annotated[str, Field(min_length=1, max_length=20), CLEAN]
    unit: Annotated[str, Field(min_length=1, max_length=4), CLEAN]
    net_g: int = Field(ge=1, le=PACK_G_MAX)
    pieces: Annotated[int, Field(ge=1, le=PIECES_MAX)] | None = None
    price_fen: int = Field(ge=1, le=PRICE_FEN_MAX)


Packs = Annotated[list[PackAsked], Field(min_length=1, max_length=6)]


class ProductAsked(BaseModel):
    """A new product."""

    title: Title
    variety_id: UUID
    grade: Grade
    description: Text = ""
    origin_division_code: DIVISION_CODE
    photos: Photos
    fresh: bool
    packs: Packs


class ProductChange(BaseModel):
    """What is to change; fields left out stay. Packs left out of `packs` are retired."""

    title: Title | None = None
    variety_id: UUID | None = None
    grade: Grade | None = None
    description: Text | None = None
    origin_division_code: DIVISION_CODE | None = None
    photos: Photos | None = None
    fresh: bool | None = None
    packs: Packs | None = None
    state: Literal["on", "off"] | None = None


class Varieties(BaseModel):
    """Varieties, all that fit."""

    items: list[Variety]
    next: str | None = None


class OwnProduct(Product):
    """A product to its shop. `rooms_permille`: other sellers' rooms may show it for so much."""

    rooms_permille: int | None


class OpenIn(BaseModel):
    """The commission that another seller's room gets, in thousandths of what is paid for goods."""

    commission_permille: int = Field(ge=0, le=COMMISSION_PERMILLE_MAX)


class Products(BaseModel):
    """A page of products."""

    items: list[OwnProduct]
    next: str | None


class ProductShown(Product):
    """A product as everybody sees it, with who sells it."""

    seller: Seller


@routes.get("/api/varieties", responses=problems(InvalidFields))
async def varieties(tx: InTx, q: Annotated[str, Query(max_length=40), CLEAN] = "") -> Varieties:
    """Varieties whose crop or name holds `q`; all without it."""
    found = await varieties_sql.find_varieties(tx, q)
    return Varieties(items=[Variety.model_validate(one) for one in found])


@routes.get("/api/orgs/{org}/products", responses=_MINE)
async def list_products(
    org: UUID, tx: InTx, caller: Caller, cursor: Cursor = None, limit: Limit = paging.LIMIT_DEFAULT
) -> Products:
    """A shop's products, on and off, newest first."""
    caller.must(org)
    found = await products_sql.products_of(tx, org, limit + 1, id_in(cursor))
    more = paging.pack(str(found[limit - 1].id)) if len(found) > limit else None
    return Products(items=await _shown(tx, found[:limit]), next=more)


@routes.post("/api/orgs/{org}/products", status_code=201, responses=_MINE)
async def make_product(
    org: UUID, asked: ProductAsked, tx: InTx, caller: Caller, store: WithFiles
) -> OwnProduct:
    """A new product, on."""
    caller.must(org, MANAGER)
    made = await products.make_product(tx, org, await _checked(tx, store, asked))
    return (await _shown(tx, [made]))[0]


@routes.get("/api/orgs/{org}/products/{product_id}", responses=_MINE)
async def get_product(org: UUID, product_id: UUID, tx: InTx, caller: Caller) -> OwnProduct:
    """A product of a shop, on or off."""
    caller.must(org)
    return (await _shown(tx, [await _own(tx, org, product_id)]))[0]


@routes.patch("/api/orgs/{org}/products/{product_id}", responses=_MINE)
async def change_product(
    org: UUID, product_id: UUID, asked: ProductChange, tx: InTx, caller: Caller, store: WithFiles
) -> OwnProduct:
    """Changes a product; another grade, variety, unit, weight or piece count makes new packs."""
    caller.must(org, MANAGER)
    whole = _merged(await _own(tx, org, product_id, lock=True), asked)
    made = await products.change_product(
        tx, org, product_id, await _checked(tx, store, whole), asked.state
    )
    return (await _shown(tx, [made]))[0]


@routes.put("/api/orgs/{org}/products/{product_id}/rooms", responses=_MINE)
async def open_to_rooms(
    org: UUID, product_id: UUID, asked: OpenIn, tx: InTx, caller: Caller
) -> OwnProduct:
    """Lets other sellers' rooms show the product for this commission, from now on."""
    return await _opened(tx, caller, org, product_id, asked.commission_permille)


@routes.delete("/api/orgs/{org}/products/{product_id}/rooms", responses=_MINE)
async def close_to_rooms(org: UUID, product_id: UUID, tx: InTx, caller: Caller) -> OwnProduct:
    """Takes that back: other sellers' rooms take the product off their shelves."""
    return await _opened(tx, caller, org, product_id, None)


async def _opened(
    tx: Tx, caller: Subject, org: UUID, product_id: UUID, permille: int | None
) -> OwnProduct:
    caller.must(org, MANAGER)
    before = (await _own(tx, org, product_id, lock=True)).rooms_permille
    made = await products.open_to_rooms(tx, org, product_id, permille)
    old, new = ({"rooms_permille": one} for one in (before, permille))
    await audit.write(tx, caller, "catalog.rooms", f"product:{product_id}", old, new)
    return (await _shown(tx, [made]))[0]


@routes.get("/api/products/{product_id}", responses=problems(NotFound, InvalidFields))
async def show_product(product_id: UUID, tx: InTx, caller: MaybeCaller) -> ProductShown:
    """A product as everybody sees it; off, or of a shop not admitted, its shop alone sees it."""
    found = await products_sql.product(tx, product_id)
    if found is None:
        raise NotFound()
    mine = caller is not None and bool(caller.roles_in(found.org_id))
    seller = await accounts.org(tx, found.org_id)
    public = seller is not None and (found.state, seller.state) == ("on", "admitted")
    if seller is None or not (public or mine):
        raise NotFound()
    shown = (await _shown(tx, [found]))[0]
    return ProductShown(**shown.model_dump(exclude={"rooms_permille"}), seller=Seller.of(seller))


async def _own(tx: Tx, org: UUID, product_id: UUID, lock: bool = False) -> ProductView:
    found = await products_sql.product(tx, product_id, lock)
    if found is None or found.org_id != org:
        raise NotFound()
    return found


async def _shown(tx: Tx, found: list[ProductView]) -> list[OwnProduct]:
    places = await regions.named(tx, {one.origin_code for one in found})
    return [
        OwnProduct(
            **Product.of(one, places[one.origin_code]).model_dump(),
            rooms_permille=one.rooms_permille,
        )
        for one in found
    ]


def _merged(before: ProductView, change: ProductChange) -> ProductAsked:
    """The whole product that a change asks for."""
    whole: dict[str, object] = {
        "title": before.title,
        "variety_id": before.variety.id,
        "grade": before.grade,
        "description": before.description,
        "origin_division_code": before.origin_code,
        "photos": before.photos,
        "fresh": before.fresh,
        "packs": [
            {
                "id": pack.pack_id,
                "name": pack.name,
                "unit": pack.unit,
                "net_g": pack.net_g,
                "pieces": pack.pieces,
                "price_fen": pack.price_fen,
            }
            for pack in before.packs
        ],
    }
    new = change.model_dump(exclude={"state"}, exclude_none=True)
    return ProductAsked.model_validate(whole | new)


async def _checked(tx: Tx, store: Files, asked: ProductAsked) -> ProductIn:
    """The product for the use case. Raises InvalidFields for an unknown place or picture."""
    place = await regions.division(tx, asked.origin_division_code)
    if place is None:
        raise InvalidFields.one("origin_division_code", "unknown")
    photos = list(dict.fromkeys(asked.photos))
    if not await store.known(tx, *photos):
        raise InvalidFields.one("photos", "unknown")
    return ProductIn(
        title=asked.title,
        variety_id=asked.variety_id,
        grade=asked.grade,
        description=asked.description,
        origin_code=asked.origin_division_code,
        origin_names=place.full_name,
        photos=photos,
        fresh=asked.fresh,
        packs=[PackIn(**pack.model_dump()) for pack in asked.packs],
    )
