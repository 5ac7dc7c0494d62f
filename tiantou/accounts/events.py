"""What accounts announces."""

from typing import Any, ClassVar
from uuid import UUID

from tiantou.core.outbox import Fact


class PersonSignedUp(Fact, frozen=True, kw_only=True):
    """A person signed in for the first time."""

    keyed_by: ClassVar[str] = "person_id"
    person_id: UUID
    person_no: int


class OrgApplied(Fact, frozen=True, kw_only=True):
    """An organization asked to be admitted, for the first time or after a change."""

    keyed_by: ClassVar[str] = "org_id"
    org_id: UUID
    kind_of_org: str
    name: str
    division_code: str


class OrgAdmitted(Fact, frozen=True, kw_only=True):
    """The operator admitted an organization."""

    keyed_by: ClassVar[str] = "org_id"
    org_id: UUID
    kind_of_org: str
    name: str
    division_code: str


class OrgRefused(Fact, frozen=True, kw_only=True):
    """The operator refused an organization, with a reason."""

    keyed_by: ClassVar[str] = "org_id"
    org_id: UUID
    reason: str


class NoticeWanted(Fact, frozen=True, kw_only=True):
    """A message of the inbox is to go out by SMS too."""

    keyed_by: ClassVar[str] = "person_id"
    person_id: UUID
    message_id: UUID
    template: str
    members: dict[str, Any]
