"""What others see of people and organizations: frozen, plain."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tiantou.regions.face import DivisionView

KINDS = ("household", "coop", "family_farm", "firm", "station")


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as others may see him; `nickname` is never empty."""

    id: UUID
    no: int
    nickname: str
    operator: bool
    demo: bool


@dataclass(frozen=True, slots=True)
class OrgView:
    """An organization with the identity that the law shows beside its goods.

    `state`: applied, admitted, refused, suspended. `address` is what follows the division's name.
    """

    id: UUID
    kind: str
    name: str
    registration_code: str | None
    division: DivisionView
    address: str
    contact_name: str
    contact_phone: str
    state: str
    refusal: str | None
    applied_at: datetime
    admitted_at: datetime | None
    verified_until: datetime | None
    demo: bool

    @property
    def full_address(self) -> str:
        """The address from the province down."""
        return self.division.full_name + self.address


@dataclass(frozen=True, slots=True)
class AddressView:
    """An address of a person's book, opened."""

    id: UUID
    recipient: str
    phone: str
    division: DivisionView
    detail: str
    is_default: bool


@dataclass(frozen=True, slots=True)
class MemberView:
    """A role of a person in an organization; the phone is masked."""

    person_id: UUID
    nickname: str
    phone_masked: str
    role: str


@dataclass(frozen=True, slots=True)
class StandingView:
    """A verdict in force now; `reason` is a word for the client, empty if all is well."""

    ok: bool
    until: datetime | None
    reason: str


def nickname_of(given: str | None, no: int) -> str:
    """The nickname, or 观众 and the person's number."""
    return given or f"观众 {no}"
