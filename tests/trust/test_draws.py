"""Drawn samples: anybody draws them again, none is redrawn unseen, results hold what failed."""

import asyncio
import hashlib
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.supply.world import weigh
from tests.trade.market import Market
from tests.trust.passporting import graded, packed, sold
from tests.trust.passporting import market as market
from tests.web import Client
from tiantou.kit import clock
from tiantou.supply import face as supply
from tiantou.trade.promises import CHINA
from tiantou.trust import draws_http
from tiantou.trust.epcis.chain import close_day
from tiantou.trust.epcis.story import Names


async def _seller(market: Market) -> tuple[Client, str]:
    market.site.api.include_router(draws_http.routes)
    return await market.seller(), f"/api/orgs/{market.shop}/draws"


async def _draw(seller: Client, path: str, **asked: Any) -> Any:
    made = await seller.post(path, json={"n": 3, **asked})
    assert made.status_code == 201, made.text
    return made.json()


def _again(draw: dict[str, Any], population: str) -> list[str]:
    """The draw, made again of what its page says, with nothing of ours."""
    assert hashlib.sha256(population.encode()).hexdigest() == draw["population_sha256"]
    link, no = bytes.fromhex(draw["link"]), int(draw["no"]).to_bytes(8, "big")
    seed = hashlib.sha256(link + no).hexdigest()
    assert seed == draw["seed"]
    codes = population.split("\n")
    ranked = sorted(codes, key=lambda one: hashlib.sha256(f"{seed}:{one}".encode()).hexdigest())
    return ranked[: draw["n"]]


async def test_anybody_draws_it_again(market: Market) -> None:
    seller, path = await _seller(market)
    lot, codes = await packed(market)
    await sold(market, lot, codes[0])
    async with market.database.begin() as tx:
        names, today = Names("http://localhost", market.shop), clock.now().astimezone(CHINA).date()
        assert await close_day(tx, market.keys, names, market.shop, today)
        link = await tx.scalar(text("select link from trust.trace_root"))
    first = await _draw(seller, path, lot_id=str(lot))
    second = await _draw(seller, path, lot_id=str(lot))
    assert first["draw"]["link"] == link.hex(), "the seed is of the signed chain"
    assert [first["draw"]["no"], second["draw"]["no"]] == [1, 2]
    assert first["draw"]["seed"] != second["draw"]["seed"]
    for made in (first, second):
        draw = made["draw"]
        population = (await seller.get(f"{path}/{draw['id']}/population")).text
        assert codes[0] not in population, "that box is sold: nobody can open it here"
        assert sorted(population.split("\n")) == sorted(codes[1:])
        assert [one["code"] for one in made["drawn"]] == _again(draw, population)
    listed = (await seller.get(path)).json()["items"]
    assert [one["no"] for one in listed] == [2, 1]
    assert (await seller.get(f"{path}/{first['draw']['id']}")).json() == first


async def test_a_root_lot_is_drawn_by_its_boxes_and_a_day_by_boxes_slips_or_lots(
    market: Market,
) -> None:
    seller, path = await _seller(market)
    lot, codes = await graded(market)
    async with market.database.begin() as tx:
        root = (await supply.root_lots(tx, [lot]))[0]
    made = await _draw(seller, path, lot_id=str(root.lot_id))
    assert made["draw"]["population"] == len(codes)
    assert {one["lot_id"] for one in made["drawn"]} == {str(lot)}
    today = str(clock.now().astimezone(CHINA).date())
    by_day = {
        what: (await _draw(seller, path, what=what, day=today, n=200))["draw"]
        for what in ("boxes", "slips", "lots")
    }
    assert {what: one["population"] for what, one in by_day.items()} == {
        "boxes": 10,
        "slips": 1,
        "lots": 3,
    }
    assert by_day["boxes"]["n"] == 10, "no more than there are"


async def test_results_are_entered_once_and_a_failure_holds(market: Market) -> None:
    seller, path = await _seller(market)
    lot, _ = await graded(market)
    made = await _draw(seller, path, lot_id=str(lot))
    drawn = [one["code"] for one in made["drawn"]]
    results = f"{path}/{made['draw']['id']}/results"
    good = {"kind": "quick", "sample_n": 5, "values": {"brix_tenth": 125}}
    entered = await seller.post(results, json={"code": drawn[0].lower(), **good})
    assert entered.status_code == 201, entered.text
    assert [bool(one["result"]) for one in entered.json()["drawn"]] == [True, False, False]
    twice = await seller.post(results, json={"code": drawn[0], **good})
    assert twice.json()["type"] == "/problems/already-there"
    population = (await seller.get(f"{path}/{made['draw']['id']}/population")).text
    other = next(code for code in population.split("\n") if code not in drawn)
    strange = await seller.post(results, json={"code": other, **good})
    assert strange.json()["fields"][0]["code"] == "not-drawn"
    bad = good | {"values": {"inhibition_permille": 612}}
    failed = await seller.post(results, json={"code": drawn[1], **bad})
    assert failed.json()["drawn"][1]["result"]["outcome"] == "held"
    async with market.database.begin() as tx:
        held = await supply.lot(tx, market.shop, lot)
    assert held is not None and held.state == "held"
    assert (await seller.get(path)).json()["items"][0]["results"] == 2


async def test_what_cannot_be_drawn_is_refused_by_name(market: Market) -> None:
    seller, path = await _seller(market)
    slip = await weigh(market.database, market.world, 50_000)
    lot = str(slip.lot_id)
    for field, asked in (
        ("lot_id", {}),
        ("lot_id", {"lot_id": lot, "day": "2026-01-01"}),
        ("what", {"lot_id": lot, "what": "slips"}),
        ("what", {"lot_id": lot}),
        ("n", {"lot_id": lot, "n": 0}),
    ):
        refused = await seller.post(path, json={"n": 3, **asked})
        assert refused.status_code == 422, refused.text
        assert refused.json()["fields"][0]["name"] == field, asked


async def test_rivals_draw_one_after_the_other_and_no_number_is_missing(market: Market) -> None:
    seller, path = await _seller(market)
    lot, _ = await packed(market)
    made = await asyncio.gather(*(_draw(seller, path, lot_id=str(lot)) for _ in range(8)))
    assert sorted(one["draw"]["no"] for one in made) == list(range(1, 9))
    for act in ("update trust.draw set seed = 'x'", "delete from trust.drawn"):
        with pytest.raises(DBAPIError, match="append-only"):
            async with market.database.begin() as tx:
                await tx.execute(text(act))


async def test_the_operators_inspector_draws_and_the_organization_sees_it(market: Market) -> None:
    seller, path = await _seller(market)
    lot, _ = await packed(market)
    operator = await market.site.person(market.database, market.keys, operator=True)
    asked = {"org_id": str(market.shop), "lot_id": str(lot), "n": 2}
    made = await operator.post("/api/desk/draws", json=asked)
    assert made.status_code == 201, made.text
    draw_id = UUID(made.json()["draw"]["id"])
    seen = (await seller.get(f"{path}/{draw_id}")).json()
    assert seen == made.json() and seen["draw"]["by_operator"]
    result = {"kind": "self", "sample_n": 1, "values": {"weight_g": 240}}
    code = made.json()["drawn"][0]["code"]
    entered = await operator.post(
        f"/api/desk/draws/{draw_id}/results", json={"code": code, **result}
    )
    assert entered.status_code == 201, entered.text
    assert (await operator.get("/api/desk/draws")).json()["items"][0]["results"] == 1
    assert (await seller.get("/api/desk/draws")).status_code == 403
