"""The schema of supply: households, plots, slips, lots and their moves, certificates."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from tiantou.core.partitions import outbox_ddl

revision = "0007_supply"
down_revision = "0006_logistics"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Creates the schema of supply."""
    op.execute("set local lock_timeout = '5s'")
    op.execute("create schema supply")
    _counter()
    _household()
    for statement in outbox_ddl("supply"):
        op.execute(statement)
    _plot()
    _slip()
    _slip_step()
    _lot()
    _certificate()
    _lot_balance()
    _lot_edge()
    _move()
    _run()
    _append_only()


def _counter() -> None:
    op.create_table(
        "counter",
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "kind", name=op.f("counter_pk")),
        schema="supply",
    )


def _household() -> None:
    op.create_table(
        "household",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("village", sa.Text(), nullable=False),
        sa.Column("division_code", sa.CHAR(length=6), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("payee_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("household_pk")),
        sa.UniqueConstraint("org_id", "no", name=op.f("household_org_id_no_key")),
        schema="supply",
    )


def _plot() -> None:
    op.create_table(
        "plot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("village", sa.Text(), nullable=False),
        sa.Column("division_code", sa.CHAR(length=6), nullable=False),
        sa.Column("area_m2", sa.Integer(), nullable=False),
        sa.Column("altitude_m", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("area_m2 > 0", name=op.f("plot_area_m2_check")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["supply.household.id"], name=op.f("plot_household_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("plot_pk")),
        schema="supply",
    )
    op.create_index("plot_household_id_ix", "plot", ["household_id"], unique=False, schema="supply")
    op.create_index("plot_org_id_ix", "plot", ["org_id", "id"], unique=False, schema="supply")


def _slip() -> None:
    op.create_table(
        "slip",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("plot_id", sa.Uuid(), nullable=True),
        sa.Column("variety_id", sa.Uuid(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.Column("price_fen_per_jin", sa.BigInteger(), nullable=False),
        sa.Column("floor_fen_per_jin", sa.BigInteger(), nullable=False),
        sa.Column("value_fen", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("harvested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("on_behalf", sa.Boolean(), nullable=False),
        sa.Column("helper_name", sa.Text(), nullable=True),
        sa.Column("consent", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("floor_fen_per_jin >= 0", name=op.f("slip_floor_check")),
        sa.CheckConstraint("grams > 0", name=op.f("slip_grams_check")),
        sa.CheckConstraint(
            "on_behalf = (helper_name is not null) and on_behalf = (consent is not null)",
            name=op.f("slip_behalf_check"),
        ),
        sa.CheckConstraint("price_fen_per_jin > 0", name=op.f("slip_price_check")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["supply.household.id"], name=op.f("slip_household_id_fk")
        ),
        sa.ForeignKeyConstraint(["plot_id"], ["supply.plot.id"], name=op.f("slip_plot_id_fk")),
        sa.ForeignKeyConstraint(
            ["variety_id"], ["catalog.variety.id"], name=op.f("slip_variety_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("slip_pk")),
        sa.UniqueConstraint("code", name=op.f("slip_code_key")),
        schema="supply",
    )
    op.create_index(
        "slip_household_id_ix", "slip", ["household_id", "id"], unique=False, schema="supply"
    )
    op.create_index("slip_org_id_ix", "slip", ["org_id", "id"], unique=False, schema="supply")


def _slip_step() -> None:
    op.create_table(
        "slip_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slip_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("by_person", sa.Uuid(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("grams_before", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["slip_id"], ["supply.slip.id"], name=op.f("slip_step_slip_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("slip_step_pk")),
        schema="supply",
    )
    op.create_index("slip_step_slip_id_ix", "slip_step", ["slip_id"], unique=False, schema="supply")


def _lot() -> None:
    op.create_table(
        "lot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("variety_id", sa.Uuid(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("plot_id", sa.Uuid(), nullable=True),
        sa.Column("slip_id", sa.Uuid(), nullable=True),
        sa.Column("pack_id", sa.Uuid(), nullable=True),
        sa.Column("net_g", sa.BigInteger(), nullable=True),
        sa.Column("grams_in", sa.BigInteger(), nullable=False),
        sa.Column("price_fen_per_jin", sa.BigInteger(), nullable=False),
        sa.Column("floor_fen_per_jin", sa.BigInteger(), nullable=False),
        sa.Column("harvested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("best_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'packed') = (pack_id is not null) and (kind = 'packed') = (net_g is not null)",
            name=op.f("lot_packed_check"),
        ),
        sa.CheckConstraint(
            "kind in ('harvest','graded','packed','bought_in')", name=op.f("lot_kind_check")
        ),
        sa.CheckConstraint(
            "state in ('open','held','recalled','closed')", name=op.f("lot_state_check")
        ),
        sa.CheckConstraint("grams_in >= 0", name=op.f("lot_grams_in_check")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["supply.household.id"], name=op.f("lot_household_id_fk")
        ),
        sa.ForeignKeyConstraint(["pack_id"], ["catalog.pack.id"], name=op.f("lot_pack_id_fk")),
        sa.ForeignKeyConstraint(["plot_id"], ["supply.plot.id"], name=op.f("lot_plot_id_fk")),
        sa.ForeignKeyConstraint(["slip_id"], ["supply.slip.id"], name=op.f("lot_slip_id_fk")),
        sa.ForeignKeyConstraint(
            ["variety_id"], ["catalog.variety.id"], name=op.f("lot_variety_id_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("lot_pk")),
        sa.UniqueConstraint("code", name=op.f("lot_code_key")),
        sa.UniqueConstraint("slip_id", name=op.f("lot_slip_id_key")),
        schema="supply",
    )
    op.create_index("lot_org_id_ix", "lot", ["org_id", "kind", "id"], unique=False, schema="supply")
    op.create_index(
        "lot_pack_id_ix", "lot", ["pack_id", "best_before"], unique=False, schema="supply"
    )


def _certificate() -> None:
    op.create_table(
        "certificate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Text(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("commitments", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("promiser", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("replaced_by", sa.Uuid(), nullable=True),
        sa.Column("roots", sa.SmallInteger(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "basis in ('control','self_test','lab')", name=op.f("certificate_basis_check")
        ),
        sa.CheckConstraint(
            "state in ('valid','replaced','void')", name=op.f("certificate_state_check")
        ),
        sa.CheckConstraint("grams > 0", name=op.f("certificate_grams_check")),
        sa.ForeignKeyConstraint(["lot_id"], ["supply.lot.id"], name=op.f("certificate_lot_id_fk")),
        sa.ForeignKeyConstraint(
            ["replaced_by"], ["supply.certificate.id"], name=op.f("certificate_replaced_by_fk")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("certificate_pk")),
        sa.UniqueConstraint("no", name=op.f("certificate_no_key")),
        schema="supply",
    )
    op.create_index(
        "certificate_lot_id_ix",
        "certificate",
        ["lot_id"],
        unique=True,
        schema="supply",
        postgresql_where="state = 'valid'",
    )


def _lot_balance() -> None:
    op.create_table(
        "lot_balance",
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("grams >= 0", name=op.f("lot_balance_grams_check")),
        sa.ForeignKeyConstraint(["lot_id"], ["supply.lot.id"], name=op.f("lot_balance_lot_id_fk")),
        sa.PrimaryKeyConstraint("lot_id", "place", name=op.f("lot_balance_pk")),
        schema="supply",
    )


def _lot_edge() -> None:
    op.create_table(
        "lot_edge",
        sa.Column("parent_id", sa.Uuid(), nullable=False),
        sa.Column("child_id", sa.Uuid(), nullable=False),
        sa.Column("grams", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("grams > 0", name=op.f("lot_edge_grams_check")),
        sa.CheckConstraint("parent_id <> child_id", name=op.f("lot_edge_self_check")),
        sa.ForeignKeyConstraint(["child_id"], ["supply.lot.id"], name=op.f("lot_edge_child_id_fk")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["supply.lot.id"], name=op.f("lot_edge_parent_id_fk")
        ),
        sa.PrimaryKeyConstraint("parent_id", "child_id", name=op.f("lot_edge_pk")),
        schema="supply",
    )
    op.create_index("lot_edge_child_id_ix", "lot_edge", ["child_id"], unique=False, schema="supply")


def _move() -> None:
    op.create_table(
        "move",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("delta_g", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("by_person", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reason in ('make','pack','pick','spoil','donate',"
            "'process','destroy','return','count')",
            name=op.f("move_reason_check"),
        ),
        sa.CheckConstraint("delta_g <> 0", name=op.f("move_delta_check")),
        sa.ForeignKeyConstraint(["lot_id"], ["supply.lot.id"], name=op.f("move_lot_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("move_pk")),
        schema="supply",
    )
    op.create_index("move_lot_id_ix", "move", ["lot_id", "id"], unique=False, schema="supply")
    op.create_index("move_ref_ix", "move", ["ref"], unique=False, schema="supply")


def _run() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("boxes", sa.Integer(), nullable=True),
        sa.Column("cull_g", sa.BigInteger(), nullable=False),
        sa.Column("by_person", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('grade','pack','mix','relabel')", name=op.f("run_kind_check")),
        sa.CheckConstraint("cull_g >= 0", name=op.f("run_cull_g_check")),
        sa.ForeignKeyConstraint(["lot_id"], ["supply.lot.id"], name=op.f("run_lot_id_fk")),
        sa.PrimaryKeyConstraint("id", name=op.f("run_pk")),
        schema="supply",
    )
    op.create_index("run_org_id_ix", "run", ["org_id", "id"], unique=False, schema="supply")


def _append_only() -> None:
    """Moves, edges and steps are what happened: nobody changes them, not even by hand."""
    op.execute(
        """
        create function supply.refuse_change() returns trigger language plpgsql as $$
        begin
            raise exception '%.% is append-only', tg_table_schema, tg_table_name
                using errcode = 'restrict_violation';
        end $$
        """
    )
    for table in ("move", "slip_step", "lot_edge"):
        op.execute(
            f"create trigger append_only before update or delete or truncate on supply.{table} "
            "for each statement execute function supply.refuse_change()"
        )
