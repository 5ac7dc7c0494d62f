"""The chain on screen: a grade run that closes, a lot held and released, a drill and a recall."""

import re
from typing import Any

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from tests.browser.people import DESK, WAIT_MS, Screen
from tests.stories.audit import audit
from tests.stories.place import Page, Place, until
from tests.stories.shop import ADDRESS, BOX_G, Shop, open_shop

TABLET = ViewportSize(width=1024, height=768)
SIZED = {"attribute": "diameter_tenth_mm", "low": 750, "high": 850}


async def _studio(place: Place, chromium: Browser, shop: Shop, path: str) -> Screen:
    screen = await Screen.open(chromium, place.url, size=DESK)
    await screen.sign_in(place, shop.owner, "/studio/lots")
    await screen.page.goto(f"/studio{path}")
    return screen


@pytest.mark.timeout(300)
async def test_a_grade_run_closes_its_mass_before_it_is_booked(
    place: Place, chromium: Browser
) -> None:
    shop = await open_shop(place, 71, "分级合作社")
    grades = [
        {"rank": 1, "name": "一级", "tolerance_permille": 0, "limits": [SIZED]},
        {"rank": 2, "name": "二级", "tolerance_permille": 0, "limits": []},
    ]
    head = {"code": "T/1", "title": "苹果等级", "source": "县果业协会", "edition": "2026"}
    await shop.owner.act(f"{shop.path}/grade-standards", head | {"grades": grades})
    slip = await shop.weigh_in(5_000)
    lot = slip["lot"]["id"]
    screen = await _studio(place, chromium, shop, f"/runs/grade?lot={lot}")
    page = screen.page
    await page.set_viewport_size(TABLET)
    book = page.get_by_role("button", name="完成分级")
    sum_ = page.locator(".bal__sum")
    await expect(sum_).to_contain_text("进 10 斤", timeout=WAIT_MS)
    await page.get_by_label("2. 按哪个标准").select_option(label="苹果等级 2026")
    await page.get_by_label("一级 重量").fill("8")
    await page.get_by_label("二级 重量").fill("1.7")
    await expect(page.locator(".bal")).to_contain_text("再称一遍")
    await expect(book).to_be_disabled()
    await page.get_by_label("剔除").fill("0.24")
    await expect(sum_).to_have_text(
        re.compile("进 10 斤 *= *出 9.7 斤 *\\+ *剔除 120 g *\\+ *剩 30 g")
    )
    await expect(book).to_be_enabled()
    sample = page.get_by_label("一级 果径")
    for size in ("80", "84.5", "71"):
        await sample.fill(size)
        await sample.press("Enter")
    first = page.locator(".out").nth(0)
    await expect(first).to_contain_text("3 个里 1 个超界")
    await expect(book).to_be_disabled()
    await first.get_by_text("删最后一个").click()
    await expect(first).to_contain_text("2 个里 0 个超界")
    await book.click()
    await expect(page.locator(".head h1")).to_have_text("分级记录", timeout=WAIT_MS)
    await expect(page.locator(".bal__sum")).to_contain_text("损耗 30 g")
    await expect(page.get_by_text("量了 2 个")).to_be_visible()
    run = (await shop.owner.read(f"{shop.path}/runs"))["items"][0]
    masses = {name: run[f"{name}_g"] for name in ("in", "out", "cull", "gone", "shrink")}
    assert masses == {"in": 5_000, "out": 4_850, "cull": 120, "gone": 0, "shrink": 30}
    assert (await shop.owner.read(f"{shop.path}/lots/{lot}"))["grams_left"] == 0
    await screen.close()
    assert await audit(place) == {}


@pytest.mark.timeout(300)
async def test_a_held_lot_gives_nothing_until_it_is_released(
    place: Place, chromium: Browser
) -> None:
    shop = await open_shop(place, 72, "暂扣合作社")
    slip = await shop.weigh_in(4 * BOX_G)
    pack = await shop.product("暂扣的苹果")
    lot = slip["lot"]["id"]
    screen = await _studio(place, chromium, shop, f"/lots/{lot}")
    page = screen.page
    for button, why, state in (
        ("暂扣", "快检可疑，送县检", "held"),
        ("放行", "县检合格", "open"),
    ):
        await page.locator(".head").get_by_role("button", name=button).click()
        await page.locator(".sheet textarea").fill(why)
        await page.locator(".sheet__foot .btn").click()
        await page.locator(".dialog__acts .btn").last.click()
        await expect(page.locator(".steps")).to_contain_text(why, timeout=WAIT_MS)
        assert (await shop.owner.read(f"{shop.path}/lots/{lot}"))["state"] == state
        if state == "held":
            asked = {"pack_id": pack, "boxes": 1}
            refused = await shop.owner.refused(f"{shop.path}/lots/{lot}/pack", asked)
            assert refused == "lot-not-open"
            await expect(page.locator(".lotnote")).to_contain_text(why)
    await page.get_by_role("button", name="记一笔").click()
    await page.get_by_role("radio", name="捐赠").click()
    await page.locator(".sheet .big input").fill("5")
    await page.locator(".sheet__foot .btn").click()
    await page.locator(".dialog__acts .btn").last.click()
    await expect(page.locator(".mv", has_text="捐赠")).to_contain_text("5 斤", timeout=WAIT_MS)
    left = (await shop.owner.read(f"{shop.path}/lots/{lot}"))["grams_left"]
    assert left == 4 * BOX_G - BOX_G
    await screen.close()
    assert await audit(place) == {}


