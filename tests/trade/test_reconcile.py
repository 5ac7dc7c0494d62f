"""Providers' bills against our rows: what is missing here, missing there, or of another amount."""

import asyncio
import shutil
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from tests.trade.market import Market
from tests.trade.test_vendors import begun, bought, refund
from tests.vendors.base import CHINA, Trade, Vendor, call_back
from tests.vendors.wechat import Wechat
from tiantou.cli import app
from tiantou.kit import clock
from tiantou.trade import reconcile
from tiantou.trade.ports import GatewayDown, Gateways


def day_of(trade: Trade) -> date:
    """The day on which a trade stands in the bill."""
    assert trade.paid_at is not None
    return trade.paid_at.date()


async def compare(market: Market, day: date) -> list[tuple[str, str, int | None, int | None]]:
    """Compares a day; what differs in it now, as the operator's page has it."""
    done = await reconcile.run(market.database, market.others[0], day)
    operator = await market.site.person(market.database, market.keys, operator=True)
    page = (await operator.get("/api/desk/reconciliations")).json()
    found = [one for one in page["differences"] if one["day"] == day.isoformat()]
    assert done.differences == len(found)
    (shown,) = [one for one in page["items"] if one["day"] == day.isoformat()]
    assert shown["differing"] == len(found)
    return [(one["what"], one["kind"], one["ours_fen"], one["theirs_fen"]) for one in found]


async def sums(market: Market) -> dict[str, int]:
    """The sums of the one day that was compared."""
    async with market.database.begin() as tx:
        row = (await tx.execute(text("select * from trade.reconciliation"))).one()
    return {name: value for name, value in row._mapping.items() if name.endswith(("fen", "lines"))}


async def test_a_day_that_agrees_has_no_difference(market: Market, vendor: Vendor) -> None:
    _, placed, trade = await bought(market, vendor)
    await refund(market, placed, 990)
    for _ in range(2):
        assert await compare(market, day_of(trade)) == []
    assert await sums(market) == {
        "lines": 2,
        "paid_fen": trade.fen,
        "refunded_fen": 990,
        "ours_paid_fen": trade.fen,
        "ours_refunded_fen": 990,
    }


async def test_what_is_missing_here_is_listed_until_it_is_heard_of(
    market: Market, vendor: Vendor
) -> None:
    buyer, placed, trade = await begun(market, vendor)
    vendor.pay(trade)
    strange = replace(trade, out_no="another-system-0001", no="4299", token="t")
    vendor.trades[strange.out_no] = strange
    missing = ("missing_here", "payment", None, trade.fen)
    found = await compare(market, day_of(trade))
    assert sorted(found, key=str) == [("missing_here", "payment", trade.fen, trade.fen), missing]
    await call_back(market.url, vendor.name, vendor.notice(trade))
    assert await compare(market, day_of(trade)) == [missing]
    operator = await market.site.person(market.database, market.keys, operator=True)
    page = (await operator.get("/api/desk/reconciliations")).json()
    assert page["differences"][0]["ref"] == "another-system-0001"
    async with market.database.begin() as tx:
        kept = text("select ref, gone_at is not null from trade.difference order by at, ref")
        rows = {tuple(row) for row in await tx.execute(kept)}
    assert rows == {(trade.out_no, True), ("another-system-0001", False)}
    assert (await market.mine(buyer, placed))["state"] == "paid"


async def test_what_is_missing_there_and_what_differs_is_listed(
    market: Market, vendor: Vendor
) -> None:
    _, placed, trade = await bought(market, vendor)
    await refund(market, placed, 990)
    (back,) = vendor.backs.values()
    trade.fen += 1
    back.fen = 989
    day = day_of(trade)
    assert await compare(market, day) == [
        ("amount_differs", "payment", trade.fen - 1, trade.fen),
        ("amount_differs", "refund", 990, 989),
    ]
    async with market.database.begin() as tx:
        await tx.execute(text("delete from trade.bill_line"))
    vendor.trades.clear()
    vendor.backs.clear()
    assert await compare(market, day) == [
        ("missing_there", "payment", trade.fen - 1, None),
        ("missing_there", "refund", 990, None),
    ]
    seller = await market.seller()
    assert (await seller.get("/api/desk/reconciliations")).status_code == 403


async def test_a_refund_by_hand_has_no_line_and_one_that_went_out_unheard_is_missing(
    market: Market, vendor: Vendor
) -> None:
    _, placed, trade = await bought(market, vendor)
    vendor.refunds_will = "no-money"
    await refund(market, placed, 990)
    for _ in range(5):
        await market.pass_time(days=2)
    operator = await market.site.person(market.database, market.keys, operator=True)
    (due,) = (await operator.get("/api/desk/refunds")).json()["items"]
    path = f"/api/desk/refunds/{market.shop}/{due['id']}/paid-by-hand"
    assert (await operator.post(path, json={"note": "银行转账"})).status_code == 204
    assert await compare(market, day_of(trade)) == []
    vendor.refunds_will = "done"
    vendor.back(market.shop.hex + due["id"].replace("-", ""), trade, 990)
    assert await compare(market, day_of(trade)) == [("missing_here", "refund", 990, 990)]


