"""What every test may ask for: a real PostgreSQL with the newest schema, a fresh database, keys."""

import itertools
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from tests.cluster import Cluster
from tests.stories.place import Place, running
from tiantou.core.db import Database, open_database
from tiantou.core.keys import Keys
from tiantou.migrations.run import migrate

_count = itertools.count(1)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests measured, whichever process they ran in."""
    for report in terminalreporter.getreports("passed"):
        for name, said in report.user_properties:
            if name == "measured":
                terminalreporter.write_line(f"  measured: {said}")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One server for the whole run."""
    made = Cluster()
    yield made
    made.close()


@pytest.fixture(scope="session")
async def template(cluster: Cluster) -> str:
    """The name of a database with the newest schema, which others are copied from."""
    connection = await asyncpg.connect(cluster.dsn("postgres"))
    await connection.execute("create database template_tiantou")
    await connection.close()
    made = open_database(cluster.dsn("template_tiantou"))
    await migrate(made.engine)
    await made.close()
    return "template_tiantou"


@pytest.fixture
async def dsn(cluster: Cluster, template: str) -> str:
    """The address of a fresh database of this test's own."""
    name = f"t{next(_count)}"
    connection = await asyncpg.connect(cluster.dsn("postgres"))
    await connection.execute(f"create database {name} template {template}")
    await connection.close()
    return cluster.dsn(name)


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    """A fresh database, opened."""
    made = open_database(dsn, pool_size=20)
    yield made
    await made.close()


@pytest.fixture(scope="session")
def keys() -> Keys:
    """Keys of a root that only tests know."""
    return Keys((b"only the tests know this root secret",))


@pytest.fixture(scope="session")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """One running instance for all stories: two API processes, open by HTTPS as well."""
    home = tmp_path_factory.mktemp("stories") / "home"
    async with running(home, "--public", TIANTOU_API_PROCESSES="2") as made:
        yield made
