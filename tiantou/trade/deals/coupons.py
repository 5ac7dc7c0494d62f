"""Coupons are issued by a shop, at its own cost, or by the platform, at the platform's.

At most one of each takes something off an order, off the goods alone. What was claimed stays usable
when a coupon is closed, and comes back when an order is called off before it was sent.
"""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from tiantou.core import audit
from tiantou.core.db import Database, Tx
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.trade import offers_sql
from tiantou.trade.deals import coupons_sql as sql
from tiantou.trade.deals.coupons_sql import CouponView
from tiantou.trade.problems import TooManyCoupons

# who issues the platform's own; no organization has this id
PLATFORM_ID = UUID(int=0)
OPEN_MAX = 50
PIECES_MAX = 1_000_000
WINDOW_MAX = timedelta(days=180)
EXPIRE_EVERY_S, EXPIRE_AT_ONCE = 300, 5_000


class CouponIn(Struct, frozen=True, kw_only=True):
    """A coupon as stated: pieces, what it takes off from which price of the goods on, when it may
    be claimed, and until when used: so many days after the claim, or a date.
    """

    title: str
    off_fen: int
    threshold_fen: int
    pieces: int
    per_buyer: int
    claim_from: datetime
    claim_until: datetime
    use_days: int | None
    use_until: datetime | None


async def issue(tx: Tx, who: Subject, issuer_id: UUID, said: CouponIn) -> CouponView:
    """A new coupon, open from `claim_from` on. Raises InvalidFields, TooManyCoupons."""
    now = clock.now()
    _check(said, now)
    if await sql.count_open(tx, issuer_id, now) >= OPEN_MAX:
        raise TooManyCoupons(limit=OPEN_MAX)
    coupon_id = ids.uuid7()
    await offers_sql.ensure_pool(tx, issuer_id, coupon_id, "coupon")
    await offers_sql.move(tx, issuer_id, coupon_id, said.pieces, "issued", "issue", now)
    await sql.add(
        tx,
        {
            "issuer_id": issuer_id,
            "coupon_id": coupon_id,
            "kind": "platform" if issuer_id == PLATFORM_ID else "shop",
            "state": "open",
            "title": said.title,
            "off_fen": said.off_fen,
            "threshold_fen": said.threshold_fen,
            "per_buyer": said.per_buyer,
            "claim_from": said.claim_from,
            "claim_until": said.claim_until,
            "use_days": said.use_days,
            "use_until": said.use_until,
            "at": now,
        },
    )
    made = await own(tx, issuer_id, coupon_id)
    after = {"title": made.title, "off_fen": made.off_fen, "pieces": said.pieces}
    await audit.write(tx, who, "trade.coupon-issue", f"coupon:{coupon_id}", None, after)
    return made


def _check(said: CouponIn, now: datetime) -> None:
    if said.threshold_fen <= said.off_fen:
        raise InvalidFields.one("threshold_fen", "range", min=said.off_fen + 1)
    if not max(said.claim_from, now) < said.claim_until <= now + WINDOW_MAX:
        last = (now + WINDOW_MAX).isoformat()
        raise InvalidFields.one("claim_until", "range", max=last)
    if (said.use_days is None) == (said.use_until is None):
        raise InvalidFields.one("use_days", "one-of-two")
    if said.use_until is not None and said.use_until < said.claim_until:
        raise InvalidFields.one("use_until", "range", min=said.claim_until.isoformat())


async def own(tx: Tx, issuer_id: UUID, coupon_id: UUID, hold: bool = False) -> CouponView:
    """One of an issuer's coupons. Raises NotFound."""
    found = await sql.coupon(tx, issuer_id, coupon_id, hold)
    if found is None:
        raise NotFound()
    return found


async def add_pieces(
    tx: Tx, who: Subject, issuer_id: UUID, coupon_id: UUID, pieces: int, key: str
) -> CouponView:
    """More pieces of an open coupon, once per key. Raises NotFound, InvalidFields."""
    before = await own(tx, issuer_id, coupon_id, hold=True)
    if before.state != "open":
        raise InvalidFields.one("pieces", "closed")
    if before.issued + pieces > PIECES_MAX:
        raise InvalidFields.one("pieces", "range", max=PIECES_MAX - before.issued)
    await offers_sql.move(tx, issuer_id, coupon_id, pieces, "issued", key, clock.now())
    after = {"pieces": before.issued + pieces}
    was = {"pieces": before.issued}
    await audit.write(tx, who, "trade.coupon-more", f"coupon:{coupon_id}", was, after)
    return await own(tx, issuer_id, coupon_id)


async def close(tx: Tx, who: Subject, issuer_id: UUID, coupon_id: UUID) -> CouponView:
    """Nobody claims it any more. Raises NotFound."""
    before = await own(tx, issuer_id, coupon_id, hold=True)
    if before.state == "open":
        await sql.close(tx, issuer_id, coupon_id, clock.now())
        await audit.write(
            tx, who, "trade.coupon-close", f"coupon:{coupon_id}", {"state": "open"}, None
        )
    return await own(tx, issuer_id, coupon_id)


async def expire(database: Database) -> int:
    """The sweep over claims whose time is over; says how many."""
    done = EXPIRE_AT_ONCE
    total = 0
    while done == EXPIRE_AT_ONCE:
        async with database.begin() as tx:
            done = await sql.expire(tx, clock.now(), EXPIRE_AT_ONCE)
        total += done
    return total
