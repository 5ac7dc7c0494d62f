"""Statements on products and packs."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, and_, insert, select, true, update

from tiantou.catalog.tables import PackRow, ProductRow, VarietyRow
from tiantou.catalog.varieties_sql import varieties
from tiantou.catalog.views import PackView, ProductView
from tiantou.core.db import Tx

_PACK = (
    PackRow.id.label("pack_id"),
    PackRow.product_id,
    PackRow.org_id,
    ProductRow.title,
    PackRow.name,
    PackRow.grade,
    PackRow.unit,
    PackRow.net_g,
    PackRow.pieces,
    PackRow.price_fen,
    ProductRow.photos[1].label("photo"),
    PackRow.variety_id,
    ProductRow.origin_code,
    ProductRow.fresh,
    ((ProductRow.state == "on") & PackRow.retired_at.is_(None)).label("on"),
    PackRow.retired_at.is_not(None).label("retired"),
    ProductRow.rooms_permille,
)


def _packs() -> Select[*tuple[Any, ...]]:
    return select(*_PACK).join(ProductRow, ProductRow.id == PackRow.product_id)


async def packs(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, PackView]:
    """Those of the packs that exist, retired ones too, by id."""
    wanted = list(set(ids))
    if not wanted:
        return {}
    rows = await tx.execute(_packs().where(PackRow.id.in_(wanted)))
    return {row.pack_id: PackView(**row._mapping) for row in rows}


async def pack(tx: Tx, pack_id: UUID) -> PackView | None:
    """A pack, retired ones too, or None."""
    return (await packs(tx, [pack_id])).get(pack_id)


async def packs_of(tx: Tx, product_ids: list[UUID]) -> dict[UUID, list[PackView]]:
    """The packs in force of products, first to last."""
    rows = await tx.execute(
        _packs()
        .where(PackRow.product_id.in_(product_ids), PackRow.retired_at.is_(None))
        .order_by(PackRow.product_id, PackRow.position)
    )
    found: dict[UUID, list[PackView]] = {}
    for row in rows:
        found.setdefault(row.product_id, []).append(PackView(**row._mapping))
    return found


_PRODUCT = (
    ProductRow.id,
    ProductRow.org_id,
    ProductRow.title,
    ProductRow.variety_id,
    ProductRow.grade,
    ProductRow.description,
    ProductRow.origin_code,
    ProductRow.photos,
    ProductRow.fresh,
    ProductRow.state,
    ProductRow.rooms_permille,
)


async def _views(tx: Tx, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[ProductView]:
    kinds = await varieties(tx, (row.variety_id for row in rows))
    inside = await packs_of(tx, [row.id for row in rows])
    made = []
    for row in rows:
        says = dict(row._mapping)
        variety = kinds[says.pop("variety_id")]
        made.append(ProductView(**says, variety=variety, packs=inside.get(row.id, [])))
    return made


async def product(tx: Tx, product_id: UUID, lock: bool = False) -> ProductView | None:
    """A product, on or off, or None; `lock` holds it until the end of the transaction."""
    query = select(*_PRODUCT).where(ProductRow.id == product_id)
    rows = (await tx.execute(query.with_for_update() if lock else query)).all()
    found = await _views(tx, rows)
    return found[0] if found else None


async def products(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, ProductView]:
    """Those of the products that exist, by id."""
    rows = (await tx.execute(select(*_PRODUCT).where(ProductRow.id.in_(list(set(ids)))))).all()
    return {view.id: view for view in await _views(tx, rows)}


async def products_of(
    tx: Tx, org_id: UUID, limit: int, before: UUID | None = None, state: str | None = None
) -> list[ProductView]:
    """An organization's products, newest first, at most `limit`, those before `before` in it."""
    query = select(*_PRODUCT).where(ProductRow.org_id == org_id)
    if before is not None:
        query = query.where(ProductRow.id < before)
    if state is not None:
        query = query.where(ProductRow.state == state)
    rows = (await tx.execute(query.order_by(ProductRow.id.desc()).limit(limit))).all()
    return await _views(tx, rows)


async def find_products(tx: Tx, text: str, limit: int) -> list[ProductView]:
    """Products on whose title, crop, variety or origin holds every word of `text`."""
    query = select(*_PRODUCT).where(ProductRow.state == "on")
    for word in text.split():
        query = query.where(ProductRow.search.icontains(word, autoescape=True))
    rows = (await tx.execute(query.order_by(ProductRow.changed_at.desc()).limit(limit))).all()
    return await _views(tx, rows)


async def find_open(
    tx: Tx, text: str, not_of: UUID, of: Iterable[UUID], limit: int
) -> list[ProductView]:
    """Products on that other rooms may show, but those of `not_of`, newest change first.

    Each word of `text` is in title, crop, variety or origin, or the product is of one of `of`.
    """
    fits = and_(
        true(), *(ProductRow.search.icontains(word, autoescape=True) for word in text.split())
    )
    query = select(*_PRODUCT).where(
        ProductRow.state == "on",
        ProductRow.rooms_permille.is_not(None),
        ProductRow.org_id != not_of,
        fits | ProductRow.org_id.in_(list(of)),
    )
    rows = (await tx.execute(query.order_by(ProductRow.changed_at.desc()).limit(limit))).all()
    return await _views(tx, rows)


async def hold_open(tx: Tx, product_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The commission of those of the products that other rooms may show, in thousandths.

    Nobody changes that until the end of the transaction.
    """
    rows = await tx.execute(
        select(ProductRow.id, ProductRow.rooms_permille)
        .where(ProductRow.id.in_(sorted(set(product_ids))), ProductRow.state == "on")
        .where(ProductRow.rooms_permille.is_not(None))
        .order_by(ProductRow.id)
        .with_for_update(read=True)
    )
    return {row[0]: int(row[1] or 0) for row in rows}


async def in_season(tx: Tx, month: int, limit: int) -> list[ProductView]:
    """Products on whose variety is harvested in `month` (1..12), newest first."""
    rows = (
        await tx.execute(
            select(*_PRODUCT)
            .join(VarietyRow, VarietyRow.id == ProductRow.variety_id)
            .where(ProductRow.state == "on", VarietyRow.months.any_() == month)
            .order_by(ProductRow.id.desc())
            .limit(limit)
        )
    ).all()
    return await _views(tx, rows)


async def add_product(tx: Tx, **values: Any) -> None:
    """Inserts a product."""
    await tx.execute(insert(ProductRow).values(**values))


async def change_product(tx: Tx, product_id: UUID, **values: Any) -> None:
    """Updates a product's columns."""
    await tx.execute(update(ProductRow).where(ProductRow.id == product_id).values(**values))


async def add_pack(tx: Tx, **values: Any) -> None:
    """Inserts a pack in force."""
    await tx.execute(insert(PackRow).values(**values, retired_at=None))


async def change_pack(tx: Tx, pack_id: UUID, name: str, price_fen: int, position: int) -> None:
    """Names, prices and places a pack anew; what is in it stays."""
    await tx.execute(
        update(PackRow)
        .where(PackRow.id == pack_id)
        .values(name=name, price_fen=price_fen, position=position)
    )


async def retire_packs(tx: Tx, ids: list[UUID], at: datetime) -> None:
    """Takes packs out of sale for good."""
    await tx.execute(update(PackRow).where(PackRow.id.in_(ids)).values(retired_at=at))
