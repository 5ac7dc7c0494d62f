"""Which Chromium, and with what flags."""

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--no-sandbox",
    "--disable-dev-shm-usage",
)


def program() -> str:
    """Where it is."""
    return next(found for name in NAMES if (found := shutil.which(name)))
