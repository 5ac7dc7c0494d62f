"""Goods of other sellers: found by who plans a room, and followed by who sells them there."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from tiantou.accounts import face as accounts
from tiantou.accounts.face import Seller
from tiantou.catalog import face as catalog
from tiantou.core.db import Tx
from tiantou.kit import text
from tiantou.live import gate, sessions_sql, views, wire
from tiantou.live.shelf import origin_of
from tiantou.live.tables import ItemRow, SessionRow
from tiantou.trade import face as trade

FOUND_MAX = 40
SHOPS_MAX = 20


async def find(tx: Tx, org_id: UUID, said: str) -> list[wire.OpenGoods]:
    """What other sellers let rooms show, by words of the goods, the place or the shop's name.

    Sellers that are not admitted, or whose verification is overdue, are left out.
    """
    words = text.clean(said)
    shops = await accounts.search(tx, words, SHOPS_MAX) if words else []
    products = await catalog.find_open(tx, words, org_id, [one.id for one in shops], FOUND_MAX)
    orgs = await accounts.orgs(tx, {one.org_id for one in products})
    offers: dict[UUID, trade.OfferView] = {}
    for shop_id in orgs:
        theirs = [pack.pack_id for one in products if one.org_id == shop_id for pack in one.packs]
        offers |= await views.standing(tx, shop_id, theirs)
    return [
        _open_goods(one, orgs[one.org_id], offers)
        for one in products
        if not gate.identity_fault(orgs[one.org_id])
    ]


def _open_goods(
    product: catalog.ProductView, org: accounts.OrgView, offers: Mapping[UUID, trade.OfferView]
) -> wire.OpenGoods:
    packs = []
    for one in product.packs:
        offer = offers.get(one.pack_id)
        packs.append(
            wire.OpenPack(
                pack_id=one.pack_id,
                name=one.name,
                unit=one.unit,
                net_g=one.net_g,
                price_fen=offer.price_fen if offer else one.price_fen,
                units_left=offer.units_left if offer else 0,
            )
        )
    return wire.OpenGoods(
        product_id=product.id,
        title=product.title,
        grade=product.grade,
        photo=product.photos[0] if product.photos else None,
        seller=Seller.of(org),
        commission_permille=product.rooms_permille or 0,
        packs=packs,
    )


async def shown_in(
    tx: Tx, org_id: UUID, after: tuple[datetime, UUID] | None, limit: int
) -> list[tuple[SessionRow, wire.GuestShow]]:
    """Others' rooms with this seller's goods, latest start first, and what it sold in each."""
    rows = await sessions_sql.guest_of(tx, org_id, after, limit)
    orgs = await accounts.orgs(tx, {row.org_id for row in rows})
    items = [
        one
        for one in await sessions_sql.items(tx, [row.id for row in rows])
        if one.org_id == org_id and one.granted_permille is not None
    ]
    packs = await catalog.packs(tx, [one.pack_id for one in items])
    sales = await trade.sales_of_shop(tx, org_id, [origin_of(row) for row in rows])
    made = []
    for row in rows:
        own = [one for one in items if one.session_id == row.id]
        sold = sales.get(origin_of(row))
        show = wire.GuestShow(
            session_id=row.id,
            title=row.title,
            state=row.state,
            starts_at=row.starts_at,
            host=views.host_of(row),
            room=views.shop_of(orgs[row.org_id]),
            goods=_goods(own, packs),
            orders=sold.paid_orders if sold else 0,
            units=sold.units if sold else 0,
            paid_fen=sold.paid_fen if sold else 0,
            refunded_fen=sold.refunded_fen if sold else 0,
        )
        made.append((row, show))
    return made


def _goods(items: Sequence[ItemRow], packs: dict[UUID, catalog.PackView]) -> list[wire.GuestGoods]:
    return [
        wire.GuestGoods(
            item_id=one.id,
            product_id=packs[one.pack_id].product_id,
            title=packs[one.pack_id].title,
            state=one.state,
            commission_permille=one.granted_permille or 0,
        )
        for one in items
        if one.pack_id in packs
    ]
