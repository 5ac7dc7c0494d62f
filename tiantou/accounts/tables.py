"""Tables of schema accounts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Table
from tiantou.core.outbox import outbox_table

SCHEMA = {"schema": "accounts"}
PERSON = "accounts.person.id"
ORG = "accounts.organization.id"

AccountsOutbox = outbox_table("accounts")


class PersonRow(Table):
    """A person; `no` is the dense number. An erased person keeps id and number, nothing else."""

    __tablename__ = "person"
    __table_args__ = (
        Index("person_roles_changed_at_ix", "roles_changed_at"),
        SCHEMA,
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    no: Mapped[int] = mapped_column(BigInteger, Identity(always=True), unique=True)
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    nickname: Mapped[str | None] = mapped_column(Text)
    operator: Mapped[bool] = mapped_column(Boolean)
    demo: Mapped[bool] = mapped_column(Boolean)
    roles_version: Mapped[int] = mapped_column(Integer)
    roles_changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    # null while somebody else has named the number and its owner has not come yet
    signed_up_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    erased_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class SessionRow(Table):
    """A signed-in browser."""

    __tablename__ = "session"
    __table_args__ = (Index("session_revoked_at_ix", "revoked_at"), SCHEMA)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(PERSON), index=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class SignInCodeRow(Table):
    """The one live code of a number, as a keyed digest."""

    __tablename__ = "sign_in_code"
    __table_args__ = SCHEMA

    phone_index: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    tries: Mapped[int] = mapped_column(SmallInteger)
    sent_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


class SignInLinkRow(Table):
    """A link that signs a person in once, as a keyed digest."""

    __tablename__ = "sign_in_link"
    __table_args__ = SCHEMA

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(PERSON), index=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
    spent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class OrganizationRow(Table):
    """A seller's identity. Its contact phone is a business phone, shown to everybody by law."""

    __tablename__ = "organization"
    __table_args__ = (
        Index(
            "organization_registration_code_key",
            "registration_code",
            unique=True,
            postgresql_where=text("state in ('admitted', 'suspended')"),
        ),
        Index("organization_state_ix", "state", "applied_at", "id"),
        CheckConstraint("kind = 'household' or registration_code is not null", name="registered"),
        SCHEMA,
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    registration_code: Mapped[str | None] = mapped_column(Text)
    division_code: Mapped[str] = mapped_column(Text, index=True)
    address: Mapped[str] = mapped_column(Text)
    contact_name: Mapped[str] = mapped_column(Text)
    contact_phone: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    refusal: Mapped[str | None] = mapped_column(Text)
    demo: Mapped[bool] = mapped_column(Boolean)
    applied_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    admitted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    verified_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class MembershipRow(Table):
    """A person's role in an organization; he may have several."""

    __tablename__ = "membership"
    __table_args__ = SCHEMA

    org_id: Mapped[UUID] = mapped_column(ForeignKey(ORG), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(PERSON), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(Text, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class StandingRow(Table):
    """A verdict on a person or an organization, pushed down by who decides it."""

    __tablename__ = "standing"
    __table_args__ = (CheckConstraint("about in ('org', 'person')", name="about"), SCHEMA)

    about: Mapped[str] = mapped_column(Text, primary_key=True)
    about_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    ok: Mapped[bool] = mapped_column(Boolean)
    until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class AddressRow(Table):
    """A person's address book; what names a person or a door is sealed. `sealed` is all of it, as
    orders copy it.
    """

    __tablename__ = "address"
    __table_args__ = (
        Index(
            "address_default_key",
            "person_id",
            unique=True,
            postgresql_where=text("is_default"),
        ),
        SCHEMA,
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(PERSON), index=True)
    recipient: Mapped[bytes] = mapped_column(LargeBinary)
    phone: Mapped[bytes] = mapped_column(LargeBinary)
    detail: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    division_code: Mapped[str] = mapped_column(Text)
    is_default: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class MessageRow(Table):
    """A message in a person's inbox, once for each dedupe key; `texted_at` when its SMS left."""

    __tablename__ = "message"
    __table_args__ = (
        Index("message_person_id_dedupe_key", "person_id", "dedupe", unique=True),
        Index("message_person_id_id_ix", "person_id", "id"),
        Index("message_unread_ix", "person_id", postgresql_where=text("read_at is null")),
        SCHEMA,
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(PERSON))
    dedupe: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    members: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    read_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    texted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
