"""The route by which orders of other channels come in."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tiantou.core.fields import CLEAN, DIVISION_CODE
from tiantou.core.http import Caller, InTx, WithKeys, problems, router
from tiantou.core.problems import Busy, InvalidFields, NotAllowed, NotFound, SignInRequired
from tiantou.core.subject import MANAGER
from tiantou.regions import face as regions
from tiantou.trade import imports
from tiantou.trade.checkout import Recipient
from tiantou.trade.imports import ROWS_MAX, Channel, Row, Sold, Taken

routes = router("trade")

LINES_MAX, UNITS_MAX = 20, 999
FEN_MAX = 10_000_000
Line = Annotated[str, Field(min_length=1, max_length=30), CLEAN]


class SoldIn(BaseModel):
    """Units of a pack and what one was sold for there."""

    model_config = ConfigDict(extra="forbid")

    pack_id: UUID
    units: int = Field(ge=1, le=UNITS_MAX)
    price_fen: int = Field(ge=1, le=FEN_MAX)


class ImportedTo(BaseModel):
    """Whom the parcel goes to, as the channel tells it: name and phone may be masked."""

    model_config = ConfigDict(extra="forbid")

    recipient: Line
    phone: Annotated[str, Field(min_length=1, max_length=30), CLEAN]
    division_code: DIVISION_CODE
    detail: Annotated[str, Field(min_length=1, max_length=120), CLEAN]


class ImportedIn(BaseModel):
    """An order of the channel: its number there, what was sold, and where it goes, if that is
    told.
    """

    model_config = ConfigDict(extra="forbid")

    external_no: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
    lines: list[SoldIn] = Field(min_length=1, max_length=LINES_MAX)
    freight_fen: int = Field(default=0, ge=0, le=FEN_MAX)
    to: ImportedTo | None = None
    division_code: DIVISION_CODE | None = None
    note: Annotated[str, Field(max_length=100), CLEAN] = ""

    @model_validator(mode="after")
    def _of_one_place(self) -> "ImportedIn":
        if self.to is not None and self.division_code not in (None, self.to.division_code):
            raise ValueError("division_code differs from that of `to`")
        return self

    def row(self) -> Row:
        """As the use case takes it."""
        to = self.to
        return Row(
            external_no=self.external_no,
            lines=tuple(Sold(one.pack_id, one.units, one.price_fen) for one in self.lines),
            freight_fen=self.freight_fen,
            to=Recipient(to.recipient, to.phone, to.division_code, to.detail) if to else None,
            division_code=to.division_code if to else self.division_code,
            note=self.note,
        )


class ImportIn(BaseModel):
    """Orders of one channel; a number stands once in a request."""

    model_config = ConfigDict(extra="forbid")

    channel: Channel
    orders: list[ImportedIn] = Field(min_length=1, max_length=ROWS_MAX)


class ImportedOrder(BaseModel):
    """What became of one: `fresh` says that it is new; `problem` is a problem document."""

    external_no: str
    order_id: UUID | None = None
    number: str | None = None
    fresh: bool = False
    ship_day: date | None = None
    problem: dict[str, Any] | None = None


class ImportOut(BaseModel):
    """The answers, in the order of asking, and how many are new, known, refused."""

    items: list[ImportedOrder]
    placed: int
    known: int
    refused: int


@routes.post(
    "/api/orgs/{org}/imported-orders",
    responses=problems(SignInRequired, NotAllowed, NotFound, InvalidFields, Busy),
)
async def import_orders(
    org: UUID, asked: ImportIn, tx: InTx, caller: Caller, keys: WithKeys
) -> ImportOut:
    """Admits orders that another channel sold and has the money of; all in one transaction.

    An order that was taken before stays as it is, so the same request may be sent again.
    """
    caller.must(org, MANAGER)
    seen: set[str] = set()
    for at, one in enumerate(asked.orders):
        if one.external_no in seen:
            raise InvalidFields.one(f"orders.{at}.external_no", "twice")
        seen.add(one.external_no)
    rows = [one.row() for one in asked.orders]
    await _places(tx, rows)
    taken = await imports.take(tx, keys, caller, org, asked.channel, rows)
    items = [_shown(row, one) for row, one in zip(rows, taken, strict=True)]
    placed, refused = sum(one.fresh for one in items), sum(one.problem is not None for one in items)
    return ImportOut(
        items=items, placed=placed, known=len(items) - placed - refused, refused=refused
    )


async def _places(tx: InTx, rows: list[Row]) -> None:
    """Raises InvalidFields if a division is none."""
    codes = {row.division_code for row in rows if row.division_code}
    known = await regions.divisions(tx, codes)
    for at, row in enumerate(rows):
        if row.division_code and row.division_code not in known:
            raise InvalidFields.one(f"orders.{at}.division_code", "unknown")


def _shown(row: Row, one: Taken) -> ImportedOrder:
    if one.placed is None:
        problem = one.problem.body() if one.problem else None
        return ImportedOrder(external_no=row.external_no, problem=problem)
    return ImportedOrder(
        external_no=row.external_no,
        order_id=one.placed.order_id,
        number=one.placed.number,
        fresh=one.fresh,
        ship_day=one.placed.ship_day,
    )
