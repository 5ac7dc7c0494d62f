"""What other modules may use of trade."""

from tiantou.trade.certified import certify, claim, uncertify
from tiantou.trade.certified_sql import CertifiedView, certified_of
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
from tiantou.trade.packed_sql import PackedOrder, packed_orders
from tiantou.trade.passport_sql import SaleView, sale_of
from tiantou.trade.problems import BelowFloor, FlashRunning, NotEnoughStock
from tiantou.trade.promises import CHINA
from tiantou.trade.recalled import give_back_money, pause_packs, resume_packs, stop_parcels
from tiantou.trade.recalled_sql import LineView, lines_of_lots, lots_of_order
from tiantou.trade.stock import document, withdraw
from tiantou.trade.views import BaseView, OfferView, SalesView, StockView
from tiantou.trade.wire import Base, Offer

__all__ = [
    "CHINA",
    "Base",
    "BaseView",
    "BelowFloor",
    "CertifiedView",
    "FlashRunning",
    "LateMoneyReturned",
    "LineView",
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
    "PackedOrder",
    "SaleView",
    "SalesView",
    "StockEdge",
    "StockMoved",
    "StockView",
    "add_units",
    "certified_of",
    "certify",
    "change_price",
    "claim",
    "close_offer",
    "document",
    "end_goods_fee",
    "give_back_money",
    "lines_of_lots",
    "lots_of_order",
    "offer",
    "offers",
    "offers_of_packs",
    "open_offer",
    "packed_orders",
    "pause_offer",
    "pause_packs",
    "resume_offer",
    "resume_packs",
    "sale_of",
    "sales_of",
    "sales_of_shop",
    "set_fee",
    "set_goods_fee",
    "set_terms",
    "stock_of",
    "stop_parcels",
    "uncertify",
    "withdraw",
]
