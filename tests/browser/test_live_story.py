"""A host with a camera, two viewers and an assistant, each in a browser of his own."""

import ssl
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, expect

from tests.browser.people import (
    DESK,
    NO_MEDIA_SOURCE,
    SMALL_CAMERA,
    WAIT_MS,
    Screen,
    buy,
    end,
    go_live,
    pin,
)
from tests.stories.audit import audit, recording_faults
from tests.stories.place import Place, until
from tests.stories.shop import ADDRESS, Shop, open_shop
from tiantou.up import authority

SCHEMES = ("http", "https")


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """A measured time, for who reads the run's end; nothing is asserted of it."""
    return partial(record_property, "measured")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("scheme", SCHEMES)
async def test_camera_viewers_assistant(
    place: Place, chromium: Browser, say: Callable[[str], None], scheme: str
) -> None:
    origin = place.url if scheme == "http" else place.secure_url
    shop = await open_shop(place, 41 + SCHEMES.index(scheme), f"镜头合作社 {scheme}")
    first, last = f"第一件 {scheme}", f"最后一箱 {scheme}"
    packs = [await shop.goods(first, 5), await shop.goods(last, 1)]
    session = await shop.session(*packs, upto="ready")
    room = f"/room/{session['id']}"
    host = await Screen.open(chromium, origin, script=SMALL_CAMERA)
    await host.sign_in(place, shop.owner, f"/studio/sessions/{session['id']}/live")
    await go_live(host)
    assistant = await Screen.open(chromium, origin, size=DESK)
    await assistant.sign_in(place, shop.owner, f"/studio/sessions/{session['id']}/control")
    buyer, other = [await Screen.open(chromium, origin) for _ in range(2)]
    person = await place.person()
    await person.act("/api/me/addresses", ADDRESS)
    await buyer.sign_in(place, person, "/me")
    for viewer in (buyer, other):
        say(f"{scheme}: first frame {await viewer.enters(room):.2f} s")
        await viewer.advances()
    for title in (first, last):
        pressed = await pin(assistant, title)
        times = [await viewer.shows_pinned(title) - pressed for viewer in (buyer, other)]
        say(f"{scheme}: pin at both viewers {max(times):.2f} s")
    await buy(buyer)
    await expect(other.pin.locator(".btn--buy")).to_be_disabled(timeout=WAIT_MS)
    await expect(other.pin).to_contain_text("售罄", timeout=WAIT_MS)
    await _plain(chromium, origin, room)
    await end(host)
    await _replay(place, shop, session["id"], other)
    for screen in (host, assistant, buyer, other):
        await screen.close()
    assert await audit(place) == {}


async def _plain(chromium: Browser, origin: str, room: str) -> None:
    """Without MediaSource, as in old WebViews, the browser plays the plain list by itself."""
    screen = await Screen.open(chromium, origin, script=NO_MEDIA_SOURCE)
    await screen.enters(room)
    await screen.advances()
    source = str(await screen.video("currentSrc"))
    assert source.endswith("/hls.m3u8")
    await screen.close()


async def _replay(place: Place, shop: Shop, session: str, viewer: Screen) -> None:
    """The recording seeks to where the second product was explained."""

    async def ready() -> dict[str, Any] | None:
        found = await shop.owner.read(f"/api/rooms/{session}")
        return found if found["state"] == "replay_public" else None

    chapters = (await until(ready, "the replay"))["replay"]["chapters"]
    assert len(chapters) == 2
    await viewer.page.goto(f"/replay/{session}")
    await viewer.plays_from(0)
    await viewer.page.locator(".ch__go").nth(1).click()
    start_s = chapters[1]["start_s"]
    await viewer.plays_from(start_s)
    assert float(await viewer.video("currentTime")) >= start_s
    assert recording_faults(place, session) == []


async def test_only_known_hosts_and_certificates(place: Place) -> None:
    trusted = ssl.create_default_context(cafile=str(authority.certificate_path(place.up.home)))
    async with httpx.AsyncClient(verify=trusted, trust_env=False) as client:
        for origin in (place.url, place.secure_url):
            known = await client.get(f"{origin}/healthz")
            assert known.status_code == 200
            strange = await client.get(f"{origin}/healthz", headers={"Host": "evil.example"})
            assert strange.status_code == 421
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(f"{place.secure_url}/healthz")
