"""Routes of money: a seller's figures, households' statements and payouts, refunds by hand."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse

from tiantou.accounts.face import org as find_org
from tiantou.core.fields import CLEAN, PICTURE_HASH
from tiantou.core.http import Caller, InTx, Limit, Operator, WithFiles, problems, router
from tiantou.core.problems import (
    InvalidFields,
    NotAllowed,
    NotFound,
    SignInRequired,
)
from tiantou.core.subject import MANAGER, STATION
from tiantou.kit import clock, paging
from tiantou.trade import refunds_sql
from tiantou.trade.money import ledger, ledger_sql, prints, statements
from tiantou.trade.money.statements import DUE_DAYS, Payout
from tiantou.trade.orders_wire import FromView
from tiantou.trade.problems import MoreThanOwed

routes = router("trade")

_READ = problems(SignInRequired, NotAllowed, NotFound, InvalidFields)
ENTRIES_SHOWN = 50
FEN_MAX = 1_000_000_000
BY_HAND = ("manual_refund", "owed", "refund_failed")
Lang = Annotated[Literal["zh-CN", "en"], Query()]


class EntryOut(BaseModel):
    """An entry of the book: what it did to what the shop has (`amount_fen`, signed)."""

    id: UUID
    at: datetime
    what: str
    order_number: str | None
    amount_fen: int
    moved_fen: int


class MoneyOut(BaseModel):
    """A seller's figures, each a sum of the book. `balanced`: the book adds up, to the fen."""

    currency: Literal["CNY"] = "CNY"
    paid_fen: int
    refunded_fen: int
    fee_fen: int
    owed_growers_fen: int
    paid_growers_fen: int
    balance_fen: int
    checked_at: datetime
    balanced: bool
    entries: list[EntryOut]


class HouseholdOut(FromView):
    """A household in short."""

    id: UUID
    no: int
    name: str
    village: str


class LineOut(FromView):
    """A line of a statement. `kind`: delivered, sold, taken_off, paid."""

    at: datetime
    kind: Literal["delivered", "sold", "taken_off", "paid"]
    what: str
    slip_code: str | None
    order_number: str | None
    grams: int | None
    price_fen_per_jin: int | None
    amount_fen: int
    due_at: datetime | None


class StatementOut(FromView):
    """What a household delivered, what was sold of it, what it is owed and when."""

    currency: Literal["CNY"] = "CNY"
    household: HouseholdOut
    lines: list[LineOut]
    delivered_g: int
    sold_g: int
    gross_fen: int
    taken_off_fen: int
    owed_fen: int
    paid_fen: int
    due_at: datetime | None


class PayoutIn(BaseModel):
    """Money that was given to a household, with evidence."""

    amount_fen: int = Field(ge=1, le=FEN_MAX)
    method: Literal["cash", "bank", "wechat"]
    evidence: PICTURE_HASH | None = None
    note: Annotated[str, Field(max_length=200), CLEAN] = ""
    paid_on: date


class RefundDue(FromView):
    """A refund that the provider would not carry out: somebody has to pay by hand."""

    shop_id: UUID
    id: UUID
    order_id: UUID
    number: str
    amount_fen: int
    reason: str
    state: str
    tries: int
    at: datetime


class RefundsDue(BaseModel):
    """Refunds that wait for a person, oldest first."""

    items: list[RefundDue]
    next: str | None = None


@routes.get("/api/orgs/{org}/money", responses=_READ)
async def get_money(org: UUID, tx: InTx, caller: Caller) -> MoneyOut:
    """The seller's money: sums of the book, and its newest entries."""
    caller.must(org, MANAGER)
    sums = await statements.money(tx, org)
    entries = await ledger_sql.last_entries(tx, org, ENTRIES_SHOWN)
    return MoneyOut(
        paid_fen=sums.paid_fen,
        refunded_fen=sums.refunded_fen,
        fee_fen=sums.fee_fen,
        owed_growers_fen=sums.owed_growers_fen,
        paid_growers_fen=sums.paid_growers_fen,
        balance_fen=sums.balance_fen,
        checked_at=clock.now(),
        balanced=await ledger.balanced(tx, org),
        entries=[
            EntryOut(
                id=row.id,
                at=row.at,
                what=row.kind,
                order_number=row.order_number,
                amount_fen=row.shop_fen,
                moved_fen=row.amount_fen,
            )
            for row in entries
        ],
    )


def _due_days(request: Request) -> int:
    return int(getattr(request.app.state, "payout_due_days", DUE_DAYS))


@routes.get("/api/orgs/{org}/households/{household}/statement", responses=_READ)
async def get_statement(
    org: UUID, household: UUID, tx: InTx, caller: Caller, request: Request
) -> StatementOut:
    """A household's statement."""
    caller.must(org, MANAGER, STATION)
    told = await statements.statement(tx, org, household, _due_days(request))
    return StatementOut.model_validate(told)


@routes.get(
    "/api/orgs/{org}/households/{household}/statement/print",
    response_class=HTMLResponse,
    responses=_READ,
)
async def print_statement(
    org: UUID, household: UUID, tx: InTx, caller: Caller, request: Request, lang: Lang = "zh-CN"
) -> HTMLResponse:
    """The statement as a page for A4 paper."""
    caller.must(org, MANAGER, STATION)
    told = await statements.statement(tx, org, household, _due_days(request))
    seller = await find_org(tx, org)
    if seller is None:
        raise NotFound()
    page = prints.statement_page(seller.name, told, lang)
    return HTMLResponse(page.html, headers={"Content-Security-Policy": page.policy})


@routes.post(
    "/api/orgs/{org}/households/{household}/payouts",
    status_code=201,
    responses=problems(SignInRequired, NotAllowed, NotFound, InvalidFields, MoreThanOwed),
)
async def add_payout(
    org: UUID,
    household: UUID,
    asked: PayoutIn,
    tx: InTx,
    caller: Caller,
    files: WithFiles,
    request: Request,
) -> StatementOut:
    """The household was paid; never more than it is owed."""
    caller.must(org, MANAGER)
    if asked.evidence is not None and not await files.known(tx, asked.evidence):
        raise InvalidFields.one("evidence", "unknown")
    await statements.pay_out(tx, caller, org, household, Payout(**asked.model_dump()))
    told = await statements.statement(tx, org, household, _due_days(request))
    return StatementOut.model_validate(told)


@routes.get("/api/desk/refunds", responses=problems(SignInRequired, NotAllowed))
async def list_refunds_due(
    tx: InTx, _: Operator, limit: Limit = paging.LIMIT_DEFAULT
) -> RefundsDue:
    """Refunds that the provider would not carry out."""
    rows = await refunds_sql.waiting(tx, BY_HAND, limit)
    return RefundsDue(items=[RefundDue.model_validate(row) for row in rows])
