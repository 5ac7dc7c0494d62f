"""Double entry. Debit is positive, an entry sums to 0, corrections are new entries.

Accounts of a shop: `gateway` what the payment provider holds, `shop` what the shop has earned and
not given on, `host` and `platform` fees, `grower:<household>` what a household is owed, `paid` what
was paid out to households. A pending entry moves no balance until it is posted.
"""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from msgspec import Struct

from tiantou.core.db import Tx
from tiantou.kit import clock, ids
from tiantou.trade.money import ledger_sql as sql

GATEWAY, SHOP, HOST, PLATFORM, PAID = "gateway", "shop", "host", "platform", "paid"

Line = tuple[str, int]


class Share(Struct, frozen=True, kw_only=True):
    """What a household is owed for grams of one of its slips in an order."""

    household_id: UUID
    slip_id: UUID
    grams: int
    price_fen_per_jin: int
    amount_fen: int


def grower(household_id: UUID) -> str:
    """The account of a household."""
    return f"grower:{household_id}"


async def write(
    tx: Tx,
    shop_id: UUID,
    kind: str,
    ref: str,
    lines: Sequence[Line],
    order_id: UUID | None = None,
    phase: Literal["direct", "pending", "post", "void"] = "direct",
    settles: UUID | None = None,
) -> UUID:
    """Writes an entry; gives its id. The same (kind, phase, ref) twice is refused by PostgreSQL."""
    if sum(fen for _, fen in lines) != 0:
        raise ValueError("an entry sums to 0")
    for account in sorted({account for account, _ in lines}):
        kind_of, _, household = account.partition(":")
        await sql.add_account(tx, shop_id, account, kind_of, UUID(household) if household else None)
    entry_id = ids.uuid7()
    await sql.add_entry(
        tx, shop_id, entry_id, kind, phase, settles, order_id, ref, clock.now(), lines
    )
    return entry_id


async def paid_in(tx: Tx, shop_id: UUID, order_id: UUID, ref: str, fen: int) -> UUID:
    """A buyer's money has come."""
    return await write(tx, shop_id, "pay", ref, [(GATEWAY, fen), (SHOP, -fen)], order_id)


async def came_late(tx: Tx, shop_id: UUID, order_id: UUID, ref: str, fen: int) -> UUID:
    """Money came that nothing waits for; it stands here until it is sent back."""
    return await write(tx, shop_id, "late", ref, [(GATEWAY, fen), (SHOP, -fen)], order_id)


async def refund_wanted(
    tx: Tx, shop_id: UUID, order_id: UUID, ref: str, fen: int, late: bool
) -> UUID:
    """Money that is to go back: pending until the gateway has carried it out."""
    kind = "late_back" if late else "refund"
    lines = [(SHOP, fen), (GATEWAY, -fen)]
    return await write(tx, shop_id, kind, ref, lines, order_id, "pending")


async def settle(
    tx: Tx, shop_id: UUID, entry_id: UUID, phase: Literal["post", "void"] = "post"
) -> UUID:
    """Posts or voids a pending entry, once: a second time is refused by PostgreSQL."""
    kind, order_id, ref = await sql.pending(tx, shop_id, entry_id)
    lines = await sql.lines_of(tx, shop_id, entry_id)
    return await write(tx, shop_id, kind, ref, lines, order_id, phase, entry_id)


async def charge(tx: Tx, shop_id: UUID, order_id: UUID, account: str, fen: int) -> None:
    """A fee of an order goes from the shop to a host or the platform; nothing if it is 0."""
    if fen:
        ref = f"{order_id}:{account}"
        await write(tx, shop_id, "fee", ref, [(SHOP, fen), (account, -fen)], order_id)


async def add_coupon(tx: Tx, shop_id: UUID, order_id: UUID, fen: int) -> None:
    """The platform owes the shop what its coupon took off a price; nothing if it is 0."""
    if fen:
        lines = [(PLATFORM, fen), (SHOP, -fen)]
        await write(tx, shop_id, "coupon", str(order_id), lines, order_id)


async def take_coupon_back(
    tx: Tx, shop_id: UUID, order_id: UUID, refund_id: UUID, fen: int
) -> None:
    """Money went back to the buyer: the platform owes so much less; nothing if it is 0."""
    if fen:
        lines = [(PLATFORM, -fen), (SHOP, fen)]
        await write(tx, shop_id, "coupon_back", str(refund_id), lines, order_id)


async def owe(tx: Tx, shop_id: UUID, order_id: UUID, shares: Sequence[Share]) -> None:
    """The growers of an order's boxes are owed their slip price; once per order."""
    await _owed(tx, shop_id, order_id, "owed", list(shares))


async def take_back(tx: Tx, shop_id: UUID, order_id: UUID) -> None:
    """The boxes went back into their lots unsold: what the order owed is owed no more."""
    shares = [
        Share(
            household_id=row.household_id,
            slip_id=row.slip_id,
            grams=-row.grams,
            price_fen_per_jin=row.price_fen_per_jin,
            amount_fen=-row.amount_fen,
        )
        for row in await sql.owed_of_order(tx, shop_id, order_id)
    ]
    await _owed(tx, shop_id, order_id, "owed_back", shares)


async def _owed(tx: Tx, shop_id: UUID, order_id: UUID, kind: str, shares: list[Share]) -> None:
    shares = [share for share in shares if share.amount_fen]
    if not shares:
        return
    by: dict[str, int] = {}
    for share in shares:
        name = grower(share.household_id)
        by[name] = by.get(name, 0) - share.amount_fen
    lines = [(SHOP, -sum(by.values())), *sorted(by.items())]
    entry_id = await write(tx, shop_id, kind, str(order_id), lines, order_id)
    now = clock.now()
    await sql.add_owed(
        tx,
        shop_id,
        entry_id,
        [
            {
                "household": share.household_id,
                "order": order_id,
                "slip": share.slip_id,
                "grams": share.grams,
                "price": share.price_fen_per_jin,
                "fen": share.amount_fen,
                "now": now,
            }
            for share in shares
        ],
    )


async def owed_to(tx: Tx, shop_id: UUID, household_id: UUID, hold: bool = False) -> int:
    """What a household is owed now, in fen; `hold` keeps others from paying it meanwhile."""
    account = grower(household_id)
    if hold:
        await sql.hold_account(tx, shop_id, account)
    return -await sql.balance(tx, shop_id, account)


async def balanced(tx: Tx, shop_id: UUID | None = None) -> bool:
    """Whether the book (of one shop, or all) adds up, to the fen: entries, gateway, growers."""
    return not await sql.unbalanced(tx, shop_id)
