"""What viewers see is what they get: a lot on camera, a test, the passport that plays it."""

import re

import pytest
from playwright.async_api import Browser, expect

from tests.browser.people import DESK, SMALL_CAMERA, WAIT_MS, Screen, end, go_live, pin
from tests.stories.place import Place, until
from tests.stories.shop import open_shop

PAGE_BYTES_MAX = 100_000


@pytest.mark.timeout(300)
async def test_a_test_before_the_camera_plays_on_the_boxs_passport(
    place: Place, chromium: Browser
) -> None:
    shop = await open_shop(place, 92, "上镜合作社")
    title = "上镜脐橙"
    pack = await shop.goods(title, 3)
    session = await shop.session(pack, upto="ready")
    lots = (await shop.owner.read(f"{shop.path}/lots", kind="packed"))["items"]
    lot = next(one for one in lots if any(box["pack_id"] == pack for box in one["packed"]))
    box = (await shop.owner.read(f"{shop.path}/lots/{lot['id']}/boxes"))["items"][0]["code"]
    host = await Screen.open(chromium, place.url, script=SMALL_CAMERA)
    await host.sign_in(place, shop.owner, f"/studio/sessions/{session['id']}/live")
    await go_live(host)
    desk = await Screen.open(chromium, place.url, size=DESK)
    await desk.sign_in(place, shop.owner, f"/studio/sessions/{session['id']}/control")
    viewer = await Screen.open(chromium, place.url)
    await viewer.enters(f"/room/{session['id']}")
    await pin(desk, title)
    await viewer.shows_pinned(title)

    await desk.page.locator(".camera .opt", has_text=lot["code"]).click()
    card = viewer.page.locator(".oncam")
    await expect(card).to_contain_text(lot["code"], timeout=WAIT_MS)
    await expect(card).to_contain_text("本庙村")
    await viewer.advances()
    await desk.page.locator(".meter__n input").fill("13.2")
    await desk.page.locator(".meter__go").click()
    await expect(card).to_contain_text("糖度 13.2", timeout=WAIT_MS)
    late = await Screen.open(chromium, place.url)
    await late.enters(f"/room/{session['id']}")
    await expect(late.page.locator(".oncam")).to_contain_text("糖度 13.2", timeout=WAIT_MS)

    await _passport(place, chromium, box)
    await desk.page.locator(".camera .btn", has_text="从镜头取下").click()
    await expect(card).to_have_count(0, timeout=WAIT_MS)
    await end(host)

    async def sealed() -> bool:
        found = await shop.owner.read(f"/api/rooms/{session['id']}")
        return bool(found["state"] == "replay_public")

    await until(sealed, "the replay")
    await _passport(place, chromium, box)
    for screen in (host, desk, viewer, late):
        await screen.close()


async def _passport(place: Place, chromium: Browser, box: str) -> None:
    """Small, without a script, and its clip plays; that address opens nothing else."""
    reader = await Screen.open(chromium, place.url)
    answer = await reader.page.goto(f"/P/{box}")
    assert answer is not None and answer.status == 200
    assert len(await answer.body()) < PAGE_BYTES_MAX
    assert await reader.page.locator("script").count() == 0
    test = reader.page.locator(".test", has_text="镜头前实测")
    await expect(test).to_contain_text("糖度 13.2")
    assert await reader.video("paused"), "it waits for a tap"
    address = str(await reader.video("src"))
    assert re.search(r"/live/[0-9a-f-]{36}/c[0-9a-f.-]+[\w-]+/clip\.mp4$", address)

    async def made() -> bool:
        """The segment that the moment is in may be under way still."""
        found = await place.page().get(address)
        return found.status_code == 200 and found.headers["content-type"] == "video/mp4"

    await until(made, "the clip")
    await reader.page.evaluate("document.querySelector('video').play()")
    await reader.plays_from(1)
    await reader.close()
