"""The tables of trust: recalls with their lots and order lines, as they were when activated."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Table
from tiantou.core.outbox import outbox_table
from tiantou.trust.epcis.tables import TraceEventRow as TraceEventRow

TrustOutbox = outbox_table("trust")


class RecallRow(Table):
    """A recall from lots forward. A drill traces and measures, and touches nothing."""

    __tablename__ = "recall"
    __table_args__ = (
        CheckConstraint("state in ('draft','active','closed','dropped')", name="state"),
        Index("recall_org_id_ix", "org_id", "id"),
        {"schema": "trust"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    code: Mapped[str] = mapped_column(Text)
    drill: Mapped[bool]
    state: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    opened_by: Mapped[UUID]
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    activated_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    trace_ms: Mapped[int | None]


class RecallLotRow(Table):
    """A lot that a recall starts from (`start`), or that was made of one."""

    __tablename__ = "recall_lot"
    __table_args__ = (Index("recall_lot_lot_id_ix", "lot_id"), {"schema": "trust"})

    recall_id: Mapped[UUID] = mapped_column(ForeignKey("trust.recall.id"), primary_key=True)
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("supply.lot.id"), primary_key=True)
    start: Mapped[bool]
    code: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    pack_id: Mapped[UUID | None]
    made_g: Mapped[int] = mapped_column(BigInteger)
    left_g: Mapped[int] = mapped_column(BigInteger)


class RecallLineRow(Table):
    """Boxes of a recalled lot in an order line: who was told, what went back, who answered."""

    __tablename__ = "recall_line"
    __table_args__ = (
        CheckConstraint("state in ('queued','told','unreachable','acknowledged')", name="state"),
        CheckConstraint("boxes > 0 and refunded_fen >= 0", name="amounts"),
        Index(
            "recall_line_queued_ix", "recall_id", "order_id", postgresql_where="state = 'queued'"
        ),
        Index("recall_line_buyer_id_ix", "buyer_id"),
        {"schema": "trust"},
    )

    recall_id: Mapped[UUID] = mapped_column(ForeignKey("trust.recall.id"), primary_key=True)
    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    lot_id: Mapped[UUID] = mapped_column(primary_key=True)
    shop_id: Mapped[UUID]
    number: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    lot_code: Mapped[str] = mapped_column(Text)
    boxes: Mapped[int]
    buyer_id: Mapped[UUID | None]
    division_code: Mapped[str | None] = mapped_column(Text)
    order_state: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    refunded_fen: Mapped[int] = mapped_column(BigInteger)
    told_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    acknowledged_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class BoxScanRow(Table):
    """How often a box's passport was opened; nothing of who did."""

    __tablename__ = "box_scan"
    __table_args__ = (CheckConstraint("scans > 0", name="scans"), {"schema": "trust"})

    code: Mapped[str] = mapped_column(Text, ForeignKey("supply.box.code"), primary_key=True)
    scans: Mapped[int]
    first_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ProblemReportRow(Table):
    """What somebody with a box in hand says is wrong with it, and a photo of its label."""

    __tablename__ = "problem_report"
    __table_args__ = (
        CheckConstraint("char_length(words) between 2 and 500", name="words"),
        Index("problem_report_lot_id_ix", "lot_id", "id"),
        Index("problem_report_org_id_ix", "org_id", "id"),
        {"schema": "trust"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("supply.lot.id"))
    code: Mapped[str] = mapped_column(Text, ForeignKey("supply.box.code"))
    words: Mapped[str] = mapped_column(Text)
    photo: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class HoldDeclinedRow(Table):
    """A shop was asked to hold a lot and did not: why, who said so, after how many reported boxes.
    Append-only.
    """

    __tablename__ = "hold_declined"
    __table_args__ = (
        CheckConstraint("char_length(why) between 2 and 200", name="why"),
        Index("hold_declined_lot_id_ix", "lot_id", "id"),
        {"schema": "trust"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("supply.lot.id"))
    boxes_reported: Mapped[int]
    why: Mapped[str] = mapped_column(Text)
    by_person: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ShownHouseholdRow(Table):
    """A household that agreed to stand on passports by name, how it said so, who noted it."""

    __tablename__ = "shown_household"
    __table_args__ = ({"schema": "trust"},)

    household_id: Mapped[UUID] = mapped_column(ForeignKey("supply.household.id"), primary_key=True)
    org_id: Mapped[UUID]
    consent: Mapped[str] = mapped_column(Text)
    by_person: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class DrawRow(Table):
    """A sample that was drawn: from which codes (one a line), by which seed. Append-only."""

    __tablename__ = "draw"
    __table_args__ = (
        CheckConstraint("what in ('boxes','slips','lots')", name="what"),
        CheckConstraint("(lot_id is null) <> (day is null)", name="scope"),
        CheckConstraint("n between 1 and population and no > 0", name="amounts"),
        UniqueConstraint("org_id", "no"),
        Index("draw_org_id_ix", "org_id", "id"),
        {"schema": "trust"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    no: Mapped[int]
    what: Mapped[str] = mapped_column(Text)
    lot_id: Mapped[UUID | None] = mapped_column(ForeignKey("supply.lot.id"))
    day: Mapped[date | None] = mapped_column(Date)
    n: Mapped[int]
    link: Mapped[bytes] = mapped_column(LargeBinary)
    seed: Mapped[str] = mapped_column(Text)
    population: Mapped[int]
    population_sha256: Mapped[str] = mapped_column(Text)
    codes: Mapped[str] = mapped_column(Text)
    by_operator: Mapped[bool]
    made_by: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class DrawnRow(Table):
    """One that was drawn, in the order of the draw. Append-only."""

    __tablename__ = "drawn"
    __table_args__ = (UniqueConstraint("draw_id", "code"), {"schema": "trust"})

    draw_id: Mapped[UUID] = mapped_column(ForeignKey("trust.draw.id"), primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("supply.lot.id"))
