"""One harvest, whole: season, lorry, scale, grading, packing, a thousand orders, recall."""

import asyncio
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from tests.supply.world import DIVISION, VARIETY
from tests.trade.audit import audit
from tests.trade.market import Market
from tests.trust.passporting import BOX_G, PIECES, STANDARD
from tests.trust.passporting import market as market
from tests.trust.work import work_off
from tests.web import Client
from tiantou.kit import clock
from tiantou.supply import collections_http, plots_http, seasons_http, slips_http
from tiantou.supply import http as households_http
from tiantou.supply.growing.days import day_of

HOUSES, OWN, IMPORTED = 12, 100, 900
SLIP_G, CULL_G = 260_000, 2_400
BOXES, MIXED = 84, 12
AT_ONCE = 10
GOOD = "good"


class Station:
    """The co-operative's own people, at work over the API."""

    def __init__(self, market: Market, who: Client) -> None:
        self.market, self.who, self.path = market, who, f"/api/orgs/{market.shop}"

    async def act(self, path: str, body: dict[str, Any]) -> Any:
        """A request that must be done."""
        said = await self.who.post(f"{self.path}{path}", json=body)
        assert said.status_code in (200, 201), f"{path}: {said.text}"
        return said.json()

    async def read(self, path: str, **query: Any) -> Any:
        """What stands there."""
        said = await self.who.get(f"{self.path}{path}", params=query)
        assert said.status_code == 200, f"{path}: {said.text}"
        return said.json()


async def _grown(station: Station) -> list[dict[str, str]]:
    """Twelve households, each with a plot and a season under way."""
    today = day_of(clock.now())
    made = []
    for n in range(HOUSES):
        home = {"name": f"第 {n} 户", "village": "桥头村", "division_code": DIVISION}
        house = await station.act("/households", home)
        field = {
            "household_id": house["id"],
            "name": f"{n} 号坡",
            "division_code": DIVISION,
            "village": "桥头村",
            "area_m2": 4_000,
        }
        plot = await station.act("/plots", field)
        asked = {
            "plot_id": plot["id"],
            "variety_id": str(VARIETY),
            "expected_g": 400_000,
            "expected_from": str(today),
            "expected_until": str(today + timedelta(days=20)),
        }
        season = await station.act("/seasons", asked)
        made.append({"household": house["id"], "plot": plot["id"], "season": season["id"]})
    return made


async def _weighed(station: Station, homes: Sequence[dict[str, str]]) -> list[dict[str, Any]]:
    """The lorry calls at all of them; each slip is of its stop and its season."""
    stops = [{"household_id": one["household"], "called_g": SLIP_G} for one in homes]
    day = str(day_of(clock.now()))
    run = await station.act("/collections", {"day": day, "vehicle": "三轮", "stops": stops})
    run = await station.act(f"/collections/{run['id']}/start", {})
    slips = []
    for home, stop in zip(homes, run["items"], strict=True):
        asked = {
            "household_id": home["household"],
            "plot_id": home["plot"],
            "variety_id": str(VARIETY),
            "stop_id": stop["id"],
            "grams": SLIP_G,
            "grade": "一级",
            "price_fen_per_jin": 360,
            "floor_fen_per_jin": 300,
            "harvested_at": (clock.now() - timedelta(hours=3)).isoformat(),
            "certificate": {"basis": "self_test", "commitments": ["truthful"]},
            "agreed": {"by": "grower"},
            "weighed_at": clock.now().isoformat(),
        }
        slips.append(await station.act("/slips", asked))
        assert slips[-1]["season_id"] == home["season"]
    done = await station.act(f"/collections/{run['id']}/finish", {})
    assert done["state"] == "done"
    assert {stop["weighed_g"] for stop in done["items"]} == {SLIP_G}
    return slips


