"""People at their screens: a host with a camera, viewers on phones, an assistant at a desk."""

import time
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from playwright.async_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    ViewportSize,
    expect,
)

from tests.stories.place import Page as Session
from tests.stories.place import Place

WAIT_MS = 60_000
PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1280, height=800)
# The camera that the browser draws, as small as the machines of tests want it.
SMALL_CAMERA = """
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
navigator.mediaDevices.getUserMedia = (wish) =>
  ask({ ...wish, video: wish.video && { width: 640, height: 360, frameRate: 15 } })
"""
NO_MEDIA_SOURCE = """
for (const name of ['MediaSource', 'ManagedMediaSource', 'WebKitMediaSource']) {
  delete window[name]
}
"""


class Screen:
    """A browser of somebody's own, on one origin."""

    def __init__(self, context: BrowserContext, page: Page, origin: str) -> None:
        self.context, self.page, self.origin = context, page, origin
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(f"{error} {error.stack}"))

    @classmethod
    async def open(
        cls,
        chromium: Browser,
        origin: str,
        *,
        size: ViewportSize = PHONE,
        script: str = "",
        strict: bool = False,
    ) -> "Screen":
        """A fresh one, in Chinese; a strict one takes no certificate that it does not know."""
        context = await chromium.new_context(
            base_url=origin,
            locale="zh-CN",
            viewport=size,
            has_touch=size is PHONE,
            permissions=["camera", "microphone"],
            ignore_https_errors=origin.startswith("https://") and not strict,
        )
        context.set_default_timeout(WAIT_MS)
        if script:
            await context.add_init_script(script)
        return cls(context, await context.new_page(), origin)

    async def sign_in(self, place: Place, who: Session, to: str) -> None:
        """In as somebody who has signed in, and on to a page.

        At another address it is by a one-time link, of which an address has a few in an hour.
        """
        if self.origin == place.url:
            await self.context.add_cookies(
                [{"name": "tt", "value": who.cookies["tt"], "url": self.origin}]
            )
            await self.page.goto(to)
            return
        me = await who.read("/api/me")
        path = await place.link(UUID(me["person"]["id"]))
        await self.page.goto(f"{path}?back={to}")
        await self.page.wait_for_url(lambda url: urlsplit(url).path == to)

    async def close(self) -> None:
        """Closes it; a page of ours throws nothing that nobody catches."""
        await self.context.close()
        assert not self.faults, self.faults

    @property
    def pin(self) -> Locator:
        """The card of what is explained."""
        return self.page.locator("article.pin")

    async def video(self, what: str) -> Any:
        """Something of the page's picture."""
        return await self.page.evaluate(f"document.querySelector('video')?.{what}")

    async def plays_from(self, seconds: float) -> None:
        """Waits until the picture has come past a time."""
        await self.page.wait_for_function(
            "at => { const v = document.querySelector('video');"
            " return v && v.videoWidth > 0 && v.currentTime > at }",
            arg=seconds,
        )

    async def advances(self) -> None:
        """The picture moves on by a second."""
        await self.plays_from(0)
        await self.plays_from(float(await self.video("currentTime")) + 1)

    async def enters(self, room: str) -> float:
        """Opens a room; the seconds until its first frame."""
        began = time.monotonic()
        await self.page.goto(room)
        await self.plays_from(0)
        return time.monotonic() - began

    async def shows_pinned(self, title: str) -> float:
        """Waits for a product's card; gives when it came."""
        await expect(self.pin).to_contain_text(title, timeout=WAIT_MS)
        return time.monotonic()


async def go_live(host: Screen) -> None:
    """The three steps of the go-live page, and the button that is held."""
    page = host.page
    await page.locator(".golive__sheet .btn--leaf").click()
    await page.locator(".golive__foot .btn--leaf").click()
    button = page.locator("button.hold")
    await expect(button).to_be_enabled(timeout=WAIT_MS)
    await button.hover()
    await page.mouse.down()
    await page.locator(".air").wait_for()
    await page.mouse.up()


async def end(host: Screen) -> None:
    """The host ends the session, and says that he means it."""
    await host.page.locator(".air__act--end").click()
    await host.page.locator(".dialog .btn--danger").click()
    await host.page.locator(".air").wait_for(state="detached")


async def pin(assistant: Screen, title: str) -> float:
    """The assistant explains a product; gives when it was pressed."""
    row = assistant.page.locator(".script li", has_text=title)
    await row.locator(".btn").click()
    return time.monotonic()


async def buy(buyer: Screen) -> None:
    """Two taps from the playing picture, and the provider's page."""
    page = buyer.page
    await buyer.pin.locator(".btn--buy").click()
    await page.locator(".btn--buy.btn--lg").click()
    await page.wait_for_url("**/sandbox/pay/**")
    await page.locator("button.pay").click()
    await page.wait_for_url("**/paid/**")
    await page.locator(".result__ic--paid").wait_for()
