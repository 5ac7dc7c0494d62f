"""The session's token: what it carries, and how it is sealed. Checked without I/O."""

from dataclasses import dataclass
from uuid import UUID

import msgspec

from tiantou.core.keys import BadToken, Keys
from tiantou.core.subject import ROLES, Subject
from tiantou.kit import clock

PURPOSE = "accounts.session"
VISITOR_PURPOSE = "accounts.visitor"
LIFE_S = 30 * 86_400
# a token older than this is renewed, so that 30 days count from the last visit
RENEW_AFTER_S = 86_400
VISITOR_LIFE_S = 400 * 86_400
# what fits into a cookie of 4 kB
ORGS_MAX = 60


class _Carried(msgspec.Struct, frozen=True, array_like=True):
    person: bytes
    no: int
    session: bytes
    version: int
    operator: bool
    issued: int
    orgs: list[tuple[bytes, int]]


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says: who, with which version of his roles, issued when (seconds)."""

    subject: Subject
    version: int
    issued: int

    def due(self) -> bool:
        """Whether the token should be renewed."""
        return clock.now().timestamp() - self.issued > RENEW_AFTER_S


def _masks(roles: tuple[tuple[UUID, str], ...]) -> list[tuple[bytes, int]]:
    found: dict[UUID, int] = {}
    for org, role in roles:
        found[org] = found.get(org, 0) | 1 << ROLES.index(role)
    return [(org.bytes, mask) for org, mask in list(found.items())[:ORGS_MAX]]


def seal(keys: Keys, subject: Subject, version: int) -> str:
    """A token of LIFE_S seconds."""
    carried = _Carried(
        person=subject.person_id.bytes,
        no=subject.person_no,
        session=subject.session_id.bytes,
        version=version,
        operator=subject.operator,
        issued=int(clock.now().timestamp()),
        orgs=_masks(subject.roles),
    )
    return keys.sign(PURPOSE, msgspec.msgpack.encode(carried), LIFE_S)


def unseal(keys: Keys, token: str) -> Claims:
    """What a token says. Raises BadToken."""
    raw = keys.verify(PURPOSE, token)
    try:
        carried = msgspec.msgpack.decode(raw, type=_Carried)
    except msgspec.DecodeError:
        raise BadToken("malformed") from None
    roles = tuple(
        (UUID(bytes=org), role)
        for org, mask in carried.orgs
        for place, role in enumerate(ROLES)
        if mask >> place & 1
    )
    subject = Subject(
        person_id=UUID(bytes=carried.person),
        person_no=carried.no,
        session_id=UUID(bytes=carried.session),
        roles=roles,
        operator=carried.operator,
    )
    return Claims(subject, carried.version, carried.issued)
