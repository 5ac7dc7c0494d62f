"""What supply shows: frozen values, never rows. Mass in grams, prices in fen per 斤 (500 g)."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct


class HouseholdView(Struct, frozen=True, kw_only=True):
    """A household without its secrets."""

    id: UUID
    org_id: UUID
    no: int
    name: str
    village: str
    division_code: str


class PlotView(Struct, frozen=True, kw_only=True):
    """A plot; `area_m2` whole square metres."""

    id: UUID
    household_id: UUID
    name: str
    village: str
    division_code: str
    area_m2: int
    altitude_m: int | None
    retired: bool


class CertificateView(Struct, frozen=True, kw_only=True):
    """A certificate of conformity with its legal fields. `roots` lots are mixed under it."""

    no: str
    lot_id: UUID
    state: str
    basis: str
    commitments: list[str]
    product: str
    grams: int
    origin: str
    promiser: str
    contact: str
    roots: int
    issued_at: datetime


class LotView(Struct, frozen=True, kw_only=True):
    """A lot of any kind with what is left of it."""

    id: UUID
    org_id: UUID
    code: str
    kind: str
    state: str
    variety_id: UUID
    grade: str
    household_id: UUID | None
    plot_id: UUID | None
    season_id: UUID | None
    slip_id: UUID | None
    pack_id: UUID | None
    net_g: int | None
    run_id: UUID | None
    grade_rank: int | None
    grams_in: int
    grams_left: int
    price_fen_per_jin: int
    floor_fen_per_jin: int
    harvested_at: datetime
    best_before: datetime


class PackedLotView(Struct, frozen=True, kw_only=True):
    """Boxes of a packed lot. Households and plots are those of its harvest lots, if it is one."""

    lot_id: UUID
    code: str
    pack_id: UUID
    net_g: int
    boxes_in: int
    boxes_left: int
    harvested_at: datetime
    best_before: datetime
    household_id: UUID | None
    household_name: str | None
    village: str | None
    certificate_no: str | None
    floor_fen_per_jin: int


class RootShare(Struct, frozen=True, kw_only=True):
    """The grams that one harvest lot has in something, and what its household was promised."""

    slip_id: UUID
    household_id: UUID
    lot_id: UUID
    grams: int
    price_fen_per_jin: int


class Picked(Struct, frozen=True, kw_only=True):
    """Boxes taken for a reference."""

    lot_id: UUID
    lot_code: str
    boxes: int
    grams: int


class Packed(Struct, frozen=True, kw_only=True):
    """The outcome of a pack run. `packed_code` is the public code of the new lot.

    `grams_left` is what its parents have left together.
    """

    run_id: UUID
    lot_id: UUID
    packed_lot_id: UUID
    packed_code: str
    boxes: int
    grams: int
    grams_left: int
    shrink_g: int


class BoxView(Struct, frozen=True, kw_only=True):
    """A box by the code of its label; `no` counts within its lot. `ref`: for whom it was taken."""

    code: str
    org_id: UUID
    lot_id: UUID
    no: int
    net_g: int
    tare_g: int
    ref: str | None


class RunView(Struct, frozen=True, kw_only=True):
    """A run. in_g = out_g + cull_g + gone_g + shrink_g; `lot_ids` are the lots that it made."""

    id: UUID
    org_id: UUID
    kind: str
    standard_id: UUID | None
    pack_id: UUID | None
    packer_id: UUID | None
    boxes: int | None
    in_g: int
    out_g: int
    cull_g: int
    gone_g: int
    shrink_g: int
    tolerance_permille: int
    note: str
    by_person: UUID
    at: datetime
    lot_ids: list[UUID]


class MoveView(Struct, frozen=True, kw_only=True):
    """Grams into (positive) or out of a lot, why, and by whose reference."""

    id: UUID
    lot_id: UUID
    delta_g: int
    reason: str
    ref: str
    note: str
    by_person: UUID | None
    at: datetime


class StepView(Struct, frozen=True, kw_only=True):
    """A step of a lot and why it was taken; `grams` were left then."""

    id: UUID
    event: str
    state: str
    why: str
    grams: int
    ref: str | None
    at: datetime


class Edge(Struct, frozen=True):
    """Grams of a parent in a child."""

    child_id: UUID
    parent_id: UUID
    grams: int


class Reach(Struct, frozen=True, kw_only=True):
    """How far a recall would go: the roots of some lots, and all boxes ever packed of those."""

    roots: int
    lots: int
    boxes: int


class Mass(Struct, frozen=True, kw_only=True):
    """Where the mass of lots is; made_g is the sum of the others, in grams."""

    made_g: int
    in_store_g: int
    in_orders_g: int
    destroyed_g: int
    elsewhere_g: int
    lost_g: int


class Recalled(Struct, frozen=True, kw_only=True):
    """A lot that was recalled: its state before, and the boxes it had left, if it is packed."""

    lot_id: UUID
    code: str
    kind: str
    before: str
    pack_id: UUID | None
    grams_in: int
    grams_left: int
    boxes_left: int


class SlipView(Struct, frozen=True, kw_only=True):
    """A weigh-in slip; `lot_code` is its harvest lot's public code."""

    id: UUID
    org_id: UUID
    code: str
    state: str
    household_id: UUID
    plot_id: UUID | None
    season_id: UUID | None
    stop_id: UUID | None
    variety_id: UUID
    grade: str
    grams: int
    price_fen_per_jin: int
    floor_fen_per_jin: int
    value_fen: int
    harvested_at: datetime
    entered_by: UUID
    on_behalf: bool
    helper_name: str | None
    consent: str | None
    lot_id: UUID
    lot_code: str
    weighed_at: datetime | None
    at: datetime
