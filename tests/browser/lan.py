"""A live that phones alone make, on the other end of a wire: `lan.py HOME` prints what they asked.

`tiantou up --public` runs in a network namespace of its own. Chromium runs in another one and
knows of it what a person on the same network knows: the address, and the authority's root, which
it fetches from the page that `up` names. The certificates are checked by the browser itself.
"""

import asyncio
import json
import os
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, Request, WebSocket, async_playwright

from tests.browser.people import SMALL_CAMERA, Screen, end, go_live
from tests.browser.program import FLAGS, program
from tests.stories.place import Place, running
from tests.stories.shop import open_shop
from tests.up.cable import HOST, Phone, cable

FETCH = """
import sys
from urllib.request import ProxyHandler, build_opener
sys.stdout.write(build_opener(ProxyHandler({})).open(sys.argv[1], timeout=20).read().decode())
"""


@dataclass
class Watched:
    """A screen on the phone, every address that it asked for, and the WebSockets it opened."""

    screen: Screen
    requests: list[str] = field(default_factory=list)
    frames: dict[str, int] = field(default_factory=dict)
    """How many frames came over each WebSocket."""

    @classmethod
    async def open(cls, chromium: Browser, origin: str, script: str = "") -> "Watched":
        """A fresh one; it takes no certificate that the phone does not know."""
        made = cls(await Screen.open(chromium, origin, script=script, strict=True))
        made.screen.context.on("request", made._asked)
        made.screen.page.on("websocket", made._opened)
        return made

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(("blob:", "data:")):
            self.requests.append(request.url)

    def _opened(self, socket: WebSocket) -> None:
        self.frames.setdefault(socket.url, 0)
        socket.on("framereceived", lambda _: self._heard(socket.url))

    def _heard(self, url: str) -> None:
        self.frames[url] += 1

    def lists(self) -> int:
        """How many HLS lists it asked for until now."""
        return sum(".m3u8" in url for url in self.requests)


def _trust(phone: Phone, address: str, home: Path) -> None:
    """The phone's owner fetches the root and adds it, as the page `/ca` tells."""
    fetch = [*phone.inside, sys.executable, "-c", FETCH, address]
    root = home / "root.crt"
    root.write_bytes(subprocess.run(fetch, check=True, capture_output=True).stdout)
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    base = ["certutil", "-d", f"sql:{store}"]
    subprocess.run([*base, "-N", "--empty-password"], check=True)
    subprocess.run([*base, "-A", "-n", "tiantou", "-t", "C,,", "-i", str(root)], check=True)


@asynccontextmanager
async def _browser(phone: Phone, home: Path) -> AsyncIterator[Browser]:
    """Chromium on the phone, with a home folder of its own."""
    wrapper = home / "chromium"
    wrapper.write_text(f'#!/bin/sh\nexec {shlex.join([*phone.inside, program()])} "$@"\n')
    wrapper.chmod(0o700)
    async with async_playwright() as playwright:
        made = await playwright.chromium.launch(
            executable_path=wrapper, args=list(FLAGS), env={**os.environ, "HOME": str(home)}
        )
        yield made
        await made.close()


async def _quick(viewer: Watched) -> int:
    """Low delay is HTTP-FLV: sees it move, and counts the HLS lists asked for beside it."""
    page = viewer.screen.page
    await page.get_by_role("button", name="更多", exact=True).click()
    async with page.expect_request(lambda one: ".flv" in one.url):
        await page.get_by_role("button", name="低延迟").click()
    before = viewer.lists()
    await viewer.screen.advances()
    return viewer.lists() - before


async def _story(place: Place, chromium: Browser, phone: Phone) -> dict[str, Any]:
    """A host with a camera, a viewer by LL-HLS, another one by HTTP-FLV."""
    origin = place.up.url
    shop = await open_shop(place, 61, "同网合作社")
    session = await shop.session(await shop.goods("同网苹果", 5), upto="ready")
    room = f"/room/{session['id']}"
    host = await Watched.open(chromium, origin, SMALL_CAMERA)
    await host.screen.sign_in(place, shop.owner, f"/studio/sessions/{session['id']}/live")
    secure = await host.screen.page.evaluate("isSecureContext")
    await go_live(host.screen)
    viewers = [await Watched.open(chromium, origin) for _ in range(2)]
    for viewer in viewers:
        await viewer.screen.enters(room)
        await viewer.screen.advances()
    lists_beside_flv = await _quick(viewers[1])
    spoke_to = sorted(phone.spoke_to())
    await end(host.screen)
    everybody = [host, *viewers]
    for one in everybody:
        await one.screen.close()
    return {
        "origin": origin,
        "secure": secure,
        "spoke_to": spoke_to,
        "lists_beside_flv": lists_beside_flv,
        "requests": [one.requests for one in everybody],
        "frames": [one.frames for one in everybody],
    }


async def _visit(home: Path, phone: Phone) -> dict[str, Any]:
    async with running(home, "--public") as place:
        plain = urlsplit(place.url).port
        phone_home = home.parent / "phone"
        phone_home.mkdir()
        _trust(phone, f"http://{HOST}:{plain}/ca/root.crt", phone_home)
        async with _browser(phone, phone_home) as chromium:
            return await _story(place, chromium, phone) | {"plain": plain}


def main(home: Path) -> None:
    """The whole visit."""
    with cable() as phone:
        told = asyncio.run(_visit(home, phone))
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
