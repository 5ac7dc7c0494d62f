"""Coupons: issued, claimed in a rush, taken off, given back, and right in the book to the fen."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from tests.trade.audit import audit
from tests.trade.market import Market
from tests.web import Client
from tiantou.core import limits
from tiantou.core.db import Database
from tiantou.core.problems import Problem
from tiantou.kit import clock
from tiantou.trade.deals import coupons
from tiantou.trade.deals.claiming import Claims
from tiantou.trade.money import ledger, ledger_sql


def _asked(**more: Any) -> dict[str, Any]:
    until = (clock.now() + timedelta(days=3)).isoformat()
    return {
        "title": "满二十减五",
        "off_fen": 500,
        "threshold_fen": 2_000,
        "pieces": 5,
        "claim_until": until,
        "use_days": 7,
        **more,
    }


async def _issue(market: Market, seller: Client, **more: Any) -> dict[str, Any]:
    answer = await seller.post(f"/api/orgs/{market.shop}/coupons", json=_asked(**more))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def _of_platform(market: Market, **more: Any) -> dict[str, Any]:
    operator = await market.site.person(market.database, market.keys, operator=True)
    answer = await operator.post("/api/desk/coupons", json=_asked(**more))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def _claim(
    market: Market, buyer: Client, coupon: dict[str, Any], key: str | None = None
) -> Any:
    issuer = market.shop if coupon["kind"] == "shop" else coupons.PLATFORM_ID
    return await buyer.post(
        f"/api/coupons/{issuer}/{coupon['id']}/claim",
        json={},
        headers={"idempotency-key": key or str(uuid4())},
    )


async def test_claimed_used_and_seen_on_every_side(market: Market) -> None:
    offer = await market.stock(10)
    seller, buyer = await market.seller("manager"), await market.buyer()
    coupon = await _issue(market, seller)
    offered = (await buyer.get(f"/api/shops/{market.shop}/coupons")).json()["items"]
    assert [(one["id"], one["left"], one["claimed"]) for one in offered] == [(coupon["id"], 5, 0)]
    key = str(uuid4())
    said = [await _claim(market, buyer, coupon, key) for _ in range(2)]
    assert {one.status_code for one in said} == {201}
    assert said[0].json() == said[1].json()
    other = await _claim(market, buyer, coupon)
    assert other.json()["type"] == "/problems/coupon-limit"
    (mine,) = (await buyer.get(f"/api/me/coupons/{market.shop}")).json()["items"]
    assert (mine["id"], mine["state"]) == (said[0].json()["claim_id"], "held")

    placed = await market.paid_order(buyer, offer, 2, coupon=mine["id"])
    order = await market.mine(buyer, placed)
    assert (order["amount_fen"], order["shop_off_fen"], order["paid_fen"]) == (5_480, 500, 5_480)
    (used,) = (await buyer.get("/api/me/coupons?state=used")).json()["items"]
    assert used["used_order_id"] == placed["order_id"]
    (shown,) = (await seller.get(f"/api/orgs/{market.shop}/coupons")).json()["items"]
    assert (shown["left"], shown["issued"], shown["used"]) == (4, 5, 1)
    again = await market.order(buyer, offer, coupon=mine["id"])
    assert (again.json()["type"], again.json()["reason"]) == (
        "/problems/coupon-refused",
        "used-or-over",
    )
    assert await audit(market.database) == {}


async def test_an_order_that_is_called_off_gives_the_coupon_back(market: Market) -> None:
    offer = await market.stock(10)
    buyer = await market.buyer()
    coupon = await _issue(market, await market.seller("manager"))
    claim = (await _claim(market, buyer, coupon)).json()["claim_id"]
    placed = (await market.order(buyer, offer, coupon=claim)).json()
    path = f"/api/me/orders/{placed['shop_id']}/{placed['order_id']}"
    assert (await buyer.post(f"{path}/cancel", json={})).status_code == 200
    paid = await market.paid_order(buyer, offer, coupon=claim)
    path = f"/api/me/orders/{paid['shop_id']}/{paid['order_id']}"
    assert (await buyer.post(f"{path}/refund", json={"reason": "不想要了"})).status_code == 200
    await market.pump()
    assert (await market.mine(buyer, paid))["refunded_fen"] == 2_490
    (mine,) = (await buyer.get("/api/me/coupons?state=held")).json()["items"]
    assert mine["id"] == claim
    assert await audit(market.database) == {}


async def _balance(market: Market, account: str) -> int:
    async with market.database.begin() as tx:
        assert await ledger.balanced(tx)
        return await ledger_sql.balance(tx, market.shop, account)


@pytest.mark.parametrize("parts", [[5_180], [1, 5_179], [1_727, 1_727, 1_726], [980]])
async def test_the_platform_pays_for_its_own_and_gets_back_in_proportion(
    market: Market, parts: list[int]
) -> None:
    offer = await market.stock(10)
    buyer, seller = await market.buyer(), await market.seller()
    coupon = await _of_platform(market, off_fen=800)
    claim = (await _claim(market, buyer, coupon)).json()["claim_id"]
    placed = await market.paid_order(buyer, offer, 2, platform_coupon=claim)
    order = await market.mine(buyer, placed)
    assert (order["platform_off_fen"], order["paid_fen"]) == (800, 5_180)
    assert await _balance(market, ledger.SHOP) == -5_980
    assert await _balance(market, ledger.PLATFORM) == 800
    path = f"/api/orgs/{market.shop}/orders/{placed['order_id']}/refund"
    for part in parts:
        body = {"amount_fen": part, "reason": "坏果"}
        assert (await seller.post(path, json=body)).status_code == 200
        await market.pump()
    back = sum(parts)
    assert await _balance(market, ledger.PLATFORM) == 800 - 800 * back // 5_180
    assert await _balance(market, ledger.SHOP) == back + 800 * back // 5_180 - 5_980
    assert await audit(market.database) == {}


async def test_more_pieces_closing_and_what_cannot_be(market: Market) -> None:
    seller, buyer = await market.seller("manager"), await market.buyer()
    coupon = await _issue(market, seller, pieces=1)
    path = f"/api/orgs/{market.shop}/coupons/{coupon['id']}"
    assert (await _claim(market, await market.buyer(), coupon)).status_code == 201
    assert (await _claim(market, buyer, coupon)).json()["type"] == "/problems/coupon-used-up"
    more: dict[str, Any] = {"json": {"pieces": 2}, "headers": {"idempotency-key": "more-pieces-1"}}
    assert [(await seller.post(f"{path}/pieces", **more)).json()["issued"] for _ in range(2)] == [
        3,
        3,
    ]
    assert (await seller.post(f"{path}/close", json={})).json()["state"] == "closed"
    assert (await _claim(market, buyer, coupon)).json()["type"] == "/problems/coupon-not-open"
    late = await seller.post(f"{path}/pieces", json={"pieces": 1})
    assert late.json()["fields"][0]["code"] == "closed"
    soon = (clock.now() + timedelta(days=1)).isoformat()
    early = await _issue(market, seller, claim_from=soon)
    assert (await _claim(market, buyer, early)).json()["type"] == "/problems/coupon-not-open"
    strange = {"id": str(uuid4()), "kind": "shop"}
    assert (await _claim(market, buyer, strange)).status_code == 404
    wrong: dict[str, dict[str, Any]] = {
        "threshold_fen": {"threshold_fen": 500},
        "claim_until": {"claim_until": clock.now().isoformat()},
        "use_days": {"use_days": None},
        "use_until": {"use_days": None, "use_until": clock.now().isoformat()},
    }
    for name, change in wrong.items():
        answer = await seller.post(f"/api/orgs/{market.shop}/coupons", json=_asked(**change))
        assert answer.json()["fields"][0]["name"] == name
    assert await audit(market.database) == {}


async def test_claims_whose_time_is_over_are_swept(market: Market) -> None:
    buyer = await market.buyer()
    coupon = await _issue(market, await market.seller("manager"))
    await _claim(market, buyer, coupon)
    async with market.database.begin() as tx:
        await tx.execute(
            text("update trade.coupon_claim set usable_until = now() - interval '1 s'")
        )
    (mine,) = (await buyer.get("/api/me/coupons")).json()["items"]
    assert mine["state"] == "expired"
    assert await coupons.expire(market.database) == 1
    assert await audit(market.database) == {}


async def test_a_rush_gives_each_piece_once(
    market: Market, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "spend", lambda *_: asyncio.sleep(0))
    coupon = await _issue(market, await market.seller("manager"), pieces=20, per_buyer=2)
    rivals = [Claims(database), Claims(database)]
    buyers = [uuid4() for _ in range(30)]

    async def claim(at: int, buyer: UUID) -> str:
        try:
            await rivals[at % 2].claim(market.shop, UUID(coupon["id"]), buyer, str(uuid4()))
        except Problem as problem:
            return problem.kind()
        return "claimed"

    said = await asyncio.gather(*(claim(at, buyer) for at in range(3) for buyer in buyers))
    assert said.count("claimed") == 20
    assert set(said) <= {"claimed", "coupon-used-up", "coupon-limit"}
    async with database.begin() as tx:
        most = await tx.scalar(
            text(
                "select max(n) from (select count(*) as n from trade.coupon_claim"
                " group by buyer_id) x"
            )
        )
    assert most <= 2
    assert await audit(database) == {}
