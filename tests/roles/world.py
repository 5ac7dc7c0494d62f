"""Two shops, and one person of each kind; everything that a path may name exists in the first.

It is made through the routes themselves, as a day of the shop would make it.
"""

import io
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from PIL import Image
from sqlalchemy import text

from tests import web
from tests.roles.house import House
from tests.trade.market import TO
from tiantou.accounts import people_sql
from tiantou.catalog.face import variety_id
from tiantou.core.keys import Keys
from tiantou.core.subject import ROLES
from tiantou.engines.pay_sandbox import HEADER
from tiantou.kit import clock, ids

COUNTY = web.WEIYUAN
# in the order of the table's columns; `other_shop` owns the second shop,
# `guest_host` hosts the first shop's sessions without being of it
PEOPLE = ("nobody", "viewer", "other_shop", *ROLES, "guest_host", "operator")
ORDERS = ("pending", "paid", "packing", "packed", "shipped", "delivered")
REASON = {"reason": "样例理由"}
FLASH = {"price_fen": 2500, "units": 5, "per_buyer": 1, "minutes": 60}
CALLBACK = "/api/payments/sandbox/callback"


@dataclass
class World:
    """Who there is (tokens of sessions), and the names of things for paths and bodies."""

    house: House
    clients: dict[str, web.Client]
    things: dict[str, Any] = field(default_factory=dict)

    def token(self, who: str) -> str | None:
        """The session of a kind of person; None for nobody."""
        return self.clients[who].cookies.get("tt") if who in self.clients else None

    async def post(self, who: str, path: str, body: Any = None, method: str = "POST") -> Any:
        """Something that must succeed; its answer."""
        answer = await self.clients[who].request(method, path, json={} if body is None else body)
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None


async def make_world(house: House, keys: Keys) -> World:
    """The whole world, committed."""
    database, site = house.database, house.site
    org, owner = await web.make_org(database)
    other, stranger = await web.make_org(database, number=2, name="另一家合作社")
    waiting, _ = await web.make_org(database, number=3, name="待审的合作社", admitted=False)
    clients = {
        "viewer": await site.person(database, keys),
        "other_shop": await site.enter(database, keys, stranger),
        "owner": await site.enter(database, keys, owner),
        "guest_host": await site.person(database, keys),
        "operator": await site.person(database, keys, operator=True),
    }
    for role in ROLES[1:]:
        clients[role] = await site.member(database, keys, org, role)
    world = World(house, clients)
    world.things |= {"org": str(org), "other": str(other), "waiting": str(waiting)}
    await _goods(world)
    await _sessions(world)
    await _orders(world)
    await _scans(world)
    await _own_things(world, keys)
    await _trouble(world)
    await house.settle()
    return world


async def _goods(world: World) -> None:
    things, post = world.things, world.post
    picture = io.BytesIO()
    Image.new("RGB", (64, 64), (200, 120, 20)).save(picture, "PNG")
    things["picture_bytes"] = picture.getvalue()
    answer = await world.clients["owner"].post("/api/files", content=things["picture_bytes"])
    things["picture"] = answer.json()["hash"]
    org = f"/api/orgs/{things['org']}"
    home = {"name": "样例农户", "village": "本庙村", "division_code": COUNTY}
    things["household"] = (await post("owner", f"{org}/households", home))["id"]
    plot = {
        "household_id": things["household"],
        "name": "南坡",
        "village": "本庙村",
        "division_code": COUNTY,
        "area_m2": 2000,
    }
    things["plot"] = (await post("owner", f"{org}/plots", plot))["id"]
    things["variety"] = str(variety_id("橙", "纽荷尔脐橙"))
    things["product_body"] = product_body(things)
    product = await post("owner", f"{org}/products", things["product_body"])
    things["product"], things["packs"] = product["id"], [one["id"] for one in product["packs"]]
    things["pack"] = things["packs"][0]
    things["slip_body"] = slip_body(things)
    for name in ("slip", "slip_unused", "slip_disputed"):
        slip = await post("owner", f"{org}/slips", things["slip_body"])
        things[name] = slip["id"]
        things.setdefault("lot", slip["lot"]["id"])
    await post("owner", f"{org}/slips/{things['slip_disputed']}/dispute", REASON)
    for pack, boxes in zip(things["packs"], (90, 10, 10), strict=True):
        packed = {"pack_id": pack, "boxes": boxes}
        run = await post("owner", f"{org}/lots/{things['lot']}/pack", packed)
        things.setdefault("packed_lot", run["packed_lot_id"])
    await world.house.settle()


