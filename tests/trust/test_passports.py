"""Passports: what a box's page says and never says, recalls on it, its limits, its data."""

import io
import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from PIL import Image
from sqlalchemy import text

from tests.trade.market import TO, Market
from tests.trust.passporting import BOX_G, graded, packed, sold
from tests.trust.passporting import market as market
from tests.trust.work import work_off
from tests.web import Client
from tiantou.kit import clock
from tiantou.supply import face as supply
from tiantou.trust import passport_http
from tiantou.trust.passport_data import PassportData

PAGE_BYTES_MAX = 100_000
PHONE = re.compile(r"\b1[3-9]\d{9}\b|\b0\d{2,3}-?\d{7,8}\b")


def _nobody(market: Market) -> Client:
    return market.site.client()


async def _page(market: Market, code: str, lang: str = "zh-CN", **more: Any) -> httpx.Response:
    headers = {"accept": "text/html", **more}
    return await _nobody(market).get(f"/p/{code}", params={"lang": lang}, headers=headers)


def _photo() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 64), (200, 120, 40)).save(out, "JPEG")
    return out.getvalue()


async def _report(market: Market, code: str, words: str = "有几个烂的") -> httpx.Response:
    files = {"photo": ("label.jpg", _photo(), "image/jpeg")}
    return await _nobody(market).post(f"/p/{code}", data={"words": words}, files=files)


async def test_a_page_of_a_sold_box_is_small_whole_and_says_nothing_of_people(
    market: Market,
) -> None:
    lot, codes = await packed(market, slips=2)
    await sold(market, lot, codes[0])
    for lang, words in (("zh-CN", "状态正常"), ("en", "All clear")):
        page = await _page(market, codes[0], lang)
        assert page.status_code == 200
        assert words in page.text
        assert len(page.content) < PAGE_BYTES_MAX
        assert "<script" not in page.text and "花桥镇 1 号" not in page.text
        assert not PHONE.search(page.text), PHONE.findall(page.text)
        for secret in (TO["phone"], TO["recipient"], TO["detail"]):
            assert str(secret) not in page.text
        assert "2,500 g" in page.text
        assert "sha256-" in page.headers["content-security-policy"]
    assert f"/shop/{market.shop}" in page.text, "sold here: it leads to the shop"


async def test_the_growers_share_is_what_slips_say_of_what_was_paid(market: Market) -> None:
    lot, codes = await packed(market)
    bare = await _page(market, codes[1])
    assert "钱去了哪" not in bare.text, "nobody has paid for this box"
    await sold(market, lot, codes[0])
    async with market.database.begin() as tx:
        slip = (await tx.execute(text("select price_fen_per_jin from supply.slip"))).scalar_one()
        paid = (await tx.execute(text("select price_fen from trade.order_line"))).scalar_one()
    growers = slip * BOX_G // 500
    page = await _page(market, codes[0])
    assert f"¥{growers // 100}.{growers % 100:02d} / ¥{paid // 100}.{paid % 100:02d}" in page.text


@pytest.mark.parametrize("elsewhere", [False, True])
async def test_a_box_of_another_channel_leads_to_no_shop_and_no_room(
    market: Market, elsewhere: bool
) -> None:
    lot, codes = await packed(market)
    if elsewhere:
        await sold(market, lot, codes[0], channel="douyin")
    page = await _page(market, codes[0])
    assert page.status_code == 200
    links = re.findall(r'(?:href|src|action)="([^"]*)"', page.text)
    assert all(one.startswith(("?lang=", "/files/", "/p/")) for one in links), links
    assert str(market.shop) not in page.text and "钱去了哪" not in page.text


async def test_a_box_on_hold_says_so_and_a_recalled_one_turns_red(market: Market) -> None:
    lot, codes = await packed(market)
    owner = await market.seller()
    path = f"/api/orgs/{market.shop}"
    held = await owner.post(f"{path}/lots/{lot}/hold", json={"reason": "复检"})
    assert held.status_code == 200, held.text
    assert 'class="band held"' in (await _page(market, codes[3])).text
    drawn = await owner.post(f"{path}/recalls", json={"box_code": codes[0], "reason": "农残超标"})
    assert drawn.status_code == 201, drawn.text
    before = (await _page(market, codes[3])).text
    assert 'class="band recalled"' not in before
    await owner.post(f"{path}/recalls/{drawn.json()['id']}/activate", json={})
    await work_off(market.database)
    page = (await _page(market, codes[3])).text
    assert 'class="band recalled"' in page and "已召回，请不要吃" in page
    assert "Recalled, do not eat" in (await _page(market, codes[3], "en")).text


