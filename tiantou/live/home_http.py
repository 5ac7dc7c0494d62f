"""The home page, search and shops, for everybody."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from tiantou.accounts import face as accounts
from tiantou.accounts.face import Seller
from tiantou.catalog import face as catalog
from tiantou.core.http import InTx, MaybeCaller, problems, router
from tiantou.core.problems import NotFound
from tiantou.kit import clock, text
from tiantou.live import sessions_sql, views, wire
from tiantou.live.lifecycle import ON_AIR, PLANNED
from tiantou.regions import face as regions
from tiantou.regions.face import Division

routes: APIRouter = router("home")

ROOMS, PRODUCTS = 40, 24
WORDS_CHARS_MAX = 40


class Season(BaseModel):
    """A variety that is harvested now, with what is sold of it."""

    variety: str
    variety_en: str
    crop: str
    crop_en: str
    months: list[int]
    products: list[wire.ProductCard]


class Home(BaseModel):
    """What is on air, what is announced, replays, and what is in season."""

    on_air: list[wire.RoomCard]
    announced: list[wire.RoomCard]
    replays: list[wire.RoomCard]
    season: list[Season]


class Found(BaseModel):
    """What fits the words."""

    rooms: list[wire.RoomCard]
    products: list[wire.ProductCard]
    shops: list[wire.RoomShop]
    divisions: list[Division]


class Shop(BaseModel):
    """A shop's public page."""

    seller: Seller
    kind: str
    division: Division
    products: list[wire.ProductCard]
    rooms: list[wire.RoomCard]


@routes.get("/api/home")
async def home(tx: InTx, caller: MaybeCaller) -> Home:
    """The home page."""
    person_id = caller.person_id if caller else None
    on_air = await sessions_sql.in_states(tx, sorted(ON_AIR), ROOMS, late_first=True)
    announced = await sessions_sql.in_states(tx, sorted(PLANNED), ROOMS)
    replays = await sessions_sql.in_states(tx, ["replay_public"], ROOMS, late_first=True)
    rows = [row for row in (*on_air, *announced, *replays) if row.venue != "elsewhere"]
    cards = {card.session_id: card for card in await views.cards(tx, rows, person_id)}
    return Home(
        on_air=[cards[row.id] for row in on_air if row.id in cards],
        announced=[cards[row.id] for row in announced if row.id in cards],
        replays=[cards[row.id] for row in replays if row.id in cards],
        season=await _season(tx),
    )


async def _season(tx: InTx) -> list[Season]:
    products = await catalog.in_season(tx, clock.now().month, PRODUCTS)
    by_variety: dict[UUID, list[catalog.ProductView]] = {}
    for product in products:
        by_variety.setdefault(product.variety.id, []).append(product)
    made = {card.id: card for card in await views.product_cards(tx, products)}
    seasons = []
    for some in by_variety.values():
        cards = [made[one.id] for one in some if one.id in made]
        variety = some[0].variety
        if cards:
            seasons.append(
                Season(
                    variety=variety.name,
                    variety_en=variety.name_en,
                    crop=variety.crop,
                    crop_en=variety.crop_en,
                    months=variety.months,
                    products=cards,
                )
            )
    return seasons


@routes.get("/api/search")
async def search(
    tx: InTx,
    caller: MaybeCaller,
    q: Annotated[str, Query(min_length=1, max_length=WORDS_CHARS_MAX)],
) -> Found:
    """Rooms, products, shops and counties that fit the words."""
    words = text.clean(q)
    if not words:
        return Found(rooms=[], products=[], shops=[], divisions=[])
    rooms = await sessions_sql.find(tx, words, 20)
    products = await catalog.find_products(tx, words, PRODUCTS)
    shops = await accounts.search(tx, words, 20)
    places = await regions.search(tx, words)
    person_id = caller.person_id if caller else None
    return Found(
        rooms=await views.cards(tx, rooms, person_id),
        products=await views.product_cards(tx, products),
        shops=[views.shop_of(shop) for shop in shops],
        divisions=[Division.model_validate(place) for place in places],
    )


@routes.get("/api/shops/{org_id}", responses=problems(NotFound))
async def shop(org_id: UUID, tx: InTx, caller: MaybeCaller) -> Shop:
    """A shop: its identity, its goods, its rooms."""
    org = await accounts.org(tx, org_id)
    if org is None or org.state != "admitted":
        raise NotFound()
    products = await catalog.products_of(tx, org_id, 60, state="on")
    rooms = await sessions_sql.public_of(tx, org_id, ROOMS)
    return Shop(
        seller=Seller.of(org),
        kind=org.kind,
        division=Division.model_validate(org.division),
        products=await views.product_cards(tx, products),
        rooms=await views.cards(tx, rooms, caller.person_id if caller else None),
    )
