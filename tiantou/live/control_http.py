"""The control room's acts."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from tiantou.core.fields import CLEAN
from tiantou.core.http import Caller, InTx, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired
from tiantou.kit import clock
from tiantou.live import (
    control,
    figures_sql,
    moderation,
    sessions,
    sessions_sql,
    talk,
    talk_sql,
    wire,
)
from tiantou.live.problems import ItemUnavailable, NotOnAir, NotYourGoods
from tiantou.media import face as media
from tiantou.supply.face import GradeDiffers, LotNotOpen, LotShort, RootNotCovered
from tiantou.trade.face import BelowFloor, NotEnoughStock

routes: APIRouter = router("control")

_KINDS = (SignInRequired, NotAllowed, NotFound, InvalidFields, NotOnAir, ItemUnavailable)
_REFUSALS = problems(*_KINDS)
Reason = Annotated[str, wire.line(2, 200), CLEAN]


class PinIn(BaseModel):
    """What to explain; null: nothing."""

    item_id: UUID | None


class PinOut(BaseModel):
    """What is explained now."""

    item: wire.Item | None


class PriceIn(BaseModel):
    """A price for the item's unit, in fen."""

    price_fen: int = Field(ge=1, le=100_000_000)


class FlashIn(PriceIn):
    """A flash price: so many units, so many a buyer, so long."""

    units: int = Field(ge=1, le=100_000)
    per_buyer: int | None = Field(1, ge=1, le=99)
    minutes: int = Field(ge=1, le=120)


class BoxesIn(BaseModel):
    """Boxes to pack from a lot."""

    lot_id: UUID
    boxes: int = Field(ge=1, le=10_000)


class MuteIn(BaseModel):
    """How long a person may not write, and why."""

    minutes: int = Field(ge=1, le=moderation.MUTE_MINUTES_MAX)
    reason: Reason


class BanIn(BaseModel):
    """Why a person may not enter."""

    reason: Reason


class AnswerIn(BaseModel):
    """An answer in writing; null: answered on air."""

    text: Annotated[str, wire.line(0, 100), CLEAN] | None = None


class Figures(BaseModel):
    """True counts of the session; paid money in fen."""

    viewers: int
    peak: int
    visits: int
    likes: int
    orders: int
    units: int
    paid_fen: int


class Health(BaseModel):
    """What arrives from the publisher."""

    publishing: bool
    kbps: int
    fps: int
    last_at: datetime | None


class Minute(BaseModel):
    """A minute: viewers at most, orders paid in it."""

    at: datetime
    viewers: int
    orders: int


class Sanction(BaseModel):
    """A mute or a ban in force."""

    person_no: int
    kind: str
    reason: str
    until: datetime | None


class Control(BaseModel):
    """What the control room shows beside the room itself."""

    figures: Figures
    questions: list[wire.Question]
    health: Health | None
    per_minute: list[Minute]
    sanctions: list[Sanction]


@routes.get("/api/sessions/{session_id}/control", responses=_REFUSALS)
async def room(session_id: UUID, tx: InTx, caller: Caller) -> Control:
    """Figures, questions, health of the stream, minutes, sanctions in force."""
    row = await sessions.seen(tx, caller, session_id, *sessions.CREW)
    tally = (await sessions_sql.tallies(tx, [row.id]))[row.id]
    health = await media.health(tx, row.id)
    questions = await talk_sql.questions(tx, row.id, 100)
    held = await talk_sql.in_force(tx, row.org_id, clock.now())
    minutes = await figures_sql.minutes(tx, row.id)
    return Control(
        figures=Figures.model_validate(tally, from_attributes=True),
        questions=[talk.question_of(one, row) for one in questions],
        health=health
        and Health(
            publishing=health.publishing,
            kbps=health.kbps,
            fps=health.fps_x10 // 10,
            last_at=health.last_signal_at,
        ),
        per_minute=[Minute.model_validate(one, from_attributes=True) for one in minutes],
        sanctions=[Sanction.model_validate(one, from_attributes=True) for one in held],
    )


@routes.post("/api/sessions/{session_id}/pin", responses=_REFUSALS)
async def pin(session_id: UUID, asked: PinIn, tx: InTx, caller: Caller) -> PinOut:
    """Explains a product from now on."""
    return PinOut(item=await control.pin(tx, caller, session_id, asked.item_id))


_ITEM = "/api/sessions/{session_id}/items/{item_id}"


@routes.post(_ITEM + "/price", responses=problems(*_KINDS, BelowFloor, NotYourGoods))
async def price(
    session_id: UUID, item_id: UUID, asked: PriceIn, tx: InTx, caller: Caller
) -> wire.Item:
    """Changes the standing price."""
    return await control.set_price(tx, caller, session_id, item_id, asked.price_fen)


