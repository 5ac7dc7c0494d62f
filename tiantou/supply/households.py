"""Households. Phones and payees are sealed; shown they are masked."""

import json
from uuid import UUID

from msgspec import Struct

from tiantou.core import audit
from tiantou.core.db import Tx
from tiantou.core.keys import Keys
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.kit.text import masked_phone
from tiantou.supply import households_sql as sql
from tiantou.supply.households_sql import SealedHousehold
from tiantou.supply.views import HouseholdView

_PHONE, _PAYEE = "supply.household-phone", "supply.household-payee"


class Payee(Struct, frozen=True, kw_only=True):
    """Where a household wants its money."""

    bank: str
    account: str
    holder: str


class HouseholdIn(Struct, frozen=True, kw_only=True):
    """A household as entered; `phone` has 11 digits."""

    name: str
    village: str
    division_code: str
    phone: str | None = None
    payee: Payee | None = None


class HouseholdShown(Struct, frozen=True, kw_only=True):
    """A household with its secrets masked and the count of its slips."""

    household: HouseholdView
    phone_masked: str | None
    payee_masked: str | None
    slips: int


async def add_household(
    tx: Tx, keys: Keys, org_id: UUID, asked: HouseholdIn, who: Subject | None = None
) -> HouseholdView:
    """A new household with the organization's next number."""
    household_id = ids.uuid7()
    payee = asked.payee
    await sql.add_household(
        tx,
        id=household_id,
        org_id=org_id,
        no=await sql.next_number(tx, org_id, "household"),
        name=asked.name,
        village=asked.village,
        division_code=asked.division_code,
        phone_sealed=keys.encrypt(_PHONE, asked.phone) if asked.phone else None,
        payee_sealed=keys.encrypt(_PAYEE, _payee_text(payee)) if payee else None,
        made_at=clock.now(),
    )
    if payee is not None:
        after = {"payee": _masked_payee(payee)}
        await audit.write(tx, who, "supply.payee", f"household:{household_id}", None, after)
    made = await sql.household(tx, org_id, household_id)
    assert made is not None
    return made


async def shown(
    tx: Tx, keys: Keys, org_id: UUID, limit: int, after: int = 0, only: UUID | None = None
) -> list[HouseholdShown]:
    """The organization's households by number, masked; those after number `after`."""
    found = await sql.households_of(tx, org_id, limit, after, only)
    return [_masked(keys, one) for one in found]


def _payee_text(payee: Payee) -> str:
    words = {"bank": payee.bank, "account": payee.account, "holder": payee.holder}
    return json.dumps(words, ensure_ascii=False)


def _masked_payee(payee: Payee) -> str:
    """The bank, the account's last four signs, the holder's first: enough to tell, not to use."""
    tail = payee.account[-4:] if len(payee.account) > 4 else ""
    return f"{payee.bank} ****{tail} {payee.holder[:1]}*"


def _masked(keys: Keys, one: SealedHousehold) -> HouseholdShown:
    phone = keys.decrypt(_PHONE, one.phone) if one.phone else None
    payee = Payee(**json.loads(keys.decrypt(_PAYEE, one.payee))) if one.payee else None
    return HouseholdShown(
        household=one.household,
        phone_masked=masked_phone(phone) if phone else None,
        payee_masked=_masked_payee(payee) if payee else None,
        slips=one.slips,
    )
