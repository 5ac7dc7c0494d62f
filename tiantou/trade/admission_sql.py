"""The admission statement over raw asyncpg: its own small pool, its errors sorted into three.

A batch is one statement and so one transaction: it is committed when the row comes back.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
from sqlalchemy import text

from tiantou.core.db import Tx
from tiantou.trade.admission import (
    OURS,
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
# what a line is asked with: a row a line, each shop's rows together, cut out for it
_ARRAYS = (
    ("uuid", "text", "uuid", "bigint", "uuid", "uuid", "uuid", "int", "bigint", "bytea"),
    ("bigint", "text", "text", "bytea", "text"),
    ("int", "date", "uuid", "uuid"),
    ("text",),
)


def _place() -> str:
    """The statement: one call of the admission a shop, in the order of the shops."""
    at = iter(range(8, 8 + sum(map(len, _ARRAYS))))
    first, second, more, external = (
        ", ".join(f"(${next(at)}::{kind}[])[g.a:g.z]" for kind in kinds) for kinds in _ARRAYS
    )
    return (
        "select r.* from unnest($1::uuid[], $2::int[], $3::int[]) with ordinality"
        " g(shop, a, z, n), lateral trade.place_orders(g.shop, $4, $5, $6,"
        f" {first}, {second}, {UNPAID_MAX}, {more}, $7, {external}) r order by g.n"
    )


_PLACE = _place()
PAID = "paid"
_PRIOR = (
    "select r.i::int, o.order_id, o.asked from unnest($2::uuid[], $3::uuid[])"
    " with ordinality r(buyer, key, i)"
    " join trade.orders o on o.shop_id = $1 and o.buyer_id = r.buyer and o.idem_key = r.key"
)
_KEPT = (
    "select r.i::int from unnest($2::uuid[], $3::uuid[]) with ordinality r(buyer, offer, i)"
    " join trade.waiting w on w.shop_id = $1 and w.offer_id = r.offer and w.buyer_id = r.buyer"
    " and w.state = 'offered' and w.offered_until > now()"
)
_PLACED = (
    "select order_id, number, state, amount_fen, freight_fen, pay_before_at, ship_day"
    " from trade.orders where shop_id = $1 and order_id = any($2::uuid[])"
)
_VERDICTS = tuple(Verdict)
_NOBODY = (None, None, None)
# rival locks, cancelled by a timeout, out of connections: refused for now, and surely not done
_NOT_NOW = frozenset({"40001", "40P01", "55P03", "57014", "53300", "53400", "57P03"})


def _sorted(error: asyncpg.PostgresError) -> Exception:
    state = error.sqlstate or ""
    if state in _NOT_NOW:
        return NotNow(str(error))
    return (UnknownOutcome if state.startswith(("08", "57P")) else BadBatch)(str(error))


def _columns(asked: Sequence[Asked]) -> list[Sequence[Any]]:
    """The requests as arrays, a row a line, in the order of the statement's parameters."""
    rows = (
        (
            *((a.buyer_id, a.buyer_no, a.key) if a.external_no is None else _NOBODY),
            a.digest,
            line.offer_id,
            line.units,
            line.price_fen,
            line.snapshot,
            a.freight_fen,
            a.origin,
            a.division_code,
            a.recipient,
            a.note,
        )
        for a in asked
        for line in (a.lines() if a.more else (a,))
    )
    return list(zip(*rows, strict=True))


def _more(asked: Sequence[Asked], heads: Sequence[int]) -> list[Sequence[Any] | None]:
    """What few requests ask for, as arrays; None, if none of the batch does.

    Where each line's order begins, by when it has to be sent, a shop's coupon, the platform's.
    """
    if all(map(Asked.usual, asked)):
        return [None, None, None, None]
    rows = [a for a in asked for _ in range(1 + len(a.more))]
    several = len(rows) > len(asked)
    begins = [head for a, head in zip(asked, heads, strict=True) for _ in range(1 + len(a.more))]
    return [
        begins if several else None,
        [a.ship_by for a in rows],
        [a.coupon for a in rows],
        [a.platform_coupon for a in rows],
    ]


def _heads(asked: Sequence[Asked]) -> list[int]:
    """The row at which each request begins, from 1 as PostgreSQL counts."""
    heads, at = [], 1
    for one in asked:
        heads.append(at)
        at += 1 + len(one.more)
    return heads


def _offers(row: Any) -> dict[UUID, OfferNow]:
    """The versions of the batch's offers that were in force."""
    names = ("offer_id", "price_fen", "snapshot", "per_buyer", "floor_fen")
    columns = (row[name] or () for name in names)
    return {offer: OfferNow(*now) for offer, *now in zip(*columns, strict=True)}


def _placed(
    row: Any, at: int, asked: Asked, number: str, until: datetime | None, state: str
) -> Placed:
    """An order that was admitted just now, from its row `at`."""
    goods = asked.units * asked.price_fen + sum(one.units * one.price_fen for one in asked.more)
    off = row["shop_off"][at] + row["platform_off"][at]
    amount = goods + asked.freight_fen - off
    order = row["order_id"][at]
    return Placed(order, number, state, amount, asked.freight_fen, until, row["day"][at])


