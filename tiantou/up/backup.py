"""A backup: one tar of the database's dump, the files, the recordings, and a list of hashes.

The root secret is not in it: whoever finds the backup finds no phone numbers. The dump comes
first and the files after it, so every file that the database knows is there.
"""

import asyncio
import hashlib
import io
import json
import os
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tiantou.core.db import open_database
from tiantou.kit import clock
from tiantou.kit.mendable import Mendable
from tiantou.settings import Settings
from tiantou.up import process
from tiantou.up.at_hand import at_hand
from tiantou.up.keyring import keys
from tiantou.up.postgres import binary
from tiantou.up.revision import revision_of

FORMAT = 1
MANIFEST, DUMP, SUMS = "manifest.json", "database.dump", "sums.json"
FOLDERS = ("files", "media")
SAY_EVERY_S = 2.0
_PURPOSE = "backup"

Say = Callable[[str], None]


class BackupFailed(Mendable):
    """No backup was written. The message says why."""


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. `secret` tells whether a root secret is the right one."""

    format: int
    tiantou: str
    revision: str
    mode: str
    at: str
    media: bool
    secret: str


def tiantou_version() -> str:
    """The installed version; "source" when run from a checkout."""
    try:
        return version("tiantou")
    except PackageNotFoundError:
        return "source"


def secret_mark(settings: Settings) -> str:
    """A mark of the root secret that gives nothing away."""
    return keys(settings).mac(_PURPOSE, b"mark").hex()


def libpq(dsn: str) -> tuple[str, dict[str, str]]:
    """An address without its password, and the environment that carries it: `ps` shows neither."""
    parts = urlsplit(dsn)
    env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
    words = parts.query.split("&")
    asked = [one for one in words if one.startswith("password=")]
    given = [unquote(one.removeprefix("password=")) for one in asked]
    if parts.password is not None:
        given.append(unquote(parts.password))
        host = parts.netloc.rpartition("@")[2]
        parts = parts._replace(netloc=f"{parts.username}@{host}" if parts.username else host)
    if not given:
        return dsn, env
    rest = "&".join(one for one in words if one not in asked)
    # Not urlunsplit: it drops the slashes before an empty host.
    bare = f"{parts.scheme}://{parts.netloc}{parts.path}" + (f"?{rest}" if rest else "")
    return bare, env | {"PGPASSWORD": given[0]}


async def backup(settings: Settings, file: Path, media: bool, say: Say) -> None:
    """Writes `file`, whole or not at all. Raises BackupFailed and what `at_hand` raises."""
    began = time.monotonic()
    draft = file.with_name(file.name + ".part")
    dump = file.with_name(file.name + ".dump")
    _must_be_new(file)
    try:
        async with at_hand(settings, "backup") as dsn:
            say("  database …")
            manifest = await _describe(settings, dsn, media)
            await _dump(dsn, dump)
        say(f"  {_size(dump)}")
        await asyncio.to_thread(_write, settings.place, draft, dump, manifest, say)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
        dump.unlink(missing_ok=True)
    say(f"  {_size(file)} in {time.monotonic() - began:.1f} s")
    if not settings.root_secret.get_secret_value():
        say(f"  Keep {settings.place / 'secret'} too, elsewhere: a backup opens with it only")


def _must_be_new(file: Path) -> None:
    if file.exists():
        raise BackupFailed(f"{file} is there already: choose another name")


def _size(file: Path) -> str:
    return f"{file.name}: {file.stat().st_size / 1e6:.1f} MB"


async def _describe(settings: Settings, dsn: str, media: bool) -> Manifest:
    database = open_database(dsn, pool_size=2, name="tiantou backup")
    try:
        async with database.begin() as tx:
            revision = await revision_of(tx)
    finally:
        await database.close()
    if revision is None:
        raise BackupFailed("the database is empty: there is nothing to back up")
    at = clock.now().isoformat(timespec="seconds")
    mark = secret_mark(settings)
    return Manifest(FORMAT, tiantou_version(), revision, settings.mode, at, media, mark)


async def _dump(dsn: str, file: Path) -> None:
    address, env = libpq(dsn)
    _private(file).close()
    options = ["--format=custom", "--no-owner", "--no-privileges", "--lock-wait-timeout=60s"]
    command = [binary("pg_dump"), *options, f"--file={file}", f"--dbname={address}"]
    code, said = await process.run(command, env)
    if code != 0:
        raise BackupFailed(f"pg_dump failed (code {code}):\n{said}")


def _private(file: Path) -> io.BufferedWriter:
    """A new file that only its owner reads."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


class _Summed(io.RawIOBase):
    """A file that is hashed while it is read, and never longer than it was at first."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.size = self._left = os.fstat(self._file.fileno()).st_size
        self.sum = hashlib.sha256()

    def read(self, count: int = -1) -> bytes:
        data = self._file.read(self._left if count < 0 else min(count, self._left))
        self._left -= len(data)
        self.sum.update(data)
        return data

    def close(self) -> None:
        self._file.close()
        super().close()


def _write(home: Path, draft: Path, dump: Path, manifest: Manifest, say: Say) -> None:
    sums: dict[str, str] = {}
    folders = FOLDERS if manifest.media else FOLDERS[:1]
    said, written = time.monotonic(), 0
    with (
        _private(draft) as raw,
        tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        _add_text(tar, MANIFEST, json.dumps(asdict(manifest)))
        for name, path in [(DUMP, dump), *_files(home, folders)]:
            with _Summed(path) as source:
                info = tarfile.TarInfo(name)
                info.size, info.mode = source.size, 0o600
                tar.addfile(info, source)
                sums[name] = source.sum.hexdigest()
                written += source.size
            if time.monotonic() - said > SAY_EVERY_S:
                said = time.monotonic()
                say(f"  … {written / 1e6:.0f} MB, {len(sums)} files")
        _add_text(tar, SUMS, json.dumps(sums))
        raw.flush()
        os.fsync(raw.fileno())


def _files(home: Path, folders: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    """Regular files; an index comes before what it lists, so what it lists is there."""
    for folder in folders:
        found = (path for path in (home / folder).rglob("*") if path.is_file())
        for path in sorted(
            found, key=lambda one: (one.parent, one.name != "index.jsonl", one.name)
        ):
            if not path.is_symlink():
                yield path.relative_to(home).as_posix(), path


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(text.encode()), 0o600
    tar.addfile(info, io.BytesIO(text.encode()))
