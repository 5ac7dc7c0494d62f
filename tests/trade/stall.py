"""A shop with one pack on offer, put up by SQL; and buyers' requests for it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from tiantou.core.db import Database, Tx
from tiantou.kit import clock, ids
from tiantou.trade.admission import Asked

PRICE_FEN = 2990


@dataclass(frozen=True)
class Stall:
    """What a buyer sees."""

    shop_id: UUID
    offer_id: UUID
    pack_id: UUID
    snapshot: bytes
    price_fen: int = PRICE_FEN

    def wants(self, buyer: int = 1, **more: Any) -> Asked:
        """Buyer number `buyer` asks for one unit, under a fresh key unless one is given."""
        return request(self, buyer, **more)


def person(no: int) -> UUID:
    """The id of buyer number `no`."""
    return UUID(int=0xB0B << 100 | no)


def request(stall: Stall, buyer: int, **more: Any) -> Asked:
    """A request; its digest follows what it asks."""
    fields: dict[str, Any] = {
        "buyer_id": person(buyer),
        "buyer_no": buyer,
        "key": uuid4(),
        "offer_id": stall.offer_id,
        "units": 1,
        "price_fen": stall.price_fen,
        "snapshot": stall.snapshot,
        "freight_fen": 0,
        "origin": "shop",
        "division_code": "110101",
        "recipient": b"sealed",
        "note": "",
        **more,
    }
    asked = repr([fields[name] for name in ("offer_id", "units", "price_fen", "note")])
    digest = UUID(bytes=hashlib.sha256(asked.encode()).digest()[:16])
    return Asked(**{"digest": digest, **fields})


async def put_offer(
    tx: Tx,
    shop_id: UUID,
    pack_id: UUID,
    pools: dict[UUID, tuple[str, int, int]],
    offer_id: UUID | None = None,
    **more: Any,
) -> Stall:
    """An offer that draws on `pools`: id -> (kind, units put in, per unit)."""
    offer_id = offer_id or ids.uuid7()
    now = clock.now()
    snapshot = hashlib.sha256(offer_id.bytes).digest()
    row = {
        "shop": shop_id,
        "offer": offer_id,
        "pack": pack_id,
        "kind": "standing",
        "state": "open",
        "price": PRICE_FEN,
        "floor": 0,
        "per_buyer": None,
        "opens": now - timedelta(hours=1),
        "closes": None,
        "snapshot": snapshot,
        **more,
    }
    await tx.execute(
        text(
            "insert into trade.offer (shop_id, offer_id, pack_id, product_id, kind, state,"
            " price_fen, floor_fen, per_buyer, net_g, opens_at, closes_at, ship_within_days,"
            " snapshot) values (:shop, :offer, :pack, :pack, :kind, :state, :price, :floor,"
            " :per_buyer, 2500, :opens, :closes, 2, :snapshot)"
        ),
        row,
    )
    for pool_id, (kind, units, per_unit) in pools.items():
        await put_pool(tx, shop_id, pool_id, kind, units, now)
        await tx.execute(
            text("insert into trade.draw values (:shop, :offer, :pool, :per)"),
            {"shop": shop_id, "offer": offer_id, "pool": pool_id, "per": per_unit},
        )
    return Stall(shop_id, offer_id, pack_id, row["snapshot"], row["price"])


async def put_pool(
    tx: Tx, shop_id: UUID, pool_id: UUID, kind: str, units: int, now: datetime
) -> None:
    """A pool with what was put in; nothing if it stands already."""
    made = await tx.execute(
        text(
            "insert into trade.pool values (:shop, :pool, :kind, :units, 0)"
            " on conflict do nothing returning 1"
        ),
        {"shop": shop_id, "pool": pool_id, "kind": kind, "units": units},
    )
    if made.first() and units:
        await tx.execute(
            text(
                "insert into trade.pool_move values"
                " (:shop, uuidv7(), :pool, :units, 'count', 'start', :now)"
            ),
            {"shop": shop_id, "pool": pool_id, "units": units, "now": now},
        )


async def put_shop(tx: Tx, shop_id: UUID | None = None) -> UUID:
    """A shop."""
    shop_id = shop_id or ids.uuid7()
    await tx.execute(
        text("insert into trade.shop (shop_id, at) values (:shop, :now)"),
        {"shop": shop_id, "now": clock.now()},
    )
    return shop_id


async def put_stall(database: Database, units: int = 20, **more: Any) -> Stall:
    """A shop, a pack with `units` boxes, one standing offer."""
    async with database.begin() as tx:
        shop_id, pack_id = await put_shop(tx), ids.uuid7()
        return await put_offer(tx, shop_id, pack_id, {pack_id: ("stock", units, 1)}, **more)
