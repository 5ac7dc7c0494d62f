"""The table of inspections; append-only by trigger."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, SmallInteger, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Table


class InspectionRow(Table):
    """A test of a lot: means over `sample_n` pieces, in whole units; null was not measured.

    `failed`: what passed its limit. A test on camera has its session and the time of the picture;
    one of a drawn sample has its draw and the code that was drawn.
    """

    __tablename__ = "inspection"
    __table_args__ = (
        CheckConstraint("kind in ('self','quick','lab','on_camera')", name="kind"),
        CheckConstraint("verdict in ('pass','fail','noted')", name="verdict"),
        CheckConstraint("outcome in ('none','proposed','held')", name="outcome"),
        CheckConstraint("outcome = 'none' or verdict = 'fail'", name="outcome_of_fail"),
        CheckConstraint("sample_n between 1 and 10000", name="sample_n"),
        CheckConstraint(
            "num_nonnulls(brix_tenth, diameter_tenth_mm, weight_g, blemish_mm2,"
            " inhibition_permille, residue_ug_kg, lab_says) > 0",
            name="some",
        ),
        CheckConstraint("inhibition_permille between 0 and 1000", name="inhibition"),
        CheckConstraint(
            "num_nonnulls(residue_ug_kg, residue_limit_ug_kg, substance) in (0, 3)", name="residue"
        ),
        CheckConstraint("lab_says in ('pass','fail')", name="lab_says"),
        CheckConstraint("(kind = 'lab') = (lab is not null)", name="lab"),
        CheckConstraint("lab_says is null or kind = 'lab'", name="lab_says_of_lab"),
        CheckConstraint(
            "(kind = 'on_camera') = (session_id is not null)"
            " and (kind = 'on_camera') = (video_at is not null)",
            name="camera",
        ),
        CheckConstraint("(draw_id is null) = (drawn_code is null)", name="draw"),
        Index("inspection_lot_id_ix", "lot_id", "id"),
        Index("inspection_session_id_ix", "session_id", postgresql_where="session_id is not null"),
        Index(
            "inspection_draw_key",
            "draw_id",
            "drawn_code",
            unique=True,
            postgresql_where="draw_id is not null",
        ),
        {"schema": "supply"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    lot_id: Mapped[UUID] = mapped_column(ForeignKey("supply.lot.id"))
    kind: Mapped[str] = mapped_column(Text)
    sample_n: Mapped[int] = mapped_column(SmallInteger)
    brix_tenth: Mapped[int | None]
    diameter_tenth_mm: Mapped[int | None]
    weight_g: Mapped[int | None]
    blemish_mm2: Mapped[int | None]
    inhibition_permille: Mapped[int | None]
    residue_ug_kg: Mapped[int | None]
    residue_limit_ug_kg: Mapped[int | None]
    substance: Mapped[str | None] = mapped_column(Text)
    lab: Mapped[str | None] = mapped_column(Text)
    lab_says: Mapped[str | None] = mapped_column(Text)
    report: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(Text)
    failed: Mapped[list[str]] = mapped_column(ARRAY(Text))
    outcome: Mapped[str] = mapped_column(Text)
    session_id: Mapped[UUID | None]
    video_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    draw_id: Mapped[UUID | None]
    drawn_code: Mapped[str | None] = mapped_column(Text)
    made_by: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
