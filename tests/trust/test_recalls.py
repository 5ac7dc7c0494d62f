"""Recalls: found whole, activated at once, worked off once, whatever dies or races meanwhile."""

import asyncio
import csv
import io
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from tests.trade.audit import audit
from tests.trade.market import Market
from tests.trust.farm import BOX_G, Farm, open_farm
from tests.trust.work import work_off
from tests.web import Client
from tiantou.core import timers
from tiantou.core.db import Database
from tiantou.core.problems import Problem
from tiantou.supply import face as supply
from tiantou.trade import face as trade
from tiantou.trade import orders
from tiantou.trade.picks import Scanned
from tiantou.trust import recalls, trace, working
from tiantou.trust.events import RecallActivated
from tiantou.trust.problems import NoticesLeft


async def _draft(market: Market, seller: Client, drill: bool = False, **more: object) -> Any:
    body = {"reason": "农残超标", "drill": drill, **more}
    made = await seller.post(f"/api/orgs/{market.shop}/recalls", json=body)
    assert made.status_code == 201, made.text
    return made.json()


async def _act(market: Market, seller: Client, recall: str, act: str) -> Any:
    path = f"/api/orgs/{market.shop}/recalls/{recall}/{act}"
    return await seller.post(path, json={})


async def test_a_recall_from_the_field_to_the_last_buyer(market: Market) -> None:
    farm, seller = await open_farm(market), await market.seller()
    await farm.sell("packed", {"first": 1})
    await farm.sell("shipped", {"mix": 1, "second": 1}, ship=True)
    await farm.sell("safe", {"second": 2}, ship=True)
    start = str(farm.slips[0].lot_id)

    drill = await _draft(market, seller, True, lots=[start])
    assert (drill["state"], drill["progress"]["orders"], drill["may"]) == ("closed", 2, [])
    assert drill["trace_ms"] >= 1
    offer = await market.standing()
    assert (offer.state, offer.units_left) == ("open", 25)

    draft = await _draft(market, seller, lots=[start])
    assert {lot["lot_id"] for lot in draft["lots"]} == {
        start,
        str(farm.lots["first"]),
        str(farm.lots["mix"]),
    }
    assert (draft["progress"]["boxes"], draft["progress"]["queued"]) == (2, 2)
    active = (await _act(market, seller, draft["id"], "activate")).json()
    assert (active["state"], active["progress"]["queued"]) == ("active", 2)
    paused = await market.standing()
    # 18 boxes of recalled lots are out of stock; 7 of the second household's are left
    assert (paused.state, paused.paused_by, paused.units_left) == ("paused", "recall", 7)
    early = await _act(market, seller, draft["id"], "close")
    assert (early.status_code, early.json()["type"]) == (409, "/problems/notices-left")

    await work_off(market.database)
    await market.pump()
    done = (await seller.get(f"/api/orgs/{market.shop}/recalls/{draft['id']}")).json()
    assert (done["progress"]["queued"], done["progress"]["told"]) == (0, 2)
    states = {name: (await farm.seen(name))["state"] for name in farm.orders}
    assert states == {"packed": "closed", "shipped": "shipped", "safe": "shipped"}
    refunded = {name: (await farm.seen(name))["refunded_fen"] for name in farm.orders}
    whole = (await farm.seen("packed"))["amount_fen"]
    assert refunded == {"packed": whole, "shipped": 2_990, "safe": 0}
    assert done["progress"]["refunded_fen"] == whole + 2_990
    # the boxes that came back are not for sale
    assert (await market.standing()).units_left == 7
    mass = done["mass"]
    # mix holds 5 boxes' worth of the second household's: it is recalled with it
    assert mass["made_g"] == 50_000 + 5 * BOX_G
    assert mass["in_orders_g"] == BOX_G
    assert mass["made_g"] == sum(grams for name, grams in mass.items() if name != "made_g")

    await _told(market, farm, seller, draft["id"])
    closed = await _act(market, seller, draft["id"], "close")
    assert closed.json()["state"] == "closed"
    resumed = await market.standing()
    assert (resumed.state, resumed.units_left) == ("open", 7)
    assert await audit(market.database) == {}


