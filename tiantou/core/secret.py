"""The root secret: given by the operator, or made at the first start and kept with mode 0600."""

import contextlib
import os
import secrets
from pathlib import Path

from tiantou.core.keys import Keys
from tiantou.kit.mendable import Mendable

BYTES = 48
BYTES_MIN = 32


class SecretUnsafe(Mendable):
    """The kept secret can be read by others, or is too short. The message says what to do."""


def path(home: Path) -> Path:
    """Where a made secret is kept."""
    return home / "secret"


def root(home: Path, given: str) -> bytes:
    """The newest root secret; made and kept in `home` if none was given. Raises SecretUnsafe."""
    if given:
        return given.encode()
    file = path(home)
    if not file.exists():
        _make(file)
    if file.stat().st_mode & 0o077:
        raise SecretUnsafe(f"others can read {file}: chmod 600 {file}")
    kept = file.read_bytes().strip()
    if len(kept) < BYTES_MIN:
        raise SecretUnsafe(f"{file} is too short: restore it from your copy")
    return kept


def keys(home: Path, given: str = "", before: str = "") -> Keys:
    """The keys of an instance; `before` is the former root. Raises SecretUnsafe."""
    newest = root(home, given)
    return Keys((newest, before.encode()) if before else (newest,))


def _make(file: Path) -> None:
    """Whole or not at all: a torn secret would lock everybody out."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f"secret.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(secrets.token_urlsafe(BYTES))
        opened.flush()
        os.fsync(opened.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()