async def test_what_stands_behind_midnight_there_is_found_with_the_next_day(
    market: Market, vendor: Vendor
) -> None:
    _, _, trade = await bought(market, vendor)
    day = day_of(trade) - timedelta(days=1)
    late = datetime.combine(day, datetime.max.time(), CHINA)
    async with market.database.begin() as tx:
        await tx.execute(text("update trade.payment set paid_at = :at"), {"at": late})
    assert await compare(market, day) == [("missing_there", "payment", trade.fen, None)]
    assert await compare(market, day_of(trade)) == []
    async with market.database.begin() as tx:
        open_ = text("select count(*) from trade.difference where gone_at is null")
        assert await tx.scalar(open_) == 0


async def test_a_bill_that_is_not_there_or_not_whole_is_not_compared(
    market: Market, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, trade = await bought(market, vendor)
    day, gateway = day_of(trade), market.others[0]
    for fault in ("down", "cut", "unsigned"):
        vendor.faults = {"bill": fault}
        with pytest.raises(GatewayDown):
            await reconcile.run(market.database, gateway, day)
    vendor.faults = {}
    if isinstance(vendor, Wechat):
        vendor.bill_changed = True
        with pytest.raises(GatewayDown, match="digest"):
            await reconcile.run(market.database, gateway, day)
        vendor.bill_changed = False
        head = "交易时间,公众账号ID\r\n`1,`2"
        with (
            monkeypatch.context() as patch,
            pytest.raises(GatewayDown, match="columns are missing"),
        ):
            patch.setattr(vendor, "bill_text", lambda _: head)
            await reconcile.run(market.database, gateway, day)
    async with market.database.begin() as tx:
        assert await tx.scalar(text("select count(*) from trade.reconciliation")) == 0
    empty = await reconcile.run(market.database, gateway, day - timedelta(days=9))
    assert (empty.state, empty.differences) == ("no_bill", 0)


async def _due(market: Market, now: datetime, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []

    class Asks:
        """Says for which days it was asked."""

        name = "wechat"

        async def bill(self, day: date) -> list[Any]:
            """An empty bill."""
            asked.append(day.isoformat())
            return []

    monkeypatch.setattr(clock, "now", lambda: now)
    gateway: Any = Asks()
    await reconcile.sweep(market.database, Gateways((gateway,)))
    monkeypatch.undo()
    return asked


async def test_each_day_is_compared_once_when_its_bill_is_made(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at(day: int, hour: int) -> datetime:
        return datetime(2026, 3, day, hour, tzinfo=CHINA)

    assert await _due(market, at(10, 12), monkeypatch) == []
    async with market.database.begin() as tx:
        await tx.execute(
            text(
                "insert into trade.payment (payment_id, buyer_id, provider, state, amount_fen,"
                " return_to, redirect_url, at, ends_at, asks, way, paid_at) values"
                " (:id, :id, 'wechat', 'paid', 1, '', '', :at, :at, 0, 'h5', :at)"
            ),
            {"id": uuid4(), "at": at(8, 9)},
        )
    assert await _due(market, at(9, 10), monkeypatch) == []
    assert await _due(market, at(9, 11), monkeypatch) == ["2026-03-08"]
    assert await _due(market, at(9, 12), monkeypatch) == []
    assert await _due(market, at(12, 11), monkeypatch) == ["2026-03-09", "2026-03-10", "2026-03-11"]
    async with market.database.begin() as tx:
        await tx.execute(text("update trade.reconciliation set state = 'no_bill'"))
    assert await _due(market, at(12, 12), monkeypatch) == ["2026-03-09", "2026-03-10", "2026-03-11"]


async def test_the_command_compares_a_day(
    market: Market, monkeypatch: pytest.MonkeyPatch, dsn: str
) -> None:
    offer, buyer = await market.stock(3), await market.buyer()
    await market.paid_order(buyer, offer)
    shutil.copytree(market.home / "pay", market.home / "sandbox")
    monkeypatch.setenv("TIANTOU_DATABASE_URL", dsn)
    monkeypatch.setenv("TIANTOU_HOME", str(market.home))
    today = clock.now().astimezone(CHINA).date()
    command = ["reconcile", "--day", today.isoformat()]
    told = await asyncio.to_thread(CliRunner().invoke, app, command)
    assert told.exit_code == 0, told.output
    assert f"sandbox {today}: 0 differences" in told.output
    async with market.database.begin() as tx:
        await tx.execute(text("update trade.payment set state = 'refused', paid_at = null"))
    told = await asyncio.to_thread(CliRunner().invoke, app, command)
    assert f"sandbox {today}: 1 differences" in told.output and "missing_here" in told.output
    monkeypatch.setenv("TIANTOU_PAYMENT", "wechat")
    told = await asyncio.to_thread(CliRunner().invoke, app, command)
    assert told.exit_code == 2 and "TIANTOU_WECHAT_APP_ID" in told.stderr
