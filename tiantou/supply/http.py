"""Routes of households, and what other routes of supply share."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from tiantou.core.db import Tx
from tiantou.core.fields import (
    CLEAN,
    DIVISION_CODE,
    PERSON_NAME,
    PHONE,
    number_in,
)
from tiantou.core.http import Caller, Cursor, InTx, Limit, WithKeys, problems, router
from tiantou.core.problems import InvalidFields, NotAllowed, NotFound, SignInRequired
from tiantou.core.subject import MANAGER, PACKER, STATION
from tiantou.kit import paging
from tiantou.regions import face as regions
from tiantou.supply import households
from tiantou.supply.households import HouseholdIn, HouseholdShown, Payee
from tiantou.supply.wire import HouseholdName

routes = router("supply")

SCALE, READERS = (MANAGER, STATION), (MANAGER, STATION, PACKER)
MINE = problems(SignInRequired, NotAllowed, NotFound, InvalidFields)

Village = Annotated[str, Field(min_length=1, max_length=60), CLEAN]


class PayeeAsked(BaseModel):
    """Where a household wants its money; kept encrypted, shown masked."""

    bank: Annotated[str, Field(min_length=1, max_length=40), CLEAN]
    account: Annotated[str, Field(pattern=r"^[0-9A-Za-z@._-]{4,40}$"), CLEAN]
    holder: PERSON_NAME


class HouseholdAsked(BaseModel):
    """A household as entered."""

    name: PERSON_NAME
    village: Village
    division_code: DIVISION_CODE
    phone: PHONE | None = None
    payee: PayeeAsked | None = None


class Household(HouseholdName):
    """A household with its secrets masked; `slips` counts its weigh-in slips."""

    division_code: str
    phone_masked: str | None
    payee_masked: str | None
    slips: int

    @classmethod
    def of(cls, one: HouseholdShown) -> "Household":
        """The household as shown."""
        home = one.household
        return cls(
            id=home.id,
            no=home.no,
            name=home.name,
            village=home.village,
            division_code=home.division_code,
            phone_masked=one.phone_masked,
            payee_masked=one.payee_masked,
            slips=one.slips,
        )


class Households(BaseModel):
    """A page of households."""

    items: list[Household]
    next: str | None


@routes.get("/api/orgs/{org}/households", responses=MINE)
async def list_households(
    org: UUID,
    tx: InTx,
    caller: Caller,
    keys: WithKeys,
    cursor: Cursor = None,
    limit: Limit = paging.LIMIT_DEFAULT,
) -> Households:
    """The organization's households by number."""
    caller.must(org, *SCALE)
    found = await households.shown(tx, keys, org, limit + 1, number_in(cursor))
    more = paging.pack(found[limit - 1].household.no) if len(found) > limit else None
    return Households(items=[Household.of(one) for one in found[:limit]], next=more)


@routes.post("/api/orgs/{org}/households", status_code=201, responses=MINE)
async def add_household(
    org: UUID, asked: HouseholdAsked, tx: InTx, caller: Caller, keys: WithKeys
) -> Household:
    """A new household with the organization's next number."""
    caller.must(org, *SCALE)
    await must_be_a_place(tx, asked.division_code)
    household = HouseholdIn(
        name=asked.name,
        village=asked.village,
        division_code=asked.division_code,
        phone=asked.phone,
        payee=Payee(**asked.payee.model_dump()) if asked.payee else None,
    )
    made = await households.add_household(tx, keys, org, household, caller)
    return Household.of((await households.shown(tx, keys, org, 1, only=made.id))[0])


@routes.get("/api/orgs/{org}/households/{household_id}", responses=MINE)
async def get_household(
    org: UUID, household_id: UUID, tx: InTx, caller: Caller, keys: WithKeys
) -> Household:
    """A household of the organization."""
    caller.must(org, *SCALE)
    found = await households.shown(tx, keys, org, 1, only=household_id)
    if not found:
        raise NotFound()
    return Household.of(found[0])


async def must_be_a_place(tx: Tx, code: str) -> None:
    """Raises InvalidFields for a division that is not there."""
    if not await regions.exists(tx, code):
        raise InvalidFields.one("division_code", "unknown")
