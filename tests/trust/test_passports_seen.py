"""A passport in Chromium, scripts switched off: it fits phone and desk, in both languages."""

import io
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, Response, async_playwright
from sqlalchemy import text

from tests.browser.program import FLAGS, program
from tests.trade.market import Market
from tests.trust.passporting import graded, sold
from tests.trust.passporting import market as market
from tests.trust.work import work_off
from tiantou.core import files_http
from tiantou.core.files import Files

SIZES = ((390, 844), (1440, 900))


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    """The browser."""
    async with async_playwright() as playwright:
        made = await playwright.chromium.launch(executable_path=program(), args=list(FLAGS))
        yield made
        await made.close()


async def _photographed(market: Market) -> None:
    """The product has a picture that is stored."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize((800, 800)).convert("RGB").save(out, "JPEG")
    async with market.database.begin() as tx:
        made = await Files(market.home / "files").put(tx, out.getvalue(), None)
        await tx.execute(
            text("update catalog.product set photos = array[cast(:hash as text)]"),
            {"hash": made.hash},
        )
    market.site.api.include_router(files_http.routes)


def _note(came: list[int], said: Response) -> None:
    came.append(said.status)


@pytest.mark.parametrize("recalled", [False, True])
async def test_it_fits_every_screen_without_a_script(
    market: Market, chromium: Browser, tmp_path: Path, recalled: bool
) -> None:
    await _photographed(market)
    lot, codes = await graded(market)
    await sold(market, lot, codes[0])
    seller, path = await market.seller(), f"/api/orgs/{market.shop}"
    home = f"{path}/households/{market.world.household_id}/shown"
    assert (await seller.put(home, json={"consent": "当面说过"})).status_code == 200
    if recalled:
        body = {"box_code": codes[0], "reason": "农残超标"}
        recall = (await seller.post(f"{path}/recalls", json=body)).json()["id"]
        await seller.post(f"{path}/recalls/{recall}/activate", json={})
        await work_off(market.database)
    for wide, high in SIZES:
        for lang in ("zh-CN", "en"):
            view = await chromium.new_context(
                viewport={"width": wide, "height": high}, java_script_enabled=False
            )
            page = await view.new_page()
            came: list[int] = []
            page.on("response", partial(_note, came))
            await page.goto(f"{market.url}/P/{codes[0]}?lang={lang}", wait_until="load")
            await page.screenshot(path=tmp_path / f"{recalled}-{wide}-{lang}.png", full_page=True)
            band = page.locator(".band")
            box = await band.bounding_box()
            assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= wide
            colour = "rgb(174, 28, 52)" if recalled else "rgb(27, 106, 59)"
            assert await band.evaluate("e => getComputedStyle(e).backgroundColor") == colour
            fits = "() => document.documentElement.scrollWidth <= innerWidth"
            assert await page.evaluate(fits)
            assert set(came) == {200}, "the page and its one picture"
            await page.locator("summary").click()
            for part in ("textarea", "input[type=file]", "form button"):
                one = await page.locator(part).bounding_box()
                assert one is not None and one["height"] >= 44, part
            await view.close()
