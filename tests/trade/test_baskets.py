"""Several shops and relatives: an order each, none holds the others, one payment for all."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from tests.trade.audit import audit
from tests.trade.market import TO, Market
from tests.trade.stall import Stall, put_offer, put_shop, put_stall
from tests.web import Client
from tiantou.kit import ids
from tiantou.trade.money import ledger
from tiantou.trade.views import OfferView

Anything = OfferView | Stall


def _line(offer: Anything, units: int = 1, **more: Any) -> dict[str, Any]:
    if isinstance(offer, OfferView):
        offer_id, snapshot = offer.id, offer.snapshot
    else:
        offer_id, snapshot = offer.offer_id, offer.snapshot.hex()
    named = {"offer_id": str(offer_id), "snapshot": snapshot}
    return {**named, "units": units, "price_fen": offer.price_fen, **more}


def _part(*lines: dict[str, Any], shop: UUID, **more: Any) -> dict[str, Any]:
    return {"shop_id": str(shop), "lines": list(lines), "recipient": TO, **more}


async def _place(buyer: Client, *parts: dict[str, Any], key: str = "") -> Any:
    headers = {"idempotency-key": key or str(uuid4())}
    answer = await buyer.post("/api/checkouts", json={"parts": parts}, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def _pay(market: Market, buyer: Client, parts: list[dict[str, Any]]) -> UUID:
    orders = [{"shop_id": one["shop_id"], "order_id": one["order_id"]} for one in parts]
    body = {"orders": orders, "return_to": "/me/orders"}
    answer = await buyer.post("/api/checkouts/pay", json=body)
    assert answer.status_code == 200, answer.text
    return UUID(answer.json()["payment_id"])


async def _rows(market: Market, what: str) -> list[Any]:
    async with market.database.begin() as tx:
        return [tuple(row) for row in await tx.execute(text(what))]


async def test_one_payment_pays_orders_of_two_shops(market: Market) -> None:
    offer, other = await market.stock(10), await put_stall(market.database, 5)
    buyer = await market.buyer()
    made = await _place(
        buyer,
        _part(_line(offer, 2), shop=market.shop),
        _part(_line(other), shop=other.shop_id),
    )
    assert made["amount_fen"] == 3 * 2_990
    parts = made["parts"]
    payment = await _pay(market, buyer, parts)
    assert await _pay(market, buyer, list(reversed(parts))) == payment
    alone = await _pay(market, buyer, parts[:1])
    assert alone != payment
    await market.sandbox.choose(payment, "paid", "done")
    await market.pump()
    assert await _rows(market, "select state, paid_fen from trade.orders order by 2") == [
        ("paid", 2_990),
        ("paid", 5_980),
    ]
    # who pays one of them once more has that back
    await market.sandbox.choose(alone, "paid", "done")
    await market.pump()
    assert await _rows(market, "select state, late, amount_fen from trade.refund") == [
        ("refunded", True, 5_980)
    ]
    async with market.database.begin() as tx:
        assert await ledger.balanced(tx)
    assert await audit(market.database) == {}


async def test_what_one_shop_refuses_holds_nothing_of_the_others(market: Market) -> None:
    offer, other = await market.stock(10), await put_stall(market.database, 1)
    buyer = await market.buyer()
    parts = (
        _part(_line(offer), shop=market.shop),
        _part(_line(other, 2), shop=other.shop_id),
        _part(_line(offer, price_fen=1), shop=market.shop),
    )
    key = str(uuid4())
    made = await _place(buyer, *parts, key=key)
    said = [one["problem"] and one["problem"]["type"] for one in made["parts"]]
    assert said == [None, "/problems/sold-out", "/problems/price-changed"]
    assert made["amount_fen"] == 2_990
    again = await _place(buyer, *parts, key=key)
    assert again["parts"][0] == made["parts"][0]
    changed = await _place(buyer, _part(_line(offer, 2), shop=market.shop), key=key)
    assert changed["parts"][0]["problem"]["type"] == "/problems/key-reused"
    assert (await _rows(market, "select count(*) from trade.orders"))[0] == (1,)
    assert await audit(market.database) == {}


async def test_boxes_go_to_several_relatives_and_a_late_part_comes_back(market: Market) -> None:
    offer, buyer = await market.stock(10), await market.buyer()
    relatives = [TO | {"recipient": name} for name in ("张三", "李四", "王五")]
    made = await _place(
        buyer,
        *(
            _part(_line(offer, units), shop=market.shop) | {"recipient": to, "note": "祝中秋好"}
            for units, to in enumerate(relatives, 1)
        ),
    )
    assert [one["amount_fen"] for one in made["parts"]] == [2_990, 5_980, 8_970]
    assert len({one["number"] for one in made["parts"]}) == 3
    payment = await _pay(market, buyer, made["parts"])
    third = made["parts"][2]
    path = f"/api/me/orders/{third['shop_id']}/{third['order_id']}"
    assert (await buyer.post(f"{path}/cancel", json={})).status_code == 200
    await market.sandbox.choose(payment, "paid", "done")
    await market.pump()
    states = await _rows(market, "select state, amount_fen from trade.orders order by 2")
    assert states == [("paid", 2_990), ("paid", 5_980), ("cancelled", 8_970)]
    assert await _rows(market, "select amount_fen, late, state from trade.refund") == [
        (8_970, True, "refunded")
    ]
    names = [(await market.mine(buyer, one))["recipient"]["recipient"] for one in made["parts"][:2]]
    assert names == ["张三", "李四"]
    assert await audit(market.database) == {}


async def test_a_quote_does_nothing_and_weighs_all_lines(market: Market) -> None:
    async with market.database.begin() as tx:
        shop, packs = await put_shop(tx), [ids.uuid7(), ids.uuid7()]
        one, two = [await put_offer(tx, shop, pack, {pack: ("stock", 5, 1)}) for pack in packs]
    buyer = await market.buyer()
    lost = _part(_line(one), shop=shop) | {"recipient": TO | {"division_code": "999999"}}
    body = {"parts": [_part(_line(one), _line(two, 3), shop=shop), lost]}
    said = (await buyer.post("/api/checkouts/quote", json=body)).json()["parts"]
    assert (said[0]["goods_fen"], said[0]["problem"]) == (4 * 2_990, None)
    assert said[1]["problem"]["fields"][0]["name"] == "recipient.division_code"
    assert await _rows(market, "select * from trade.orders") == []
    twice = {"parts": [_part(_line(one), _line(one), shop=shop)]}
    answer = await buyer.post("/api/checkouts/quote", json=twice)
    assert answer.json()["fields"][0] == {"name": "parts.0.lines", "code": "twice"}


async def test_a_certificate_that_is_used_up_is_named_at_its_line(market: Market) -> None:
    async with market.database.begin() as tx:
        shop, packs, grams = await put_shop(tx), [ids.uuid7(), ids.uuid7()], ids.uuid7()
        plain = await put_offer(tx, shop, packs[0], {packs[0]: ("stock", 5, 1)})
        pools = {packs[1]: ("stock", 5, 1), grams: ("certified", 2_500, 2_500)}
        organic = await put_offer(tx, shop, packs[1], pools)
    made = await _place(await market.buyer(), _part(_line(plain), _line(organic, 2), shop=shop))
    (part,) = made["parts"]
    assert (part["problem"]["type"], part["line"]) == ("/problems/certified-used-up", 1)
    assert (part["problem"]["units_left"], part["problem"]["left_g"]) == (1, 2_500)


async def test_baskets_race_for_the_last_boxes_of_two_shops(market: Market) -> None:
    stalls = [await put_stall(market.database, 5) for _ in range(2)]
    buyers = [await market.buyer() for _ in range(12)]
    made = await asyncio.gather(
        *(
            _place(buyer, *(_part(_line(one), shop=one.shop_id) for one in stalls))
            for buyer in buyers
        )
    )
    for at in range(2):
        got = [one["parts"][at]["order_id"] for one in made if one["parts"][at]["order_id"]]
        assert len(got) == 5
    assert await audit(market.database) == {}
