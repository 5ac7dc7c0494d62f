"""One Chromium for the run, with a camera that it draws itself."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

from tests.browser.program import FLAGS, program


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The browser."""
    async with async_playwright() as playwright:
        made = await playwright.chromium.launch(executable_path=program(), args=list(FLAGS))
        yield made
        await made.close()
