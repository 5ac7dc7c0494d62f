"""Half an hour without a network: at the bench and at the scale, on two tablets each."""

from typing import Any

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.browser.people import WAIT_MS, Screen
from tests.stories.audit import audit
from tests.stories.place import Place, until
from tests.stories.shop import PRICE_FEN, Shop, open_shop

TABLET = ViewportSize(width=1024, height=768)
HALF_HOUR_MS = 30 * 60 * 1000
BOXES = 100
SHELL_KEPT = """async () => {
  const cache = await caches.open('tiantou-shell-1')
  return Boolean(await cache.match('/shell.json')) && Boolean(navigator.serviceWorker.controller)
}"""
TAPS_MAX = 6


async def _tablet(place: Place, chromium: Browser, shop: Shop, page: str) -> Screen:
    """A tablet that has opened a page, and keeps what that needs."""
    tablet = await Screen.open(chromium, place.url, size=TABLET)
    await tablet.page.clock.install()
    await tablet.sign_in(place, shop.owner, page)

    async def ready() -> bool:
        return bool(await tablet.page.evaluate(SHELL_KEPT))

    await until(ready, "the kept shell")
    return tablet


async def _without_a_network(tablet: Screen, there: str) -> None:
    """The network goes, and the page is opened anew: as after a pause with the tablet locked."""
    await tablet.context.set_offline(True)
    await tablet.page.reload()
    await tablet.page.locator(there).wait_for()


async def _scan(page: Page, *texts: str) -> None:
    """As a scanner types: fast, with Enter at the end."""
    for text in texts:
        await page.keyboard.type(text)
        await page.keyboard.press("Enter")


async def _orders(shop: Shop, pack: str, count: int) -> list[str]:
    """Orders of another channel, of a box each; gives their numbers there."""
    numbers = [f"DY{at:05d}" for at in range(count)]
    line = {"pack_id": pack, "units": 1, "price_fen": PRICE_FEN}
    rows = [{"external_no": no, "lines": [line], "division_code": "421182"} for no in numbers]
    said = await shop.owner.act(
        f"{shop.path}/imported-orders", {"channel": "douyin", "orders": rows}
    )
    assert said["placed"] == count, said
    return numbers


@pytest.mark.timeout(400)
async def test_a_hundred_boxes_are_scanned_on_two_tablets(place: Place, chromium: Browser) -> None:
    shop = await open_shop(place, 81, "没信号打包站")
    slip = await shop.weigh_in((BOXES + 10) * 2_500)
    pack = await shop.product("地窖里打包的苹果")
    run = await shop.boxes(slip["lot"]["id"], pack, BOXES + 10)
    boxes = await shop.owner.read(f"{shop.path}/lots/{run['packed_lot_id']}/boxes", limit=BOXES)
    codes = [one["code"] for one in boxes["items"]][:BOXES]
    numbers = await _orders(shop, pack, BOXES)
    tablets = [await _tablet(place, chromium, shop, "/studio/bench") for _ in range(2)]
    for tablet in tablets:
        await _without_a_network(tablet, ".bench")
    half = BOXES // 2
    work = [
        [(numbers[at], codes[at]) for at in range(half)],
        # the first box of the other tablet is scanned here too, into another order
        [(numbers[half], codes[0]), *((numbers[at], codes[at]) for at in range(half + 1, BOXES))],
    ]
    for tablet, pairs in zip(tablets, work, strict=True):
        for number, code in pairs:
            await _scan(tablet.page, number, f"HTTPS://TIANTOU.TEST/P/{code}")
        await expect(tablet.page.locator(".keptbar")).to_contain_text(str(half), timeout=WAIT_MS)
        await tablet.page.clock.fast_forward(HALF_HOUR_MS)
        await tablet.page.reload()
        await expect(tablet.page.locator(".keptbar")).to_contain_text(str(half), timeout=WAIT_MS)
    for tablet in tablets:
        await tablet.context.set_offline(False)
        await tablet.page.reload()
        await expect(tablet.page.locator(".keptbar")).to_have_count(0, timeout=WAIT_MS)

    async def packed() -> bool:
        return await _in_state(shop, "packed") == BOXES - 1

    await until(packed, "99 packed orders")
    desk = tablets[1].page
    await desk.goto("/studio/kept")
    clash = desk.locator(".conflict")
    await expect(clash).to_have_count(1, timeout=WAIT_MS)
    await expect(clash).to_contain_text(codes[0])
    await expect(clash.locator(".side")).to_have_count(2)
    await clash.locator("button").click()
    await expect(clash).to_have_count(0, timeout=WAIT_MS)
    for tablet in tablets:
        await tablet.close()
    assert await audit(place) == {}


async def _in_state(shop: Shop, state: str) -> int:
    count, cursor = 0, None
    while True:
        more: dict[str, Any] = {"cursor": cursor} if cursor else {}
        found = await shop.owner.read(f"{shop.path}/orders", state=state, limit=100, **more)
        count += len(found["items"])
        cursor = found["next"]
        if not cursor:
            return count


async def _weigh(page: Page, grams: int) -> int:
    """A slip for the known household; gives the taps it took."""
    taps = 0
    for what in (".weigh .list .opt >> nth=0",):
        await page.locator(what).click()
        taps += 1
    field = page.locator(".weigh input[inputmode=decimal] >> nth=0")
    await field.click()
    await field.fill(str(grams // 500))
    taps += 1
    await page.locator(".bottom .btn--leaf").click()
    return taps + 1


@pytest.mark.timeout(400)
async def test_slips_are_written_on_two_tablets(place: Place, chromium: Browser) -> None:
    shop = await open_shop(place, 82, "没信号的秤")
    await shop.weigh_in(31_500)
    tablets = [await _tablet(place, chromium, shop, "/studio/weigh") for _ in range(2)]
    for at, tablet in enumerate(tablets):
        page = tablet.page
        await page.locator(".weigh .list .opt").first.wait_for()
        await page.locator(".weigh .picks .chip").first.wait_for()
        await _without_a_network(tablet, ".weigh")
        await page.locator(".weigh .picks .chip >> nth=0").click()
        await page.get_by_text("一级", exact=True).first.click()
        for n in range(10):
            # the third crate of both weighs the same
            grams = 20_000 if n == 2 else 10_000 + 1_000 * at + 2_000 * (n + 6)
            taps = await _weigh(page, grams)
            assert taps + 2 <= TAPS_MAX
            await expect(page.locator(".keptbar")).to_contain_text(str(n + 1), timeout=WAIT_MS)
        await page.reload()
        await expect(page.locator(".keptbar")).to_contain_text("10", timeout=WAIT_MS)
    for tablet in tablets:
        await tablet.context.set_offline(False)
        await tablet.page.reload()
        await expect(tablet.page.locator(".keptbar .kept")).to_have_count(0, timeout=WAIT_MS)

    async def slips() -> int:
        return len((await shop.owner.read(f"{shop.path}/slips", limit=100))["items"])

    async def sent() -> bool:
        return await slips() == 1 + 19

    await until(sent, "nineteen slips")
    page = tablets[1].page
    await page.goto("/studio/kept")
    await expect(page.locator(".sides .side")).to_have_count(2, timeout=WAIT_MS)
    await page.locator(".btn--leaf", has_text="两次都算").click()

    async def all_there() -> bool:
        return await slips() == 1 + 20

    await until(all_there, "the slip that was kept")
    for tablet in tablets:
        await tablet.close()
    assert await audit(place) == {}
