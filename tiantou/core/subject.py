"""Who acts: the signed-in person with the roles that his session carries."""

from dataclasses import dataclass
from uuid import UUID

from tiantou.core.problems import NotAllowed, NotFound

OWNER, MANAGER, HOST, ASSISTANT, PACKER, STATION = (
    "owner",
    "manager",
    "host",
    "assistant",
    "packer",
    "station",
)
ROLES = (OWNER, MANAGER, HOST, ASSISTANT, PACKER, STATION)


@dataclass(frozen=True, slots=True)
class Subject:
    """A person, his dense number, his roles by organization, and whether he runs the platform."""

    person_id: UUID
    person_no: int
    session_id: UUID
    roles: tuple[tuple[UUID, str], ...] = ()
    operator: bool = False

    def roles_in(self, org_id: UUID) -> frozenset[str]:
        """The person's roles in an organization."""
        return frozenset(role for org, role in self.roles if org == org_id)

    def must(self, org_id: UUID, *allowed: str) -> None:
        """Raises NotFound to strangers of the organization, NotAllowed if no role fits.

        An owner may do everything; with no `allowed`, any member may.
        """
        mine = self.roles_in(org_id)
        if not mine:
            raise NotFound()
        if allowed and not mine & {OWNER, *allowed}:
            raise NotAllowed(needs=sorted({OWNER, *allowed}))
