"""The schema of regions."""

import sqlalchemy as sa
from alembic import op

revision = "0002_regions"
down_revision = "0001_core"
branch_labels = None
depends_on = None


def _division() -> None:
    op.create_table(
        "division",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("since", sa.SmallInteger(), nullable=False),
        sa.Column("until", sa.SmallInteger()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text()),
        sa.Column("province_name", sa.Text(), nullable=False),
        sa.Column("leaf", sa.Boolean(), nullable=False),
        sa.Column("in832", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", "since", name="division_pk"),
        schema="regions",
    )
    in_force = sa.text("until is null")
    op.create_index(
        "division_code_in_force_key",
        "division",
        ["code"],
        unique=True,
        schema="regions",
        postgresql_where=in_force,
    )
    op.create_index(
        "division_parent_ix",
        "division",
        ["parent", "code"],
        schema="regions",
        postgresql_where=in_force,
    )
    op.create_index(
        "division_full_name_ix",
        "division",
        ["full_name"],
        schema="regions",
        postgresql_using="gin",
        postgresql_ops={"full_name": "gin_trgm_ops"},
    )


def upgrade() -> None:
    """Creates the schema of regions; its facts are loaded after the migrations."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema regions")
    _division()
    op.create_table(
        "division_change",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("since", sa.SmallInteger(), nullable=False),
        sa.Column("became", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code", "since", "became", "year", name="division_change_pk"),
        schema="regions",
    )
    op.create_table(
        "program_county",
        sa.Column("no", sa.SmallInteger(), nullable=False),
        sa.Column("name_listed", sa.Text(), nullable=False),
        sa.Column("province", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("code", sa.Text()),
        sa.Column("within", sa.Text(), nullable=False),
        sa.Column("exited", sa.SmallInteger(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("no", name="program_county_pk"),
        schema="regions",
    )
    op.create_index("program_county_code_ix", "program_county", ["code"], schema="regions")
    op.create_table(
        "facts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="facts_pk"),
        schema="regions",
    )
