"""Statements of snapshots and of the terms that go into them."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from tiantou.core.db import Tx


async def keep(
    tx: Tx, shop_id: UUID, hash_: bytes, document: dict[str, Any], now: datetime
) -> None:
    """Keeps a document under its hash; the same one again is no change."""
    await tx.execute(
        text(
            "insert into trade.snapshot values (:shop, :hash, cast(:document as jsonb), :now)"
            " on conflict do nothing"
        ),
        {
            "shop": shop_id,
            "hash": hash_,
            "document": json.dumps(document, ensure_ascii=False),
            "now": now,
        },
    )


async def document(tx: Tx, shop_id: UUID, hash_: bytes) -> dict[str, Any] | None:
    """What a hash of the shop stands for."""
    found = await tx.scalar(
        text("select document::text from trade.snapshot where shop_id = :shop and hash = :hash"),
        {"shop": shop_id, "hash": hash_},
    )
    return None if found is None else dict(json.loads(found))


async def terms_of(tx: Tx, shop_id: UUID, offer_id: UUID) -> dict[str, tuple[int, Any]]:
    """The parts in force of an offer: name -> (version, document)."""
    rows = await tx.execute(
        text(
            "select distinct on (part) part, version, document::text as document"
            " from trade.terms where shop_id = :shop and offer_id = :offer"
            " order by part, version desc"
        ),
        {"shop": shop_id, "offer": offer_id},
    )
    return {row.part: (row.version, json.loads(row.document)) for row in rows}


async def add_terms(
    tx: Tx, shop_id: UUID, offer_id: UUID, part: str, version: int, document: Any, now: datetime
) -> None:
    """A new version of a part; the caller holds the offer's pools."""
    await tx.execute(
        text(
            "insert into trade.terms values"
            " (:shop, :offer, :part, :version, cast(:document as jsonb), :now)"
        ),
        {
            "shop": shop_id,
            "offer": offer_id,
            "part": part,
            "version": version,
            "document": json.dumps(document, ensure_ascii=False),
            "now": now,
        },
    )
