"""The first shop's things of the chain: standards, runs, boxes, certificates, claims, recalls.

They are of a product of their own, so that a recall pauses nothing that others sell.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from tests.roles.world import REASON, World, order_body, product_body, slip_body
from tiantou.kit import clock
from tiantou.trade import waiting_sql
from tiantou.trade.promises import CHINA
from tiantou.trust.epcis.chain import close_day
from tiantou.trust.epcis.story import Names

DRAW = {"what": "slips", "n": 1}
STANDARD = {
    "code": "T/1",
    "title": "样例标准",
    "source": "样例出处",
    "edition": "2026",
    "grades": [{"rank": 1, "name": "一级", "tolerance_permille": 100, "limits": []}],
}


def chain_bodies(things: dict[str, Any]) -> dict[str, Any]:
    """What the routes of the chain are asked for."""
    org = "/api/orgs/{org}"
    return {
        f"POST {org}/grade-standards": STANDARD,
        "POST /api/desk/grade-standards": STANDARD,
        f"POST {org}/runs/grade": {
            "lots": [{"lot_id": things["lot"], "grams": 1000}],
            "outputs": [{"grade": "一级", "grams": 1000}],
        },
        f"POST {org}/runs/pack": {
            "pack_id": things["pack"],
            "boxes": 1,
            "lots": [{"lot_id": things["lot"], "grams": 2500}],
        },
        f"POST {org}/lots/{{lot_id}}/moves": {"reason": "spoil", "grams": 1000},
        f"POST {org}/lots/{{lot_id}}/inspections": {
            "kind": "self",
            "sample_n": 1,
            "values": {"brix_tenth": 132},
        },
        f"POST {org}/draws": DRAW | {"day": _today()},
        "POST /api/desk/draws": DRAW | {"day": _today(), "org_id": things["org"]},
        f"POST {org}/draws/{{draw_id}}/results": _result(things),
        "POST /api/desk/draws/{draw_id}/results": _result(things),
        "POST /api/sessions/{session_id}/on-camera": {"lot_id": things["lot"]},
        "POST /api/sessions/{session_id}/on-camera/tests": {"brix_tenth": 132},
        f"POST {org}/scheme-certificates": things["scheme_body"] | {"no": "another"},
        "PUT /api/desk/yield-ceilings/{variety_id}": {"g_per_mu": 2_000_000, "source": "农业局"},
        f"POST {org}/packs/{{pack_id}}/claims": {"certificate_id": things["scheme_verified"]},
        f"PUT {org}/transit": {"days": [], "limits": []},
        f"POST {org}/orders/{{order}}/ready": {"carrier": "顺丰", "waybill": "SF1234567892"},
        f"POST {org}/parcels/scan-off": {"waybill": "SF1234567804"},
        f"POST {org}/coupons": coupon_body(),
        "POST /api/desk/coupons": coupon_body(),
        f"PUT {org}/capacity": {"boxes": [99] * 7, "cut_off_minute": 1440},
        f"PUT {org}/capacity/{{day}}": {"boxes": 98},
        f"POST {org}/packs/{{pack_id}}/presale": _presale(),
        f"POST {org}/bench/scans": {"scans": [_scan()]},
        f"POST {org}/waybills": {"waybills": [_waybill(things)]},
        f"POST {org}/imported-orders": {
            "channel": "douyin",
            "orders": [
                {
                    "external_no": "A1",
                    "lines": [{"pack_id": things["pack"], "units": 1, "price_fen": 2500}],
                }
            ],
        },
        f"POST {org}/disruptions": _disruption(things),
        "POST /api/desk/disruptions": _disruption(things),
        f"PUT {org}/households/{{household_id}}/shown": {"consent": "当面同意"},
        f"POST {org}/recalls": {"lots": [things["lot_free"]], **REASON},
    }


def _presale() -> dict[str, Any]:
    day = clock.now().date() + timedelta(days=9)
    return {"units": 5, "ship_on": day.isoformat(), "price_fen": 2990}


def coupon_body() -> dict[str, Any]:
    """A coupon of everybody's taste."""
    until = clock.now() + timedelta(days=5)
    return {
        "title": "满百减十",
        "off_fen": 1_000,
        "threshold_fen": 10_000,
        "pieces": 100,
        "claim_until": until.isoformat(),
        "use_days": 7,
    }


def _disruption(things: dict[str, Any]) -> dict[str, Any]:
    """A place that no order of these tests goes to."""
    until = clock.now() + timedelta(days=1)
    return {"deliver": ["630222"], "until_at": until.isoformat(), **REASON}


