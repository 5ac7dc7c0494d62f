"""What a room with two sellers owes: each order is its seller's, each fee as it was granted."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tests import web
from tests.live.studio import stock
from tests.trade.audit import audit
from tests.trade.market import Market, open_market
from tiantou.accounts import face as accounts
from tiantou.catalog import face as catalog
from tiantou.catalog.events import ProductChanged
from tiantou.core.db import Database
from tiantou.core.keys import Keys
from tiantou.core.subject import OWNER, Subject
from tiantou.kit import clock
from tiantou.kit.money import permille
from tiantou.live import reactions, sessions, sessions_sql, wire
from tiantou.live.ports import Broadcasting
from tiantou.live.tables import SessionRow
from tiantou.trade import face as trade
from tiantou.trade.views import OfferView

HOST_PERMILLE, GRANTED_PERMILLE = 150, 80


@pytest.fixture
async def market(database: Database, dsn: str, keys: Keys, tmp_path: Path) -> AsyncIterator[Market]:
    """A co-operative that can sell, and everybody that it takes."""
    async with open_market(database, dsn, keys, tmp_path) as made:
        yield made


async def _room(market: Market, kind: str, folder: Path) -> tuple[SessionRow, list[UUID]]:
    """Another seller's session on air, with a pack of its own and the market's: and its packs."""
    org_id, owner_id = await web.make_org(market.database, number=7, name="开播的合作社")
    async with market.database.begin() as tx:
        person = await accounts.person(tx, owner_id)
    assert person is not None
    who = Subject(owner_id, person.no, owner_id, ((org_id, OWNER),))
    packs, _ = await stock(market.database, market.keys, org_id, who)
    await market.pump()
    keep, grace = timedelta(days=1126), timedelta(minutes=10)
    ways = Broadcasting("", "", "", "", "rtmp://x/live", folder, keep, grace, review_at_once=True)
    asked = wire.SessionIn.model_validate(
        {
            "title": "两家的货",
            "starts_at": clock.now() + timedelta(hours=1),
            "planned_minutes": 60,
            "host": {"kind": kind, "name": "样例主播"},
            "commission_permille": HOST_PERMILLE if kind == "professional" else 0,
            "shelf": [{"pack_id": packs[1]}, {"pack_id": market.world.pack_id}],
        }
    )
    async with market.database.begin() as tx:
        row = await sessions.plan(tx, market.keys, who, org_id, asked)
        for act in ("announce", "submit"):
            await sessions.act(tx, who, row.id, act, ways)
        await sessions.go_live(tx, who, row.id, ways, writable=True)
    return row, packs


async def _open(market: Market, granted: int | None) -> None:
    async with market.database.begin() as tx:
        product_id = market.world.product.id
        await catalog.open_to_rooms(tx, market.shop, product_id, granted)


async def _sell(market: Market, offer: OfferView, units: int, origin: str) -> int:
    """An order in the room, from tap to confirmed; gives its seller's sum of fees after it."""
    buyer = await market.buyer()
    seller = await market.site.member(market.database, market.keys, offer.shop_id, "owner")
    placed = await market.paid_order(buyer, offer, units, origin=origin)
    assert (await market.mine(buyer, placed))["origin"] == origin
    path = f"/api/orgs/{offer.shop_id}/orders/{placed['order_id']}"
    for act, body in (
        ("start-packing", {}),
        ("pack", {"picks": None}),
        ("ship", {"carrier": "自送", "waybill": ""}),
        ("delivered", {}),
    ):
        answer = await seller.post(f"{path}/{act}", json=body)
        assert answer.status_code == 200, answer.text
    await market.pump()
    await buyer.post(f"/api/me/orders/{offer.shop_id}/{placed['order_id']}/confirm", json={})
    money = (await seller.get(f"/api/orgs/{offer.shop_id}/money")).json()
    assert money["balanced"]
    return int(money["fee_fen"])


async def test_each_seller_owes_what_it_granted_and_no_more(market: Market, tmp_path: Path) -> None:
    guests = await market.stock(10)
    await _open(market, GRANTED_PERMILLE)
    row, packs = await _room(market, "professional", tmp_path)
    origin = f"live:{row.id}"
    async with market.database.begin() as tx:
        found = await trade.offers_of_packs(tx, row.org_id, packs)
    own = next(one for one in found if one.pack_id == packs[1])
    assert await _sell(market, own, 1, origin) == permille(own.price_fen, HOST_PERMILLE)
    first = permille(guests.price_fen * 2, GRANTED_PERMILLE)
    assert await _sell(market, guests, 2, origin) == first
    # the seller now grants more, to other rooms: here what it agreed to holds
    await _open(market, 400)
    second = first + permille(guests.price_fen, GRANTED_PERMILLE)
    assert await _sell(market, guests, 1, origin) == second
    # an order that is placed after the consent was taken back owes nothing
    await _open(market, None)
    async with market.database.begin() as tx:
        fact = ProductChanged(
            product_id=market.world.product.id,
            org_id=market.shop,
            state="on",
            pack_ids=[market.world.pack_id],
            retired=[],
            at=clock.now(),
        )
        await reactions.on_product_changed(tx, fact)
    assert await _sell(market, guests, 1, origin) == second
    async with market.database.begin() as tx:
        items = await sessions_sql.items(tx, [row.id])
        assert [one.state for one in items] == ["queued", "withdrawn"]
        theirs = await trade.sales_of_shop(tx, market.shop, [origin, "live:none"])
        everybody = await trade.sales_of(tx, origin)
    assert (theirs[origin].paid_orders, theirs[origin].units) == (3, 4)
    assert theirs[origin].paid_fen == guests.price_fen * 4
    assert (everybody.paid_orders, everybody.paid_fen) == (
        4,
        own.price_fen + guests.price_fen * 4,
    )
    assert await audit(market.database) == {}


async def test_a_public_service_room_owes_no_seller_s_fee(market: Market, tmp_path: Path) -> None:
    guests = await market.stock(10)
    await _open(market, GRANTED_PERMILLE)
    row, _ = await _room(market, "public_service", tmp_path)
    assert await _sell(market, guests, 2, f"live:{row.id}") == 0
    assert await audit(market.database) == {}
