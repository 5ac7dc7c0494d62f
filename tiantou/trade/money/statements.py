"""What a household is told: what it delivered, what was sold of it, what it is owed and when.

Every figure is a sum of the ledger's rows; what was delivered is supply's own slips.
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import Struct

from tiantou.core import audit
from tiantou.core.db import Tx
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.supply import face as supply
from tiantou.supply.face import HouseholdView, SlipView
from tiantou.trade.money import ledger
from tiantou.trade.money import ledger_sql as book
from tiantou.trade.money import statements_sql as sql
from tiantou.trade.problems import MoreThanOwed

DUE_DAYS = 7
METHODS = ("cash", "bank", "wechat")


class Line(Struct, frozen=True, kw_only=True):
    """One line. `kind`: delivered, sold, taken_off, paid; amounts in fen, mass in grams."""

    at: datetime
    kind: str
    what: str
    slip_code: str | None = None
    order_number: str | None = None
    grams: int | None = None
    price_fen_per_jin: int | None = None
    amount_fen: int = 0
    due_at: datetime | None = None


class Statement(Struct, frozen=True, kw_only=True):
    """A household's account with its co-operative. owed = gross - taken off - paid."""

    household: HouseholdView
    lines: list[Line]
    delivered_g: int
    sold_g: int
    gross_fen: int
    taken_off_fen: int
    owed_fen: int
    paid_fen: int
    due_at: datetime | None


class Payout(Struct, frozen=True, kw_only=True):
    """Money that the co-operative gave a household. `evidence` is a picture's hash."""

    amount_fen: int
    method: str
    evidence: str | None
    note: str
    paid_on: date


class Money(Struct, frozen=True, kw_only=True):
    """A shop's figures, in fen; `balance_fen` is what it earned and has not given on."""

    paid_fen: int
    refunded_fen: int
    fee_fen: int
    owed_growers_fen: int
    paid_growers_fen: int
    balance_fen: int


async def statement(
    tx: Tx, shop_id: UUID, household_id: UUID, due_days: int = DUE_DAYS
) -> Statement:
    """The statement as it stands; a sale is due `due_days` after its trade has ended.

    Raises NotFound.
    """
    household = await supply.household(tx, shop_id, household_id)
    if household is None:
        raise NotFound()
    slips = await supply.slips_of_household(tx, shop_id, household_id)
    codes = {slip.id: slip.code for slip in slips}
    owed = await sql.owed_lines(tx, shop_id, household_id)
    payouts = await sql.payouts(tx, shop_id, household_id)
    sold = [_sold(row, codes.get(row.slip_id), timedelta(days=due_days)) for row in owed]
    paid = [_paid(row) for row in payouts]
    live = [slip for slip in slips if slip.state != "void"]
    lines = [_delivered(slip) for slip in live] + sold + paid
    paid_fen = sum(row.amount_fen for row in payouts)
    return Statement(
        household=household,
        lines=sorted(lines, key=lambda line: line.at),
        delivered_g=sum(slip.grams for slip in live),
        sold_g=sum(row.grams for row in owed),
        gross_fen=sum(row.amount_fen for row in owed if row.amount_fen > 0),
        taken_off_fen=-sum(row.amount_fen for row in owed if row.amount_fen < 0),
        owed_fen=await ledger.owed_to(tx, shop_id, household_id),
        paid_fen=paid_fen,
        due_at=_first_due(sold, paid_fen),
    )


def _delivered(slip: SlipView) -> Line:
    return Line(
        at=slip.at,
        kind="delivered",
        what=slip.grade,
        slip_code=slip.code,
        grams=slip.grams,
        price_fen_per_jin=slip.price_fen_per_jin,
        amount_fen=slip.value_fen,
    )