async def test_a_grade_is_said_in_plain_words_with_what_was_measured(market: Market) -> None:
    _, codes = await graded(market)
    chinese, english = [(await _page(market, codes[0], lang)).text for lang in ("zh-CN", "en")]
    assert "糖度 10 以上，单果横径 75–85 mm，允许 10% 略有出入" in chinese
    assert "Brix 10 or more, Diameter 75–85 mm, 10% may be slightly outside" in english
    assert "单果横径（3 个）" in chinese and "平均 80.2，78.5–82 mm" in chinese
    _, plain = await packed(market)
    assert "允许 10%" not in (await _page(market, plain[0])).text, "no standard, no limits"


async def test_a_grower_is_named_with_consent_alone(market: Market) -> None:
    _, codes = await packed(market)
    owner = await market.seller()
    home = f"/api/orgs/{market.shop}/households/{market.world.household_id}"
    async with market.database.begin() as tx:
        one = await supply.household(tx, market.shop, market.world.household_id)
    assert one is not None
    assert one.name not in (await _page(market, codes[0])).text
    asked = await owner.put(f"{home}/shown", json={"consent": "当面说过"})
    assert asked.json() == {"shown": True, "consent": "当面说过"}
    assert one.name in (await _page(market, codes[0])).text
    await owner.delete(f"{home}/shown")
    assert one.name not in (await _page(market, codes[0])).text
    packer = await market.seller("packer")
    assert (await packer.put(f"{home}/shown", json={"consent": "x y"})).status_code == 403


async def test_data_by_negotiation_is_of_the_closed_model(market: Market) -> None:
    _, codes = await packed(market, slips=2)
    said = await _page(market, codes[0].lower(), accept="application/ld+json")
    assert said.headers["content-type"] == "application/ld+json"
    data = msgspec.json.decode(said.content, type=PassportData)
    assert (data.id, data.status) == (f"https://tiantou.test/p/{codes[0]}", "good")
    assert (data.weight.value, data.roots) == (BOX_G, 2)
    assert not PHONE.search(said.text)
    more = said.json() | {"phone": "13800138000"}
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode(more), type=PassportData)
    lost = await _page(market, "ABCDEFGHJK1", accept="application/ld+json")
    assert (lost.status_code, lost.json()["type"]) == (404, "/problems/not-found")


async def test_the_path_of_the_label_and_the_readers_language(market: Market) -> None:
    _, codes = await packed(market)
    nobody = _nobody(market)
    english = await nobody.get(f"/P/{codes[0]}", headers={"accept-language": "en-GB,zh;q=0.8"})
    assert '<html lang="en">' in english.text and 'href="?lang=zh-CN"' in english.text
    chinese = await nobody.get(f"/P/{codes[0]}", headers={"accept-language": "fr"})
    assert '<html lang="zh-CN">' in chinese.text


async def test_a_scan_is_counted_once_an_hour_for_an_address_that_is_not_kept(
    market: Market,
) -> None:
    _, codes = await packed(market)
    for _ in range(3):
        page = await _page(market, codes[0])
    assert "第 1 次被打开" in page.text
    async with market.database.begin() as tx:
        rows = (await tx.execute(text("select * from trust.box_scan"))).all()
    assert [(row.code, row.scans) for row in rows] == [(codes[0], 1)]
    assert set(rows[0]._fields) == {"code", "scans", "first_at", "last_at"}


