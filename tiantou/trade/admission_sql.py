"""The admission statement over raw asyncpg: its own small pool, its errors sorted into three.

A batch is one statement and so one transaction: it is committed when the row comes back.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from tiantou.trade.admission import (
    Asked,
    BadBatch,
    NotNow,
    OfferNow,
    Placed,
    Said,
    UnknownOutcome,
    Verdict,
)
from tiantou.trade.lifecycle import ORDER

HOLD = timedelta(minutes=10)
# unpaid orders of one buyer in one shop: who holds units for nothing holds few
UNPAID_MAX = 10
POOL_MAX = 8
ACQUIRE_TIMEOUT_S = 5
STATEMENT_TIMEOUT_MS, LOCK_TIMEOUT_MS = 8_000, 4_000

_NUMBER = "select number from trade.shop where shop_id = $1"
_PLACE = (
    "select * from trade.place_orders($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
    " $15, $16, $17, $18, $19, $20)"
)
_PRIOR = (
    "select r.i::int, o.order_id, o.asked from unnest($2::uuid[], $3::uuid[])"
    " with ordinality r(buyer, key, i)"
    " join trade.orders o on o.shop_id = $1 and o.buyer_id = r.buyer and o.idem_key = r.key"
)
_PLACED = (
    "select order_id, number, state, amount_fen, freight_fen, pay_before_at, ship_day"
    " from trade.orders where shop_id = $1 and order_id = any($2::uuid[])"
)
_VERDICTS = tuple(Verdict)
# rival locks, cancelled by a timeout, out of connections: refused for now, and surely not done
_NOT_NOW = frozenset({"40001", "40P01", "55P03", "57014", "53300", "53400", "57P03"})


def _sorted(error: asyncpg.PostgresError) -> Exception:
    state = error.sqlstate or ""
    if state in _NOT_NOW:
        return NotNow(str(error))
    return (UnknownOutcome if state.startswith(("08", "57P")) else BadBatch)(str(error))


def _columns(asked: Sequence[Asked]) -> list[tuple[Any, ...]]:
    """The requests as arrays, in the order of the statement's parameters."""
    rows = (
        (
            a.buyer_id,
            a.buyer_no,
            a.key,
            a.digest,
            a.offer_id,
            a.units,
            a.price_fen,
            a.snapshot,
            a.freight_fen,
            a.origin,
            a.division_code,
            a.recipient,
            a.note,
        )
        for a in asked
    )
    return list(zip(*rows, strict=True))


def _offers(row: Any) -> dict[UUID, OfferNow]:
    """The versions of the batch's offers that were in force."""
    names = ("offer_id", "price_fen", "snapshot", "per_buyer", "floor_fen")
    columns = (row[name] or () for name in names)
    return {offer: OfferNow(*now) for offer, *now in zip(*columns, strict=True)}


class Admission:
    """The open pool of a process."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def shop_number(self, shop_id: UUID) -> int | None:
        """The number that leads the shop's order numbers; None if there is no such shop."""
        row = await self._ask("fetchrow", _NUMBER, shop_id)
        return row["number"] if row else None

    async def place(
        self,
        shop_id: UUID,
        now: datetime,
        ids: Sequence[UUID],
        numbers: Sequence[str],
        asked: Sequence[Asked],
    ) -> list[Said]:
        """One verdict a request, in order. Raises BadBatch, NotNow, UnknownOutcome."""
        row = await self._ask(
            "fetchrow",
            _PLACE,
            shop_id,
            now,
            HOLD,
            ORDER.init,
            ids,
            numbers,
            *_columns(asked),
            UNPAID_MAX,
        )
        offers = _offers(row)
        days = dict(zip(row["offer_id"] or (), row["ship_day"] or (), strict=True))
        orders = row["order_id"]
        old = [o for o, again in zip(orders, row["replay"], strict=True) if again and o]
        before = await self.placed(shop_id, old) if old else {}
        until, made = now + HOLD, []
        columns = zip(asked, row["verdict"], orders, row["said"], numbers, strict=True)
        for one, verdict, order, said, number in columns:
            placed = None
            if verdict == Verdict.ADMITTED:
                placed = before.get(order) or Placed(
                    order,
                    number,
                    ORDER.init,
                    one.units * one.price_fen + one.freight_fen,
                    one.freight_fen,
                    until,
                    days[one.offer_id],
                )
            made.append(Said(_VERDICTS[verdict], placed, said, offers.get(one.offer_id)))
        return made

    async def prior(self, shop_id: UUID, asked: Sequence[Asked]) -> list[Said | None]:
        """What was decided before under the same keys, without touching a pool."""
        rows = await self._ask(
            "fetch", _PRIOR, shop_id, [a.buyer_id for a in asked], [a.key for a in asked]
        )
        found: list[Said | None] = [None] * len(asked)
        placed = await self.placed(shop_id, [row["order_id"] for row in rows]) if rows else {}
        for row in rows:
            at = row["i"] - 1
            if row["asked"] == asked[at].digest:
                found[at] = Said(Verdict.ADMITTED, placed[row["order_id"]], 0, None)
            else:
                found[at] = Said(Verdict.KEY_REUSED, None, 0, None)
        return found

    async def placed(self, shop_id: UUID, orders: Sequence[UUID]) -> dict[UUID, Placed]:
        """Orders as they stand."""
        rows = await self._ask("fetch", _PLACED, shop_id, list(orders))
        return {row["order_id"]: Placed(*row) for row in rows}

    async def _ask(self, how: str, statement: str, *values: Any) -> Any:
        try:
            connection = await self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            raise NotNow(repr(error)) from error
        try:
            return await getattr(connection, how)(statement, *values)
        except asyncpg.PostgresError as error:
            raise _sorted(error) from error
        except (ValueError, OverflowError) as error:
            raise BadBatch(str(error)) from error
        except (asyncpg.InterfaceError, OSError, TimeoutError) as error:
            raise UnknownOutcome(repr(error)) from error
        finally:
            await self._pool.release(connection, timeout=ACQUIRE_TIMEOUT_S)

    async def close(self) -> None:
        """Waits for what is under way and closes the connections."""
        await self._pool.close()


async def open_admission(dsn: str, size: int = POOL_MAX) -> Admission:
    """Connects with short timeouts: a batch that cannot be decided now is refused now."""
    pool = await asyncpg.create_pool(
        dsn,
        min_size=0,
        max_size=size,
        timeout=5,
        command_timeout=10,
        server_settings={
            "application_name": "tiantou-orders",
            "statement_timeout": str(STATEMENT_TIMEOUT_MS),
            "lock_timeout": str(LOCK_TIMEOUT_MS),
            "timezone": "UTC",
            "jit": "off",
        },
    )
    return Admission(pool)
