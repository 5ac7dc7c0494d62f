"""The route that takes pasted addresses apart; its answer is not kept for a repeated key."""

from pydantic import BaseModel, Field

from tiantou.accounts import pasted
from tiantou.core import limits
from tiantou.core.http import Caller, WithDatabase, problems, router
from tiantou.core.problems import InvalidFields, SignInRequired, TooManyRequests
from tiantou.regions.face import Division, gazetteer

routes = router("accounts", keeps=False)

SPLIT = ((60, 60), (1_000, 86_400))


class PastedIn(BaseModel):
    """Addresses as somebody copied them, one or many."""

    text: str = Field(min_length=1, max_length=4_000)


class PastedAddress(BaseModel):
    """What was understood of one; what was not is empty."""

    recipient: str
    phone: str
    division: Division | None
    detail: str


class PastedAddresses(BaseModel):
    """The addresses found, in order, at most 30."""

    items: list[PastedAddress]


@routes.post(
    "/api/me/addresses/split",
    responses=problems(InvalidFields, SignInRequired, TooManyRequests),
)
async def split(said: PastedIn, caller: Caller, database: WithDatabase) -> PastedAddresses:
    """Takes pasted addresses apart; nothing of them is kept."""
    await limits.spend(database, "address.split", str(caller.person_id), SPLIT)
    async with database.begin() as tx:
        places = await gazetteer(tx)
    items = []
    for piece in pasted.split(said.text):
        at = places.locate(piece.place)
        items.append(
            PastedAddress(
                recipient=piece.recipient,
                phone=piece.phone,
                division=Division.model_validate(at.division) if at else None,
                detail=(piece.place[at.end :] if at else piece.place).strip()[:120],
            )
        )
    return PastedAddresses(items=items)
