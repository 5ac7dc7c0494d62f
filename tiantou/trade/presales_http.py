"""Routes of pre-sales: boxes that are sold before they are packed."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from tiantou.core.http import Caller, InTx, problems, router
from tiantou.core.problems import AlreadyThere, InvalidFields, NotAllowed, NotFound, SignInRequired
from tiantou.core.subject import MANAGER
from tiantou.trade import presales
from tiantou.trade.offers import PRICE_FEN_MAX
from tiantou.trade.presales import UNITS_MAX
from tiantou.trade.problems import BelowFloor, BoxesInStock, SellerNotAdmitted

routes = router("trade")


class PresaleIn(BaseModel):
    """So many boxes more, at this price, sent on this day (Asia/Shanghai) or as soon after it as
    the shop has room.
    """

    model_config = ConfigDict(extra="forbid")

    units: int = Field(ge=1, le=UNITS_MAX)
    ship_on: date
    price_fen: int = Field(ge=1, le=PRICE_FEN_MAX)


class Presale(BaseModel):
    """A pre-sale: `owed` boxes were put on sale and are not packed yet, `available` are unsold."""

    model_config = ConfigDict(from_attributes=True)

    pack_id: UUID
    offer_id: UUID
    ship_on: date
    owed: int
    available: int


class Ended(BaseModel):
    """Nothing to say."""


@routes.post(
    "/api/orgs/{org}/packs/{pack_id}/presale",
    responses=problems(
        SignInRequired, NotAllowed, NotFound, InvalidFields, SellerNotAdmitted, BelowFloor,
        BoxesInStock, AlreadyThere,
    ),
)  # fmt: skip
async def open_presale(
    org: UUID, pack_id: UUID, asked: PresaleIn, tx: InTx, caller: Caller
) -> Presale:
    """Sells boxes of a pack ahead, or more of them, or for another day from now on."""
    caller.must(org, MANAGER)
    made = await presales.open_presale(
        tx, caller, org, pack_id, asked.units, asked.ship_on, asked.price_fen
    )
    return Presale.model_validate(made)


@routes.delete(
    "/api/orgs/{org}/packs/{pack_id}/presale",
    responses=problems(SignInRequired, NotAllowed, NotFound),
)
async def end_presale(org: UUID, pack_id: UUID, tx: InTx, caller: Caller) -> Ended:
    """Sells no more ahead; what was sold is sent on its day."""
    caller.must(org, MANAGER)
    await presales.end_presale(tx, caller, org, pack_id)
    return Ended()
