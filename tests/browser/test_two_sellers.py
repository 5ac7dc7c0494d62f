"""Two sellers' goods in one room: the strip follows the pin, live and in the replay."""

from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.browser.people import DESK, SMALL_CAMERA, WAIT_MS, Screen, buy, end, go_live, pin
from tests.stories.audit import audit
from tests.stories.place import Place, until
from tests.stories.shop import ADDRESS, Shop, open_shop

GRANTED_PERMILLE = 80
OWN, OTHERS = "本店苹果", "来客苹果"


async def _strip(viewer: Screen, seller: str) -> None:
    """The strip names this seller, and the page was not loaded anew for it."""
    await expect(viewer.page.locator("[data-seller-strip] .seller__name b")).to_have_text(
        seller, timeout=WAIT_MS
    )
    assert await viewer.page.evaluate("window.entered") is True


async def _enters(viewer: Screen, room: str) -> None:
    await viewer.enters(room)
    await viewer.page.evaluate("window.entered = true")


async def _opens(place: Place, chromium: Browser, shop: Shop) -> None:
    """The seller opens its product to other rooms, on the product's page."""
    (product,) = (await shop.owner.read(f"{shop.path}/products"))["items"]
    screen = await Screen.open(chromium, place.url, size=DESK)
    await screen.sign_in(place, shop.owner, f"/studio/products/{product['id']}")
    card = screen.page.locator("[data-rooms-open]")
    await card.locator("input").fill(str(GRANTED_PERMILLE))
    await card.locator(".btn--leaf").click()
    await expect(card.locator(".tag--leaf")).to_contain_text(f"{GRANTED_PERMILLE}‰")
    await screen.close()


async def _chooses(place: Place, chromium: Browser, shop: Shop, session: str, name: str) -> None:
    """The planner finds the other seller's product by the shop's name and puts it on the shelf."""
    screen = await Screen.open(chromium, place.url, size=DESK)
    await screen.sign_in(place, shop.owner, f"/studio/sessions/{session}/edit")
    page = screen.page
    await page.locator("[data-add-item]").click()
    await page.get_by_role("tab").nth(1).click()
    await page.locator("input[type=search]").fill(name)
    row = page.locator("[data-others-goods]")
    await expect(row).to_have_count(1)
    await expect(row).to_contain_text(name)
    await expect(row).to_contain_text(f"{GRANTED_PERMILLE}‰")
    await row.click()
    await page.keyboard.press("Escape")
    await expect(page.locator("ol.shelf li")).to_have_count(2)
    await page.locator("button[type=submit]").click()
    await page.wait_for_url(f"**/studio/sessions/{session}")
    await screen.close()


@pytest.mark.timeout(600)
async def test_the_strip_names_who_sells_in_every_moment(place: Place, chromium: Browser) -> None:
    host_shop = await open_shop(place, 51, "开播的合作社")
    guest_shop = await open_shop(place, 52, "来客的合作社")
    own = await host_shop.goods(OWN, 5)
    await guest_shop.goods(OTHERS, 5)
    await _opens(place, chromium, guest_shop)
    made = await host_shop.session(own, upto="draft")
    session = made["id"]
    await _chooses(place, chromium, host_shop, session, "来客的合作社")
    for state in ("announced", "in_review", "ready"):
        await host_shop.step(session, state)
    host = await Screen.open(chromium, place.url, script=SMALL_CAMERA)
    await host.sign_in(place, host_shop.owner, f"/studio/sessions/{session}/live")
    await go_live(host)
    assistant = await Screen.open(chromium, place.url, size=DESK)
    await assistant.sign_in(place, host_shop.owner, f"/studio/sessions/{session}/control")
    buyer, other = [await Screen.open(chromium, place.url) for _ in range(2)]
    person = await place.person()
    await person.act("/api/me/addresses", ADDRESS)
    await buyer.sign_in(place, person, "/me")
    viewers = (buyer, other)
    for viewer in viewers:
        await _enters(viewer, f"/room/{session}")
        await _strip(viewer, "开播的合作社")
    for title, seller in (
        (OTHERS, "来客的合作社"),
        (OWN, "开播的合作社"),
        (OTHERS, "来客的合作社"),
    ):
        await pin(assistant, title)
        for viewer in viewers:
            await viewer.shows_pinned(title)
            await _strip(viewer, seller)
        await expect(assistant.page.locator("[data-pin-seller]")).to_contain_text(seller)
        price = assistant.page.locator(".acts .btn").first
        await expect(price).to_be_enabled(enabled=title == OWN)
        for _ in range(4):
            await other.advances()
    await buyer.pin.locator(".btn--buy").click()
    await expect(buyer.page.locator(".buyrow", has_text="来客的合作社")).to_be_visible()
    await buyer.page.locator(".buyhead__close").click()
    await buy(buyer)
    await _sold(guest_shop, host_shop, session)
    await end(host)
    await _replay(host_shop, session, other)
    for screen in (host, assistant, buyer, other):
        await screen.close()
    assert await audit(place) == {}


async def _sold(guest: Shop, host: Shop, session: str) -> None:
    """The order is the guest's; the room counts it, and the guest sees it as sold there."""

    async def counted() -> bool:
        control = await host.owner.read(f"/api/sessions/{session}/control")
        return bool(control["figures"]["orders"] == 1)

    await until(counted, "the room's order")
    (shown,) = (await guest.owner.read(f"{guest.path}/others-rooms"))["items"]
    assert (shown["session_id"], shown["orders"], shown["units"]) == (session, 1, 1)
    assert [one["commission_permille"] for one in shown["goods"]] == [GRANTED_PERMILLE]
    assert len((await guest.owner.read(f"{guest.path}/orders"))["items"]) == 1
    assert (await host.owner.read(f"{host.path}/orders"))["items"] == []


async def _replay(shop: Shop, session: str, viewer: Screen) -> None:
    """The strip is the chapter's seller wherever the recording is."""

    async def ready() -> dict[str, Any] | None:
        found: dict[str, Any] = await shop.owner.read(f"/api/rooms/{session}")
        return found if found["state"] == "replay_public" else None

    chapters = (await until(ready, "the replay"))["replay"]["chapters"]
    assert [one["seller"]["name"] for one in chapters] == [
        "来客的合作社",
        "开播的合作社",
        "来客的合作社",
    ]
    await _enters(viewer, f"/replay/{session}")
    for at in (0, 1):
        await viewer.page.locator(".ch__go").nth(at).click()
        await viewer.plays_from(chapters[at]["start_s"])
        await _strip(viewer, chapters[at]["seller"]["name"])
