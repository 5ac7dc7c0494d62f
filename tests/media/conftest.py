"""A film and a running media process."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.media.film import make_film
from tests.media.stand import Stand, standing
from tiantou.core.db import Database
from tiantou.core.keys import Keys
from tiantou.media.flv import Tag
from tiantou.media.push import film_of


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> list[Tag]:
    """Six seconds of stripes and a tone, as FLV tags."""
    return film_of(make_film(tmp_path_factory.mktemp("film") / "film.flv", 6))


@pytest.fixture
async def stand(database: Database, dsn: str, keys: Keys, tmp_path: Path) -> AsyncIterator[Stand]:
    """A running media process."""
    async with standing(database, dsn, keys, tmp_path / "media") as made:
        yield made
