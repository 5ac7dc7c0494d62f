"""A co-operative that sells, its buyers, the sandbox provider, and a worker to pump: all real.

The API listens on a port of its own, because the provider calls back over HTTP.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import uvicorn
from sqlalchemy import text

from tests.supply.world import World, make_world, weigh
from tests.web import Client, Site, open_web, until
from tiantou.accounts.events import OrgAdmitted, OrgApplied
from tiantou.accounts.session_http import SessionMiddleware
from tiantou.catalog.events import ProductChanged
from tiantou.core import timers
from tiantou.core.db import Database
from tiantou.core.delivery import Reaction, consumers, deliver, retry
from tiantou.core.files import Files
from tiantou.core.hot_http import Hot
from tiantou.core.http_guard import Guard
from tiantou.core.keys import Keys
from tiantou.engines.pay_sandbox import PaySandbox
from tiantou.engines.pay_sandbox_page import SandboxPage
from tiantou.kit import clock
from tiantou.logistics import transit_http
from tiantou.logistics.events import ParcelDelivered, ParcelHandedOver, ParcelTroubled
from tiantou.supply import face as supply
from tiantou.supply.events import BoxesRestored, BoxesWithdrawn, LotPacked
from tiantou.trade import (
    baskets_http,
    capacity_http,
    deadlines,
    disruptions_http,
    errands,
    events,
    http,
    imports_http,
    money_http,
    orders_http,
    parcels_http,
    payments_http,
    presales_http,
    reactions,
    reconcile_http,
    seller_http,
    waiting,
    waiting_http,
)
from tiantou.trade import face as trade
from tiantou.trade.admission_sql import open_admission
from tiantou.trade.bench import bench_http
from tiantou.trade.checkout import Checkout
from tiantou.trade.deals import coupons_http
from tiantou.trade.deals.claiming import Claims
from tiantou.trade.lanes import Lanes
from tiantou.trade.ports import Gateways, PaymentGateway
from tiantou.trade.views import OfferView

ROUTERS = (
    transit_http.routes,
    http.routes,
    baskets_http.routes,
    capacity_http.routes,
    waiting_http.routes,
    coupons_http.routes,
    coupons_http.claim_routes,
    disruptions_http.routes,
    payments_http.routes,
    seller_http.routes,
    parcels_http.routes,
    imports_http.routes,
    bench_http.routes,
    bench_http.scan_routes,
    presales_http.routes,
    money_http.routes,
    reconcile_http.routes,
)
DUE = {"core.timer": "due_at", "trade.payment": "ask_at", "trade.refund": "ask_at"}
TO = {
    "recipient": "王小明",
    "phone": "13800138000",
    "division_code": "421182",
    "detail": "人民路 1 号 3 栋 502",
}


def bound() -> list[Reaction]:
    """Trade's reactions as wiring binds them."""
    tell = [
        Reaction(f"trade.tell-{fact.kind().removeprefix('trade.')}", fact, reactions.tell_buyer)
        for fact in (
            events.OrderShipped,
            events.OrderDelivered,
            events.OrderRefunded,
            events.OrderExpired,
            events.LateMoneyReturned,
        )
    ]
    return [
        Reaction("trade.lot-packed", LotPacked, reactions.on_lot_packed),
        Reaction("trade.withdrawn", BoxesWithdrawn, reactions.on_boxes_withdrawn),
        Reaction("trade.restored", BoxesRestored, reactions.on_boxes_restored),
        Reaction("trade.seller-admitted", OrgAdmitted, reactions.on_seller_changed),
        Reaction("trade.seller-applied", OrgApplied, reactions.on_seller_changed),
        Reaction("trade.product-changed", ProductChanged, reactions.on_product_changed),
        Reaction("trade.packed", events.OrderPacked, reactions.on_order_packed),
        Reaction("trade.handed-over", ParcelHandedOver, reactions.on_parcel_handed_over),
        Reaction("trade.parcel-delivered", ParcelDelivered, reactions.on_parcel_delivered),
        Reaction("trade.parcel-troubled", ParcelTroubled, reactions.on_parcel_troubled),
        Reaction("trade.waiting-offered", events.WaitingOffered, waiting.tell),
        Reaction("trade.waiting-ended", events.WaitingEnded, waiting.tell),
        Reaction("trade.promises-moved", events.PromisesMoved, reactions.on_promises_moved),
        *tell,
    ]


async def pump(database: Database, gateways: Gateways) -> None:
    """A worker's round: facts and errands until there are none."""
    some = bound()
    (consumer,) = consumers(some)
    by_name = {one.name: one for one in some}
    for _ in range(20):
        seen = [await deliver(database, consumer, src) for src in consumer.sources()]
        seen.append(await retry(database, by_name))
        seen.append(await errands.run(database, gateways))
        if not any(seen):
            return


