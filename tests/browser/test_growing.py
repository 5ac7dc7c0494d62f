"""From a sprayed plot to the lorry: the scale refuses what is withheld, and takes what is not."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.people import DESK, Screen
from tests.stories.place import Place
from tests.stories.shop import Shop, open_shop
from tiantou.kit import clock
from tiantou.supply.growing.days import day_of

TODAY = day_of(clock.now())


async def _fills(page: Page, label: str, text: str) -> None:
    await page.get_by_label(label, exact=False).first.fill(text)


async def _sprays(screen: Screen, season: str) -> None:
    """The owner writes down what was sprayed, on the season's page."""
    page = screen.page
    await page.goto(f"/studio/seasons/{season}")
    await page.locator(".card__h .btn--line").first.click()
    for label, text in (
        ("产品", "阿维菌素"),
        ("登记证号", "PD20080001"),
        ("用量", "2000 倍液"),
        ("安全间隔期", "7"),
    ):
        await _fills(page, label, text)
    await page.locator("button[type=submit]").click()
    await expect(page.locator(".withheld")).to_contain_text("阿维菌素")


async def _weighs(page: Page) -> None:
    """What is the same at every scale; the household stands there already."""
    await page.locator(".chip", has_text="红富士").first.click()
    await _fills(page, "多重", "200")
    await page.locator(".chip", has_text="一级").first.click()
    await _fills(page, "收购价", "3.6")
    await page.locator("form.weigh button[type=submit]").click()


async def _season(shop: Shop) -> dict[str, Any]:
    expected = {"expected_g": 1_000_000, "expected_from": str(TODAY)}
    expected["expected_until"] = str(TODAY + timedelta(days=30))
    asked = {"plot_id": shop.plot, "variety_id": shop.variety}
    made: dict[str, Any] = await shop.owner.act(f"{shop.path}/seasons", asked | expected)
    return made


@pytest.mark.timeout(300)
async def test_the_scale_on_the_lorry_minds_the_withholding_period(
    place: Place, chromium: Browser
) -> None:
    shop = await open_shop(place, 91, "路上的合作社")
    await shop.weigh_in(1_000)
    season = await _season(shop)
    stops = [{"household_id": shop.household, "called_g": 100_000}]
    run = await shop.owner.act(
        f"{shop.path}/collections", {"day": str(TODAY), "vehicle": "三轮", "stops": stops}
    )
    screen = await Screen.open(chromium, place.url, size=DESK)
    await screen.sign_in(place, shop.owner, f"/studio/collections/{run['id']}")
    page = screen.page
    await page.get_by_role("button", name="出发").click()
    await page.locator(".stop .btn--leaf").click()
    await expect(page.locator(".ofstop")).to_contain_text("第 1 站")
    await _weighs(page)
    await page.wait_for_url(f"**/studio/collections/{run['id']}")
    await expect(page.locator(".stop .tag")).to_have_text("已过磅")
    await expect(page.locator(".stop .sums b")).to_contain_text("200 斤")

    await _sprays(screen, season["id"])
    await page.goto(f"/studio/collections/{run['id']}")
    await page.locator(".stop .do .btn").first.click()
    await _weighs(page)
    told = page.locator(".weigh [role=alert]")
    await expect(told.first).to_contain_text("还在安全间隔期")
    held = (await shop.owner.read(f"{shop.path}/lots"))["items"]
    assert [one["state"] for one in held if one["grams_in"] == 100_000] == ["held"]
    await screen.close()