def _sold(row: Any, slip_code: str | None, due_after: timedelta) -> Line:
    due = row.ended_at + due_after if row.ended_at and not row.taken_back else None
    return Line(
        at=row.at,
        kind="sold" if row.amount_fen > 0 else "taken_off",
        what="order" if row.amount_fen > 0 else "order_closed",
        slip_code=slip_code,
        order_number=row.order_number,
        grams=row.grams,
        price_fen_per_jin=row.price_fen_per_jin,
        amount_fen=row.amount_fen,
        due_at=due,
    )


def _paid(row: Any) -> Line:
    return Line(at=row.at, kind="paid", what=row.method, amount_fen=row.amount_fen)


def _first_due(sold: list[Line], paid_fen: int) -> datetime | None:
    """When the oldest sale that payouts do not cover yet is due; None while none is."""
    covered = paid_fen
    for when, fen in sorted((line.due_at, line.amount_fen) for line in sold if line.due_at):
        covered -= fen
        if covered < 0:
            return when
    return None


async def pay_out(tx: Tx, who: Subject, shop_id: UUID, household_id: UUID, payout: Payout) -> None:
    """The co-operative has paid a household. Raises NotFound, MoreThanOwed, InvalidFields."""
    household = await supply.household(tx, shop_id, household_id)
    if household is None:
        raise NotFound()
    if payout.method not in METHODS:
        raise InvalidFields.one("method", "unknown")
    now = clock.now()
    if payout.paid_on > (now + timedelta(days=1)).date():
        raise InvalidFields.one("paid_on", "future")
    owed_fen = await ledger.owed_to(tx, shop_id, household_id, hold=True)
    if payout.amount_fen > owed_fen:
        raise MoreThanOwed(owed_fen=owed_fen)
    payout_id = ids.uuid7()
    lines = [(ledger.grower(household_id), payout.amount_fen), (ledger.PAID, -payout.amount_fen)]
    entry_id = await ledger.write(tx, shop_id, "payout", str(payout_id), lines)
    await sql.add_payout(
        tx,
        shop_id,
        payout_id,
        household_id,
        entry_id,
        payout.amount_fen,
        payout.method,
        payout.evidence,
        payout.note,
        payout.paid_on,
        who.person_id,
        now,
    )
    await _settle_slips(tx, who, shop_id, household_id)
    after = {"amount_fen": payout.amount_fen, "method": payout.method, "entry": str(entry_id)}
    await audit.write(tx, who, "trade.payout", f"household:{household_id}", None, after)


async def _settle_slips(tx: Tx, who: Subject, shop_id: UUID, household_id: UUID) -> None:
    """Slips whose every gram is sold and paid for are paid; payouts cover the oldest sale first."""
    rows = await sql.owed_lines(tx, shop_id, household_id)
    left = sum(row.amount_fen for row in await sql.payouts(tx, shop_id, household_id))
    grams: dict[UUID, int] = {}
    open_slips: set[UUID] = set()
    for row in rows:
        if row.taken_back:
            continue
        grams[row.slip_id] = grams.get(row.slip_id, 0) + row.grams
        left -= row.amount_fen
        if left < 0:
            open_slips.add(row.slip_id)
    for slip in await supply.slips_of_household(tx, shop_id, household_id):
        whole = grams.get(slip.id) == slip.grams
        if slip.state == "owed" and whole and slip.id not in open_slips:
            await supply.step(tx, who, shop_id, slip.id, "pay")


async def money(tx: Tx, shop_id: UUID) -> Money:
    """A shop's figures: sums of the book and nothing else."""
    sums = await book.sums(tx, shop_id)

    def total(kind: str, *entries: str) -> int:
        return sum(sums.get((entry, kind), 0) for entry in entries)

    growers = total("grower", "owed", "owed_back", "payout")
    return Money(
        paid_fen=total("gateway", "pay"),
        refunded_fen=-total("gateway", "refund"),
        fee_fen=-total("host", "fee") - total("platform", "fee"),
        owed_growers_fen=-growers,
        paid_growers_fen=-total("paid", "payout"),
        balance_fen=-await book.balance(tx, shop_id, ledger.SHOP),
    )