@dataclass
class Market:
    """What tests work with."""

    database: Database
    keys: Keys
    site: Site
    world: World
    sandbox: PaySandbox
    url: str
    home: Path
    others: tuple[PaymentGateway, ...] = ()

    def take(self, *others: PaymentGateway) -> None:
        """More providers can be paid here, and come first."""
        self.others = others
        self.site.api.state.engines[Gateways] = Gateways((*others, self.sandbox))

    @property
    def gateways(self) -> Gateways:
        """The providers of this market."""
        return Gateways((self.sandbox, *self.others))

    @property
    def shop(self) -> UUID:
        """The seller."""
        return self.world.org_id

    async def pump(self) -> None:
        """The worker's round: facts and errands until there are none."""
        await pump(self.database, self.gateways)

    async def pass_time(self, **span: float) -> None:
        """Every timer and errand of trade that is due within the span is due now."""
        now = clock.now()
        async with self.database.begin() as tx:
            for table, due in DUE.items():
                await tx.execute(
                    text(f"update {table} set {due} = :now where {due} <= :until"),
                    {"now": now, "until": now + timedelta(**span)},
                )
        await timers.run_due(self.database, deadlines.HANDLERS)
        await self.pump()

    async def stock(self, boxes: int = 10) -> OfferView:
        """A weigh-in, packed into boxes: stock and a standing offer."""
        slip = await weigh(self.database, self.world, boxes * 2500)
        async with self.database.begin() as tx:
            await supply.pack_lot(
                tx, self.world.who, self.shop, slip.lot_id, self.world.pack_id, boxes
            )
        await self.pump()
        return await self.standing()

    async def standing(self) -> OfferView:
        """The standing offer of the pack."""
        async with self.database.begin() as tx:
            found = await trade.offers_of_packs(tx, self.shop, [self.world.pack_id])
        return found[0]

    async def buyer(self) -> Client:
        """Somebody new, signed in."""
        return await self.site.person(self.database, self.keys)

    async def seller(self, role: str = "owner") -> Client:
        """Somebody of the co-operative, signed in."""
        return await self.site.member(self.database, self.keys, self.shop, role)

    async def order(
        self, buyer: Client, offer: OfferView, units: int = 1, **more: Any
    ) -> httpx.Response:
        """A buyer's request, as the page sends it."""
        headers = more.pop("headers", None)
        body = {
            "shop_id": str(offer.shop_id),
            "offer_id": str(offer.id),
            "units": units,
            "price_fen": offer.price_fen,
            "snapshot": offer.snapshot,
            "origin": "shop",
            "address_id": None,
            "recipient": TO,
            "note": "",
            **more,
        }
        return await buyer.post("/api/orders", json=body, headers=headers)

    async def begin_payment(self, buyer: Client, placed: dict[str, Any]) -> UUID:
        """A payment of an order, begun."""
        answer = await buyer.post(
            f"/api/orders/{placed['shop_id']}/{placed['order_id']}/pay",
            json={"return_to": "/me/orders"},
        )
        assert answer.status_code == 200, answer.text
        return UUID(answer.json()["payment_id"])

    async def paid_order(
        self, buyer: Client, offer: OfferView, units: int = 1, refunds: str = "done", **more: Any
    ) -> dict[str, Any]:
        """An order, placed and paid on the sandbox's page."""
        placed: dict[str, Any] = (await self.order(buyer, offer, units, **more)).json()
        payment_id = await self.begin_payment(buyer, placed)
        await self.sandbox.choose(payment_id, "paid", refunds)
        await self.pump()
        return placed

    async def deliver_and_refund(self, seller: Client, placed: dict[str, Any]) -> None:
        """A paid order is packed, sent and delivered; 9.80 yuan of it go back."""
        path = f"/api/orgs/{self.shop}/orders/{placed['order_id']}"
        for act, body in (
            ("start-packing", {}),
            ("pack", {"picks": None}),
            ("ship", {"carrier": "自送", "waybill": ""}),
            ("delivered", {}),
            ("refund", {"amount_fen": 980, "reason": "坏果两个"}),
        ):
            assert (await seller.post(f"{path}/{act}", json=body)).status_code == 200
        await self.pump()

    async def mine(self, buyer: Client, placed: dict[str, Any]) -> dict[str, Any]:
        """The order as its buyer sees it."""
        path = f"/api/me/orders/{placed['shop_id']}/{placed['order_id']}"
        found: dict[str, Any] = (await buyer.get(path)).json()
        return found


@asynccontextmanager
async def open_market(
    database: Database, dsn: str, keys: Keys, home: Path
) -> AsyncIterator[Market]:
    """A market with one co-operative and nothing in stock."""
    world = await make_world(database)
    engines: dict[type[Any], Any] = {Claims: Claims(database)}
    checkout = Checkout(database, keys, Lanes(await open_admission(dsn)))
    files = Files(home / "files")
    async with open_web(
        database,
        keys,
        *ROUTERS,
        engines=engines,
        hot=orders_http.hot,
        checkout=checkout,
        files=files,
    ) as site:
        outer = Guard(
            SessionMiddleware(Hot(site.api, orders_http.hot(site.api.state)), keys, site.revoked),
            ["127.0.0.1"],
            [],
            callbacks=[payments_http.CALLBACKS],
        )
        server = uvicorn.Server(
            uvicorn.Config(outer, host="127.0.0.1", port=0, log_level="error", lifespan="off")
        )
        task = asyncio.create_task(server.serve())
        await until(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        sandbox = PaySandbox(keys, home / "pay", f"{url}/api/payments/sandbox/callback")
        site.api.state.engines[Gateways] = Gateways((sandbox,))
        site.api.mount("/sandbox/pay", SandboxPage(sandbox))
        try:
            yield Market(database, keys, site, world, sandbox, url, home)
        finally:
            server.should_exit = True
            await task
            await checkout.close()
