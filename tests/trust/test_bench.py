"""The packing bench: two scans a box, for orders of any channel, and what it refuses by name."""

import asyncio
import collections
import json
import sys
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from tests.trade.audit import audit
from tests.trade.market import TO, Market
from tests.trust.passporting import packed
from tests.web import Client
from tiantou.kit import clock
from tiantou.supply import face as supply
from tiantou.trade.bench.short_weight import owed_fen, tolerated_g


class Bench:
    """A packer at the bench."""

    def __init__(self, market: Market, who: Client) -> None:
        self.path, self.who = f"/api/orgs/{market.shop}", who

    async def scan(self, order: str, *boxes: str, **more: Any) -> list[dict[str, Any]]:
        """Boxes held to an order, one after another."""
        at = clock.now().isoformat()
        scans = [{"id": str(uuid4()), "order": order, "box": b, "at": at, **more} for b in boxes]
        return await self.send(scans)

    async def send(self, scans: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Scans as the device sends them."""
        said = await self.who.post(f"{self.path}/bench/scans", json={"scans": scans})
        assert said.status_code == 200, said.text
        items: list[dict[str, Any]] = said.json()["items"]
        return items


async def _imported(market: Market, who: Client, no: str, units: int = 1) -> dict[str, Any]:
    line = {"pack_id": str(market.world.pack_id), "units": units, "price_fen": 2_680}
    body = {"channel": "douyin", "orders": [{"external_no": no, "lines": [line], "to": TO}]}
    said = await who.post(f"/api/orgs/{market.shop}/imported-orders", json=body)
    made: dict[str, Any] = said.json()["items"][0]
    assert made["fresh"], made
    return made


def _verdicts(said: list[dict[str, Any]]) -> list[str]:
    return [one["verdict"] for one in said]


async def _paid(market: Market, units: int = 1) -> dict[str, Any]:
    return await market.paid_order(await market.buyer(), await market.standing(), units)


async def _order(market: Market, who: Client, placed: dict[str, Any]) -> dict[str, Any]:
    path = f"/api/orgs/{market.shop}/orders/{placed['order_id']}"
    found: dict[str, Any] = (await who.get(path)).json()
    return found


async def test_two_scans_a_box_pack_orders_of_any_channel(market: Market) -> None:
    lot, codes = await packed(market)
    manager = await market.seller("manager")
    bench = Bench(market, await market.seller("packer"))
    own = await _paid(market, 2)
    await _imported(market, manager, "DY-77")
    label = {"order": "DY-77", "carrier": "中通", "waybill": "773012345678"}
    known = await bench.who.post(f"{bench.path}/waybills", json={"waybills": [label]})
    assert known.json() == {"known": 1}

    first = await bench.scan(own["number"], f"HTTPS://TIANTOU.TEST/P/{codes[0].lower()}")
    assert (first[0]["verdict"], first[0]["boxes_in"], first[0]["boxes_needed"]) == ("in", 1, 2)
    assert first[0]["order_state"] == "packing"
    again = await bench.scan(own["number"], codes[0])
    assert (again[0]["verdict"], again[0]["other"]) == ("box_taken", own["number"])
    last = await bench.scan(own["number"], codes[1])
    assert (last[0]["verdict"], last[0]["order_state"]) == ("in", "packed")
    theirs = await bench.scan("773012345678", codes[2])
    assert (theirs[0]["verdict"], theirs[0]["channel"]) == ("in", "douyin")
    assert theirs[0]["order_state"] == "packed"
    full = await bench.scan("DY-77", codes[3])
    assert _verdicts(full) == ["order_full"]

    order = await _order(market, manager, own)
    assert [(one["lot_id"], one["boxes"]) for one in order["picks"]] == [(str(lot), 2)]
    origin = await manager.get(f"/api/orgs/{market.shop}/boxes/{codes[2]}/origin")
    assert origin.status_code == 200, origin.text
    ready = (
        await manager.get(f"/api/orgs/{market.shop}/parcels", params={"state": "ready"})
    ).json()
    assert [one["waybill"] for one in ready["items"]] == ["773012345678"]
    shown = (await bench.who.get(f"{bench.path}/bench")).json()
    assert shown["today"][0]["boxes"] == 3 and shown["refused"] == 2
    assert len(shown["latest"]) == 5
    assert await audit(market.database) == {}


async def test_a_scan_that_is_sent_twice_is_one(market: Market) -> None:
    _, codes = await packed(market)
    bench = Bench(market, await market.seller("packer"))
    own = await _paid(market, 2)
    at = (clock.now() - timedelta(hours=3)).isoformat()
    scan = {"id": str(uuid4()), "order": own["number"], "box": codes[0], "at": at}
    said = [await bench.send([scan]) for _ in range(2)]
    both = await bench.send([scan, scan])
    assert _verdicts([said[0][0], said[1][0], *both]) == ["in"] * 4
    assert both[1]["boxes_in"] == 1
    old = scan | {"id": str(uuid4()), "at": (clock.now() - timedelta(days=8)).isoformat()}
    refused = await bench.who.post(f"{bench.path}/bench/scans", json={"scans": [scan, old]})
    assert refused.json()["fields"] == [{"name": "scans.1.at", "code": "range"}]


async def test_what_does_not_belong_is_refused_by_name_and_waits_for_a_person(
    market: Market,
) -> None:
    lot, codes = await packed(market)
    manager = await market.seller("manager")
    bench = Bench(market, await market.seller("packer"))
    own = await _paid(market, 2)
    unpaid = (await market.order(await market.buyer(), await market.standing())).json()
    said = await bench.scan("NOBODYS", codes[0])
    said += await bench.scan(own["number"], "0000000000A")
    said += await bench.scan(unpaid["number"], codes[0])
    held = await manager.post(f"{bench.path}/lots/{lot}/hold", json={"reason": "等检测结果"})
    assert held.status_code == 200, held.text
    said += await bench.scan(own["number"], codes[0])
    assert _verdicts(said) == ["unknown_order", "unknown_box", "not_paid", "lot_not_open"]
    assert said[3]["other"] == said[3]["other"].upper() != ""
    waiting = (await bench.who.get(f"{bench.path}/bench/refused")).json()["items"]
    assert [one["scan_id"] for one in waiting] == [one["scan_id"] for one in said]
    done = await bench.who.post(f"{bench.path}/bench/scans/{said[0]['scan_id']}/settle", json={})
    assert done.status_code == 204
    left = (await bench.who.get(f"{bench.path}/bench/refused")).json()["items"]
    assert [one["scan_id"] for one in left] == [one["scan_id"] for one in said[1:]]
    assert await _refs(market) == {}
    assert await audit(market.database) == {}


async def _refs(market: Market) -> dict[str, str]:
    async with market.database.begin() as tx:
        rows = await tx.execute(text("select code, ref from supply.box where ref is not null"))
        return {row.code: row.ref for row in rows}


async def test_a_box_comes_out_again_while_its_order_is_being_packed(market: Market) -> None:
    _, codes = await packed(market)
    bench = Bench(market, await market.seller("packer"))
    own = await _paid(market, 2)
    [one] = await bench.scan(own["number"], codes[0])
    undo = f"{bench.path}/bench/scans/{one['scan_id']}/undo"
    for _ in range(2):
        back = await bench.who.post(undo, json={})
        assert (back.json()["verdict"], back.json()["boxes_in"]) == ("undone", 0)
    assert await _refs(market) == {}
    said = await bench.scan(own["number"], codes[0], codes[1])
    assert _verdicts(said) == ["in", "in"]
    late = f"{bench.path}/bench/scans/{said[0]['scan_id']}/undo"
    assert (await bench.who.post(late, json={})).status_code == 409
    assert await audit(market.database) == {}


async def test_who_packs_by_hand_has_the_last_word(market: Market) -> None:
    _, codes = await packed(market)
    bench = Bench(market, await market.seller("packer"))
    own = await _paid(market, 2)
    await bench.scan(own["number"], codes[0])
    path = f"/api/orgs/{market.shop}/orders/{own['order_id']}/pack"
    done = await bench.who.post(path, json={"codes": [codes[4], codes[5]]})
    assert done.status_code == 200, done.text
    assert set(await _refs(market)) == {codes[4], codes[5]}
    assert _verdicts(await bench.scan(own["number"], codes[1])) == ["order_full"]
    assert await audit(market.database) == {}


async def test_a_lot_that_should_have_gone_first_is_named(market: Market) -> None:
    first, early = await packed(market)
    _, late = await packed(market)
    async with market.database.begin() as tx:
        await tx.execute(
            text(
                "update supply.lot set best_before = best_before - interval '1 day' where id = :x"
            ),
            {"x": first},
        )
        known = await supply.lot(tx, market.shop, first)
    assert known is not None
    bench = Bench(market, await market.seller("packer"))
    own = await _paid(market, 2)
    said = await bench.scan(own["number"], late[0], early[0])
    assert [one["earlier_lot"] for one in said] == [known.code, None]


async def test_missing_weight_goes_back_at_once_and_says_why(market: Market) -> None:
    _, codes = await packed(market)
    bench = Bench(market, await market.seller("packer"))
    buyer = await market.buyer()
    own = await market.paid_order(buyer, await market.standing(), 2)
    # 2,500 g tolerate 37 g: 30 g less are nothing, 250 g less are a tenth of the price
    [fine] = await bench.scan(own["number"], codes[0], net_g=2_470)
    [short] = await bench.scan(own["number"], codes[1], net_g=2_250)
    assert (fine["short_fen"], short["short_fen"]) == (None, 299)
    await market.pump()
    order = await market.mine(buyer, own)
    [refund] = order["refunds"]
    assert (refund["amount_fen"], refund["reason"]) == (short["short_fen"], "short_weight")
    assert refund["state"] == "refunded"
    theirs = await _imported(market, await market.seller("manager"), "DY-1")
    [said] = await bench.scan(theirs["number"], codes[2], net_g=2_000)
    assert said["short_fen"] == 536
    async with market.database.begin() as tx:
        assert await tx.scalar(text("select count(*) from trade.refund")) == 1
    assert await audit(market.database) == {}


@pytest.mark.parametrize(
    ("net_g", "tolerated"),
    [(40, 3), (100, 4), (150, 6), (250, 9), (500, 15), (1_000, 15), (2_500, 37), (12_000, 150),
     (20_000, 200)],
)  # fmt: skip
def test_what_may_be_missing(net_g: int, tolerated: int) -> None:
    assert tolerated_g(net_g) == tolerated
    assert owed_fen(1_000, net_g, net_g - tolerated) == 0
    assert owed_fen(1_000, net_g, net_g - tolerated - 1) == -(-1_000 * (tolerated + 1) // net_g)
    assert owed_fen(1_000, net_g, net_g + 50) == 0


async def _packer(job: dict[str, Any]) -> list[list[Any]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.trust.packer",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate(json.dumps(job).encode())
    assert process.returncode == 0
    return [json.loads(line) for line in out.splitlines()]


async def test_two_processes_scan_the_same_boxes_into_different_orders(
    market: Market, dsn: str
) -> None:
    codes = [code for _ in range(3) for code in (await packed(market))[1]]
    manager = await market.seller("manager")
    orders = [await _imported(market, manager, f"R{at}", 2) for at in range(14)]
    packer = str(market.world.who.person_id)
    # thirty boxes for orders of 28 units, and either packer holds every box to another order
    jobs = []
    for half in range(2):
        scans = [
            [str(uuid4()), orders[(at + 7 * half) % 14]["number"], code]
            for at, code in enumerate(codes)
        ]
        jobs.append({"dsn": dsn, "shop": str(market.shop), "packer": packer, "scans": scans})
    said = [line for lines in await asyncio.gather(*map(_packer, jobs)) for line in lines]
    assert len(said) == 60
    count = collections.Counter(verdict for _, verdict, _ in said)
    assert set(count) <= {"in", "box_taken", "order_full"}
    async with market.database.begin() as tx:
        bound = (
            await tx.execute(text("select ref, count(*) as n from supply.box group by 1"))
        ).all()
        states = (
            await tx.execute(
                text(
                    "select o.state, count(*) as n, sum((select count(*) from trade.scan s where"
                    " s.shop_id = o.shop_id and s.order_id = o.order_id and s.verdict = 'in'))"
                    " as boxes from trade.orders o group by 1"
                )
            )
        ).all()
    inside = sum(row.n for row in bound if row.ref is not None)
    assert inside == count["in"] == sum(row.boxes for row in states)
    assert all(row.n <= 2 for row in bound if row.ref is not None)
    by = {row.state: (row.n, row.boxes) for row in states}
    assert by["packed"][1] == 2 * by["packed"][0]
    taken = [UUID(scan) for scan, verdict, other in said if verdict == "box_taken" and other]
    assert len(taken) == count["box_taken"]
    assert await audit(market.database) == {}