@routes.post(
    _ITEM + "/flash",
    responses=problems(*_KINDS, BelowFloor, NotEnoughStock, NotYourGoods),
)
async def flash(
    session_id: UUID, item_id: UUID, asked: FlashIn, tx: InTx, caller: Caller
) -> wire.Item:
    """Opens a flash price."""
    return await control.flash(tx, caller, session_id, item_id, **asked.model_dump())


@routes.post(_ITEM + "/flash/close", responses=problems(*_KINDS, NotYourGoods))
async def close_flash(session_id: UUID, item_id: UUID, tx: InTx, caller: Caller) -> wire.Item:
    """Closes the flash price before its time."""
    return await control.end_flash(tx, caller, session_id, item_id)


@routes.post(
    _ITEM + "/boxes",
    responses=problems(*_KINDS, GradeDiffers, LotNotOpen, LotShort, NotYourGoods, RootNotCovered),
)
async def boxes(
    session_id: UUID, item_id: UUID, asked: BoxesIn, tx: InTx, caller: Caller
) -> wire.Item:
    """Packs more boxes from a lot and sells them."""
    return await control.add_boxes(
        tx, caller, session_id, item_id, lot_id=asked.lot_id, boxes=asked.boxes
    )


@routes.post(_ITEM + "/withdraw", responses=_REFUSALS)
async def withdraw(session_id: UUID, item_id: UUID, tx: InTx, caller: Caller) -> wire.Item:
    """Takes a product off the shelf that viewers see."""
    return await control.withdraw(tx, caller, session_id, item_id, back=False)


@routes.post(_ITEM + "/restore", responses=_REFUSALS)
async def restore(session_id: UUID, item_id: UUID, tx: InTx, caller: Caller) -> wire.Item:
    """Puts a withdrawn product back."""
    return await control.withdraw(tx, caller, session_id, item_id, back=True)


_PERSON = "/api/sessions/{session_id}/people/{person_no}"


@routes.post(_PERSON + "/mute", status_code=204, responses=_REFUSALS)
async def mute(
    session_id: UUID, person_no: int, asked: MuteIn, tx: InTx, caller: Caller
) -> Response:
    """Mutes a person in the shop's rooms."""
    await moderation.sanction(
        tx, caller, session_id, person_no, "mute", asked.minutes, asked.reason
    )
    return Response(status_code=204)


@routes.post(_PERSON + "/unmute", status_code=204, responses=_REFUSALS)
async def unmute(session_id: UUID, person_no: int, tx: InTx, caller: Caller) -> Response:
    """Lets a person write again."""
    await moderation.pardon(tx, caller, session_id, person_no, "mute")
    return Response(status_code=204)


@routes.post(_PERSON + "/ban", status_code=204, responses=_REFUSALS)
async def ban(session_id: UUID, person_no: int, asked: BanIn, tx: InTx, caller: Caller) -> Response:
    """Bans a person from the shop's rooms; his connections are closed."""
    await moderation.sanction(tx, caller, session_id, person_no, "ban", None, asked.reason)
    return Response(status_code=204)


@routes.post(_PERSON + "/unban", status_code=204, responses=_REFUSALS)
async def unban(session_id: UUID, person_no: int, tx: InTx, caller: Caller) -> Response:
    """Lets a person in again."""
    await moderation.pardon(tx, caller, session_id, person_no, "ban")
    return Response(status_code=204)


@routes.post("/api/sessions/{session_id}/questions/{question_id}/answer", responses=_REFUSALS)
async def answer(
    session_id: UUID, question_id: UUID, asked: AnswerIn, tx: InTx, caller: Caller
) -> wire.Question:
    """Marks a question answered, on air or in writing."""
    row = await sessions.mine(tx, caller, session_id, *sessions.CREW)
    return await talk.answer(tx, caller, row, question_id, asked.text)


@routes.post(
    "/api/sessions/{session_id}/questions/{question_id}/skip",
    status_code=204,
    responses=_REFUSALS,
)
async def skip(session_id: UUID, question_id: UUID, tx: InTx, caller: Caller) -> Response:
    """Takes a question out of the queue."""
    row = await sessions.mine(tx, caller, session_id, *sessions.CREW)
    await talk.skip(tx, row, question_id)
    return Response(status_code=204)


@routes.post("/api/sessions/{session_id}/chat/{no}/hide", status_code=204, responses=_REFUSALS)
async def hide(session_id: UUID, no: int, tx: InTx, caller: Caller) -> Response:
    """Hides a line from viewers; it stays on record."""
    await moderation.hide(tx, caller, session_id, no)
    return Response(status_code=204)
