"""The short crash: API and PostgreSQL killed under load; `make crash-orders` is the long one."""

import tempfile
from pathlib import Path

from bench.orders.crash import crash, wrong


async def test_what_was_acknowledged_is_stored_once_after_kill_9() -> None:
    with tempfile.TemporaryDirectory(prefix="tt") as name:
        said = await crash(Path(name), ["postgres", "api"], between=40, buyers=120, at_once=12)
    assert wrong(said) == [], said
    assert said["retries"] > 0, "nobody felt the kills"
