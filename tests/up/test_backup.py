"""Backup and restore: into a new cluster, all or nothing, facts go on; damage is found."""

import asyncio
import io
import json
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from tiantou import worker
from tiantou.accounts.events import OrgApplied
from tiantou.core import partitions, secret
from tiantou.core.db import Tx, open_database
from tiantou.core.delivery import Reaction
from tiantou.core.outbox import announce
from tiantou.kit.ids import uuid7
from tiantou.settings import Settings
from tiantou.up import tools
from tiantou.up.at_hand import at_hand
from tiantou.up.backup import BackupFailed, backup, libpq
from tiantou.up.restore import RestoreRefused, read_manifest, restore, unpack


def _silent(_: str) -> None:
    """Nobody listens."""


def names_in(folder: Path) -> list[str]:
    """What lies in a folder."""
    return [path.name for path in folder.iterdir()]


def _settings(home: Path) -> Settings:
    return Settings(home=home, database_url="")


async def _apply(dsn: str, no: int) -> None:
    """Announces a fact."""
    database = open_database(dsn, pool_size=2)
    await partitions.make_ahead(database.engine)
    async with database.begin() as tx:
        fact = OrgApplied(org_id=uuid7(), kind_of_org="coop", name=str(no), division_code="530000")
        await announce(tx, fact)
    await database.close()


