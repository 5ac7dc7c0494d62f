"""A road is closed for a prefecture: nothing is promised there, what was promised moves as one."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text

from tests.trade.audit import audit
from tests.trade.market import TO, Market
from tests.web import Client
from tiantou.core import timers
from tiantou.core.db import Database
from tiantou.kit import clock
from tiantou.trade import checkout, deadlines, disruptions, steps

HUANGGANG, WUXUE, ELSEWHERE = "4211", "421182", "420102"
UNTIL = (clock.now() + timedelta(days=9)).replace(minute=0, second=0, microsecond=0, hour=1)
FREE_DAY = (UNTIL.astimezone(steps.CHINA) + timedelta(days=1)).date()
CLOSED = {"deliver": [HUANGGANG], "until_at": UNTIL.isoformat(), "reason": "山洪封路"}
PLACES = (
    ("420000", "湖北省", "湖北省", "province", None, False),
    ("421100", "黄冈市", "湖北省黄冈市", "prefecture", "420000", False),
    ("420102", "江岸区", "湖北省武汉市江岸区", "county", "420100", True),
)


@pytest.fixture(autouse=True)
async def places(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    """The prefecture, and a county that is not of it; freight is asked for each order anew."""
    monkeypatch.setattr(checkout, "KEEP_S", 0.0)
    async with market.database.begin() as tx:
        for code, name, full, level, parent, leaf in PLACES:
            await tx.execute(
                text(
                    "insert into regions.division (code, since, name, full_name, level, parent,"
                    " province_name, leaf, in832) values (:code, 1981, :name, :full, :level,"
                    " :parent, '湖北省', :leaf, false) on conflict do nothing"
                ),
                {"code": code, "name": name, "full": full, "level": level, "parent": parent,
                 "leaf": leaf},
            )  # fmt: skip


async def _state(market: Market, who: Client, **more: Any) -> dict[str, Any]:
    answer = await who.post(f"/api/orgs/{market.shop}/disruptions", json={**CLOSED, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def _ordered(market: Market, buyer: Client, **more: Any) -> Any:
    return await market.order(buyer, await market.standing(), **more)


def _elsewhere() -> dict[str, str]:
    return {**TO, "division_code": ELSEWHERE}


async def test_checkout_refuses_with_place_and_end_until_it_is_withdrawn(market: Market) -> None:
    offer = await market.stock(10)
    buyer, seller = await market.buyer(), await market.seller("manager")
    made = await _state(market, seller)
    assert made["deliver"] == [{"prefix": HUANGGANG, "name": "湖北省黄冈市"}]
    assert (made["state"], made["orders"]) == ("on", 0)

    refused = await _ordered(market, buyer)
    assert refused.status_code == 409
    said = refused.json()
    assert said["type"] == "/problems/disrupted"
    assert {name: said[name] for name in ("what", "division", "place", "reason")} == {
        "what": "delivery", "division": HUANGGANG, "place": "湖北省黄冈市", "reason": "山洪封路",
    }  # fmt: skip
    assert datetime.fromisoformat(said["until"]) == UNTIL
    quoted = await buyer.get(
        f"/api/offers/{market.shop}/{offer.id}/freight", params={"division": WUXUE}
    )
    assert quoted.json()["type"] == "/problems/disrupted"
    assert (await _ordered(market, buyer, recipient=_elsewhere())).status_code == 201

    path = f"/api/orgs/{market.shop}/disruptions"
    ended = await seller.post(f"{path}/{made['id']}/end", json={})
    assert ended.json()["state"] == "over"
    assert (await _ordered(market, buyer)).status_code == 201
    again = await seller.post(f"{path}/{made['id']}/end", json={})
    assert again.json()["type"] == "/problems/wrong-step"
    assert [one["id"] for one in (await seller.get(path)).json()["items"]] == [made["id"]]


async def test_one_that_has_run_out_lets_orders_through(market: Market) -> None:
    await market.stock(10)
    buyer, seller = await market.buyer(), await market.seller()
    made = await _state(market, seller)
    assert (await _ordered(market, buyer)).status_code == 409
    async with market.database.begin() as tx:
        await tx.execute(
            text(
                "update logistics.disruption set from_at = now() - interval '2 days',"
                " until_at = now() - interval '1 second' where id = :id"
            ),
            {"id": UUID(made["id"])},
        )
    assert (await _ordered(market, buyer)).status_code == 201


async def _paid(market: Market, buyer: Client, **more: Any) -> dict[str, Any]:
    """An order, paid at the provider's; the worker has not looked yet."""
    placed: dict[str, Any] = (await _ordered(market, buyer, **more)).json()
    await market.sandbox.choose(await market.begin_payment(buyer, placed), "paid", "done")
    return placed


