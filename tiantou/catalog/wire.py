"""Varieties and products as they stand in answers of this module and those above."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from tiantou.catalog.views import PackView, ProductView
from tiantou.kit import money
from tiantou.regions.face import Division, DivisionView


class Variety(BaseModel):
    """A variety with the months of its harvest and the days it keeps as stored."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    crop: str
    name: str
    crop_en: str
    name_en: str
    months: list[int]
    storage: str
    shelf_days: int
    certificate_due: bool


class Pack(BaseModel):
    """A pack: `price_fen` a `unit` of `net_g` grams; `fen_per_jin` the same per 500 g."""

    id: UUID
    name: str
    unit: str
    net_g: int
    pieces: int | None
    price_fen: int
    photo: str
    fen_per_jin: int

    @classmethod
    def of(cls, pack: PackView) -> "Pack":
        """The pack of a view."""
        return cls(
            id=pack.pack_id,
            name=pack.name,
            unit=pack.unit,
            net_g=pack.net_g,
            pieces=pack.pieces,
            price_fen=pack.price_fen,
            photo=pack.photo,
            fen_per_jin=money.fen_per_jin(pack.price_fen, pack.net_g),
        )


class Product(BaseModel):
    """A product with its packs in force."""

    id: UUID
    org_id: UUID
    title: str
    variety_id: UUID
    variety: Variety
    grade: str
    description: str
    origin_division_code: str
    origin: Division
    photos: list[str]
    fresh: bool
    state: str
    packs: list[Pack]

    @classmethod
    def of(cls, product: ProductView, origin: DivisionView) -> "Product":
        """The product of a view, from a place."""
        return cls(
            id=product.id,
            org_id=product.org_id,
            title=product.title,
            variety_id=product.variety.id,
            variety=Variety.model_validate(product.variety),
            grade=product.grade,
            description=product.description,
            origin_division_code=product.origin_code,
            origin=Division.model_validate(origin),
            photos=product.photos,
            fresh=product.fresh,
            state=product.state,
            packs=[Pack.of(pack) for pack in product.packs],
        )
