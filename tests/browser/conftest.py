"""One Chromium for the run, with a camera that it draws itself."""

import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--no-sandbox",
    "--disable-dev-shm-usage",
)


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The browser."""
    async with async_playwright() as playwright:
        program = next(found for name in NAMES if (found := shutil.which(name)))
        made = await playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield made
        await made.close()
