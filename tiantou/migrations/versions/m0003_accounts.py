"""The schema of accounts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tiantou.core.partitions import outbox_ddl

revision = "0003_accounts"
down_revision = "0002_regions"
branch_labels = None
depends_on = None

SCHEMA = "accounts"


def _at(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _to(columns: list[str], table: str, home: str) -> sa.ForeignKeyConstraint:
    name = f"{home}_{'_'.join(columns)}_fk"
    return sa.ForeignKeyConstraint(columns, [f"accounts.{table}.id"], name=name)


def _person() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("phone", sa.LargeBinary()),
        sa.Column("phone_index", sa.LargeBinary()),
        sa.Column("nickname", sa.Text()),
        sa.Column("operator", sa.Boolean(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("roles_version", sa.Integer(), nullable=False),
        _at("roles_changed_at"),
        _at("created_at"),
        _at("signed_up_at", nullable=True),
        _at("erased_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="person_pk"),
        sa.UniqueConstraint("no", name="person_no_key"),
        sa.UniqueConstraint("phone_index", name="person_phone_index_key"),
        schema=SCHEMA,
    )
    op.create_index("person_roles_changed_at_ix", "person", ["roles_changed_at"], schema=SCHEMA)


def _sign_in() -> None:
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        _at("created_at"),
        _at("last_seen_at"),
        _at("revoked_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="session_pk"),
        _to(["person_id"], "person", "session"),
        schema=SCHEMA,
    )
    op.create_index("session_revoked_at_ix", "session", ["revoked_at"], schema=SCHEMA)
    op.create_index("session_person_id_ix", "session", ["person_id"], schema=SCHEMA)
    op.create_table(
        "sign_in_code",
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        _at("sent_at"),
        _at("expires_at"),
        sa.PrimaryKeyConstraint("phone_index", name="sign_in_code_pk"),
        schema=SCHEMA,
    )
    op.create_index("sign_in_code_expires_at_ix", "sign_in_code", ["expires_at"], schema=SCHEMA)
    op.create_table(
        "sign_in_link",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        _at("created_at"),
        _at("expires_at"),
        _at("spent_at", nullable=True),
        sa.PrimaryKeyConstraint("digest", name="sign_in_link_pk"),
        _to(["person_id"], "person", "sign_in_link"),
        schema=SCHEMA,
    )
    op.create_index("sign_in_link_person_id_ix", "sign_in_link", ["person_id"], schema=SCHEMA)
    op.create_index("sign_in_link_expires_at_ix", "sign_in_link", ["expires_at"], schema=SCHEMA)


def _organization() -> None:
    op.create_table(
        "organization",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("registration_code", sa.Text()),
        sa.Column("division_code", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("refusal", sa.Text()),
        sa.Column("demo", sa.Boolean(), nullable=False),
        _at("applied_at"),
        _at("admitted_at", nullable=True),
        _at("verified_until", nullable=True),
        sa.PrimaryKeyConstraint("id", name="organization_pk"),
        sa.CheckConstraint(
            "kind = 'household' or registration_code is not null",
            name="organization_registered_check",
        ),
        schema=SCHEMA,
    )
    op.create_index(
        "organization_registration_code_key",
        "organization",
        ["registration_code"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("state in ('admitted', 'suspended')"),
    )
    columns = ["state", "applied_at", "id"]
    op.create_index("organization_state_ix", "organization", columns, schema=SCHEMA)
    column = ["division_code"]
    op.create_index("organization_division_code_ix", "organization", column, schema=SCHEMA)


def _roles() -> None:
    op.create_table(
        "membership",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        _at("created_at"),
        sa.PrimaryKeyConstraint("org_id", "person_id", "role", name="membership_pk"),
        _to(["org_id"], "organization", "membership"),
        _to(["person_id"], "person", "membership"),
        schema=SCHEMA,
    )
    op.create_index("membership_person_id_ix", "membership", ["person_id"], schema=SCHEMA)
    op.create_table(
        "standing",
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        _at("until", nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        _at("at"),
        sa.PrimaryKeyConstraint("about", "about_id", "kind", name="standing_pk"),
        sa.CheckConstraint("about in ('org', 'person')", name="standing_about_check"),
        schema=SCHEMA,
    )


def _address() -> None:
    op.create_table(
        "address",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=False),
        sa.Column("division_code", sa.Text(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        _at("created_at"),
        sa.PrimaryKeyConstraint("id", name="address_pk"),
        _to(["person_id"], "person", "address"),
        schema=SCHEMA,
    )
    op.create_index("address_person_id_ix", "address", ["person_id"], schema=SCHEMA)
    op.create_index(
        "address_default_key",
        "address",
        ["person_id"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("is_default"),
    )


def _message() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("dedupe", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("members", postgresql.JSONB(), nullable=False),
        _at("at"),
        _at("read_at", nullable=True),
        _at("texted_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="message_pk"),
        _to(["person_id"], "person", "message"),
        schema=SCHEMA,
    )
    op.create_index(
        "message_person_id_dedupe_key",
        "message",
        ["person_id", "dedupe"],
        unique=True,
        schema=SCHEMA,
    )
    op.create_index("message_person_id_id_ix", "message", ["person_id", "id"], schema=SCHEMA)
    op.create_index(
        "message_unread_ix",
        "message",
        ["person_id"],
        schema=SCHEMA,
        postgresql_where=sa.text("read_at is null"),
    )


def upgrade() -> None:
    """Creates the schema of accounts."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema accounts")
    for statement in outbox_ddl(SCHEMA):
        op.execute(statement)
    _person()
    _sign_in()
    _organization()
    _roles()
    _address()
    _message()