async def _sent(shop: Shop, buyer: Page, pack: str) -> dict[str, Any]:
    """A box that is on its way to a buyer."""
    order = await shop.bought(buyer, await shop.offer(pack))
    for act in ("start-packing", "pack"):
        await shop.seller_act(order, act)
    await shop.seller_act(order, "ship", {"carrier": "self", "waybill": ""})
    return order


@pytest.mark.timeout(300)
async def test_a_drill_and_a_recall_that_reaches_its_buyer(place: Place, chromium: Browser) -> None:
    shop = await open_shop(place, 73, "召回合作社")
    pack = await shop.goods("召回的苹果", 5)
    person = await place.person()
    await person.act("/api/me/addresses", ADDRESS)
    order = await _sent(shop, person, pack)
    lot, path = shop.lots[0], f"/me/orders/{shop.org}/{order['order_id']}"
    buyer = await Screen.open(chromium, place.url)
    await buyer.sign_in(place, person, "/me")
    await buyer.page.goto(path)
    await expect(buyer.page.locator(".ohead")).to_be_visible(timeout=WAIT_MS)
    screen = await _studio(place, chromium, shop, f"/recalls/new?lot={lot}&drill=1")
    page = screen.page
    await _drafts(screen, "季度演练", "开始演练")
    await expect(page.locator(".band--ok")).to_contain_text("演练完成", timeout=WAIT_MS)
    await expect(page.locator(".kpis")).to_contain_text("订单1")
    assert (await person.read("/api/me/recalls"))["items"] == []
    assert (await shop.offer(pack))["state"] == "open"
    await expect(buyer.page.locator(".band--bad")).to_have_count(0)
    await page.goto(f"/studio/recalls/new?lot={lot}")
    await _drafts(screen, "检出农残超标", "查出范围")
    await page.locator(".head .btn--danger").click()
    act = page.locator(".sheet__foot .btn")
    await expect(act).to_be_disabled()
    code = (await shop.owner.read(f"{shop.path}/recalls"))["items"][0]["code"]
    await page.get_by_label("编号后四位").fill(code[-4:].lower())
    await act.click()
    await expect(page.get_by_text("都通知到了")).to_be_visible(timeout=WAIT_MS)
    await expect(page.locator(".kv.ms")).to_be_visible()
    await expect(page.get_by_text("对得上")).to_be_visible()

    async def told() -> bool:
        return bool((await person.read("/api/me/recalls"))["items"])

    await until(told, "the buyer is told")
    await buyer.page.reload()
    band = buyer.page.locator(".recall")
    await expect(band.locator(".band--bad")).to_contain_text("请不要吃", timeout=WAIT_MS)
    await expect(band).to_contain_text("¥29.80 会退回")
    await band.get_by_role("button", name="我知道了").tap()
    await expect(band).to_contain_text("你已经确认", timeout=WAIT_MS)
    await buyer.page.goto("/me/inbox")
    told_so = buyer.page.locator(".inrow", has_text="召回：订单")
    await expect(told_so).to_be_visible(timeout=WAIT_MS)
    await page.reload()
    await expect(page.locator(".line .tag--leaf")).to_have_text("已确认", timeout=WAIT_MS)
    await page.get_by_role("button", name="结束召回").click()
    await page.locator(".dialog .btn--danger").click()
    await expect(page.locator(".head .tag")).to_have_text("已结束", timeout=WAIT_MS)
    await screen.close()
    await buyer.close()
    assert await audit(place) == {}


async def _drafts(screen: Screen, why: str, act: str) -> None:
    await screen.page.locator("textarea").fill(why)
    await screen.page.get_by_role("button", name=act).click()
    await screen.page.wait_for_url(re.compile(r"/studio/recalls/[0-9a-f-]{36}$"))
