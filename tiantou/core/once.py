"""Idempotency of unsafe requests: a key, the hash of what was asked, the answer given; 24 h.

The answer is written in the transaction of the act itself, so an act and its answer are one.
`begin` and `answer` are for one request, `begin_all` and `answer_all` for a batch of a lane.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, LargeBinary, SmallInteger, Text, delete, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Table, Tx
from tiantou.core.keys import Keys
from tiantou.core.problems import KeyReused
from tiantou.kit import clock

KEEP_HOURS = 24
FORGET_MAX = 5_000
KEY_CHARS_MAX = 100
# answers are kept sealed: an address or a phone in one is as personal as in its own table
PURPOSE = "core.once"


class OnceRow(Table):
    """One answered request."""

    __tablename__ = "once"
    __table_args__ = {"schema": "core"}

    scope: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    asked: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    media_type: Mapped[str | None] = mapped_column(Text)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


async def begin(tx: Tx, scope: str, key: str, asked: bytes) -> tuple[int, str | None, bytes] | None:
    """Claims the key for this transaction, or gives the answer of the first request.

    A rival with the same key waits here until the first commits or fails.
    Raises KeyReused if the key was used for something else.
    """
    claim = (
        insert(OnceRow)
        .values(scope=scope, key=key, asked=asked, at=clock.now())
        .on_conflict_do_nothing()
        .returning(OnceRow.key)
    )
    if await tx.scalar(claim) is not None:
        return None
    found = (
        await tx.execute(
            select(OnceRow.asked, OnceRow.status, OnceRow.media_type, OnceRow.body).where(
                OnceRow.scope == scope, OnceRow.key == key
            )
        )
    ).one()
    if found.asked != asked:
        raise KeyReused()
    return found.status, found.media_type, found.body


async def answer(
    tx: Tx, scope: str, key: str, status: int, media_type: str | None, body: bytes
) -> None:
    """Keeps the answer of the request that `begin` let through."""
    row = await tx.get_one(OnceRow, (scope, key))
    row.status, row.media_type, row.body = status, media_type, body


_CLAIM = text(
    "insert into core.once (scope, key, asked, at)"
    " select *, :at from unnest(cast(:scopes as text[]), cast(:keys as text[]),"
    " cast(:digests as bytea[])) on conflict do nothing returning scope, key, asked"
)
_ANSWER = text(
    "update core.once o set status = :status, media_type = :media_type, body = a.body"
    " from unnest(cast(:scopes as text[]), cast(:keys as text[]), cast(:bodies as bytea[]))"
    " as a(scope, key, body) where o.scope = a.scope and o.key = a.key"
)


@dataclass(frozen=True, order=True)
class Asked:
    """A request with a key: who asked, the key, the hash of what was asked."""

    scope: str
    key: str
    digest: bytes


async def kept(tx: Tx, asked: Asked) -> bytes | None:
    """The sealed answer of an earlier request, or None. Raises KeyReused."""
    found = (await _kept_of(tx, [asked])).get((asked.scope, asked.key))
    return None if found is None else _same(asked, found)


async def begin_all(tx: Tx, asked: Sequence[Asked]) -> dict[Asked, bytes | KeyReused]:
    """Claims the keys for this transaction; of those that were used before, what comes of them.

    Rivals wait for each other here, in the order of the keys and before any other lock.
    """
    claims = sorted(set(asked))
    if not claims:
        return {}
    digests = [one.digest for one in claims]
    claimed = await tx.execute(_CLAIM, {"at": clock.now(), "digests": digests, **_columns(claims)})
    mine = {Asked(*row) for row in claimed}
    rest = [one for one in set(asked) if one not in mine]
    before = await _kept_of(tx, rest)
    found: dict[Asked, bytes | KeyReused] = {}
    for one in rest:
        try:
            found[one] = _same(one, before[one.scope, one.key])
        except KeyReused as reused:
            found[one] = reused
    return found


async def answer_all(
    tx: Tx, answers: dict[Asked, bytes], status: int, media_type: str | None
) -> None:
    """Keeps sealed answers of the requests that `begin_all` let through."""
    if answers:
        said = {"status": status, "media_type": media_type, "bodies": list(answers.values())}
        await tx.execute(_ANSWER, said | _columns(list(answers)))


def _columns(asked: Sequence[Asked]) -> dict[str, list[Any]]:
    return {"scopes": [one.scope for one in asked], "keys": [one.key for one in asked]}


async def _kept_of(
    tx: Tx, asked: Sequence[Asked]
) -> dict[tuple[str, str], tuple[bytes, bytes | None]]:
    if not asked:
        return {}
    names = [(one.scope, one.key) for one in asked]
    rows = await tx.execute(
        select(OnceRow.scope, OnceRow.key, OnceRow.asked, OnceRow.body).where(
            tuple_(OnceRow.scope, OnceRow.key).in_(names)
        )
    )
    return {(row.scope, row.key): (row.asked, row.body) for row in rows}


def _same(asked: Asked, found: tuple[bytes, bytes | None]) -> bytes:
    digest, body = found
    if digest != asked.digest or body is None:
        raise KeyReused()
    return body


def seal(keys: Keys, body: bytes) -> bytes:
    """An answer as it is kept."""
    return keys.encrypt(PURPOSE, body.decode("latin-1"))


def unseal(keys: Keys, sealed: bytes) -> bytes:
    """The answer again."""
    return keys.decrypt(PURPOSE, sealed).encode("latin-1")


async def release(tx: Tx, scope: str, key: str) -> None:
    """Gives the claim up: this answer is not kept, and the next request acts anew."""
    await tx.execute(delete(OnceRow).where(OnceRow.scope == scope, OnceRow.key == key))


async def forget_scope(tx: Tx, scope: str) -> None:
    """Deletes every answer kept for one caller."""
    await tx.execute(delete(OnceRow).where(OnceRow.scope == scope))


async def forget(tx: Tx, before: datetime, limit: int = FORGET_MAX) -> int:
    """Deletes up to `limit` answers older than `before` in one statement; says how many.

    Answers that somebody holds are left for the next time.
    """
    old = (
        select(OnceRow.scope, OnceRow.key)
        .where(OnceRow.at < before)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    gone = await tx.execute(
        delete(OnceRow)
        .where(tuple_(OnceRow.scope, OnceRow.key).in_(old))
        .returning(OnceRow.key)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())