class Group(NamedTuple):
    """Requests of one shop, with the ids and numbers that their orders get."""

    shop_id: UUID
    ids: Sequence[UUID]
    numbers: Sequence[str]
    asked: Sequence[Asked]


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
        channel: str = OURS,
    ) -> list[Said]:
        """One verdict a request, in order. Raises BadBatch, NotNow, UnknownOutcome.

        Orders of another channel are paid there: none of ours may stand among them.
        """
        group = Group(shop_id, ids, numbers, asked)
        return (await self.place_all(now, [group], channel))[0]

    async def place_all(
        self, now: datetime, groups: Sequence[Group], channel: str = OURS
    ) -> list[list[Said]]:
        """Like `place` for several shops, in one transaction. Shops are named once, and sorted: so
        rivals lock them in one order.
        """
        asked = [one for group in groups for one in group.asked]
        heads = [_heads(group.asked) for group in groups]
        ids = [one for group in groups for one in group.ids]
        numbers = [one for group in groups for one in group.numbers]
        spread = [at for at, one in enumerate(asked) for _ in range(1 + len(one.more))]
        ends = list(
            accumulate(len(one.asked) + sum(len(a.more) for a in one.asked) for one in groups)
        )
        state = ORDER.init if channel == OURS else PAID
        rows = await self._ask(
            "fetch",
            _PLACE,
            [group.shop_id for group in groups],
            [1, *(end + 1 for end in ends[:-1])],
            ends,
            now,
            HOLD,
            state,
            channel,
            [ids[at] for at in spread],
            [numbers[at] for at in spread],
            *_columns(asked),
            *_more(asked, [head for some in heads for head in some]),
            None if channel == OURS else [asked[at].external_no for at in spread],
        )
        return [
            await self._said(group.shop_id, row, at, group.numbers, group.asked, now + HOLD, state)
            for group, row, at in zip(groups, rows, heads, strict=True)
        ]

    async def _said(
        self,
        shop_id: UUID,
        row: Any,
        heads: Sequence[int],
        numbers: Sequence[str],
        asked: Sequence[Asked],
        until: datetime,
        state: str,
    ) -> list[Said]:
        offers, orders = _offers(row), row["order_id"]
        again = row["replay"]
        old = [orders[head - 1] for head in heads if again[head - 1] and orders[head - 1]]
        before = await self.placed(shop_id, old) if old else {}
        made = []
        for one, head, number in zip(asked, heads, numbers, strict=True):
            at = head - 1
            verdict, line = row["verdict"][at], row["at_line"][at] - 1
            placed = None
            if verdict == Verdict.ADMITTED:
                hold = until if state == ORDER.init else None
                placed = before.get(orders[at]) or _placed(row, at, one, number, hold, state)
            about = one.more[line - 1].offer_id if line else one.offer_id
            made.append(
                Said(
                    _VERDICTS[verdict],
                    placed,
                    row["said"][at],
                    offers.get(about),
                    line,
                    placed.ship_day if placed else row["day"][at],
                )
            )
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

    async def kept(self, shop_id: UUID, asked: Sequence[Asked]) -> set[int]:
        """Which of these, by their places, have units kept for them, because they waited."""
        offers = [a.offer_id for a in asked]
        rows = await self._ask("fetch", _KEPT, shop_id, [a.buyer_id for a in asked], offers)
        return {row["i"] - 1 for row in rows}

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


class _Lent:
    """The connection of a transaction as a pool of one."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def acquire(self, timeout: float) -> Any:
        """The connection, at once."""
        return self._connection

    async def release(self, connection: Any, timeout: float) -> None:
        """It stays with its transaction."""


async def within(tx: Tx) -> Admission:
    """Admission that is committed with `tx`, and not before."""
    # the driver begins a transaction with the first statement that SQLAlchemy sends
    await tx.execute(text("select 1"))
    raw = await (await tx.connection()).get_raw_connection()
    return Admission(_Lent(raw.driver_connection))


async def _as_it_is(_: Any) -> None:
    """Statements of the admission leave nothing behind in a session that had to be taken back: no
    round trip for it.
    """


async def open_admission(dsn: str, size: int = POOL_MAX) -> Admission:
    """Connects with short timeouts: a batch that cannot be decided now is refused now."""
    pool = await asyncpg.create_pool(
        dsn,
        min_size=0,
        max_size=size,
        timeout=5,
        command_timeout=10,
        reset=_as_it_is,
        server_settings={
            "application_name": "tiantou-orders",
            "statement_timeout": str(STATEMENT_TIMEOUT_MS),
            "lock_timeout": str(LOCK_TIMEOUT_MS),
            "timezone": "UTC",
            "jit": "off",
        },
    )
    return Admission(pool)
