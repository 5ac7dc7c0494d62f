"""The tables of claims: scheme certificates with their plots, claims of packs, yield ceilings."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Date, DateTime, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from tiantou.core.db import Table


class SchemeCertificateRow(Table):
    """A certificate of a scheme (organic, origin, gi): so many grams of a variety, from plots."""

    __tablename__ = "scheme_certificate"
    __table_args__ = (
        CheckConstraint("scheme in ('organic','origin','gi')", name="scheme"),
        CheckConstraint(
            "state in ('submitted','verified','refused','revoked','ended')", name="state"
        ),
        CheckConstraint("certified_g between 1 and 2000000000", name="certified_g"),
        CheckConstraint("valid_from <= valid_until", name="valid"),
        Index("scheme_certificate_no_key", "org_id", "scheme", "no", unique=True),
        Index("scheme_certificate_state_ix", "state", "id"),
        {"schema": "supply"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    scheme: Mapped[str] = mapped_column(Text)
    no: Mapped[str] = mapped_column(Text)
    issuer: Mapped[str] = mapped_column(Text)
    variety_id: Mapped[UUID] = mapped_column(ForeignKey("catalog.variety.id"))
    certified_g: Mapped[int] = mapped_column(BigInteger)
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date] = mapped_column(Date)
    photo: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    made_by: Mapped[UUID]
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SchemePlotRow(Table):
    """A plot that a scheme certificate covers."""

    __tablename__ = "scheme_plot"
    __table_args__ = ({"schema": "supply"},)

    certificate_id: Mapped[UUID] = mapped_column(
        ForeignKey("supply.scheme_certificate.id"), primary_key=True
    )
    plot_id: Mapped[UUID] = mapped_column(ForeignKey("supply.plot.id"), primary_key=True)


class PackClaimRow(Table):
    """A claim that a pack bears. One of a kind at a time; ended ones stay."""

    __tablename__ = "pack_claim"
    __table_args__ = (
        CheckConstraint("claim in ('organic','origin','gi','listed_county')", name="claim"),
        CheckConstraint("(claim = 'listed_county') = (certificate_id is null)", name="certificate"),
        Index(
            "pack_claim_one_ix",
            "pack_id",
            "claim",
            unique=True,
            postgresql_where="ended_at is null",
        ),
        Index("pack_claim_certificate_id_ix", "certificate_id"),
        {"schema": "supply"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    pack_id: Mapped[UUID] = mapped_column(ForeignKey("catalog.pack.id"))
    claim: Mapped[str] = mapped_column(Text)
    certificate_id: Mapped[UUID | None] = mapped_column(ForeignKey("supply.scheme_certificate.id"))
    made_by: Mapped[UUID]
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class YieldCeilingRow(Table):
    """The most that a mu (10,000 / 15 m²) of a variety bears in 365 days, and who says so."""

    __tablename__ = "yield_ceiling"
    __table_args__ = (CheckConstraint("g_per_mu > 0", name="g_per_mu"), {"schema": "supply"})

    variety_id: Mapped[UUID] = mapped_column(ForeignKey("catalog.variety.id"), primary_key=True)
    g_per_mu: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(Text)
    set_by: Mapped[UUID]
    set_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
