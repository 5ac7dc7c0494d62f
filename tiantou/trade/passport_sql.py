"""What a box's passport asks of trade: through which channel it was sold, and at what price."""

from uuid import UUID

from msgspec import Struct
from sqlalchemy import text

from tiantou.core.db import Tx
from tiantou.trade.admission import OURS


class SaleView(Struct, frozen=True, kw_only=True):
    """The order line that a box went to. Nothing of the buyer. `price_fen`: of one box,
    coupons taken off.
    """

    channel: str
    price_fen: int
    net_g: int

    @property
    def own(self) -> bool:
        """Whether it was sold here, not on another platform."""
        return self.channel == OURS


_SALE = text(
    "select o.channel, l.net_g, (l.price_fen * (o.goods_fen - o.shop_off_fen - o.platform_off_fen)"
    " / o.goods_fen)::bigint as price_fen from trade.orders o"
    " join trade.order_line l on l.shop_id = o.shop_id and l.order_id = o.order_id"
    " where o.shop_id = :shop and o.order_id = :order and l.line_no = :line"
)


async def sale_of(tx: Tx, ref: str | None) -> SaleView | None:
    """The line that a box was taken for, by supply's reference; None for any other reference."""
    head, _, line = (ref or "").rpartition("/")
    shop, _, order = head.removeprefix("order:").partition("/")
    try:
        keys = {"shop": UUID(shop), "order": UUID(order), "line": int(line)}
    except ValueError:
        return None
    row = (await tx.execute(_SALE, keys)).one_or_none()
    return None if row is None else SaleView(**row._mapping)