def _said(database: Database, about: str) -> list[str]:
    """What PostgreSQL is told about something from now on."""
    said: list[str] = []

    def hear(_: Any, __: Any, statement: str, *___: Any) -> None:
        if about in statement:
            said.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", hear)
    return said


async def _due(market: Market, placed: dict[str, Any]) -> datetime:
    async with market.database.begin() as tx:
        found: datetime = (
            await tx.execute(
                text("select due_at from core.timer where kind = :kind and key = :key"),
                {"kind": steps.TIMER, "key": f"{market.shop}/{placed['order_id']}"},
            )
        ).scalar_one()
    return found


async def test_three_hundred_promises_move_in_one_statement(market: Market) -> None:
    await market.stock(320)
    buyers = [await market.buyer() for _ in range(3)]
    placed = [await _paid(market, buyers[at % 3]) for at in range(300)]
    other = await _paid(market, buyers[0], recipient=_elsewhere())
    await market.pump()
    promised, kept = (date.fromisoformat(one["ship_day"]) for one in (placed[0], other))
    assert await _due(market, placed[0]) == steps.last_day_after(promised)

    said = _said(market.database, "insert into trade.moved_promise")
    made = await _state(market, await market.seller())
    assert (made["orders"], len(said)) == (300, 1)
    async with market.database.begin() as tx:
        days = await tx.execute(
            text("select ship_day, state, count(*) from trade.orders group by 1, 2 order by 1")
        )
        dues = await tx.execute(
            text(
                "select due_at, count(*) from core.timer where kind = :kind group by 1 order by 1"
            ),
            {"kind": steps.TIMER},
        )
        assert [tuple(row) for row in days] == [(kept, "paid", 1), (FREE_DAY, "paid", 300)]
        assert [tuple(row) for row in dues] == [
            (steps.last_day_after(promised), 1),
            (steps.last_day_after(FREE_DAY), 300),
        ]
    shown = await market.mine(buyers[0], other)
    assert (shown["ship_day"], shown["moved"]) == (promised.isoformat(), None)
    moved = (await market.mine(buyers[0], placed[0]))["moved"]
    assert (moved["places"], moved["reason"]) == (["湖北省黄冈市"], "山洪封路")
    assert (moved["ship_day_before"], moved["ship_day"]) == (
        promised.isoformat(),
        FREE_DAY.isoformat(),
    )
    await _everybody_is_told_once(market)
    await _nobody_is_late(market, placed)
    assert await audit(market.database) == {}


async def _everybody_is_told_once(market: Market) -> None:
    for _ in range(2):
        await market.pump()
        async with market.database.begin() as tx:
            told = await tx.execute(
                text(
                    "select members ->> 'order_id' as order_id, count(*) as n"
                    " from accounts.message where kind = 'promise-moved' group by 1"
                )
            )
            assert [row.n for row in told] == [1] * 300


async def _nobody_is_late(market: Market, placed: list[dict[str, Any]]) -> None:
    """When the old promises' last day comes, only the order that did not move is given up."""
    old = steps.last_day_after(date.fromisoformat(placed[0]["ship_day"]))
    await market.pass_time(seconds=(old - clock.now()).total_seconds() + 60)
    async with market.database.begin() as tx:
        states = await tx.execute(
            text("select state, count(*) from trade.orders group by 1 order by 1")
        )
        assert [tuple(row) for row in states] == [("closed", 1), ("paid", 300)]


async def test_a_moved_order_is_cancelled_free(market: Market) -> None:
    await market.stock(5)
    buyer, seller = await market.buyer(), await market.seller()
    placed = await _paid(market, buyer)
    await market.pump()
    await _state(market, seller)
    shown = await market.mine(buyer, placed)
    assert "refund" in shown["may"] and shown["moved"] is not None
    path = f"/api/me/orders/{market.shop}/{placed['order_id']}/refund"
    assert (await buyer.post(path, json={"reason": "等不了"})).json()["state"] == "closed"
    await market.pump()
    done = await market.mine(buyer, placed)
    assert (done["refunded_fen"], done["paid_fen"]) == (2990, 2990)
    assert [one["state"] for one in done["refunds"]] == ["refunded"]
    assert (await market.standing()).units_left == 5
    assert await audit(market.database) == {}