async def test_unknown_codes_are_said_to_be_and_cost_the_same(market: Market) -> None:
    _, codes = await packed(market)
    lost = await _page(market, "ABCDEFGHJK1")
    assert lost.status_code == 404 and "查无此码" in lost.text
    assert "<form" not in lost.text
    strange = await _page(market, '"><b>x')
    assert strange.status_code == 404 and "<b>x" not in strange.text
    async with market.database.begin() as tx:
        rows = await tx.execute(
            text("update core.limit set count = 10000 where name = 'passport' returning 1")
        )
        assert rows.all(), "both known and unknown codes were counted"
    busy = await _page(market, codes[0], "en")
    assert busy.status_code == 429 and "Too many at once" in busy.text
    assert int(busy.headers["retry-after"]) > 0
    lost = await _page(market, "ABCDEFGHJK1", "en")
    assert lost.content == busy.content, "who is refused learns nothing of the code"
    data = await _page(market, codes[0], accept="application/ld+json")
    assert data.json()["type"] == "/problems/too-many-requests"


async def test_pages_are_counted_for_an_address_whatever_the_code(market: Market) -> None:
    for _ in range(3):
        await _page(market, "ABCDEFGHJK1")
    async with market.database.begin() as tx:
        rows = await tx.execute(
            text("select window_s, sum(count) from core.limit where name = 'passport' group by 1")
        )
        assert {row[0]: row[1] for row in rows} == {60: 3, 3_600: 3}


async def test_a_report_is_stored_limited_and_listed_by_lot_with_its_rate(market: Market) -> None:
    lot, codes = await packed(market)
    done = await _report(market, codes[0])
    assert done.status_code == 303, done.text
    assert done.headers["location"] == f"/p/{codes[0]}?lang=zh-CN&said=sent"
    thanks = await _nobody(market).get(done.headers["location"])
    assert "已发给卖家" in thanks.text
    statuses = [(await _report(market, code)).status_code for code in (codes[0], codes[1])]
    assert statuses == [303, 303]
    packer = await market.seller("packer")
    path = f"/api/orgs/{market.shop}"
    (rate,) = (await packer.get(f"{path}/problem-reports")).json()["items"]
    assert (rate["lot_id"], rate["reports"], rate["boxes_reported"]) == (str(lot), 3, 2)
    assert (rate["boxes"], rate["permille"]) == (10, 200)
    said = (await packer.get(f"{path}/lots/{lot}/problem-reports?limit=2")).json()
    assert [one["code"] for one in said["items"]] == [codes[1], codes[0]]
    assert said["next"] and said["items"][0]["words"] == "有几个烂的"
    rest = await packer.get(f"{path}/lots/{lot}/problem-reports", params={"cursor": said["next"]})
    assert len(rest.json()["items"]) == 1
    assert (await packer.get(f"{path}/lots/{uuid4()}/problem-reports")).status_code == 404


async def test_reports_are_limited_by_box_and_by_address(market: Market) -> None:
    _, codes = await packed(market)
    most = passport_http.REPORTED_OF_BOX[0][0]
    for _ in range(most):
        assert (await _report(market, codes[0])).status_code == 303
    refused = await _report(market, codes[0])
    assert refused.status_code == 429 and "报得太多了" in refused.text
    assert (await _report(market, codes[1])).status_code == 303
    everything = await _report(market, codes[2])
    assert everything.status_code == 429, "this address has had its five of an hour"


async def test_what_is_wrong_with_a_report_is_said_on_the_page(market: Market) -> None:
    _, codes = await packed(market)
    nobody = _nobody(market)
    bare = await nobody.post(f"/p/{codes[0]}", data={"words": "烂了"}, files={"x": b"1"})
    assert bare.status_code == 422 and "2 到 500 个字" in bare.text
    files = {"photo": ("x.jpg", b"not a picture", "image/jpeg")}
    wrong = await nobody.post(f"/p/{codes[0]}?lang=en", data={"words": "rotten"}, files=files)
    assert wrong.status_code == 422 and "cannot be read" in wrong.text
    lost = await _report(market, "ABCDEFGHJK1")
    assert lost.status_code == 404
    async with market.database.begin() as tx:
        assert await tx.scalar(text("select count(*) from trust.problem_report")) == 0


async def test_days_are_counted_by_the_calendar(market: Market) -> None:
    _, codes = await packed(market)
    async with market.database.begin() as tx:
        await tx.execute(
            text("update supply.lot set harvested_at = :at"),
            {"at": clock.now() - timedelta(days=7)},
        )
    assert "7 天前" in (await _page(market, codes[0])).text
    assert "7 days ago" in (await _page(market, codes[0], "en")).text
