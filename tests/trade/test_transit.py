"""What would rot on the way is not taken, and the buyer is told the figures."""

from typing import Any

import pytest

from tests.supply.world import VARIETY
from tests.trade.market import TO, Market
from tiantou.catalog import face as catalog
from tiantou.trade import checkout

NEAR, FAR = "421182", "650102"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings are asked for each order anew."""
    monkeypatch.setattr(checkout, "KEEP_S", 0.0)


async def _said(market: Market, division: str) -> dict[str, Any]:
    buyer = await market.buyer()
    to = {**TO, "division_code": division}
    answer = await market.order(buyer, await market.standing(), recipient=to)
    said: dict[str, Any] = answer.json()
    return {"status": answer.status_code, **said}


async def test_what_would_rot_is_refused_with_the_figures(market: Market) -> None:
    offer = await market.stock(10)
    seller = await market.seller("manager")
    path = f"/api/orgs/{market.shop}/transit"
    asked = {
        "days": [{"prefix": "650000", "days": 7}, {"prefix": "6501", "days": 5}],
        "limits": [{"variety_id": str(VARIETY), "max_hours": 96}],
    }
    kept = (await seller.put(path, json=asked)).json()
    assert kept["days"] == [{"prefix": "65", "days": 7}, {"prefix": "6501", "days": 5}]
    assert (await seller.get(path)).json() == kept

    said = await _said(market, FAR)
    assert (said["type"], said["status"]) == ("/problems/would-rot", 409)
    assert (said["division"], said["hours"], said["max_hours"]) == (FAR, 120, 96)
    buyer = await market.buyer()
    quoted = f"/api/offers/{market.shop}/{offer.id}/freight"
    answer = await buyer.get(quoted, params={"division": FAR})
    assert answer.json()["type"] == "/problems/would-rot"
    assert (await _said(market, NEAR))["state"] == "pending_payment"

    asked["limits"] = [{"variety_id": str(VARIETY), "max_hours": 120}]
    assert (await seller.put(path, json=asked)).status_code == 200
    assert (await _said(market, FAR))["state"] == "pending_payment"


async def test_a_limit_is_of_its_variety_alone(market: Market) -> None:
    await market.stock(10)
    seller = await market.seller()
    path = f"/api/orgs/{market.shop}/transit"
    async with market.database.begin() as tx:
        others = await catalog.find_varieties(tx, "苹果")
    asked = {"days": [], "limits": [{"variety_id": str(others[0].id), "max_hours": 1}]}
    assert (await seller.put(path, json=asked)).status_code == 200
    assert (await _said(market, NEAR))["state"] == "pending_payment"
    asked["limits"] = [{"variety_id": str(VARIETY), "max_hours": 71}]
    assert (await seller.put(path, json=asked)).status_code == 200
    said = await _said(market, NEAR)
    assert (said["type"], said["hours"], said["max_hours"]) == ("/problems/would-rot", 72, 71)


async def test_an_unknown_variety_names_its_field(market: Market) -> None:
    seller = await market.seller()
    unknown = "0190b0b0-0000-7000-8000-000000000000"
    asked = {"days": [], "limits": [{"variety_id": unknown, "max_hours": 71}]}
    answer = await seller.put(f"/api/orgs/{market.shop}/transit", json=asked)
    assert answer.status_code == 422
    assert [one["name"] for one in answer.json()["fields"]] == ["limits"]
