"""Pictures by content hash: decoded and re-encoded in a child with limits, metadata stripped."""

import asyncio
import hashlib
import json
import shutil
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Integer, Text, Uuid, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Table, Tx
from tiantou.core.problems import InvalidFields, Problem
from tiantou.kit import clock

SIZES = (96, 320, 800, 1600)
UPLOAD_BYTES_MAX = 12 * 1024 * 1024
QUOTA_BYTES_PER_PERSON = 500 * 1024 * 1024
CHILD_TIMEOUT_S = 30
CHILDREN_MAX = 2


class NotAPicture(Problem):
    """The bytes are not a JPEG, PNG or WebP of at most 50 million pixels."""

    status, title = 422, "This is not a picture we can take"


class QuotaReached(Problem):
    """The person has stored as much as he may. Members: `limit_bytes`."""

    status, title = 409, "Your picture storage is full"


class FileRow(Table):
    """A stored picture."""

    __tablename__ = "file"
    __table_args__ = {"schema": "core"}

    hash: Mapped[str] = mapped_column(Text, primary_key=True)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    bytes: Mapped[int] = mapped_column(BigInteger)
    by: Mapped[UUID | None] = mapped_column(Uuid, index=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


@dataclass(frozen=True)
class StoredPicture:
    """A picture at rest: SHA-256 of its largest form in hex, pixels of that form."""

    hash: str
    width: int
    height: int


class Files:
    """Pictures under one folder: `{hash[:2]}/{hash}/{size}.webp`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._children = asyncio.Semaphore(CHILDREN_MAX)

    def path(self, digest: str, size: int) -> Path:
        """Where a size of a picture lies, whether or not it exists."""
        return self.root / digest[:2] / digest / f"{size}.webp"

    async def put(self, tx: Tx, raw: bytes, by: UUID | None) -> StoredPicture:
        """Stores a picture. Raises NotAPicture, QuotaReached, InvalidFields (too large).

        For seeds and tools: decoding may take seconds, and an open writing transaction holds up
        every fact. A route takes the three steps one by one, with none open in the second.
        """
        await self.must_fit(tx, by)
        made, size = await self.encode(raw)
        await self.keep(tx, made, size, by)
        return made

    async def must_fit(self, tx: Tx, by: UUID | None) -> None:
        """Raises QuotaReached if the person's storage is full."""
        held = await tx.scalar(select(func.sum(FileRow.bytes)).where(FileRow.by == by))
        if by is not None and (held or 0) > QUOTA_BYTES_PER_PERSON:
            raise QuotaReached(limit_bytes=QUOTA_BYTES_PER_PERSON)

    async def keep(self, tx: Tx, made: StoredPicture, size: int, by: UUID | None) -> None:
        """Notes an encoded picture of `size` bytes; one that is known stays whose it was."""
        row = {"hash": made.hash, "width": made.width, "height": made.height, "bytes": size}
        await tx.execute(
            insert(FileRow).values(**row, by=by, at=clock.now()).on_conflict_do_nothing()
        )

    async def known(self, tx: Tx, *hashes: str) -> bool:
        """Whether all of these pictures are stored."""
        wanted = set(hashes)
        found = await tx.scalar(
            select(func.count()).select_from(FileRow).where(FileRow.hash.in_(wanted))
        )
        return found == len(wanted)

    async def encode(self, raw: bytes) -> tuple[StoredPicture, int]:
        """Writes every size of a picture; the bytes of all. Raises NotAPicture, InvalidFields."""
        if not 0 < len(raw) <= UPLOAD_BYTES_MAX:
            raise InvalidFields.one("file", "size", max_bytes=UPLOAD_BYTES_MAX)
        self.root.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="new-", dir=self.root))
        try:
            async with self._children:
                said = await _run_child(folder, raw)
            forms = await asyncio.to_thread(lambda: {s: _read(folder, s) for s in SIZES})
            digest = hashlib.sha256(forms[SIZES[-1]]).hexdigest()
            home = self.path(digest, SIZES[0]).parent
            await asyncio.to_thread(_move, folder, home)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        total = sum(len(form) for form in forms.values())
        return StoredPicture(digest, int(said["width"]), int(said["height"])), total


def _read(folder: Path, size: int) -> bytes:
    return (folder / f"{size}.webp").read_bytes()


def _move(folder: Path, home: Path) -> None:
    home.parent.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    try:
        folder.rename(home)
    except OSError:
        # the same picture is there already: put by a rival a moment ago, or long before
        if not home.is_dir():
            raise


async def _run_child(folder: Path, raw: bytes) -> dict[str, int]:
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tiantou.core.pictures_child",
        str(folder),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        out, _ = await asyncio.wait_for(child.communicate(raw), CHILD_TIMEOUT_S)
    except TimeoutError:
        raise NotAPicture() from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0:
        raise NotAPicture()
    said: dict[str, int] = json.loads(out)
    return said
