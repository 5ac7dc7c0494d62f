"""What the screenshots show of the chain: a standard, runs, a report, a drill, recalls.

A harvest and a product of their own: what is recalled here is in no other picture.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from io import BytesIO
from typing import Any, Protocol

from PIL import Image

from tiantou.kit import clock

HARVEST_G, BOX_G, BOXES, PATIENCE_S = 60_000, 2_500, 12, 60
COMMITMENTS = ["no_banned_substances", "residues_within_limits", "truthful"]
GRADES = (("一级", 750, 850), ("二级", 650, 750))


class Acts(Protocol):
    """Somebody's browser."""

    async def act(self, path: str, body: Any = None, method: str = "POST") -> Any:
        """An act that succeeds."""

    async def read(self, path: str) -> Any:
        """What is there."""


async def play(
    ids: dict[str, str],
    owner: Acts,
    buyer: Acts,
    address: str,
    pay: Callable[[str], Awaitable[None]],
    report: Callable[[str, bytes], Awaitable[None]],
) -> None:
    """Grades, packs, sells, drills and recalls; `ids` gets what the pages need."""
    org = f"/api/orgs/{ids['org']}"
    lot = await owner.read(f"{org}/lots/{ids['lot']}")
    await _standard(ids, owner, org)
    harvests = [await _harvest(owner, org, lot) for _ in range(2)]
    graded = [await _grade(ids, owner, org, one, lot["variety"]["id"]) for one in harvests]
    pack = await _product(owner, org, ids["product"], lot["variety"]["id"])
    taken = [{"lot_id": one, "grams": BOXES * BOX_G // 2} for one in graded]
    run = {"pack_id": pack, "boxes": BOXES, "lots": taken, "tare_g": 180}
    made = await owner.act(f"{org}/runs/pack", run)
    ids["pack_run"], ids["packed"] = made["run_id"], made["packed_lot_id"]
    ids["graded"] = graded[0]
    boxes = (await owner.read(f"{org}/lots/{ids['packed']}/boxes"))["items"]
    ids["box"] = boxes[0]["code"]
    await report(ids["box"], _label())
    for name in ("recalled", "kept"):
        ids[name] = await _sold(owner, buyer, org, pack, address, pay)
    await _recalls(ids, owner, buyer, org, harvests)


async def _standard(ids: dict[str, str], owner: Acts, org: str) -> None:
    limits = [
        [
            {"attribute": "diameter_tenth_mm", "low": low, "high": high},
            {"attribute": "brix_tenth", "low": 110, "high": None},
        ]
        for _, low, high in GRADES
    ]
    grades = [
        {"rank": rank, "name": name, "tolerance_permille": 50, "limits": limits[rank - 1]}
        for rank, (name, _, _) in enumerate(GRADES, start=1)
    ]
    asked = {
        "code": "YANGLI/T 1",
        "title": "样例脐橙等级",
        "source": "样例柑橘协会(演示)",
        "edition": f"{clock.now():%Y}-{clock.now():%H%M%S}",
        "grades": grades,
    }
    ids["standard"] = (await owner.act(f"{org}/grade-standards", asked))["id"]


async def _harvest(owner: Acts, org: str, like: dict[str, Any]) -> str:
    asked = {
        "household_id": like["household"]["id"],
        "plot_id": like["plot"]["id"],
        "variety_id": like["variety"]["id"],
        "grams": HARVEST_G,
        "grade": "混级",
        "price_fen_per_jin": 260,
        "floor_fen_per_jin": 220,
        "harvested_at": (clock.now() - timedelta(hours=30)).isoformat(),
        "certificate": {"basis": "self_test", "commitments": COMMITMENTS},
        "agreed": {"by": "grower"},
    }
    return str((await owner.act(f"{org}/slips", asked))["lot"]["id"])


async def _grade(ids: dict[str, str], owner: Acts, org: str, lot: str, variety: str) -> str:
    """Two thirds of a harvest are graded; gives the lot of the first grade."""
    pieces = [{"diameter_tenth_mm": 760 + 4 * at, "brix_tenth": 118 + at} for at in range(20)]
    asked = {
        "lots": [{"lot_id": lot, "grams": 40_000}],
        "outputs": [
            {"grade": "一级", "grams": 27_000, "pieces": pieces},
            {"grade": "二级", "grams": 11_200},
        ],
        "cull_g": 1_400,
        "standard_id": ids["standard"],
    }
    made = await owner.act(f"{org}/runs/grade", asked)
    ids["grade_run"] = made["run_id"]
    return str(made["lot_ids"][0])


async def _product(owner: Acts, org: str, like: str, variety: str) -> str:
    found = await owner.read(f"{org}/products")
    known = next(one for one in found["items"] if one["id"] == like)
    pack = {"name": "分级精装", "unit": "箱", "net_g": BOX_G, "pieces": 10, "price_fen": 3_980}
    asked = {
        "title": "分级冰糖橙(召回样例)",
        "variety_id": variety,
        "grade": "一级",
        "description": "按等级标准分选。",
        "origin_division_code": known["origin"]["code"],
        "photos": known["photos"],
        "fresh": True,
        "packs": [pack],
    }
    return str((await owner.act(f"{org}/products", asked))["packs"][0]["id"])


def _label() -> bytes:
    """A photograph of a box's label, as good as one."""
    out = BytesIO()
    Image.new("RGB", (640, 480), (196, 120, 60)).save(out, "JPEG")
    return out.getvalue()


async def _sold(
    owner: Acts,
    buyer: Acts,
    org: str,
    pack: str,
    address: str,
    pay: Callable[[str], Awaitable[None]],
) -> str:
    """An order of a box, paid, packed and handed over."""
    offer = await _offer(owner, org, pack)
    asked = {
        "shop_id": offer["shop_id"],
        "offer_id": offer["id"],
        "units": 1,
        "price_fen": offer["price_fen"],
        "snapshot": offer["snapshot"],
        "origin": "shop",
        "address_id": address,
        "note": "",
    }
    order = str((await buyer.act("/api/orders", asked))["order_id"])
    await pay(order)
    for act, body in (("start-packing", {}), ("pack", {}), ("ship", {"carrier": "self"})):
        await owner.act(f"{org}/orders/{order}/{act}", body | {"waybill": ""} if body else body)
    return order


async def _offer(owner: Acts, org: str, pack: str) -> dict[str, Any]:
    for _ in range(PATIENCE_S):
        rows = (await owner.read(f"{org}/stock"))["items"]
        row = next((one for one in rows if one["pack_id"] == pack), None)
        if row and row["offer"] and row["available"]:
            return dict(row["offer"])
        await asyncio.sleep(1)
    raise SystemExit("the packed boxes do not come on sale")


async def _recalls(
    ids: dict[str, str], owner: Acts, buyer: Acts, org: str, harvests: list[str]
) -> None:
    """A drill, a recall whose buyers were told, and a draft of another harvest."""

    async def draft(lots: list[str], reason: str, drill: bool) -> str:
        asked = {"lots": lots, "reason": reason, "drill": drill}
        return str((await owner.act(f"{org}/recalls", asked))["id"])

    ids["drill"] = await draft(harvests, "季度演练", True)
    ids["recall"] = await draft(harvests[:1], "抽检农药残留超标(演示)", False)
    await owner.act(f"{org}/recalls/{ids['recall']}/activate")
    for _ in range(PATIENCE_S):
        if not (await owner.read(f"{org}/recalls/{ids['recall']}"))["progress"]["queued"]:
            break
        await asyncio.sleep(1)
    shop = ids["shop"]
    if not any(
        one["order_id"] == ids["recalled"]
        for one in (await buyer.read("/api/me/recalls"))["items"]
        if one["shop_id"] == shop
    ):
        raise SystemExit("the buyer was not told of the recall")
    await buyer.act(f"/api/me/recalls/{ids['recall']}/{ids['kept']}/acknowledge")
    ids["draft_recall"] = await draft([ids["lot"]], "冷链断过,先查范围(演示)", False)
