"""A shop with stock and a room: what live's tests start from. Facts are brought by `settle`."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from tests import web
from tests.supply.world import product_in, reading
from tiantou.accounts import face as accounts
from tiantou.catalog import face as catalog
from tiantou.catalog import http as catalog_http
from tiantou.catalog.events import ProductChanged
from tiantou.core import delivery
from tiantou.core.db import Database
from tiantou.core.delivery import Reaction
from tiantou.core.files import Files
from tiantou.core.keys import Keys
from tiantou.core.subject import OWNER, Subject
from tiantou.engines.memory_bus import MemoryBus
from tiantou.kit import clock
from tiantou.live import (
    control_http,
    events,
    guests_http,
    home_http,
    on_camera_http,
    reactions,
    rooms_http,
    share_http,
    studio_http,
)
from tiantou.live.ports import Broadcasting
from tiantou.live.talk import Talk
from tiantou.oversight import http as oversight_http
from tiantou.supply import face as supply
from tiantou.supply import plots
from tiantou.supply.events import LotPacked
from tiantou.supply.households import HouseholdIn, add_household
from tiantou.supply.plots import PlotSaid
from tiantou.trade import events as trade_events
from tiantou.trade.reactions import on_lot_packed, on_product_changed

COUNTY = "621123"
GRACE = timedelta(minutes=25)


@dataclass
class Studio:
    """The running site with an owner, an operator, a viewer, and what rooms were sent."""

    site: web.Site
    database: Database
    keys: Keys
    bus: MemoryBus
    files: Files
    org_id: UUID
    who: Subject
    owner: web.Client
    operator: web.Client
    viewer: web.Client
    packs: list[UUID]
    lots: list[UUID]
    sent: list[dict[str, Any]] = field(default_factory=list)

    async def settle(self) -> None:
        """Brings every fact to its reaction until nothing is left."""
        everybody = delivery.consumers(_reactions(self.bus))
        while True:
            found = 0
            for consumer in everybody:
                for source in consumer.sources():
                    found += await delivery.deliver(self.database, consumer, source)
            if not found:
                return

    def plan(self, **more: Any) -> dict[str, Any]:
        """A session as its page would ask for it."""
        return {
            "title": "会川百合,现挖现发",
            "cover": None,
            "starts_at": (clock.now() + timedelta(hours=1)).isoformat(),
            "planned_minutes": 60,
            "host": {"kind": "own", "name": "样例主播", "title": "", "phone": None},
            "slot_fee_fen": 0,
            "commission_permille": 0,
            "venue": "here",
            "shelf": [{"pack_id": str(one)} for one in self.packs],
            **more,
        }

    async def session(self, upto: str = "live", **more: Any) -> dict[str, Any]:
        """A session in `draft`, `announced`, `in_review`, `ready` or `live`."""
        answer = await self.owner.post(f"/api/orgs/{self.org_id}/sessions", json=self.plan(**more))
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        path = f"/api/sessions/{made['id']}"
        steps = [
            ("announced", self.owner, f"{path}/announce"),
            ("in_review", self.owner, f"{path}/submit"),
            ("ready", self.operator, f"/api/desk/review/{made['id']}/approve"),
            ("live", self.owner, f"{path}/go-live"),
        ]
        for state, client, address in steps:
            if made["state"] == upto:
                break
            answer = await client.post(address, json={})
            assert answer.status_code == 200, answer.text
            made = answer.json()
            assert made["state"] == state
        return made


def _reactions(bus: MemoryBus) -> list[Reaction]:
    return [
        Reaction("trade.stock", LotPacked, on_lot_packed),
        Reaction("live.room", events.RoomEvent, partial(reactions.send_to_room, bus=bus)),
        Reaction("live.steps", events.SessionChanged, reactions.on_session_changed),
        Reaction("live.remind", events.Reminded, reactions.on_reminded),
        Reaction("live.edge", trade_events.StockEdge, reactions.on_stock_edge),
        Reaction("live.deal-end", trade_events.OfferClosed, reactions.on_offer_closed),
        Reaction("trade.product", ProductChanged, on_product_changed),
        Reaction("live.guests", ProductChanged, reactions.on_product_changed),
        Reaction("live.price", trade_events.OfferPriceChanged, reactions.on_offer_price_changed),
    ]


async def stock(
    database: Database, keys: Keys, org_id: UUID, who: Subject, name: str = "样品"
) -> tuple[list[UUID], list[UUID]]:
    """Two products of one lot each, packed: the first 5 boxes, the second 40: (packs, lots)."""
    async with database.begin() as tx:
        home = HouseholdIn(name="样例农户", village="本庙村", division_code=COUNTY)
        household = await add_household(tx, keys, org_id, home, who)
        field_ = PlotSaid(
            name="南坡",
            village="本庙村",
            division_code=COUNTY,
            area_m2=2000,
            altitude_m=2300,
        )
        plot = await plots.add(tx, org_id, household.id, field_)
        packs, lots = [], []
        for number, boxes in enumerate((5, 40), 1):
            world = _World(household.id, plot.id)
            slip = await supply.weigh_in(tx, who, org_id, reading(world, 200_000))  # type: ignore[arg-type]
            product = await catalog.make_product(
                tx, org_id, product_in(title=f"{name} {number} 号")
            )
            pack_id = product.packs[0].pack_id
            await supply.pack_lot(tx, who, org_id, slip.lot_id, pack_id, boxes)
            packs.append(pack_id)
            lots.append(slip.lot_id)
    return packs, lots


@dataclass(frozen=True)
class _World:
    household_id: UUID
    plot_id: UUID


@asynccontextmanager
async def open_studio(database: Database, keys: Keys, folder: Path) -> AsyncIterator[Studio]:
    """A site of live's and oversight's routes, an admitted shop with stock, three people."""
    bus = MemoryBus()
    ways = Broadcasting("", "", "", "", "rtmp://x/live", folder, timedelta(days=1126), GRACE)
    engines: dict[type[Any], Any] = {Broadcasting: ways, Talk: Talk(database, bus, keys)}
    routers = (
        catalog_http.routes,
        studio_http.routes,
        guests_http.routes,
        control_http.routes,
        on_camera_http.routes,
        rooms_http.routes,
        home_http.routes,
        share_http.routes,
        oversight_http.routes,
    )
    files = Files(folder / "files")
    async with web.open_web(
        database, keys, *routers, engines=engines, bus=bus, files=files
    ) as site:
        org_id, owner_id = await web.make_org(database)
        async with database.begin() as tx:
            person = await accounts.person(tx, owner_id)
        assert person is not None
        who = Subject(owner_id, person.no, owner_id, ((org_id, OWNER),))
        packs, lots = await stock(database, keys, org_id, who)
        made = Studio(
            site,
            database,
            keys,
            bus,
            files,
            org_id,
            who,
            await site.enter(database, keys, owner_id),
            await site.person(database, keys, operator=True),
            await site.person(database, keys),
            packs,
            lots,
        )

        async def owner_of_rooms(_: str, payload: bytes) -> bytes:
            made.sent.append(json.loads(payload)["ev"])
            return b'{"e":"x","o":1}'

        await bus.subscribe("room.*.ev", owner_of_rooms)
        await made.settle()
        yield made
        await bus.close()
