"""The offer as it stands in answers of every module."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Base(BaseModel):
    """What a price is compared with, and how that was found."""

    model_config = ConfigDict(from_attributes=True)

    kind: Literal["lowest_7d", "usual"]
    price_fen: int


class Offer(BaseModel):
    """An offer. `snapshot` is the hash of the document that the buyer sees and agrees to.

    `ship_room` boxes can still be sent on `ship_day`, more from `ship_then` on; both none where the
    shop has stated no limit. `ship_on`: it is sold ahead, for that day. `waiting` people
    wait in line for it.
    """

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    shop_id: UUID
    pack_id: UUID
    kind: Literal["standing", "flash"]
    state: Literal["open", "paused", "closed"]
    price_fen: int
    base: Base | None
    units_left: int
    per_buyer: int | None
    opens_at: datetime
    closes_at: datetime | None
    ship_day: date
    ship_room: int | None
    ship_then: date | None
    ship_on: date | None
    waiting: int
    snapshot: str
    currency: Literal["CNY"]
