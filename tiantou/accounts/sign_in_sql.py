"""Rows of codes and links."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from tiantou.accounts.tables import SignInCodeRow, SignInLinkRow
from tiantou.core.db import Tx
from tiantou.kit import clock

C = SignInCodeRow
L = SignInLinkRow


async def put_code(
    tx: Tx, phone_index: bytes, digest: bytes, life: timedelta, pause: timedelta
) -> datetime | None:
    """Puts a new code in the old one's place; of rivals one wins.

    None if it is put; else when the last one was sent, which is less than `pause` ago.
    """
    now = clock.now()
    values = {"digest": digest, "tries": 0, "sent_at": now, "expires_at": now + life}
    row = insert(C).values(phone_index=phone_index, **values)
    put = await tx.scalar(
        row.on_conflict_do_update(
            index_elements=["phone_index"], set_=values, where=C.sent_at <= now - pause
        ).returning(C.phone_index)
    )
    return None if put is not None else await sent_at(tx, phone_index)


async def sent_at(tx: Tx, phone_index: bytes) -> datetime | None:
    """When the number's last code was sent."""
    return await tx.scalar(select(C.sent_at).where(C.phone_index == phone_index))


async def try_code(tx: Tx, phone_index: bytes, tries_max: int) -> tuple[bytes, int] | None:
    """Counts a try: the code's digest and the tries so far with this one.

    None if no code is good any more. Rivals queue at the row, so each try counts.
    """
    row = (
        await tx.execute(
            update(C)
            .where(C.phone_index == phone_index, C.tries < tries_max, C.expires_at > clock.now())
            .values(tries=C.tries + 1)
            .returning(C.digest, C.tries)
        )
    ).one_or_none()
    return None if row is None else (row.digest, row.tries)


async def spend_code(tx: Tx, phone_index: bytes, digest: bytes) -> bool:
    """Uses a code up; False if a rival has."""
    gone = delete(C).where(C.phone_index == phone_index, C.digest == digest)
    return await tx.scalar(gone.returning(C.tries)) is not None


async def drop_code(tx: Tx, phone_index: bytes) -> None:
    """Takes back a code that could not be sent."""
    await tx.execute(delete(C).where(C.phone_index == phone_index))


async def put_link(tx: Tx, digest: bytes, person_id: UUID, life: timedelta) -> None:
    """A link for a person."""
    now = clock.now()
    tx.add(L(digest=digest, person_id=person_id, created_at=now, expires_at=now + life))
    await tx.flush()


async def spend_link(tx: Tx, digest: bytes) -> UUID | None:
    """Uses a link up; None if it was used, is too old, or never was."""
    used = update(L).where(L.digest == digest, L.spent_at.is_(None), L.expires_at > clock.now())
    return await tx.scalar(used.values(spent_at=clock.now()).returning(L.person_id))


async def forget(tx: Tx) -> int:
    """Deletes codes and links that ended a day ago; says how many."""
    old = clock.now() - timedelta(days=1)
    gone = [
        await tx.scalars(delete(C).where(C.expires_at < old).returning(C.sent_at)),
        await tx.scalars(delete(L).where(L.expires_at < old).returning(L.created_at)),
    ]
    return sum(len(part.all()) for part in gone)


async def codes_waiting(tx: Tx) -> int:
    """How many codes are good now."""
    return int(await tx.scalar(select(func.count()).where(C.expires_at > clock.now())) or 0)