def product_body(things: dict[str, Any]) -> dict[str, Any]:
    """A product as its page asks for it."""
    pack = {"unit": "箱", "net_g": 2500, "pieces": 10, "price_fen": 2990}
    return {
        "title": "样品脐橙",
        "variety_id": things["variety"],
        "grade": "一级",
        "origin_division_code": COUNTY,
        "photos": [things["picture"]],
        "fresh": True,
        "packs": [{"name": f"5 斤装 {number}", **pack} for number in (1, 2, 3)],
    }


def slip_body(things: dict[str, Any]) -> dict[str, Any]:
    """A weigh-in of 400 kg, agreed by the grower."""
    return {
        "household_id": things["household"],
        "plot_id": things["plot"],
        "variety_id": things["variety"],
        "grade": "一级",
        "grams": 400_000,
        "price_fen_per_jin": 250,
        "floor_fen_per_jin": 180,
        "harvested_at": (clock.now() - timedelta(hours=5)).isoformat(),
        "certificate": {"basis": "self_test", "commitments": ["truthful"]},
        "agreed": {"by": "grower"},
    }


def plan(things: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A session as its page asks for it."""
    return {
        "title": "脐橙现摘现发",
        "starts_at": (clock.now() + timedelta(hours=1)).isoformat(),
        "planned_minutes": 60,
        "host": {"kind": "own", "name": "样例主播"},
        "shelf": [{"pack_id": one} for one in things["packs"]],
        **more,
    }


async def _sessions(world: World) -> None:
    """One session in each state that a step starts from; `session` is on air and pinned."""
    things, post = world.things, world.post
    steps = ("announce", "submit", "approve", "go-live", "suspend")
    states = ("draft", "announced", "in_review", "ready", "session", "suspended")
    for done, name in enumerate(states):
        made = await post("owner", f"/api/orgs/{things['org']}/sessions", plan(things))
        things[name] = made["id"]
        for step in steps[:done]:
            await _step(world, made["id"], step)
    await _guests(world)
    room, control = f"/api/rooms/{things['session']}", f"/api/sessions/{things['session']}"
    shown = await post("owner", control, method="GET")
    things["offer"] = shown["shelf"][0]["offer"]
    things["offer_id"] = things["offer"]["id"]
    things["item"], things["item_flash"], things["item_off"] = [one["id"] for one in shown["shelf"]]
    await post("owner", f"{control}/pin", {"item_id": things["item"]})
    await post("owner", f"{control}/items/{things['item_flash']}/flash", FLASH)
    await post("owner", f"{control}/items/{things['item_off']}/withdraw")
    await post("viewer", f"/api/rooms/{things['announced']}/reserve")
    things["question"] = (await post("viewer", f"{room}/questions", {"text": "甜吗?"}))["id"]
    things["line"] = (await post("viewer", f"{room}/chat", {"text": "你好"}))["no"]


async def _guests(world: World) -> None:
    """A host from outside; and a session of the other shop, on air, with nothing on its shelf."""
    things = world.things
    bare = plan(things, shelf=[])
    made = await world.post("other_shop", f"/api/orgs/{things['other']}/sessions", bare)
    things["other_session"] = made["id"]
    async with world.house.database.begin() as tx:
        await tx.execute(
            text("update live.session set host_person_id = :host where org_id = :org"),
            {"host": world.clients["guest_host"].person_id, "org": UUID(things["org"])},
        )
        await tx.execute(
            text("update live.session set state = 'live' where id = :id"), {"id": UUID(made["id"])}
        )


async def _step(world: World, session_id: str, step: str) -> None:
    if step == "approve":
        await world.post("operator", f"/api/desk/review/{session_id}/approve")
    elif step == "suspend":
        await world.post("operator", f"/api/desk/sessions/{session_id}/suspend", REASON)
    else:
        await world.post("owner", f"/api/sessions/{session_id}/{step}")


def order_body(things: dict[str, Any]) -> dict[str, Any]:
    """One box of the pinned product."""
    offer = things["offer"]
    return {
        "shop_id": things["org"],
        "offer_id": offer["id"],
        "units": 1,
        "price_fen": offer["price_fen"],
        "snapshot": offer["snapshot"],
        "recipient": TO,
    }


async def _orders(world: World) -> None:
    """The viewer's orders by the step they are at: `pending`, `paid`, `packing`, `packed`, …"""
    for done, name in enumerate(ORDERS):
        placed = await world.post("viewer", "/api/orders", order_body(world.things))
        world.things[name] = order = placed["order_id"]
        if done:
            await _pay(world, placed)
        mine = f"/api/orgs/{world.things['org']}/orders/{order}"
        if done > 1:
            await world.post("owner", f"{mine}/start-packing")
        if done > 2:
            await world.post("owner", f"{mine}/pack", {"picks": None})
        if done > 3:
            sent = {"carrier": "顺丰", "waybill": f"SF123456780{done}"}
            await world.post("owner", f"{mine}/ship", sent)
        if done > 4:
            await world.post("owner", f"{mine}/delivered")


async def _scans(world: World) -> None:
    """A box of two in an order, and a scan that came to nothing."""
    org = f"/api/orgs/{world.things['org']}"
    body = order_body(world.things) | {"units": 2}
    order = await world.post("viewer", "/api/orders", body)
    await _pay(world, order)
    lot = await world.post("owner", f"{org}/lots/{world.things['packed_lot']}", method="GET")
    for name, number in (("scan_in", order["number"]), ("scan_refused", "NOBODYS")):
        scan = {"id": str(uuid4()), "order": number, "box": lot["code"], "at": _now()}
        said = await world.post("owner", f"{org}/bench/scans", {"scans": [scan]})
        world.things[name] = said["items"][0]["scan_id"]
    world.things["number"] = order["number"]


def _now() -> str:
    return clock.now().isoformat()


async def _pay(world: World, placed: dict[str, Any]) -> None:
    """The provider says that it was paid."""
    path = f"/api/orders/{placed['shop_id']}/{placed['order_id']}/pay"
    begun = await world.post("viewer", path, {"return_to": "/me/orders"})
    world.things["payment"] = begun["payment_id"]
    said = {
        "payment_id": begun["payment_id"],
        "state": "paid",
        "amount_fen": placed["amount_fen"],
        "provider_no": f"SBX{begun['payment_id'][-12:]}",
    }
    body = json.dumps(said).encode()
    signed = {HEADER: world.house.sandbox.sign(body)}
    answer = await world.house.site.client().post(CALLBACK, content=body, headers=signed)
    assert answer.status_code == 204, answer.text


async def _own_things(world: World, keys: Keys) -> None:
    things, database = world.things, world.house.database
    told = TO | {"is_default": True}
    things["address_body"] = told
    things["address"] = (await world.post("viewer", "/api/me/addresses", told))["id"]
    async with database.begin() as tx:
        loud = await people_sql.add(tx)
        things["loud_no"] = loud.no
        things["packer_id"] = str(world.clients["packer"].person_id)
    people = f"/api/sessions/{things['session']}/people/{things['loud_no']}"
    await world.post("owner", f"{people}/mute", {"minutes": 10, **REASON})
    await world.post("owner", f"{people}/ban", REASON)
    await world.house.settle()
    async with database.begin() as tx:
        query = "select id from accounts.message limit 1"
        things["message"] = str(await tx.scalar(text(query)) or ids.uuid7())


async def _trouble(world: World) -> None:
    """A refund that the provider would not carry out, and a fact that waits for a person."""
    things = world.things
    refund = f"/api/orgs/{things['org']}/orders/{things['packed']}/refund"
    await world.post("owner", refund, {"amount_fen": 10, **REASON})
    async with world.house.database.begin() as tx:
        found = await tx.execute(
            text(
                "update trade.refund set state = 'manual_refund' where order_id = :order"
                " returning refund_id"
            ),
            {"order": UUID(things["packed"])},
        )
        things["refund"] = str(found.scalar_one())
        parked = await tx.execute(
            text(
                "insert into core.waiting (reaction, fact_id, kind, key, body, tries, next_at,"
                " parked, error, at) values ('live.none', :id, 'none', 'none', '{}', 9, now(),"
                " true, 'as the test wants it', now()) returning no"
            ),
            {"id": ids.uuid7()},
        )
        things["parked"] = parked.scalar_one()