async def make_chain(world: World) -> None:
    """Everything that a path of the chain may name."""
    things, post = world.things, world.post
    org = f"/api/orgs/{things['org']}"
    standard = await post("owner", f"{org}/grade-standards", STANDARD | {"code": "T/2"})
    things["standard"] = standard["id"]
    shared = await post("operator", "/api/desk/grade-standards", STANDARD | {"code": "T/3"})
    things["standard_of_all"] = shared["id"]
    things["lot_held"] = (await post("owner", f"{org}/slips", slip_body(things)))["lot"]["id"]
    await post("owner", f"{org}/lots/{things['lot_held']}/hold", REASON)
    things["lot_free"] = (await post("owner", f"{org}/slips", slip_body(things)))["lot"]["id"]
    draw = await post("owner", f"{org}/draws", DRAW | {"day": _today()})
    things["draw"], things["drawn"] = draw["draw"]["id"], draw["drawn"][0]["code"]
    camera = f"/api/sessions/{things['session']}/on-camera"
    await post("owner", camera, {"lot_id": things["lot_free"]})
    product = await post("owner", f"{org}/products", product_body(things))
    packs = [one["id"] for one in product["packs"]]
    things["pack_claimed"], things["pack_free"] = packs[0], packs[1]
    await post("owner", f"{org}/packs/{packs[1]}/presale", _presale())
    await _schemes(world, org)
    await _recalls(world, org, packs[2])
    for name, who, path in (
        ("disruption", "owner", f"{org}/disruptions"),
        ("disruption_of_all", "operator", "/api/desk/disruptions"),
    ):
        things[name] = (await post(who, path, _disruption(things)))["id"]
    async with world.house.database.begin() as tx:
        await waiting_sql.add(
            tx,
            UUID(things["org"]),
            UUID(things["offer_id"]),
            world.clients["viewer"].person_id,
            1,
            "waiting",
            clock.now(),
        )
    (wait,) = (await world.clients["viewer"].get("/api/me/waiting")).json()["items"]
    things["wait"] = wait["id"]
    made = await post("owner", f"{org}/coupons", coupon_body())
    things["coupon"], things["issuer"] = made["id"], things["org"]
    made = await post("operator", "/api/desk/coupons", coupon_body())
    things["coupon_of_all"] = made["id"]
    await post("owner", f"{org}/capacity", {"boxes": [99] * 7}, "PUT")
    await world.house.settle()
    async with world.house.database.begin() as tx:
        org_id = UUID(things["org"])
        names, today = Names("http://localhost", org_id), clock.now().astimezone(CHINA).date()
        await close_day(tx, world.house.made.keys, names, org_id, today)


def _today() -> str:
    return str(clock.now().astimezone(CHINA).date())


def _result(things: dict[str, Any]) -> dict[str, Any]:
    values = {"brix_tenth": 132}
    return {"code": things["drawn"], "kind": "self", "sample_n": 1, "values": values}


async def _schemes(world: World, org: str) -> None:
    things, post, today = world.things, world.post, clock.now().date()
    things["scheme_body"] = {
        "scheme": "organic",
        "no": "ORG-1",
        "issuer": "样例机构",
        "variety_id": things["variety"],
        "certified_g": 1_000_000,
        "valid_from": str(today - timedelta(days=30)),
        "valid_until": str(today + timedelta(days=30)),
        "plots": [things["plot"]],
    }
    for name in ("scheme", "scheme_verified"):
        body = things["scheme_body"] | {"no": name}
        things[name] = (await post("owner", f"{org}/scheme-certificates", body))["id"]
    verify = f"/api/desk/scheme-certificates/{things['scheme_verified']}/verify"
    await post("operator", verify, {"note": "样例理由"})
    claim = {"certificate_id": things["scheme_verified"]}
    await post("owner", f"{org}/packs/{things['pack_claimed']}/claims", claim)


async def _recalls(world: World, org: str, pack: str) -> None:
    """A draft, and one that is active and worked off, with an order of the viewer in it."""
    things, post = world.things, world.post
    slip = await post("owner", f"{org}/slips", slip_body(things))
    asked = {
        "pack_id": pack,
        "boxes": 3,
        "lots": [{"lot_id": slip["lot"]["id"], "grams": 7_500}],
    }
    run = await post("owner", f"{org}/runs/pack", asked)
    things["run"] = run["run_id"]
    boxes = await post("owner", f"{org}/lots/{run['packed_lot_id']}/boxes", method="GET")
    things["box_code"] = boxes["items"][0]["code"]
    await world.house.settle()
    order = await _packed_order(world, org, pack, run["packed_lot_id"])
    things["recalled_order"] = order
    recall = await post("owner", f"{org}/recalls", {"lots": [slip["lot"]["id"]], **REASON})
    things["recall_done"] = recall["id"]
    await post("owner", f"{org}/recalls/{recall['id']}/activate")
    await world.house.settle()
    draft = await post("owner", f"{org}/recalls", {"lots": [things["lot_free"]], **REASON})
    things["recall"] = draft["id"]


async def _packed_order(world: World, org: str, pack: str, lot: str) -> str:
    """A packed order of the viewer; that it is paid is said by a row, no money moved."""
    offers = await world.post("owner", f"{org}/stock", method="GET")
    mine: dict[str, Any] = next(one for one in offers["items"] if one["pack_id"] == pack)
    offer = mine["offer"]
    body = order_body(world.things | {"offer": offer})
    placed = await world.post("viewer", "/api/orders", body)
    order = str(placed["order_id"])
    async with world.house.database.begin() as tx:
        await tx.execute(
            text("update trade.orders set state = 'paid', paid_at = now() where order_id = :order"),
            {"order": UUID(order)},
        )
    await world.post("owner", f"{org}/orders/{order}/start-packing")
    picks = {"picks": [{"lot_id": lot, "boxes": 1}]}
    await world.post("owner", f"{org}/orders/{order}/pack", picks)
    return order


def _scan() -> dict[str, Any]:
    at = clock.now().isoformat()
    return {"id": str(uuid4()), "order": "NOBODYS", "box": "00000000", "at": at}


def _waybill(things: dict[str, Any]) -> dict[str, Any]:
    return {"order": things["number"], "carrier": "顺丰", "waybill": "SF1234567892"}