async def _told(market: Market, farm: Farm, seller: Client, recall: str) -> None:
    """The buyers know, acknowledge, and stand in the county's file."""
    buyer, order = farm.orders["shipped"]
    inbox = (await buyer.get("/api/me/recalls")).json()["items"]
    assert [(one["state"], one["refunded_fen"]) for one in inbox] == [("told", 2_990)]
    safe, _ = farm.orders["safe"]
    assert (await safe.get("/api/me/recalls")).json()["items"] == []
    foreign = await safe.post(f"/api/me/recalls/{recall}/{order}/acknowledge", json={})
    assert foreign.status_code == 404
    mine = await buyer.post(f"/api/me/recalls/{recall}/{order}/acknowledge", json={})
    assert mine.json()["items"][0]["state"] == "acknowledged"
    base = f"/api/orgs/{market.shop}/recalls/{recall}"
    _, other = farm.orders["packed"]
    by_phone = await seller.post(f"{base}/orders/{other}/acknowledge", json={})
    assert by_phone.json()["items"][0]["state"] == "acknowledged"
    file = await seller.get(f"{base}/lines.csv")
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))
    assert [row["state"] for row in rows] == ["acknowledged", "acknowledged"]
    assert {row["division"] for row in rows} == {"湖北省黄冈市武穴市"}
    for secret in ("13800138000", "王小明", "人民路"):
        assert secret not in file.text


async def test_from_a_box_to_everything_that_shares_a_root(market: Market) -> None:
    farm, seller = await open_farm(market), await market.seller()
    base = f"/api/orgs/{market.shop}"
    boxes = (await seller.get(f"{base}/lots/{farm.lots['mix']}/boxes")).json()["items"]
    code = boxes[0]["code"]
    origin = (await seller.get(f"{base}/boxes/{code.lower()}/origin")).json()
    assert {root["lot_id"] for root in origin["roots"]} == {str(s.lot_id) for s in farm.slips}
    assert {root["plot"] for root in origin["roots"]} == {"南坡"}
    drill = await _draft(market, seller, True, box_code=code)
    assert len(drill["lots"]) == 5
    stranger = await seller.get(f"{base}/boxes/0000000000A/origin")
    assert stranger.status_code == 404
    await farm.sell("one", {"mix": 2})
    _, order = farm.orders["one"]
    found = (await seller.get(f"{base}/orders/{order}/origin")).json()
    assert found["lots"] == [str(farm.lots["mix"])]
    forward = (await seller.get(f"{base}/lots/{farm.slips[1].lot_id}/orders")).json()
    assert (forward["orders"], forward["boxes"], forward["cut"]) == (1, 2, False)


async def test_a_boxes_passport_tells_its_roots_and_its_state(market: Market) -> None:
    farm, seller = await open_farm(market), await market.seller()
    path = f"/api/orgs/{market.shop}/lots/{farm.lots['mix']}/boxes"
    code = (await seller.get(path)).json()["items"][3]["code"]
    async with market.database.begin() as tx:
        told = await trace.passport(tx, f" {code.lower()} ")
        assert await trace.passport(tx, "NOSUCHCODE0") is None
    assert told is not None
    assert (told.lot_id, told.state, told.net_g, told.ref) == (
        farm.lots["mix"],
        "open",
        BOX_G,
        None,
    )
    assert [root["code"] for root in told.roots] == [slip.lot_code for slip in farm.slips]
    assert {(root["village"], root["plot"]) for root in told.roots} == {("桥头村", "南坡")}
    draft = await _draft(market, seller, lots=[str(farm.slips[1].lot_id)])
    assert (await _act(market, seller, draft["id"], "activate")).status_code == 200
    async with market.database.begin() as tx:
        now = await trace.passport(tx, code)
    assert now is not None
    assert now.state == "recalled"


