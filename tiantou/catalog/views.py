"""What catalog shows: frozen values, never rows."""

from uuid import UUID

from msgspec import Struct


class VarietyView(Struct, frozen=True, kw_only=True):
    """A variety; `months` of harvest 1..12, `storage` ambient|cool|chilled, `shelf_days` so kept.

    `certificate_due`: lots of its crop need a certificate of conformity by law.
    """

    id: UUID
    crop: str
    name: str
    crop_en: str
    name_en: str
    months: list[int]
    storage: str
    shelf_days: int
    certificate_due: bool


class PackView(Struct, frozen=True, kw_only=True):
    """A pack with what its product says. `price_fen` a `unit`; `photo` is the product's first.

    `on`: the product is on and the pack not retired. `rooms_permille` as in its product.
    """

    pack_id: UUID
    product_id: UUID
    org_id: UUID
    title: str
    name: str
    grade: str
    unit: str
    net_g: int
    pieces: int | None
    price_fen: int
    photo: str
    variety_id: UUID
    origin_code: str
    fresh: bool
    on: bool
    retired: bool
    rooms_permille: int | None


class ProductView(Struct, frozen=True, kw_only=True):
    """A product with its packs in force, first to last.

    `rooms_permille`: the commission at which other sellers' rooms may show it; None: none may.
    """

    id: UUID
    org_id: UUID
    title: str
    variety: VarietyView
    grade: str
    description: str
    origin_code: str
    photos: list[str]
    fresh: bool
    state: str
    rooms_permille: int | None
    packs: list[PackView]
