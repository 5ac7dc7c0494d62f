"""The operator's page of reconciliation: days compared, and what differs."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from tiantou.core.http import InTx, Limit, Operator, problems, router
from tiantou.core.problems import NotAllowed, SignInRequired
from tiantou.kit import paging
from tiantou.trade import reconcile_sql as sql
from tiantou.trade.orders_wire import FromView

routes = router("trade")

DIFFERENCES_SHOWN = 200


class ReconciledDay(FromView):
    """A provider's day: sums by its bill and by our rows. `state`: compared, no_bill."""

    provider: str
    day: date
    state: Literal["compared", "no_bill"]
    lines: int
    paid_fen: int
    refunded_fen: int
    ours_paid_fen: int
    ours_refunded_fen: int
    differing: int
    at: datetime


class DifferenceOut(FromView):
    """What does not agree: missing_here, missing_there, amount_differs. `ref` is our number at the
    provider, `number` the order's.
    """

    provider: str
    day: date
    kind: Literal["payment", "refund"]
    what: Literal["missing_here", "missing_there", "amount_differs"]
    ref: str
    provider_no: str
    ours_fen: int | None
    theirs_fen: int | None
    shop_id: UUID | None
    number: str | None
    at: datetime


class Reconciled(BaseModel):
    """Days, those that differ first, and what differs."""

    currency: Literal["CNY"] = "CNY"
    items: list[ReconciledDay]
    differences: list[DifferenceOut]


@routes.get("/api/desk/reconciliations", responses=problems(SignInRequired, NotAllowed))
async def list_reconciliations(
    tx: InTx, _: Operator, limit: Limit = paging.LIMIT_DEFAULT
) -> Reconciled:
    """Providers' bills against our rows."""
    return Reconciled(
        items=[ReconciledDay.model_validate(row) for row in await sql.days(tx, limit)],
        differences=[
            DifferenceOut.model_validate(row)
            for row in await sql.open_differences(tx, DIFFERENCES_SHOWN)
        ],
    )
