"""Buying on a phone: from a link to the first paid order, and two shops under one payment."""

from collections.abc import Callable

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.browser.people import WAIT_MS, Screen
from tests.stories.audit import audit
from tests.stories.place import Place, until
from tests.stories.shop import ADDRESS, open_shop

TAPS_MAX = 9
PHONE = "13900000321"
PASTED = "王小明 13900000001 北京市朝阳区 人民路 1 号 3 栋 502"


class Thumb:
    """Counts every touch of the screen: buttons, and fields that are not open by themselves."""

    def __init__(self) -> None:
        self.taps = 0

    async def tap(self, what: Locator) -> None:
        await what.tap()
        self.taps += 1

    async def types(self, what: Locator, words: str) -> None:
        """Into a field that has the focus already, or after a tap into it."""
        if not await what.evaluate("field => field === document.activeElement"):
            await self.tap(what)
        await what.fill(words)


@pytest.mark.timeout(300)
async def test_from_a_link_to_the_first_paid_order(
    place: Place, chromium: Browser, record_property: Callable[[str, object], None]
) -> None:
    shop = await open_shop(place, 61, "九下合作社")
    pack = await shop.goods("新买家的苹果", 5)
    session = await shop.session(pack)
    items = (await shop.owner.read(f"/api/rooms/{session['id']}"))["shelf"]
    await shop.owner.act(f"/api/sessions/{session['id']}/pin", {"item_id": items[0]["id"]})
    buyer, thumb = await Screen.open(chromium, place.url), Thumb()
    page = buyer.page
    await page.goto(f"/room/{session['id']}")
    await thumb.tap(buyer.pin.locator(".btn--buy"))
    await thumb.types(page.locator("input[name=phone]"), PHONE)
    await thumb.tap(page.locator(".sheet button[type=submit]"))

    async def sent() -> list[str]:
        return place.codes(PHONE)

    code = (await until(sent, "a code"))[-1]
    place.secrets.add(f"code={code}")
    await thumb.types(page.locator("input[name=code]"), code)
    await thumb.tap(page.locator(".sheet button[type=submit]"))
    await thumb.types(page.locator(".sheet textarea"), PASTED)
    await expect(page.locator(".sheet")).to_contain_text("朝阳区", timeout=WAIT_MS)
    await thumb.tap(page.locator(".sheet button[type=submit]"))
    await thumb.tap(page.locator(".btn--buy.btn--lg"))
    await page.wait_for_url("**/sandbox/pay/**")
    await thumb.tap(page.locator("button.pay"))
    await page.wait_for_url("**/paid/**")
    await page.locator(".result__ic--paid").wait_for()
    record_property("measured", f"link to first paid order: {thumb.taps} taps")
    assert thumb.taps <= TAPS_MAX
    await buyer.close()
    assert await audit(place) == {}


@pytest.mark.timeout(300)
async def test_two_shops_and_two_people_are_paid_at_once(place: Place, chromium: Browser) -> None:
    shops = [await open_shop(place, 62 + at, f"一起付 {at}") for at in range(2)]
    for at, shop in enumerate(shops):
        await shop.goods(f"一起付的苹果 {at}", 6)
    products = [(await one.owner.read(f"{one.path}/products"))["items"][0]["id"] for one in shops]
    person = await place.person()
    await person.act("/api/me/addresses", ADDRESS)
    other = ADDRESS | {"recipient": "李奶奶", "is_default": False, "detail": "和平里 2 号"}
    await person.act("/api/me/addresses", other)
    buyer = await Screen.open(chromium, place.url)
    await buyer.sign_in(place, person, "/me")
    page = buyer.page
    for product in products:
        await page.goto(f"/product/{product}")
        await page.locator(".foot .btn--line").tap()
        await page.locator(".toast__undo").wait_for()
    await page.goto("/cart")
    await page.locator(".crows__foot .btn--buy").tap()
    await page.locator(".another").tap()
    await page.locator(".picklist button", has_text="李奶奶").tap()
    pay = page.locator(".foot .btn--buy")
    await expect(pay).to_be_enabled(timeout=WAIT_MS)
    # two shops x two people, a box each
    await expect(pay).to_contain_text("¥119.20")
    await pay.tap()
    await page.wait_for_url("**/sandbox/pay/**")
    await page.locator("button.pay").tap()
    await page.wait_for_url("**/me/orders")

    async def paid() -> bool:
        found = (await person.read("/api/me/orders"))["items"]
        return [one["state"] for one in found] == ["paid"] * 4

    await until(paid, "four paid orders")
    await page.goto("/cart")
    await expect(page.locator(".crows")).to_have_count(0)
    await buyer.close()
    assert await audit(place) == {}
