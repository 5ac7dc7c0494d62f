"""Statements on certified grams: their pools, which packs draw on them, what offers say of them."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from tiantou.core.db import Tx


class CertifiedView(Struct, frozen=True, kw_only=True):
    """What is left of a certificate: grams free, and grams in orders."""

    certificate_id: UUID
    left_g: int
    taken_g: int


async def parts_of(tx: Tx, shop_id: UUID, pack_id: UUID) -> dict[str, Any]:
    """What every offer of a pack says besides its product, by part."""
    rows = await tx.execute(
        text(
            "select part, document::text as document from trade.pack_part"
            " where shop_id = :shop and pack_id = :pack order by part"
        ),
        {"shop": shop_id, "pack": pack_id},
    )
    return {row.part: json.loads(row.document) for row in rows}


async def set_part(tx: Tx, shop_id: UUID, pack_id: UUID, part: str, document: Any) -> None:
    """Offers of the pack that are opened from now on say so; None: nothing."""
    key = {"shop": shop_id, "pack": pack_id, "part": part}
    if document is None:
        await tx.execute(
            text(
                "delete from trade.pack_part"
                " where shop_id = :shop and pack_id = :pack and part = :part"
            ),
            key,
        )
        return
    await tx.execute(
        text(
            "insert into trade.pack_part values (:shop, :pack, :part, cast(:document as jsonb))"
            " on conflict (shop_id, pack_id, part) do update set document = excluded.document"
        ),
        {**key, "document": json.dumps(document, ensure_ascii=False)},
    )


async def add_pack_pool(tx: Tx, shop_id: UUID, pack_id: UUID, pool_id: UUID, per_unit: int) -> None:
    """Offers of the pack that are opened from now on draw on the pool."""
    await tx.execute(
        text(
            "insert into trade.pack_pool values (:shop, :pack, :pool, :per) on conflict do nothing"
        ),
        {"shop": shop_id, "pack": pack_id, "pool": pool_id, "per": per_unit},
    )


async def drop_pack_pool(tx: Tx, shop_id: UUID, pack_id: UUID, pool_id: UUID) -> None:
    """Offers of the pack that are opened from now on do not draw on the pool."""
    await tx.execute(
        text(
            "delete from trade.pack_pool"
            " where shop_id = :shop and pack_id = :pack and pool_id = :pool"
        ),
        {"shop": shop_id, "pack": pack_id, "pool": pool_id},
    )


async def drawn_by(tx: Tx, shop_id: UUID, offer_id: UUID) -> list[tuple[int, int]]:
    """(grams left, grams a unit) of each certificate that the offer draws on; never changes."""
    rows = await tx.execute(
        text(
            "select p.available, d.per_unit from trade.draw d"
            " join trade.pool p on p.shop_id = d.shop_id and p.pool_id = d.pool_id"
            " where d.shop_id = :shop and d.offer_id = :offer and p.kind = 'certified'"
            " order by p.available"
        ),
        {"shop": shop_id, "offer": offer_id},
    )
    return [(row.available, row.per_unit) for row in rows]


async def certified_of(
    tx: Tx, shop_id: UUID, certificates: Sequence[UUID]
) -> dict[UUID, CertifiedView]:
    """What is left of certificates; those that no pack ever bore are absent."""
    rows = await tx.execute(
        text(
            "select pool_id as certificate_id, available as left_g, taken as taken_g"
            " from trade.pool where shop_id = :shop and kind = 'certified'"
            " and pool_id = any(:pools)"
        ),
        {"shop": shop_id, "pools": list(certificates)},
    )
    return {row.certificate_id: CertifiedView(**row._mapping) for row in rows}
