"""The doctor says what is wrong and what to do."""

import socket
from pathlib import Path

from tests.cluster import Cluster
from tiantou.core import instance, secret
from tiantou.core.db import open_database
from tiantou.settings import Settings
from tiantou.up import authority, tools
from tiantou.up.doctor import doctor
from tiantou.up.lock import hold


async def _told(home: Path, **more: object) -> tuple[int, str]:
    said: list[str] = []
    base: dict[str, object] = {"port": 0, "rtmp_port": 0, "database_url": ""}
    settings = Settings.model_validate({"home": home, **base, **more})
    wrong = await doctor(settings, said.append)
    return wrong, "\n".join(said)


async def test_a_new_home_is_well(tmp_path: Path) -> None:
    wrong, words = await _told(tmp_path / "home")
    assert wrong == 0, words
    assert "ports: free" in words and "made at the first start" in words


async def test_a_taken_port_is_found(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        wrong, words = await _told(tmp_path, port=taken.getsockname()[1])
    assert wrong == 1 and "is taken by" in words and "tiantou up --port" in words


async def test_a_readable_secret_is_found(tmp_path: Path) -> None:
    secret.root(tmp_path, "")
    secret.path(tmp_path).chmod(0o644)
    wrong, words = await _told(tmp_path)
    assert wrong == 1 and "chmod 600" in words


async def test_a_database_that_does_not_answer_is_found(tmp_path: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:1/none"
    wrong, words = await _told(tmp_path, database_url=url)
    assert wrong == 1 and "TIANTOU_DATABASE_URL" in words


async def test_a_database_is_asked_for_its_schema(
    tmp_path: Path, cluster: Cluster, dsn: str
) -> None:
    wrong, words = await _told(tmp_path, database_url=dsn)
    assert wrong == 0 and "database: answers" in words
    _, words = await _told(tmp_path, database_url=cluster.dsn("postgres"))
    assert "tiantou upgrade" in words


async def test_production_is_looked_at(tmp_path: Path) -> None:
    wrong, words = await _told(tmp_path, mode="production", role="platform")
    assert wrong == 4 and "TIANTOU_PAYMENT" in words
    assert "licences not given: business, culture, edi, icp" in words


async def test_a_demo_database_is_no_productions(tmp_path: Path, dsn: str) -> None:
    database = open_database(dsn, pool_size=2, name="tests")
    async with database.begin() as tx:
        await instance.note_start(tx, demo=True)
    await database.close()
    wrong, words = await _told(tmp_path, database_url=dsn)
    assert wrong == 0, words
    wrong, words = await _told(tmp_path, database_url=dsn, mode="production")
    assert "once in demo mode" in words
    assert words.count("payment is the sandbox") == 1


async def test_a_running_instance_is_named(tmp_path: Path) -> None:
    await tools.migrate(Settings(home=tmp_path, database_url=""))
    with hold(tmp_path, "up"):
        wrong, words = await _told(tmp_path)
    assert "running: up" in words
    assert wrong == 1 and "does not answer" in words


async def test_the_authority_is_looked_at(tmp_path: Path) -> None:
    authority.ensure(tmp_path, ["192.168.1.5"])
    _, words = await _told(tmp_path)
    assert "own authority: 36" in words