async def _packed(station: Station, slips: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each harvest graded with measured pieces, then boxed; the last runs mix two households."""
    standard = await station.act("/grade-standards", STANDARD)
    graded = []
    for slip in slips:
        asked = {
            "lots": [{"lot_id": slip["lot"]["id"], "grams": SLIP_G}],
            "outputs": [{"grade": "一级", "grams": SLIP_G - CULL_G, "pieces": PIECES}],
            "cull_g": CULL_G,
            "standard_id": standard["id"],
        }
        graded.append((await station.act("/runs/grade", asked))["lot_ids"][0])
    runs = []
    for lot in graded:
        taken = [{"lot_id": lot, "grams": BOXES * BOX_G}]
        runs.append(await _boxes(station, taken, BOXES))
    for first, second in zip(graded[::2], graded[1::2], strict=True):
        half = MIXED // 2 * BOX_G
        taken = [{"lot_id": first, "grams": half}, {"lot_id": second, "grams": half}]
        runs.append(await _boxes(station, taken, MIXED))
        assert runs[-1]["reach"]["roots"] == 2
    await station.market.pump()
    return runs


async def _boxes(station: Station, lots: list[dict[str, Any]], boxes: int) -> dict[str, Any]:
    asked = {"pack_id": str(station.market.world.pack_id), "boxes": boxes, "lots": lots}
    run: dict[str, Any] = await station.act("/runs/pack", asked | {"tare_g": 300})
    codes = await station.read(f"/lots/{run['packed_lot_id']}/boxes", limit=100)
    return run | {"codes": [one["code"] for one in codes["items"]]}


async def _ordered(station: Station) -> list[str]:
    """A hundred orders here, nine hundred of another platform; gives what their labels say."""
    market, offer = station.market, await station.market.standing()
    gate = asyncio.Semaphore(AT_ONCE)

    async def own() -> str:
        async with gate:
            return str((await market.paid_order(await market.buyer(), offer))["number"])

    numbers = list(await asyncio.gather(*(own() for _ in range(OWN))))
    line = {"pack_id": str(market.world.pack_id), "units": 1, "price_fen": 2_680}
    theirs = [f"DY{n:04d}" for n in range(IMPORTED)]
    for at in range(0, IMPORTED, 450):
        rows = [
            {"external_no": no, "lines": [line], "division_code": DIVISION}
            for no in theirs[at : at + 450]
        ]
        said = await station.act("/imported-orders", {"channel": "douyin", "orders": rows})
        assert said["placed"] == 450, said
    return numbers + theirs


async def _scanned(station: Station, labels: Sequence[str], codes: Sequence[str]) -> list[str]:
    """Two scans a box, sent a hundred at a time; gives the orders that are packed by that."""
    orders: list[str] = []
    at = clock.now().isoformat()
    scans = [
        {"id": str(uuid4()), "order": label, "box": code, "at": at, "net_g": BOX_G + 20}
        for label, code in zip(labels, codes, strict=True)
    ]
    for begin in range(0, len(scans), 100):
        said = await station.act("/bench/scans", {"scans": scans[begin : begin + 100]})
        assert {one["verdict"] for one in said["items"]} == {"in"}
        assert {one["order_state"] for one in said["items"]} == {"packed"}
        orders += [one["order_id"] for one in said["items"]]
    return orders


async def _delivered(station: Station, orders: Sequence[str]) -> None:
    """The carrier takes every parcel, and every one arrives."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(at: int, order: str) -> None:
        label = {"carrier": "顺丰", "waybill": f"SF{at:010d}"}
        async with gate:
            await station.act(f"/orders/{order}/ship", label)
            there = await station.act(f"/orders/{order}/delivered", {})
        assert there["state"] == "delivered"

    await asyncio.gather(*(one(at, order) for at, order in enumerate(orders)))


async def _mass(market: Market) -> dict[str, int]:
    """Grams by why they came or went, of everything, and what is left."""
    async with market.database.begin() as tx:
        rows = await tx.execute(
            text("select reason, sum(delta_g)::bigint as grams from supply.move group by 1")
        )
        moves = {row.reason: int(row.grams) for row in rows}
        left = await tx.scalar(text("select sum(grams)::bigint from supply.lot_balance"))
    return moves | {"left": int(left or 0)}


async def _state(market: Market, code: str, channel_safe: bool) -> str:
    """How the passport of a box stands: the colour of its band."""
    page = await market.site.client().get(f"/p/{code}", params={"lang": "zh-CN"})
    assert page.status_code == 200, page.text
    assert (f"/shop/{market.shop}" in page.text) != channel_safe
    found = re.search(r'class="band ([a-z]+)"', page.text)
    assert found
    return found[1]


@pytest.mark.timeout(600)
async def test_from_the_season_to_the_recall(market: Market) -> None:
    for module in (seasons_http, collections_http, plots_http, slips_http, households_http):
        market.site.api.include_router(module.routes)
    station = Station(market, await market.seller())
    slips = await _weighed(station, await _grown(station))
    runs = await _packed(station, slips)
    labels = await _ordered(station)
    codes = [code for run in runs for code in run["codes"]]
    assert len(codes) >= len(labels) == 1_000
    await _delivered(station, await _scanned(station, labels, codes[: len(labels)]))
    own, theirs = codes[0], codes[OWN]
    assert await _state(market, own, channel_safe=False) == GOOD
    assert await _state(market, theirs, channel_safe=True) == GOOD

    mass = await _mass(market)
    made = HOUSES * SLIP_G
    packed = HOUSES * BOXES * BOX_G + HOUSES // 2 * MIXED * BOX_G
    assert mass["make"] == made
    assert mass["cull"] == 0 - HOUSES * CULL_G
    assert mass["pick"] == -1_000 * BOX_G
    assert mass["left"] == made - HOUSES * CULL_G - 1_000 * BOX_G
    assert packed <= made - HOUSES * CULL_G

    root = slips[0]["lot"]["id"]
    drill = await station.act("/recalls", {"reason": "演练", "drill": True, "lots": [root]})
    assert drill["trace_ms"] >= 1 and drill["progress"]["orders"] == BOXES
    assert await _state(market, own, channel_safe=False) == GOOD
    real = await station.act("/recalls", {"reason": "农残超标", "drill": False, "lots": [root]})
    await station.act(f"/recalls/{real['id']}/activate", {})
    await work_off(market.database)
    await market.pump()
    done = await station.read(f"/recalls/{real['id']}")
    assert done["progress"]["queued"] == 0
    assert done["mass"]["made_g"] == sum(
        grams for name, grams in done["mass"].items() if name != "made_g"
    )
    assert await _state(market, own, channel_safe=False) == "recalled"
    # the box that went to the other platform came from the second household
    assert await _state(market, theirs, channel_safe=True) == GOOD
    # what was delivered stays where it is: the goods are gone, the money went back
    assert await _mass(market) == mass
    assert done["progress"]["refunded_fen"] == BOXES * 2_990
    assert await audit(market.database) == {}


def test_the_story_has_boxes_enough() -> None:
    assert HOUSES * BOXES >= OWN + IMPORTED
    assert (BOXES + MIXED // 2) * BOX_G <= SLIP_G - CULL_G
