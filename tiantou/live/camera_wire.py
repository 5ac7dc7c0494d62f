"""The wire of lots on camera: what viewers see of a lot, and of what was measured before them."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from tiantou.catalog.face import Variety


class CameraTest(BaseModel):
    """A test made before the camera; null was not measured. `verdict`: pass, fail or noted."""

    id: UUID
    at: datetime
    sample_n: int
    brix_tenth: int | None
    diameter_tenth_mm: int | None
    weight_g: int | None
    blemish_mm2: int | None
    verdict: str


class LotOnCamera(BaseModel):
    """The lot that the camera shows now, where it grew down to the village, and its tests here.

    `roots`: of how many harvests it is.
    """

    id: UUID
    code: str
    variety: Variety
    grade: str
    harvested_at: datetime
    places: list[str]
    roots: int
    since: datetime
    tests: list[CameraTest]


class CameraLot(BaseModel):
    """A lot that may be shown."""

    lot_id: UUID
    code: str
    harvested_at: datetime
    place: str
    boxes_left: int


class CameraLots(BaseModel):
    """What is on camera, and the lots of what is explained."""

    now: LotOnCamera | None
    lots: list[CameraLot]


class ShowIn(BaseModel):
    """A lot by its id, or by what was scanned: its code, or that of a box's label."""

    lot_id: UUID | None = None
    code: str | None = Field(None, min_length=2, max_length=200)


class CameraTestIn(BaseModel):
    """What was measured of the lot on camera: means over `sample_n` pieces."""

    sample_n: int = Field(1, ge=1, le=100)
    brix_tenth: int | None = Field(None, ge=0, le=1_000)
    diameter_tenth_mm: int | None = Field(None, ge=0, le=10_000)
    weight_g: int | None = Field(None, ge=0, le=100_000)
    blemish_mm2: int | None = Field(None, ge=0, le=100_000)
