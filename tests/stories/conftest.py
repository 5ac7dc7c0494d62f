"""One instance for all stories: two API processes, everything else once."""

from collections.abc import AsyncIterator

import pytest

from tests.stories.place import Place, running


@pytest.fixture(scope="session")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """The running instance."""
    home = tmp_path_factory.mktemp("stories") / "home"
    async with running(home, TIANTOU_API_PROCESSES="2") as made:
        yield made
