"""What every viewer of a room is told, in order: the numbered events of its frames (`ev`)."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from tiantou.live import wire
from tiantou.live.camera_wire import LotOnCamera
from tiantou.trade.face import Offer


class _Event(BaseModel):
    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class PinEvent(_Event):
    """This product is explained now; null: none is."""

    t: Literal["pin"] = "pin"
    item: wire.Item | None


class LotEvent(_Event):
    """This lot is on camera, with what was measured of it so far; null: none is."""

    t: Literal["lot"] = "lot"
    lot: LotOnCamera | None


class ItemEvent(_Event):
    """A product was added to the shelf, changed, withdrawn or put back."""

    t: Literal["item"] = "item"
    item: wire.Item


class PriceEvent(_Event):
    """A product's standing price changed."""

    t: Literal["price"] = "price"
    item_id: UUID
    offer: Offer


class DealEvent(_Event):
    """A flash price opened."""

    t: Literal["deal"] = "deal"
    item_id: UUID
    offer: Offer


class DealEndEvent(_Event):
    """A flash price is over; `item` is the product as it stands now."""

    t: Literal["deal_end"] = "deal_end"
    item_id: UUID
    offer_id: UUID
    item: wire.Item


class _Stock(_Event):
    item_id: UUID
    offer_id: UUID
    units_left: int


class SoldOutEvent(_Stock):
    """The last unit of an offer is taken."""

    t: Literal["sold_out"] = "sold_out"


class RestockEvent(_Stock):
    """What was sold out is to be had again."""

    t: Literal["restock"] = "restock"


class QuestionEvent(_Event):
    """Somebody asked the host."""

    t: Literal["question"] = "question"
    question: wire.Question


class AnsweredEvent(_Event):
    """A question was answered."""

    t: Literal["answered"] = "answered"
    question: wire.Question


class StateEvent(_Event):
    """The session took a step."""

    t: Literal["state"] = "state"
    state: str


class EndEvent(_Event):
    """The live is over; nothing follows."""

    t: Literal["end"] = "end"


class MuteEvent(_Event):
    """A person may not write until then; null: may write again."""

    t: Literal["mute"] = "mute"
    person_no: int
    until: datetime | None


class BanEvent(_Event):
    """A person must leave and may not come back."""

    t: Literal["ban"] = "ban"
    person_no: int


class UnbanEvent(_Event):
    """A person may come back."""

    t: Literal["unban"] = "unban"
    person_no: int


class HideEvent(_Event):
    """A line of chat is taken off every screen."""

    t: Literal["hide"] = "hide"
    no: int


AnyEvent = Annotated[
    PinEvent
    | LotEvent
    | ItemEvent
    | PriceEvent
    | DealEvent
    | DealEndEvent
    | SoldOutEvent
    | RestockEvent
    | QuestionEvent
    | AnsweredEvent
    | StateEvent
    | EndEvent
    | MuteEvent
    | BanEvent
    | UnbanEvent
    | HideEvent,
    Field(discriminator="t"),
]
