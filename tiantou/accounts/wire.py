"""What accounts says over HTTP, and the seller as he stands beside his goods everywhere."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from tiantou.accounts.views import OrgView
from tiantou.regions.face import Division

Kind = Literal["household", "coop", "family_farm", "firm", "station"]
State = Literal["applied", "admitted", "refused", "suspended"]
Role = Literal["owner", "manager", "host", "assistant", "packer", "station"]


class Seller(BaseModel):
    """Who sells: shown continuously beside the goods; `address` from the province down."""

    org_id: UUID
    name: str
    address: str
    contact_phone: str
    registration_code: str | None

    @classmethod
    def of(cls, org: OrgView) -> "Seller":
        """The seller of an organization's view."""
        return cls(
            org_id=org.id,
            name=org.name,
            address=org.full_address,
            contact_phone=org.contact_phone,
            registration_code=org.registration_code,
        )


class Person(BaseModel):
    """The signed-in person, to himself."""

    id: UUID
    no: int
    nickname: str
    phone_masked: str


class Membership(BaseModel):
    """One of the person's roles."""

    org_id: UUID
    org_name: str
    org_kind: Kind
    org_state: State
    role: Role


class Me(BaseModel):
    """Who asks, and what kind of instance answers; `person` null if nobody is signed in."""

    person: Person | None
    operator: bool
    memberships: list[Membership]
    unread: int
    mode: Literal["demo", "production"]
    role: Literal["room_operator", "platform"]
    now: datetime


class CodeSent(BaseModel):
    """How to go on after a code was sent."""

    resend_after_s: int
    expires_in_s: int


class Address(BaseModel):
    """An address of one's own book."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    recipient: str
    phone: str
    division: Division
    detail: str
    is_default: bool


class Addresses(BaseModel):
    """The whole book."""

    items: list[Address]
    next: str | None = None


class Message(BaseModel):
    """A message of the inbox, worded by the client from `kind` and `members`."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: str
    members: dict[str, Any]
    at: datetime
    read: bool


class Inbox(BaseModel):
    """A page of messages, the newest first."""

    items: list[Message]
    next: str | None


class Org(BaseModel):
    """An organization, to its members and the operator."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: Kind
    name: str
    registration_code: str | None
    division: Division
    address: str
    contact_name: str
    contact_phone: str
    state: State
    refusal: str | None
    applied_at: datetime
    admitted_at: datetime | None
    verified_until: datetime | None


class Orgs(BaseModel):
    """A page of organizations, the longest waiting first."""

    items: list[Org]
    next: str | None


class Member(BaseModel):
    """A role of a person in an organization."""

    model_config = ConfigDict(from_attributes=True)

    person_id: UUID
    nickname: str
    phone_masked: str
    role: Role


class Members(BaseModel):
    """Everybody's roles."""

    items: list[Member]
    next: str | None = None
