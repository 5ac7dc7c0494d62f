"""What other modules may use of trade."""

from tiantou.trade.events import (
    LateMoneyReturned,
    OfferClosed,
    OfferOpened,
    OfferPriceChanged,
    OrderCancelled,
    OrderCompleted,
    OrderDelivered,
    OrderExpired,
    OrderPacked,
    OrderPaid,
    OrderPlaced,
    OrderRefunded,
    OrderShipped,
    RefundWanted,
    StockEdge,
    StockMoved,
)
from tiantou.trade.money.fees_sql import end_goods_fee, set_fee, set_goods_fee
from tiantou.trade.offers import (
    add_units,
    change_price,
    close_offer,
    offer,
    offers,
    offers_of_packs,
    open_offer,
    pause_offer,
    resume_offer,
    set_terms,
)
from tiantou.trade.offers_sql import stock_of
from tiantou.trade.orders_sql import sales_of, sales_of_shop
from tiantou.trade.problems import BelowFloor, NotEnoughStock
from tiantou.trade.stock import document
from tiantou.trade.views import BaseView, OfferView, SalesView, StockView
from tiantou.trade.wire import Base, Offer

__all__ = [
    "Base",
    "BaseView",
    "BelowFloor",
    "LateMoneyReturned",
    "NotEnoughStock",
    "Offer",
    "OfferClosed",
    "OfferOpened",
    "OfferPriceChanged",
    "OfferView",
    "OrderCancelled",
    "OrderCompleted",
    "OrderDelivered",
    "OrderExpired",
    "OrderPacked",
    "OrderPaid",
    "OrderPlaced",
    "OrderRefunded",
    "OrderShipped",
    "RefundWanted",
    "SalesView",
    "StockEdge",
    "StockMoved",
    "StockView",
    "add_units",
    "change_price",
    "close_offer",
    "document",
    "end_goods_fee",
    "offer",
    "offers",
    "offers_of_packs",
    "open_offer",
    "pause_offer",
    "resume_offer",
    "sales_of",
    "sales_of_shop",
    "set_fee",
    "set_goods_fee",
    "set_terms",
    "stock_of",
]