async def test_the_work_goes_on_where_it_broke_off(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    farm, seller = await open_farm(market), await market.seller()
    for number in range(5):
        await farm.sell(f"{number}", {"first": 1}, ship=True)
    draft = await _draft(market, seller, lots=[str(farm.slips[0].lot_id)])
    assert (await _act(market, seller, draft["id"], "activate")).status_code == 200
    monkeypatch.setattr(working, "ORDERS_AT_ONCE", 2)
    fact = RecallActivated(recall_id=UUID(draft["id"]), org_id=market.shop, lots=2, lines=5)
    with pytest.raises(ZeroDivisionError):
        async with market.database.begin() as tx:
            await working.go_on(tx, fact)
            raise ZeroDivisionError("the worker dies before its commit")
    async with market.database.begin() as tx:
        await working.go_on(tx, fact)
    # told twice, as after a crash behind the commit: it only goes on
    async with market.database.begin() as tx:
        await working.go_on(tx, fact)
    await work_off(market.database)
    await market.pump()
    done = (await seller.get(f"/api/orgs/{market.shop}/recalls/{draft['id']}")).json()
    assert (done["progress"]["told"], done["progress"]["queued"]) == (5, 0)
    for name in farm.orders:
        seen = await farm.seen(name)
        assert len(seen["refunds"]) == 1
        assert seen["refunded_fen"] == seen["amount_fen"]
    async with market.database.begin() as tx:
        told = await tx.scalar(text("select count(*) from accounts.message where kind = 'recall'"))
    assert told == 5
    assert await audit(market.database) == {}


async def test_whoever_packs_while_it_is_activated_is_found_or_refused(market: Market) -> None:
    farm, seller = await open_farm(market), await market.seller()
    offer, ready = await market.standing(), []
    for _ in range(12):
        placed = await market.paid_order(await market.buyer(), offer)
        order = UUID(placed["order_id"])
        path = f"/api/orgs/{market.shop}/orders/{order}/start-packing"
        assert (await seller.post(path, json={})).status_code == 200
        ready.append(order)
    draft = await _draft(market, seller, lots=[str(farm.slips[0].lot_id)])

    async def pack(order: UUID, number: int) -> bool:
        lot = farm.lots["first" if number % 2 else "mix"]
        await asyncio.sleep(0.004 * number)
        try:
            async with market.database.begin() as tx:
                scanned = [Scanned(lot_id=lot, boxes=1)]
                await orders.pack(tx, market.shop, order, market.world.who.person_id, scanned)
        except Problem:
            return False
        return True

    async def box_up() -> None:
        world = market.world
        for _ in range(6):
            try:
                async with market.database.begin() as tx:
                    slip = farm.slips[0].lot_id
                    await supply.pack_lot(tx, world.who, market.shop, slip, world.pack_id, 1)
            except Problem:
                return

    async def activate() -> None:
        await asyncio.sleep(0.02)
        async with market.database.begin() as tx:
            await recalls.activate(tx, market.world.who, market.shop, UUID(draft["id"]))

    packing = [pack(order, number) for number, order in enumerate(ready)]
    packed, *_ = await asyncio.gather(asyncio.gather(*packing), activate(), box_up())
    async with market.database.begin() as tx:
        below = await supply.descendants(tx, [farm.slips[0].lot_id])
        states = {one.state for one in (await supply.lots(tx, below)).values()}
        lines = await trade.lines_of_lots(tx, below, 1_000)
        queued = await tx.execute(text("select order_id from trust.recall_line"))
        assert {line.order_id for line in lines} == set(queued.scalars())
    assert states == {"recalled"}
    assert len(lines) == sum(packed)
    assert await audit(market.database) == {}


async def test_two_recalls_of_a_pack_and_time(market: Market) -> None:
    farm, seller = await open_farm(market), await market.seller()
    both = [await _draft(market, seller, lots=[str(slip.lot_id)]) for slip in farm.slips]
    for recall in both:
        assert (await _act(market, seller, recall["id"], "activate")).status_code == 200
    await work_off(market.database)
    assert (await _act(market, seller, both[0]["id"], "close")).status_code == 200
    assert (await market.standing()).state == "paused"
    async with market.database.begin() as tx:
        await tx.execute(text("update core.timer set due_at = now() where kind = 'trust.recall'"))
    handlers: dict[str, timers.Due] = {recalls.TIMER: recalls.on_due}
    await timers.run_due(market.database, handlers)
    assert (await market.standing()).state == "open"
    again = await _act(market, seller, both[1]["id"], "activate")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/wrong-step")
    third = await _draft(market, seller, lots=[str(farm.lots["mix"])])
    assert (await _act(market, seller, third["id"], "drop")).json()["state"] == "dropped"


async def test_held_boxes_are_not_for_sale_and_released_ones_are(market: Market) -> None:
    offer = await market.stock(10)
    lots = (await _lots(market))[0]
    seller, base = await market.seller(), f"/api/orgs/{market.shop}/lots/{lots}"
    await market.paid_order(await market.buyer(), offer, 3)
    assert (await seller.post(f"{base}/hold", json={"reason": "送检"})).status_code == 200
    await market.pump()
    assert (await market.standing()).units_left == 0
    spoilt = {"reason": "spoil", "grams": 2 * BOX_G}
    assert (await seller.post(f"{base}/moves", json=spoilt)).status_code == 201
    assert (await seller.post(f"{base}/release", json={"reason": "合格"})).status_code == 200
    await market.pump()
    # 8 boxes are there, 3 of them are promised
    assert (await market.standing()).units_left == 5
    assert await audit(market.database) == {}


async def _lots(market: Market) -> list[UUID]:
    async with market.database.begin() as tx:
        rows = await tx.execute(text("select id from supply.lot where kind = 'packed'"))
        return list(rows.scalars())


async def test_it_is_not_closed_while_somebody_waits(market: Market, database: Database) -> None:
    farm = await open_farm(market)
    await farm.sell("one", {"first": 1})
    who = market.world.who
    async with database.begin() as tx:
        made = await recalls.draft(tx, who, market.shop, [farm.slips[0].lot_id], "抽检", False)
        await recalls.activate(tx, who, market.shop, made.id)
        with pytest.raises(NoticesLeft):
            await recalls.close(tx, who, market.shop, made.id)


async def test_a_recall_stops_what_has_not_left(market: Market) -> None:
    farm, seller = await open_farm(market), await market.seller()
    await farm.sell("ready", {"mix": 1, "second": 1})
    await farm.sell("safe", {"second": 2})
    base = f"/api/orgs/{market.shop}"
    ways = {"ready": "78123456701", "safe": "78123456702"}
    for name, waybill in ways.items():
        path = f"{base}/orders/{farm.orders[name][1]}/ready"
        made = await seller.post(path, json={"carrier": "中通", "waybill": waybill})
        assert (made.status_code, made.json()["state"]) == (200, "ready"), made.text
    draft = await _draft(market, seller, lots=[str(farm.slips[0].lot_id)])
    assert (await _act(market, seller, draft["id"], "activate")).status_code == 200

    found = (await seller.get(f"{base}/parcels")).json()
    assert found["counts"] == {"ready": 1, "stopped": 1}
    (stop,) = (await seller.get(f"{base}/stops")).json()["items"]
    order = farm.orders["ready"][1]
    assert (stop["order_id"], stop["why"]) == (str(order), draft["code"])
    scan = f"{base}/parcels/scan-off"
    refused = await seller.post(scan, json={"waybill": ways["ready"]})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/parcel-stopped")
    shipped = await seller.post(
        f"{base}/orders/{order}/ship", json={"carrier": "韵达", "waybill": "43123456789"}
    )
    assert shipped.json()["why"] == draft["code"]
    assert (await farm.seen("ready"))["state"] == "packed"
    for _ in range(2):
        gone = await seller.post(scan, json={"waybill": ways["safe"]})
        assert (gone.status_code, gone.json()["state"]) == (200, "handed_over"), gone.text
    assert (await farm.seen("safe"))["state"] == "shipped"

    lifted = await seller.post(f"{base}/stops/{order}/lift", json={"reason": "召回的一箱已取出"})
    assert lifted.status_code == 204
    gone = await seller.post(scan, json={"waybill": ways["ready"]})
    assert gone.json()["state"] == "handed_over"
    again = await seller.post(f"{base}/stops/{order}/lift", json={"reason": "再来一次"})
    assert again.status_code == 404