async def _work(dsn: str, wanted: int) -> list[int]:
    """Runs the worker until `wanted` facts were taken, and a moment longer; gives them in order."""
    taken: list[int] = []

    async def note(_: Tx, fact: OrgApplied) -> None:
        taken.append(int(fact.name))

    database = open_database(dsn, pool_size=8)
    # The name of one that the house has: a restore knows only those.
    reactions = [Reaction("accounts.tell-operators", OrgApplied, note)]
    working = asyncio.create_task(worker.work(database, reactions, {}, []))
    for _ in range(400):
        await asyncio.sleep(0.05)
        if len(taken) >= wanted:
            break
    await asyncio.sleep(0.5)
    working.cancel()
    await asyncio.wait([working])
    await database.close()
    return taken


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a used home and its backup."""
    folder = tmp_path_factory.mktemp("backup")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
async def file(source: Path) -> Path:
    """The backup of a home with rows, a picture and a recording."""
    home = source / "home"
    settings = _settings(home)
    await tools.migrate(settings)
    async with at_hand(settings, "test") as dsn:
        connection = await asyncpg.connect(dsn)
        await connection.execute(
            "insert into core.instance (one, made_at, demo_at) values (true, now(), now())"
        )
        await _apply(dsn, 1)
        assert await _work(dsn, 1) == [1]
        await _apply(dsn, 2)
        await connection.close()
    recording = home / "media" / "2026" / "09" / "one"
    recording.mkdir(parents=True)
    (recording / "index.jsonl").write_text('{"s":1}\n')
    (recording / "a1.m4s").write_bytes(b"sound" * 1000)
    (home / "files" / "ab").mkdir(parents=True)
    (home / "files" / "ab" / "cd.webp").write_bytes(b"picture")
    made = source / "one.tar"
    await backup(settings, made, True, _silent)
    return made


def _new_home(source: Path, name: str) -> Path:
    home = source / name
    home.mkdir(mode=0o700)
    shutil.copy2(secret.path(source / "home"), secret.path(home))
    return home


def test_a_backup_is_private_and_holds_no_secret(source: Path, file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600
    with tarfile.open(file) as tar:
        names = tar.getnames()
    assert names[:2] == ["manifest.json", "database.dump"] and names[-1] == "sums.json"
    assert names.index("media/2026/09/one/index.jsonl") < names.index("media/2026/09/one/a1.m4s")
    assert secret.path(source / "home").read_bytes() not in file.read_bytes()
    assert [path.name for path in source.iterdir() if path.suffix != ".tar"] == ["home"]


async def test_restored_into_a_new_cluster_facts_go_on(source: Path, file: Path) -> None:
    home = _new_home(source, "restored")
    await restore(_settings(home), file, _silent)
    assert (home / "media/2026/09/one/a1.m4s").read_bytes() == b"sound" * 1000
    assert (home / "files/ab/cd.webp").read_bytes() == b"picture"
    async with at_hand(_settings(home), "test") as dsn:
        connection = await asyncpg.connect(dsn)
        assert await connection.fetchval("select demo_at is not null from core.instance")
        await connection.close()
        # The one that was taken before stays taken, the one that waited goes on, a new one follows.
        await _apply(dsn, 3)
        assert await _work(dsn, 2) == [2, 3]
    with pytest.raises(RestoreRefused, match="not empty"):
        await restore(_settings(home), file, _silent)


async def test_another_secret_is_refused(source: Path, file: Path) -> None:
    home = source / "other"
    home.mkdir(mode=0o700)
    with pytest.raises(RestoreRefused, match="needs the root secret"):
        await restore(_settings(home), file, _silent)
    secret.root(home, "")
    with pytest.raises(RestoreRefused, match="not the root secret"):
        await restore(_settings(home), file, _silent)
    assert not (home / "postgres").exists()


async def test_a_backup_does_not_overwrite(source: Path, file: Path) -> None:
    with pytest.raises(BackupFailed, match="there already"):
        await backup(_settings(source / "home"), file, True, _silent)


async def test_an_empty_home_has_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match="nothing to back up"):
        await backup(_settings(tmp_path / "home"), tmp_path / "b.tar", True, _silent)
    assert names_in(tmp_path) == ["home"]


def _damaged(file: Path, mark: bytes, made: Path) -> Path:
    data = file.read_bytes()
    assert mark in data
    made.write_bytes(data.replace(mark, mark.swapcase(), 1))
    return made


@pytest.mark.parametrize("mark", [b"PGDMP", b"soundsound", b"picture", b"sums.json"])
def test_damage_is_found_before_anything_is_changed(
    file: Path, tmp_path: Path, mark: bytes
) -> None:
    bad = _damaged(file, mark, tmp_path / "bad.tar")
    with pytest.raises(RestoreRefused, match=r"damaged|no backup writes"):
        unpack(bad, tmp_path / "draft", _silent)


def test_a_cut_off_backup_is_found(file: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.tar"
    cut.write_bytes(file.read_bytes()[:-20_000])
    with pytest.raises(RestoreRefused, match="damaged"):
        unpack(cut, tmp_path / "draft", _silent)


def _tar(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w") as tar:
        for info, content in members:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def _link(name: str, to: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = tarfile.SYMTYPE, to
    return info


@pytest.mark.parametrize(
    "info",
    [
        tarfile.TarInfo("../outside"),
        tarfile.TarInfo("/etc/outside"),
        tarfile.TarInfo("files/../../outside"),
        tarfile.TarInfo("secret"),
        tarfile.TarInfo("postgres/18/x"),
        _link("files/link", "/etc"),
    ],
)
def test_a_tar_that_names_other_places_is_refused(tmp_path: Path, info: tarfile.TarInfo) -> None:
    with pytest.raises(RestoreRefused, match="which no backup writes"):
        unpack(_tar(tmp_path / "bad.tar", (info, b"")), tmp_path / "draft", _silent)
    assert not (tmp_path / "outside").exists()


def test_a_newer_backup_and_no_backup_are_refused(tmp_path: Path) -> None:
    text = json.dumps(
        {
            "format": 1,
            "tiantou": "9.0",
            "revision": "9999_future",
            "mode": "demo",
            "at": "2030-01-01",
            "media": True,
            "secret": "",
        }
    )
    newer = _tar(tmp_path / "newer.tar", (tarfile.TarInfo("manifest.json"), text.encode()))
    with pytest.raises(RestoreRefused, match="newer Tiantou"):
        read_manifest(newer)
    with pytest.raises(RestoreRefused, match="not a backup"):
        read_manifest(_tar(tmp_path / "none.tar", (tarfile.TarInfo("x"), b"")))
    with pytest.raises(RestoreRefused, match="cannot be read"):
        read_manifest(tmp_path / "missing.tar")


def test_a_password_is_not_on_a_command_line() -> None:
    address, env = libpq("postgresql://me:s%40cret@db.example:5433/shop?sslmode=require")
    assert address == "postgresql://me@db.example:5433/shop?sslmode=require"
    assert env["PGPASSWORD"] == "s@cret"
    address, env = libpq("postgresql:///shop?host=db.example&password=s%40cret&sslmode=require")
    assert address == "postgresql:///shop?host=db.example&sslmode=require"
    assert env["PGPASSWORD"] == "s@cret"
