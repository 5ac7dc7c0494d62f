"""Payments that are refused, run out or come back, on the provider's own page."""

from typing import Any

from sqlalchemy import text

from tests.stories.audit import audit
from tests.stories.place import Page, Place, until
from tests.stories.shop import PRICE_FEN, mine, my_path, open_shop, pay


async def test_refused_and_timed_out_payments_and_unpaid_orders(place: Place) -> None:
    shop = await open_shop(place, 13, "慢付合作社")
    pack = await shop.goods("未付的苹果", 5)
    buyer = await place.person()
    offer = await shop.offer(pack)
    order = (await shop.order(buyer, offer, units=2)).json()
    first = await pay(buyer, order, "refused")
    again = await pay(buyer, order, "timed_out")
    assert first != again
    assert await pay(buyer, order, "paid") == again
    assert (await mine(buyer, order, "paid"))["paid_fen"] == 2 * PRICE_FEN
    left = (await shop.order(buyer, offer, units=3)).json()
    assert (await shop.stock(pack))["available"] == 0
    assert (await shop.order(buyer, offer)).json()["type"] == "/problems/sold-out"
    async with place.database.begin() as tx:
        await tx.execute(
            text("update trade.orders set pay_before_at = now() where order_id = :id"),
            {"id": left["order_id"]},
        )
    await mine(buyer, left, "cancelled")
    assert (await shop.stock(pack))["available"] == 3
    path = f"/api/orders/{left['shop_id']}/{left['order_id']}/pay"
    assert await buyer.refused(path, {"return_to": "/me/orders"}) == "wrong-step"
    unwanted = (await shop.order(buyer, offer)).json()
    assert (await buyer.act(my_path(unwanted, "cancel")))["state"] == "cancelled"
    assert (await shop.stock(pack))["available"] == 3
    assert await audit(place) == {}


async def test_refunds_whole_and_in_part(place: Place) -> None:
    shop = await open_shop(place, 14, "退款合作社")
    pack = await shop.goods("要退的苹果", 6)
    buyer, offer = await place.person(), await shop.offer(pack)
    whole = await shop.bought(buyer, offer, units=2)
    part = await shop.bought(buyer, offer)
    await buyer.act(my_path(whole, "refund"), {"reason": "地址填错了"})
    back = await _refunded(buyer, whole, 2 * PRICE_FEN)
    assert (back["state"], back["refunds"][0]["state"]) == ("closed", "refunded")
    assert (await shop.stock(pack))["available"] == 5
    for act, body in (
        ("start-packing", {}),
        ("pack", {"picks": None}),
        ("ship", {"carrier": "顺丰", "waybill": "SF1234567890124"}),
    ):
        await shop.seller_act(part, act, body)
    await mine(buyer, part, "shipped")
    path = f"{shop.path}/orders/{part['order_id']}/refund"
    asked, key = {"amount_fen": 500, "reason": "坏了两个"}, {"idempotency-key": "a-part-of-it"}
    for _ in range(2):
        answer = await shop.owner.post(path, json=asked, headers=key)
        assert answer.status_code == 200, answer.text
    too_much = {"amount_fen": PRICE_FEN, "reason": "再来"}
    assert await shop.owner.refused(path, too_much) == "amount-too-high"
    order = await _refunded(buyer, part, 500)
    assert (order["state"], len(order["refunds"])) == ("shipped", 1)
    money = await shop.owner.read(f"{shop.path}/money")
    assert (money["paid_fen"], money["refunded_fen"]) == (3 * PRICE_FEN, 2 * PRICE_FEN + 500)
    assert money["balanced"]
    assert await audit(place) == {}


async def _refunded(buyer: Page, order: dict[str, Any], fen: int) -> dict[str, Any]:
    """The order once so much is back."""

    async def done() -> dict[str, Any] | None:
        found = await mine(buyer, order)
        return found if found["refunded_fen"] == fen else None

    return dict(await until(done, f"{fen} fen back"))
