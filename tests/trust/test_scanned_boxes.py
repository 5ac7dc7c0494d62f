"""The bench scans labels: a box belongs to one order, and is free again when that is called off."""

from typing import Any

from sqlalchemy import text

from tests.trade.audit import audit
from tests.trade.market import Market
from tests.trust.passporting import packed
from tests.web import Client


async def _to_pack(market: Market, units: int) -> tuple[Client, dict[str, Any], str]:
    """A paid order that is being packed: its buyer, itself, the path of its seller."""
    buyer, seller = await market.buyer(), await market.seller()
    placed = await market.paid_order(buyer, await market.standing(), units)
    path = f"/api/orgs/{market.shop}/orders/{placed['order_id']}"
    assert (await seller.post(f"{path}/start-packing", json={})).status_code == 200
    return buyer, placed, path


async def _refs(market: Market) -> dict[str, str]:
    async with market.database.begin() as tx:
        rows = await tx.execute(text("select code, ref from supply.box where ref is not null"))
        return {row.code: row.ref for row in rows}


async def test_the_boxes_of_the_labels_are_the_orders(market: Market) -> None:
    first, codes = await packed(market)
    second, others = await packed(market)
    seller = await market.seller()
    buyer, placed, path = await _to_pack(market, 3)
    scan = [codes[0], codes[1], others[0]]
    short = await seller.post(f"{path}/pack", json={"codes": scan[:2]})
    assert (short.json()["type"], short.json()["boxes_needed"]) == ("/problems/wrong-picks", 3)
    many = await seller.post(f"{path}/pack", json={"codes": [*scan, others[1]]})
    assert many.json()["type"] == "/problems/wrong-picks"
    twice = await seller.post(f"{path}/pack", json={"codes": [codes[0]] * 3})
    assert twice.json()["fields"][0] == {"name": "codes", "code": "twice"}
    strange = await seller.post(f"{path}/pack", json={"codes": [*scan[:2], "0000000000A"]})
    assert strange.status_code == 404
    assert await _refs(market) == {}
    done = await seller.post(f"{path}/pack", json={"codes": scan})
    assert done.status_code == 200, done.text
    picks = {one["lot_id"]: one["boxes"] for one in done.json()["picks"]}
    assert picks == {str(first): 2, str(second): 1}
    ref = f"order:{market.shop}/{placed['order_id']}/1"
    assert await _refs(market) == dict.fromkeys(scan, ref)
    _, _, other = await _to_pack(market, 1)
    taken = await seller.post(f"{other}/pack", json={"codes": [codes[0]]})
    assert (taken.json()["type"], taken.json()["code"]) == ("/problems/box-taken", codes[0])

    back = await buyer.post(
        f"/api/me/orders/{market.shop}/{placed['order_id']}/refund", json={"reason": "不要了"}
    )
    assert back.status_code == 200, back.text
    await market.pump()
    assert await _refs(market) == {}
    again = await seller.post(f"{other}/pack", json={"codes": [codes[0]]})
    assert again.status_code == 200, again.text
    assert await audit(market.database) == {}
