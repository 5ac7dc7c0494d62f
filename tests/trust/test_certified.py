"""What stands beside certificates: grams used and left, and where boxes grew."""

from sqlalchemy import text

from tests.supply.world import weigh
from tests.trade.market import Market
from tests.trust.test_claims import bear, verified
from tiantou.supply import face as supply
from tiantou.trust import certified_http


async def test_what_was_used_of_certificates_and_where_boxes_grew_is_told(market: Market) -> None:
    market.site.api.include_router(certified_http.routes)
    seller, org = await market.seller(), f"/api/orgs/{market.shop}"
    paper = await verified(market, seller)
    listed = (await seller.get(f"{org}/scheme-certificates")).json()["items"][0]
    assert (listed["plots"], listed["org_name"]) == (1, "橙光合作社")
    assert listed["variety"]["name"] == "纽荷尔脐橙"
    assert (await seller.get(f"{org}/certified")).json()["items"] == [], "no pack ever bore it"
    assert (await bear(market, seller, paper)).status_code == 201
    (used,) = (await seller.get(f"{org}/certified")).json()["items"]
    assert used["certificate_id"] == paper
    assert used["taken_g"] + used["left_g"] == listed["certified_g"]
    path = f"{org}/packs/{market.world.pack_id}/roots"
    assert (await seller.get(path)).json() == {"roots": [], "all_listed": False, "cut": False}
    lot = await weigh(market.database, market.world, 50_000)
    async with market.database.begin() as tx:
        await supply.pack_lot(
            tx, market.world.who, market.shop, lot.lot_id, market.world.pack_id, 2
        )
    (root,) = (await seller.get(path)).json()["roots"]
    assert (root["plot"], root["county"], root["listed"]) == ("南坡", "湖北省黄冈市武穴市", False)
    async with market.database.begin() as tx:
        await tx.execute(text("update regions.division set in832 = true"))
    told = (await seller.get(path)).json()
    assert told["all_listed"] and told["roots"][0]["listed"]
