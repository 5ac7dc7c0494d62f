"""The tables of supply. Every row names its organization; `move` is append-only by trigger."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Table
from tiantou.core.outbox import outbox_table
from tiantou.supply.claims.tables import PackClaimRow as PackClaimRow
from tiantou.supply.grading.tables import GradeStandardRow as GradeStandardRow
from tiantou.supply.growing.tables import SeasonRow as SeasonRow
from tiantou.supply.inspecting.tables import InspectionRow as InspectionRow

SupplyOutbox = outbox_table("supply")


class CounterRow(Table):
    """The last dense number given out in an organization, by kind."""

    __tablename__ = "counter"
    __table_args__ = {"schema": "supply"}

    org_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    last: Mapped[int]


class HouseholdRow(Table):
    """A grower's household. Phone and payee are encrypted fields."""

    __tablename__ = "household"
    __table_args__ = (UniqueConstraint("org_id", "no"), {"schema": "supply"})

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    no: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    village: Mapped[str] = mapped_column(Text)
    division_code: Mapped[str] = mapped_column(CHAR(6))
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    payee_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class PlotRow(Table):
    """A piece of land of a household. Exact coordinates are private.

    Millionths of a degree (WGS 84); `outline` is lat, lon, lat, lon and so on, empty if unknown.
    """

    __tablename__ = "plot"
    __table_args__ = (
        CheckConstraint("area_m2 > 0", name="area_m2"),
        CheckConstraint("(lat_e6 is null) = (lon_e6 is null)", name="point"),
        CheckConstraint(
            "cardinality(outline) % 2 = 0 and cardinality(outline) <= 120", name="outline"
        ),
        CheckConstraint("cardinality(photos) <= 9", name="photos"),
        Index("plot_household_id_ix", "household_id"),
        Index("plot_org_id_ix", "org_id", "id"),
        {"schema": "supply"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    household_id: Mapped[UUID] = mapped_column(ForeignKey("supply.household.id"))
    name: Mapped[str] = mapped_column(Text)
    village: Mapped[str] = mapped_column(Text)
    division_code: Mapped[str] = mapped_column(CHAR(6))
    area_m2: Mapped[int]
    altitude_m: Mapped[int | None]
    lat_e6: Mapped[int | None]
    lon_e6: Mapped[int | None]
    outline: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    photos: Mapped[list[str]] = mapped_column(ARRAY(Text))
    retired_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SlipRow(Table):
    """A weigh-in: who handed in how much of what at which price, who entered it, who agreed."""

    __tablename__ = "slip"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("grams > 0", name="grams"),
        CheckConstraint("price_fen_per_jin > 0", name="price"),
        CheckConstraint("floor_fen_per_jin >= 0", name="floor"),
        CheckConstraint(
            "on_behalf = (helper_name is not null) and on_behalf = (consent is not null)",
            name="behalf",
        ),
        Index("slip_org_id_ix", "org_id", "id"),
        Index("slip_household_id_ix", "household_id", "id"),
        Index("slip_plot_id_ix", "plot_id", "variety_id", "harvested_at"),
        Index("slip_season_id_ix", "season_id", postgresql_where="season_id is not null"),
        Index("slip_stop_id_ix", "stop_id", postgresql_where="stop_id is not null"),
        {"schema": "supply"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    code: Mapped[str] = mapped_column(Text)
    household_id: Mapped[UUID] = mapped_column(ForeignKey("supply.household.id"))
    plot_id: Mapped[UUID | None] = mapped_column(ForeignKey("supply.plot.id"))
    season_id: Mapped[UUID | None] = mapped_column(ForeignKey("supply.season.id"))
    stop_id: Mapped[UUID | None] = mapped_column(ForeignKey("supply.collection_stop.id"))
    variety_id: Mapped[UUID] = mapped_column(ForeignKey("catalog.variety.id"))
    grade: Mapped[str] = mapped_column(Text)
    grams: Mapped[int] = mapped_column(BigInteger)
    price_fen_per_jin: Mapped[int] = mapped_column(BigInteger)
    floor_fen_per_jin: Mapped[int] = mapped_column(BigInteger)
    value_fen: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(Text)
    harvested_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    entered_by: Mapped[UUID]
    on_behalf: Mapped[bool]
    helper_name: Mapped[str | None] = mapped_column(Text)
    consent: Mapped[str | None] = mapped_column(Text)
    weighed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SlipStepRow(Table):
    """A step of a slip: event, who made it, the reading before a correction. Append-only."""

    __tablename__ = "slip_step"
    __table_args__ = (Index("slip_step_slip_id_ix", "slip_id"), {"schema": "supply"})

    id: Mapped[UUID] = mapped_column(primary_key=True)
    slip_id: Mapped[UUID] = mapped_column(ForeignKey("supply.slip.id"))
    event: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    by_person: Mapped[UUID | None]
    note: Mapped[str] = mapped_column(Text)
    grams_before: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class LotRow(Table):
    """A quantity that stays together. A harvest lot has its slip; a packed lot its pack and net_g.

    Prices per 斤 are the slip's; of a mix they are the weighted mean, floors rounded up.
    """

    __tablename__ = "lot"
    __table_args__ = (
        UniqueConstraint("code"),
        UniqueConstraint("slip_id"),
        CheckConstraint("kind in ('harvest','graded','packed','bought_in')", name="kind"),
        CheckConstraint("state in ('open','held','recalled','closed')", name="state"),
        CheckConstraint("grams_in >= 0", name="grams_in"),
        CheckConstraint(
            "(kind = 'packed') = (pack_id is not null) and (kind = 'packed') = (net_g is not null)",
            name="packed",
        ),
        Index("lot_org_id_ix", "org_id", "kind", "id"),
        Index("lot_pack_id_ix", "pack_id", "best_before"),
        Index("lot_run_id_ix", "run_id"),
        {"schema": "supply"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    code: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    variety_id: Mapped[UUID] = mapped_column(ForeignKey("catalog.variety.id"))
    grade: Mapped[str] = mapped_column(Text)
    household_id: Mapped[UUID | None] = mapped_column(ForeignKey("supply.household.id"))
    plot_id: Mapped[UUID | None] = mapped_column(ForeignKey("supply.plot.id"))
    season_id: Mapped[UUID | None] = mapped_column(ForeignKey("supply.season.id"))
    slip_id: Mapped[UUID | None] = mapped_column(ForeignKey("supply.slip.id"))
    pack_id: Mapped[UUID | None] = mapped_column(ForeignKey("catalog.pack.id"))
    net_g: Mapped[int | None] = mapped_column(BigInteger)
    run_id: Mapped[UUID | None] = mapped_column(ForeignKey("supply.run.id"))
    standard_id: Mapped[UUID | None] = mapped_column(ForeignKey("supply.grade_standard.id"))
    grade_rank: Mapped[int | None] = mapped_column(SmallInteger)
    grams_in: Mapped[int] = mapped_column(BigInteger)
    price_fen_per_jin: Mapped[int] = mapped_column(BigInteger)
    floor_fen_per_jin: Mapped[int] = mapped_column(BigInteger)
    harvested_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    best_before: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class LotEdgeRow(Table):
    """Grams of a parent that went into a child: every transformation, so mixing is visible.

    0 grams: the parent was in the run, but its share of this child is less than half a gram.
    """

    __tablename__ = "lot_edge"
    __table_args__ = (
        CheckConstraint("grams >= 0", name="grams"),
        CheckConstraint("parent_id <> child_id", name="self"),
        Index("lot_edge_child_id_ix", "child_id"),
        {"schema": "supply"},
    )

    parent_id: Mapped[UUID] = mapped_column(ForeignKey("supply.lot.id"), primary_key=True)
    child_id: Mapped[UUID] = mapped_column(ForeignKey("supply.lot.id"), primary_key=True)
    grams: Mapped[int] = mapped_column(BigInteger)


class LotStepRow(Table):
    """A step of a lot: held, released, recalled; why, and by which recall. Append-only.

    `grams`: what the lot had left.
    """

    __tablename__ = "lot_step"
    __table_args__ = (Index("lot_step_lot_id_ix", "lot_id", "id"), {"schema": "supply"})

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("supply.lot.id"))
    event: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    grams: Mapped[int] = mapped_column(BigInteger)
    ref: Mapped[str | None] = mapped_column(Text)
    by_person: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class RunRow(Table):
    """A piece of work that turned lots into lots; the lots it made name it.

    What went in came out, was culled, left for elsewhere, or is the loss that is stated:
    `shrink_g` (water, dust, weight given in excess), at most `tolerance_permille` of `in_g`.
    """

    __tablename__ = "run"
    __table_args__ = (
        CheckConstraint("kind in ('grade','pack','mix','relabel')", name="kind"),
        CheckConstraint("cull_g >= 0 and gone_g >= 0 and shrink_g >= 0", name="losses"),
        CheckConstraint("in_g = out_g + cull_g + gone_g + shrink_g", name="mass"),
        CheckConstraint("shrink_g * 1000 <= in_g * tolerance_permille", name="tolerance"),
        CheckConstraint(
            "(kind = 'pack') = (boxes is not null) and (kind = 'pack') = (pack_id is not null)",
            name="boxes",
        ),
        Index("run_org_id_ix", "org_id", "id"),
        Index("run_packer_id_ix", "org_id", "at", postgresql_where="packer_id is not null"),
        {"schema": "supply"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(Text)
    standard_id: Mapped[UUID | None] = mapped_column(ForeignKey("supply.grade_standard.id"))
    pack_id: Mapped[UUID | None] = mapped_column(ForeignKey("catalog.pack.id"))
    packer_id: Mapped[UUID | None]
    boxes: Mapped[int | None]
    in_g: Mapped[int] = mapped_column(BigInteger)
    out_g: Mapped[int] = mapped_column(BigInteger)
    cull_g: Mapped[int] = mapped_column(BigInteger)
    gone_g: Mapped[int] = mapped_column(BigInteger)
    shrink_g: Mapped[int] = mapped_column(BigInteger)
    tolerance_permille: Mapped[int] = mapped_column(SmallInteger)
    note: Mapped[str] = mapped_column(Text)
    by_person: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class BoxRow(Table):
    """A box with the code on its label. `ref`: for whom it was taken, if its code was scanned."""

    __tablename__ = "box"
    __table_args__ = (
        UniqueConstraint("lot_id", "no"),
        CheckConstraint("net_g > 0 and tare_g >= 0 and no > 0", name="box"),
        Index("box_ref_ix", "ref", postgresql_where="ref is not null"),
        {"schema": "supply"},
    )

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    org_id: Mapped[UUID]
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("supply.lot.id"))
    no: Mapped[int]
    net_g: Mapped[int] = mapped_column(BigInteger)
    tare_g: Mapped[int] = mapped_column(BigInteger)
    ref: Mapped[str | None] = mapped_column(Text)


class MoveRow(Table):
    """Grams in (positive) or out of a lot at a place, and why. Append-only."""

    __tablename__ = "move"
    __table_args__ = (
        CheckConstraint("delta_g <> 0", name="delta"),
        CheckConstraint(
            "reason in ('make','grade','pack','mix','relabel','pick','cull','shrink','spoil',"
            "'donate','process','destroy','return','count')",
            name="reason",
        ),
        Index("move_lot_id_ix", "lot_id", "id"),
        Index("move_ref_ix", "ref"),
        {"schema": "supply"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("supply.lot.id"))
    place: Mapped[str] = mapped_column(Text)
    delta_g: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    ref: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    by_person: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class LotBalanceRow(Table):
    """The sum of a lot's moves at a place; the row that packers and pickers lock."""

    __tablename__ = "lot_balance"
    __table_args__ = (CheckConstraint("grams >= 0", name="grams"), {"schema": "supply"})

    lot_id: Mapped[UUID] = mapped_column(ForeignKey("supply.lot.id"), primary_key=True)
    place: Mapped[str] = mapped_column(Text, primary_key=True)
    grams: Mapped[int] = mapped_column(BigInteger)


class CertificateRow(Table):
    """承诺达标合格证: the legal fields as they were when issued. Replaced ones stay."""

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("no"),
        CheckConstraint("basis in ('control','self_test','lab')", name="basis"),
        CheckConstraint("state in ('valid','replaced','void')", name="state"),
        CheckConstraint("grams > 0", name="grams"),
        Index(
            "certificate_lot_id_ix",
            "lot_id",
            unique=True,
            postgresql_where="state = 'valid'",
        ),
        {"schema": "supply"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    no: Mapped[str] = mapped_column(Text)
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("supply.lot.id"))
    state: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text)
    commitments: Mapped[list[str]] = mapped_column(ARRAY(Text))
    product: Mapped[str] = mapped_column(Text)
    grams: Mapped[int] = mapped_column(BigInteger)
    origin: Mapped[str] = mapped_column(Text)
    promiser: Mapped[str] = mapped_column(Text)
    contact: Mapped[str] = mapped_column(Text)
    replaced_by: Mapped[UUID | None] = mapped_column(ForeignKey("supply.certificate.id"))
    roots: Mapped[int] = mapped_column(SmallInteger)
    issued_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
