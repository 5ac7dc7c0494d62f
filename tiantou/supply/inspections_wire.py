"""The wire of inspections."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from tiantou.accounts import face as accounts
from tiantou.core.db import Tx
from tiantou.core.fields import CLEAN, PICTURE_HASH
from tiantou.supply.inspecting.inspections_sql import InspectionView
from tiantou.supply.inspections import RESIDUE_UG_KG_MAX, SAMPLE_MAX, InspectionIn, Values
from tiantou.supply.wire import FromView

Micrograms = Annotated[int, Field(ge=0, le=RESIDUE_UG_KG_MAX)]
Words = Annotated[str, Field(min_length=1, max_length=60), CLEAN]


class ValuesAsked(BaseModel):
    """Means over the sample: tenths of °Brix and of mm, g, mm², ‰, µg/kg."""

    brix_tenth: int | None = Field(None, ge=0, le=1_000)
    diameter_tenth_mm: int | None = Field(None, ge=0, le=10_000)
    weight_g: int | None = Field(None, ge=0, le=100_000)
    blemish_mm2: int | None = Field(None, ge=0, le=100_000)
    inhibition_permille: int | None = Field(None, ge=0, le=1_000)
    residue_ug_kg: Micrograms | None = None
    residue_limit_ug_kg: Micrograms | None = None
    substance: Words | None = None
    lab_says: Literal["pass", "fail"] | None = None


class InspectionAsked(BaseModel):
    """A test as entered; a laboratory's has its name, and a picture of its report if there is one.

    `at`: when it was made; now if nothing is said.
    """

    kind: Literal["self", "quick", "lab"]
    sample_n: int = Field(ge=1, le=SAMPLE_MAX)
    values: ValuesAsked
    lab: Words | None = None
    report: PICTURE_HASH | None = None
    note: Annotated[str, Field(max_length=200), CLEAN] = ""
    at: datetime | None = None

    def said(self, draw_id: UUID | None = None, drawn_code: str | None = None) -> InspectionIn:
        """The same for the use case, as the result of one that was drawn if it is named."""
        names = ("kind", "sample_n", "lab", "report", "note", "at")
        return InspectionIn(
            **{name: getattr(self, name) for name in names},
            values=Values(**self.values.model_dump()),
            draw_id=draw_id,
            drawn_code=drawn_code,
        )


class Inspection(FromView):
    """A test of a lot. `verdict`: pass, fail, noted (no limits to judge by).

    `outcome`: proposed (somebody should hold the lot) or held (it is), or none.
    """

    id: UUID
    lot_id: UUID
    lot_code: str
    kind: str
    sample_n: int
    brix_tenth: int | None
    diameter_tenth_mm: int | None
    weight_g: int | None
    blemish_mm2: int | None
    inhibition_permille: int | None
    residue_ug_kg: int | None
    residue_limit_ug_kg: int | None
    substance: str | None
    lab: str | None
    lab_says: str | None
    report: str | None
    note: str
    verdict: str
    failed: list[str]
    outcome: str
    session_id: UUID | None
    video_at: datetime | None
    draw_id: UUID | None
    drawn_code: str | None
    made_by: str
    at: datetime


class Inspections(BaseModel):
    """A page of tests."""

    items: list[Inspection]
    next: str | None


async def inspections_out(tx: Tx, found: list[InspectionView]) -> list[Inspection]:
    """Tests with the name of who entered them."""
    people = await accounts.people(tx, {one.made_by for one in found})
    return [
        Inspection(
            made_by=people[one.made_by].nickname if one.made_by in people else "",
            **{name: getattr(one, name) for name in Inspection.model_fields if name != "made_by"},
        )
        for one in found
    ]
