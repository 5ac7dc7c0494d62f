"""Orders of other channels, by the route: the same boxes and deadlines, never the same money."""

from typing import Any

from sqlalchemy import text

from tests.trade.audit import audit
from tests.trade.market import TO, Market
from tests.web import Client
from tiantou.trade import imports


def _row(market: Market, no: str, units: int = 1, **more: Any) -> dict[str, Any]:
    line = {"pack_id": str(market.world.pack_id), "units": units, "price_fen": 2_680}
    return {"external_no": no, "lines": [line], **more}


async def _send(market: Market, who: Client, *rows: dict[str, Any], channel: str = "douyin") -> Any:
    body = {"channel": channel, "orders": rows}
    return await who.post(f"/api/orgs/{market.shop}/imported-orders", json=body)


async def _one(market: Market, statement: str) -> Any:
    async with market.database.begin() as tx:
        return await tx.scalar(text(statement))


async def test_an_import_takes_boxes_once_and_says_what_it_refused(market: Market) -> None:
    await market.stock(4)
    seller = await market.seller("manager")
    first = (await _send(market, seller, _row(market, "A1", 3, to=TO), _row(market, "A2"))).json()
    assert (first["placed"], first["known"], first["refused"]) == (2, 0, 0)
    more = [_row(market, "A1", 3, to=TO), _row(market, "A2", 2), _row(market, "A3")]
    again = (await _send(market, seller, *more)).json()
    assert (again["placed"], again["known"], again["refused"]) == (0, 1, 2)
    assert again["items"][0]["order_id"] == first["items"][0]["order_id"]
    kinds = [one["problem"]["type"] for one in again["items"][1:]]
    assert kinds == ["/problems/import-differs", "/problems/sold-out"]
    # the same number of another channel is another order
    assert (await _send(market, seller, _row(market, "A1"), channel="taobao")).json()["refused"]
    assert (await market.standing()).units_left == 0
    assert await audit(market.database) == {}


async def test_an_imported_order_is_packed_sent_and_never_refunded_here(market: Market) -> None:
    await market.stock(4)
    seller = await market.seller("owner")
    made = (await _send(market, seller, _row(market, "B1", 2, to=TO, note="早上送"))).json()
    path = f"/api/orgs/{market.shop}/orders/{made['items'][0]['order_id']}"
    order = (await seller.get(path)).json()
    assert (order["state"], order["channel"], order["external_no"]) == ("paid", "douyin", "B1")
    assert order["recipient"]["recipient"] == TO["recipient"]
    assert "refund" not in order["may"]
    refused = await seller.post(f"{path}/refund", json={"amount_fen": 100, "reason": "坏果两个"})
    assert (refused.status_code, refused.json()["channel"]) == (409, "douyin")
    for act, body in (
        ("start-packing", {}),
        ("pack", {"picks": None}),
        ("ship", {"carrier": "自送", "waybill": ""}),
        ("delivered", {}),
    ):
        assert (await seller.post(f"{path}/{act}", json=body)).status_code == 200
    await market.pass_time(days=3)
    assert (await seller.get(path)).json()["state"] == "completed"
    assert await _one(market, "select count(*) from trade.refund") == 0
    assert await audit(market.database) == {}


async def test_one_that_is_not_sent_in_time_closes_and_gives_its_boxes_back(
    market: Market,
) -> None:
    await market.stock(4)
    seller = await market.seller("manager")
    made = (await _send(market, seller, _row(market, "C1", 3, division_code="421182"))).json()
    await market.pass_time(days=12)
    path = f"/api/orgs/{market.shop}/orders/{made['items'][0]['order_id']}"
    assert (await seller.get(path)).json()["state"] == "closed"
    assert (await market.standing()).units_left == 4
    assert await audit(market.database) == {}


async def test_an_import_is_whole_or_not_at_all(market: Market, monkeypatch: Any) -> None:
    await market.stock(4)
    seller = await market.seller("manager")

    async def broken(*_: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr("tiantou.core.timers.set_all", broken)
    assert (await _send(market, seller, _row(market, "D1"))).status_code == 503
    monkeypatch.undo()
    assert await _one(market, "select count(*) from trade.orders") == 0
    assert (await _send(market, seller, _row(market, "D1"))).json()["placed"] == 1


async def test_what_makes_no_sense_is_refused_with_its_field(market: Market) -> None:
    await market.stock(1)
    seller = await market.seller("manager")
    cases = [
        ([_row(market, "E1"), _row(market, "E1")], "orders.1.external_no", "twice"),
        ([_row(market, "E1", division_code="999999")], "orders.0.division_code", "unknown"),
        ([_row(market, "E 1")], "orders.0.external_no", "string-pattern-mismatch"),
    ]
    for rows, name, code in cases:
        answer = await _send(market, seller, *rows)
        assert answer.status_code == 422
        assert [(one["name"], one["code"]) for one in answer.json()["fields"]] == [(name, code)]
    strange = _row(market, "E2")
    strange["lines"][0]["pack_id"] = str(market.shop)
    said = (await _send(market, seller, strange)).json()
    assert said["items"][0]["problem"]["type"] == "/problems/no-such-offer"


async def test_a_number_that_stands_twice_is_one_order(market: Market) -> None:
    await market.stock(4)
    sold = imports.Sold(market.world.pack_id, 1, 2_500)
    async with market.database.begin() as tx:
        rows = [imports.Row("F1", (sold,)), imports.Row("F1", (sold,))]
        taken = await imports.take(tx, market.keys, market.world.who, market.shop, "douyin", rows)
    assert [one.fresh for one in taken] == [True, False]
    assert await _one(market, "select count(*) from trade.orders") == 1