async def test_what_is_on_the_road_has_until_after_the_end_to_be_heard_of(market: Market) -> None:
    await market.stock(5)
    buyer, seller = await market.buyer(), await market.seller()
    placed = await _paid(market, buyer)
    await market.pump()
    path = f"/api/orgs/{market.shop}/orders/{placed['order_id']}"
    for act, body in (
        ("start-packing", {}),
        ("pack", {"picks": None}),
        ("ship", {"carrier": "顺丰", "waybill": "SF1234567890123"}),
    ):
        assert (await seller.post(f"{path}/{act}", json=body)).status_code == 200
    made = await _state(market, seller)
    assert made["orders"] == 0
    assert await _due(market, placed) == UNTIL + steps.SCAN_WITHIN
    async with market.database.begin() as tx:
        silent = await tx.scalar(
            text("select due_at from core.timer where kind = 'logistics.parcel-silent'")
        )
    assert silent == UNTIL + steps.SCAN_WITHIN


async def test_one_that_is_to_come_refuses_what_would_leave_in_it(market: Market) -> None:
    """An order for a day before it is taken; when it begins, what is late then moves too."""
    await market.stock(5)
    buyer, seller = await market.buyer(), await market.seller()
    first = await _paid(market, buyer)
    await market.pump()
    begins = clock.now() + timedelta(days=5)
    made = await _state(market, seller, from_at=begins.isoformat())
    assert (made["state"], made["orders"]) == ("coming", 0)
    assert (await _ordered(market, buyer)).status_code == 201
    async with market.database.begin() as tx:
        await tx.execute(text("update trade.offer set ship_within_days = 6"))
    assert (await _ordered(market, buyer)).json()["type"] == "/problems/disrupted"
    async with market.database.begin() as tx:
        await tx.execute(text("update trade.offer set ship_within_days = 20"))
    assert (await _ordered(market, buyer)).status_code == 201
    async with market.database.begin() as tx:
        await tx.execute(text("update logistics.disruption set from_at = now()"))
        await tx.execute(
            text("update core.timer set due_at = now() where kind = :kind"),
            {"kind": disruptions.TIMER},
        )
    assert await timers.run_due(market.database, deadlines.HANDLERS) == 1
    assert (await market.mine(buyer, first))["ship_day"] == FREE_DAY.isoformat()


async def test_the_operator_closes_the_place_of_pick_up_for_every_shop(market: Market) -> None:
    await market.stock(5)
    buyer = await market.buyer()
    placed = await _paid(market, buyer)
    await market.pump()
    operator = await market.site.person(market.database, market.keys, operator=True)
    asked = {"pick_up": [WUXUE], "until_at": UNTIL.isoformat(), "reason": "快递停运"}
    made = (await operator.post("/api/desk/disruptions", json=asked)).json()
    assert (made["orders"], made["org_id"]) == (1, None)
    refused = (await _ordered(market, buyer, recipient=_elsewhere())).json()
    assert (refused["type"], refused["what"]) == ("/problems/disrupted", "pick_up")
    assert (await market.mine(buyer, placed))["ship_day"] == FREE_DAY.isoformat()

    seller = await market.seller()
    path = f"/api/orgs/{market.shop}/disruptions"
    assert [one["id"] for one in (await seller.get(path)).json()["items"]] == [made["id"]]
    assert (await seller.post(f"{path}/{made['id']}/end", json={})).status_code == 404
    ended = await operator.post(f"/api/desk/disruptions/{made['id']}/end", json={})
    assert ended.json()["state"] == "over"
    assert (await _ordered(market, buyer, recipient=_elsewhere())).status_code == 201


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"deliver": []}, "deliver"),
        ({"deliver": ["99"]}, "deliver"),
        ({"until_at": "2020-01-01T00:00:00Z"}, "until_at"),
        ({"until_at": (clock.now() + timedelta(days=31)).isoformat()}, "until_at"),
        ({"from_at": (clock.now() + timedelta(days=40)).isoformat()}, "from_at"),
    ],
)
async def test_what_makes_no_sense_names_its_field(
    market: Market, more: dict[str, Any], field: str
) -> None:
    seller = await market.seller()
    answer = await seller.post(f"/api/orgs/{market.shop}/disruptions", json={**CLOSED, **more})
    assert answer.status_code == 422
    assert [one["name"] for one in answer.json()["fields"]] == [field]
