"""A farm with two fields, three packed lots, and orders of them."""

from typing import Any
from uuid import UUID, uuid4

from tests.supply.world import weigh
from tests.trade.market import Market
from tests.web import Client
from tiantou.supply import face as supply
from tiantou.supply.face import SlipView

BOX_G = 2_500


class Farm:
    """Two slips, three packed lots: only the first's, a mix, only the second's; 10 boxes each."""

    def __init__(self, market: Market, slips: list[SlipView], lots: dict[str, UUID]) -> None:
        self.market, self.slips, self.lots = market, slips, lots
        self.orders: dict[str, tuple[Client, UUID]] = {}

    async def sell(self, name: str, parts: dict[str, int], ship: bool = False) -> None:
        """A paid and packed order with boxes of some lots."""
        market, buyer = self.market, await self.market.buyer()
        offer = await market.standing()
        placed = await market.paid_order(buyer, offer, sum(parts.values()))
        seller, order = await market.seller(), placed["order_id"]
        path = f"/api/orgs/{market.shop}/orders/{order}"
        assert (await seller.post(f"{path}/start-packing", json={})).status_code == 200
        scanned = [{"lot_id": str(self.lots[lot]), "boxes": n} for lot, n in parts.items()]
        packed = await seller.post(f"{path}/pack", json={"picks": scanned})
        assert packed.status_code == 200, packed.text
        if ship:
            body = {"carrier": "顺丰", "waybill": f"SF{uuid4().int % 10**10:010}"}
            assert (await seller.post(f"{path}/ship", json=body)).status_code == 200
        await market.pump()
        self.orders[name] = (buyer, UUID(order))

    async def seen(self, name: str) -> dict[str, Any]:
        """An order as its buyer sees it."""
        buyer, order = self.orders[name]
        path = f"/api/me/orders/{self.market.shop}/{order}"
        found: dict[str, Any] = (await buyer.get(path)).json()
        return found


async def open_farm(market: Market) -> Farm:
    """Ten boxes of each lot, of two weigh-ins."""
    world = market.world
    slips = [await weigh(market.database, world, 50_000) for _ in range(2)]
    first, second = (slip.lot_id for slip in slips)
    half = {first: 5 * BOX_G, second: 5 * BOX_G}
    runs = {"first": {first: 10 * BOX_G}, "mix": half, "second": {second: 10 * BOX_G}}
    lots = {}
    for name, grams in runs.items():
        async with market.database.begin() as tx:
            run = await supply.pack_mix(tx, world.who, market.shop, world.pack_id, 10, grams)
            lots[name] = run.packed_lot_id
    await market.pump()
    return Farm(market, slips, lots)
