"""Restoring: a backup into a new home or an empty database, all of it or nothing.

Everything is checked before anything is put in its place. Transaction ids start anew in another
cluster, so the cursors of facts are re-based: what had not been delivered still will be.
"""

import asyncio
import hashlib
import hmac
import json
import shutil
import tarfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from tiantou.core.db import open_database
from tiantou.kit.mendable import Mendable
from tiantou.migrations.run import migrate
from tiantou.settings import Settings
from tiantou.up import lock, process
from tiantou.up.at_hand import at_hand
from tiantou.up.backup import (
    DUMP,
    FOLDERS,
    FORMAT,
    MANIFEST,
    SAY_EVERY_S,
    SUMS,
    Manifest,
    Say,
    libpq,
    secret_mark,
)
from tiantou.up.postgres import binary
from tiantou.up.rebasing import carry_on
from tiantou.up.revision import known, revision_of

CHUNK_BYTES = 1 << 20
TEXT_BYTES_MAX = 256 * 1024 * 1024


class RestoreRefused(Mendable):
    """Nothing was changed. The message says why and what to do."""


async def restore(settings: Settings, file: Path, say: Say) -> None:
    """Puts a backup in place. Raises RestoreRefused and what `at_hand` raises."""
    began = time.monotonic()
    manifest = await asyncio.to_thread(read_manifest, file)
    _check_secret(settings, manifest)
    home = settings.place
    for folder in FOLDERS:
        if (home / folder).exists() and any((home / folder).iterdir()):
            raise RestoreRefused(f"{home / folder} is not empty: restore goes into a new home")
    async with _alone(settings) as dsn:
        await _must_be_empty(dsn)
        draft = home / "run" / "restore"
        shutil.rmtree(draft, ignore_errors=True)
        try:
            say("  reading and checking …")
            await asyncio.to_thread(unpack, file, draft, say)
            say("  database …")
            await _load(dsn, draft / DUMP)
            for folder in FOLDERS:
                if (draft / folder).exists():
                    shutil.rmtree(home / folder, ignore_errors=True)
                    (draft / folder).rename(home / folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        carried = await _bring_up_to_date(settings, dsn)
    say(f"  restored the state of {manifest.at} in {time.monotonic() - began:.1f} s")
    say(f"  {carried} deliveries that had not been made go on from here")


@asynccontextmanager
async def _alone(settings: Settings) -> AsyncIterator[str]:
    """The database, with the home held, whoever runs the server."""
    if settings.database_url:
        with lock.hold(settings.place, "restore"):
            yield settings.database_url
    else:
        async with at_hand(settings, "restore", alone=True) as dsn:
            yield dsn


def read_manifest(file: Path) -> Manifest:
    """What the backup says of itself. Raises RestoreRefused."""
    try:
        with tarfile.open(file, "r:") as tar:
            first = tar.next()
            opened = tar.extractfile(first) if first and first.name == MANIFEST else None
            if opened is None:
                raise RestoreRefused(f"{file} is not a backup of Tiantou")
            manifest = Manifest(**json.loads(opened.read(TEXT_BYTES_MAX)))
    except (OSError, tarfile.TarError, ValueError, TypeError) as error:
        raise RestoreRefused(f"{file} cannot be read: {error}") from error
    if manifest.format != FORMAT or not known(manifest.revision):
        raise RestoreRefused(
            f"{file} was written by a newer Tiantou ({manifest.tiantou}): restore with that one"
        )
    return manifest


def _check_secret(settings: Settings, manifest: Manifest) -> None:
    given = settings.root_secret.get_secret_value()
    kept = settings.place / "secret"
    how = f"put the secret of that instance at {kept} (mode 600), or set TIANTOU_ROOT_SECRET"
    if not given and not kept.exists():
        raise RestoreRefused(f"the backup needs the root secret it was made under: {how}")
    if not hmac.compare_digest(secret_mark(settings), manifest.secret):
        raise RestoreRefused(f"this is not the root secret of the backup: {how}")


async def _must_be_empty(dsn: str) -> None:
    database = open_database(dsn, pool_size=2, name="tiantou restore")
    try:
        async with database.begin() as tx:
            if await revision_of(tx) is not None:
                raise RestoreRefused(
                    "the database is not empty: restore goes into a new home, as in\n"
                    "  TIANTOU_HOME=./restored tiantou restore FILE"
                )
    finally:
        await database.close()


def unpack(file: Path, folder: Path, say: Say) -> None:
    """Unpacks below `folder` and checks every hash. Raises RestoreRefused.

    A tar may name any path and any kind of thing: only plain files below the known names pass.
    """
    found: dict[str, str] = {}
    wanted: dict[str, str] = {}
    said, read = time.monotonic(), 0
    try:
        with tarfile.open(file, "r:") as tar:
            for info in tar:
                source = tar.extractfile(info) if info.isreg() else None
                if source is None or not _allowed(info.name):
                    raise RestoreRefused(f"{file} holds {info.name!r}, which no backup writes")
                if info.name == SUMS:
                    wanted = json.loads(source.read(TEXT_BYTES_MAX))
                elif info.name != MANIFEST:
                    found[info.name] = _copy(source, folder / info.name)
                    read += info.size
                if time.monotonic() - said > SAY_EVERY_S:
                    said = time.monotonic()
                    say(f"  … {read / 1e6:.0f} MB")
    except (tarfile.TarError, ValueError, OSError) as error:
        raise RestoreRefused(f"{file} is damaged: {error}") from error
    if not wanted or found != wanted:
        bad = sorted(set(found.items()) ^ set(wanted.items()))[:3]
        raise RestoreRefused(
            f"{file} is damaged: {', '.join(sorted({n for n, _ in bad})) or 'cut off'}"
        )


def _allowed(name: str) -> bool:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        return False
    return name in {MANIFEST, DUMP, SUMS} or (len(path.parts) > 1 and path.parts[0] in FOLDERS)


def _copy(source: IO[bytes], to: Path) -> str:
    digest = hashlib.sha256()
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with to.open("xb") as file:
        while chunk := source.read(CHUNK_BYTES):
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


async def _load(dsn: str, dump: Path) -> None:
    """In one transaction: a dump that fails in the middle leaves an empty database."""
    address, env = libpq(dsn)
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    command = [binary("pg_restore"), *options, f"--dbname={address}", str(dump)]
    code, said = await process.run(command, env)
    if code != 0:
        raise RestoreRefused(f"pg_restore failed (code {code}); the database is as before:\n{said}")


async def _bring_up_to_date(settings: Settings, dsn: str) -> int:
    """The newest schema, and cursors of this database system (decision 0003)."""
    database = open_database(dsn, pool_size=3, name="tiantou restore")
    try:
        await migrate(database.engine)
        return await carry_on(settings, dsn, database)
    finally:
        await database.close()
