"""The tests on a passport: what was measured, and the clip of it, or why there is none."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from tests.trade.market import Market
from tests.trust.passporting import graded, packed, sold
from tests.trust.passporting import market as market
from tiantou.kit import clock, ids
from tiantou.live.tables import SessionRow
from tiantou.media import face as media
from tiantou.supply import face as supply
from tiantou.supply.face import InspectionIn, Values

PAGE_BYTES_MAX = 100_000


async def _page(market: Market, code: str, lang: str = "zh-CN") -> httpx.Response:
    asked = market.site.client().get(
        f"/p/{code}", params={"lang": lang}, headers={"accept": "text/html"}
    )
    return await asked


async def _session(market: Market, **more: Any) -> UUID:
    """A session on air with a recording."""
    session_id, at = ids.uuid7(), clock.now()
    said: dict[str, Any] = {"host_kind": "own", "state": "live"}
    async with market.database.begin() as tx:
        row = SessionRow(
            id=session_id,
            org_id=market.shop,
            state_at=at,
            title="脐橙开园",
            starts_at=at,
            planned_minutes=60,
            host_name="样例主播",
            host_title="",
            slot_fee_fen=0,
            commission_permille=0,
            venue="here",
            demo=False,
            created_by=ids.uuid7(),
            created_at=at,
            **(said | more),
        )
        tx.add(row)
        await tx.flush()
        await media.open_broadcast(tx, session_id, at + timedelta(days=1096))
    return session_id


async def _tested(market: Market, lot: UUID, session_id: UUID | None = None, **values: Any) -> None:
    kind = "self" if session_id is None else "on_camera"
    test = InspectionIn(kind=kind, sample_n=1, values=Values(**values), session_id=session_id)
    async with market.database.begin() as tx:
        await supply.inspect(tx, market.world.who, market.shop, lot, test)


async def test_a_test_on_camera_has_its_clip_and_the_page_stays_small(market: Market) -> None:
    lot, codes = await graded(market)
    session_id = await _session(market)
    async with market.database.begin() as tx:
        root = (await supply.root_lots(tx, [lot]))[0].lot_id
    await _tested(market, root, session_id, brix_tenth=132)
    await _tested(market, root, session_id, weight_g=251)
    for _ in range(20):
        await _tested(market, lot, diameter_tenth_mm=800)
    for lang, words in (
        ("zh-CN", ("镜头前实测", "糖度 13.2", "单果重 251 g", "单果横径 80 mm", "合格", "广告")),
        ("en", ("Measured on camera", "Brix 13.2", "80 mm", "passed", ">Ad<")),
    ):
        page = await _page(market, codes[0], lang)
        assert all(word in page.text for word in words), (words, page.text)
        assert len(page.content) < PAGE_BYTES_MAX
        assert "<script" not in page.text
    assert "media-src 'self'" in page.headers["content-security-policy"]
    # what was measured in one breath has one clip; twelve of the tests are shown
    assert page.text.count("<video") == page.text.count("clip.mp4") == 1
    assert page.text.count('class="test"') == 12


async def test_two_measures_in_one_breath_are_one_clip(market: Market) -> None:
    lot, codes = await packed(market)
    session_id = await _session(market)
    await _tested(market, lot, session_id, brix_tenth=132)
    await _tested(market, lot, session_id, weight_g=251)
    page = await _page(market, codes[0])
    assert page.text.count(f'src="/live/{session_id}/c') == 1
    assert page.text.count('preload="none"') == 1


async def test_what_one_clip_cannot_show_has_clips_of_its_own(market: Market) -> None:
    lot, codes = await packed(market)
    session_id, now = await _session(market), clock.now()
    async with market.database.begin() as tx:
        for ago in (60, 40, 20, 0):
            test = InspectionIn(
                kind="on_camera",
                sample_n=1,
                values=Values(brix_tenth=130),
                session_id=session_id,
                at=now - timedelta(seconds=ago),
            )
            await supply.inspect(tx, market.world.who, market.shop, lot, test)
    page = await _page(market, codes[0])
    found = re.findall(r"/c[0-9a-f]+-([0-9a-f]+)-([0-9a-f]+)\.", page.text)
    # two measures twenty seconds apart each: from 20 s before the first to 8 s after the last
    assert [int(seconds, 16) for _, seconds in found] == [48, 48]


async def test_a_box_sold_elsewhere_shows_the_clip_and_no_way_to_a_shop(market: Market) -> None:
    lot, codes = await packed(market)
    await sold(market, lot, codes[0], channel="douyin")
    session_id = await _session(market)
    await _tested(market, lot, session_id, brix_tenth=132)
    page = await _page(market, codes[0])
    assert "clip.mp4" in page.text
    for way in ("/shop/", "/room/", "/replay/", "m3u8"):
        assert way not in page.text
    data = await market.site.client().get(
        f"/p/{codes[0]}", headers={"accept": "application/ld+json"}
    )
    assert data.json()["tests"][0]["results"] == [
        {
            "@type": "PropertyValue",
            "name": "brix_tenth",
            "propertyID": "mean",
            "minValue": 132,
            "maxValue": 132,
        }
    ]
    assert str(session_id) not in data.text


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"host_kind": "public_service"}, "公益主播的直播，录像片段依法不公开"),
        ({"state": "terminated"}, "这场直播已停，录像不放"),
        ({}, "直播录像已过保存期，看不到了"),
    ],
)
async def test_why_there_is_no_clip_is_said(market: Market, more: dict[str, Any], why: str) -> None:
    lot, codes = await packed(market)
    session_id = await _session(market, **more)
    await _tested(market, lot, session_id, brix_tenth=132)
    if not more:
        async with market.database.begin() as tx:
            await tx.execute(
                text("update media.broadcast set state = 'disposed' where id = :id"),
                {"id": session_id},
            )
    page = await _page(market, codes[0])
    assert "糖度 13.2" in page.text, "the fact stays"
    assert why in page.text and "<video" not in page.text


async def test_a_lot_that_was_only_shown_has_its_clip_too(market: Market) -> None:
    lot, codes = await packed(market)
    session_id = await _session(market)
    async with market.database.begin() as tx:
        await tx.execute(
            text(
                "insert into live.lot_shown (id, session_id, org_id, lot_id, shown_by, begins_at)"
                " values (:id, :session, :org, :lot, :id, now())"
            ),
            {"id": ids.uuid7(), "session": session_id, "org": market.shop, "lot": lot},
        )
    page = await _page(market, codes[0])
    assert "上过镜头" in page.text and page.text.count("<video") == 1
    await _tested(market, lot, session_id, brix_tenth=132)
    page = await _page(market, codes[0])
    assert "上过镜头" not in page.text and page.text.count("<video") == 1
