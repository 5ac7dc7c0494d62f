"""The tables of trade.

`shop_id` leads every key of an order's tables, so that one shop's work stays on one node; the
exceptions are `payment` (one payment, several shops) and `my_order`, the buyer's projection.
Ids are made by the application; other modules' things are named by id, without a key.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKeyConstraint,
    Identity,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from tiantou.core.outbox import outbox_table
from tiantou.trade.bench.tables import scan as scan
from tiantou.trade.bench.tables import waybill as waybill
from tiantou.trade.columns_sql import (
    at,
    bytes_,
    check,
    fen,
    index,
    int_,
    refers,
    table,
    text_,
    uuid_,
)
from tiantou.trade.deals.tables import day_pool as day_pool
from tiantou.trade.money.tables import entry as entry

Outbox = outbox_table("trade")

# A seller and the dense number that leads its orders' numbers.
shop = table(
    "shop",
    uuid_("shop_id"),
    Column("number", Integer, Identity(always=True), nullable=False),
    at("at"),
    PrimaryKeyConstraint("shop_id"),
    UniqueConstraint("number"),
)

# What is sold: a pack at a price within a window. `listed_fen` is the catalog's price last seen.
offer = table(
    "offer",
    uuid_("shop_id"),
    uuid_("offer_id"),
    uuid_("pack_id"),
    uuid_("product_id"),
    text_("kind"),
    text_("state"),
    text_("paused_by", null=True),
    fen("price_fen"),
    fen("floor_fen"),
    fen("listed_fen", null=True),
    text_("base_kind", null=True),
    fen("base_fen", null=True),
    int_("per_buyer", null=True),
    int_("net_g"),
    at("opens_at"),
    at("closes_at", null=True),
    Column("ship_within_days", SmallInteger, nullable=False),
    Column("ship_on", Date),
    bytes_("snapshot"),
    PrimaryKeyConstraint("shop_id", "offer_id"),
    check("kind in ('standing', 'flash')", "kind"),
    check("state in ('open', 'paused', 'closed')", "state"),
    check("paused_by in ('seller', 'product', 'recall', 'floor')", "paused_by"),
    check("state <> 'paused' or paused_by is not null", "paused"),
    check("price_fen > 0 and floor_fen >= 0", "price"),
    check("base_kind in ('lowest_7d', 'usual')", "base_kind"),
    check("(base_kind is null) = (base_fen is null) and base_fen > 0", "base"),
    check("per_buyer between 1 and 999", "per_buyer"),
    check("net_g > 0", "net_g"),
    check("closes_at > opens_at", "window"),
    check("ship_within_days between 0 and 60", "ship_within_days"),
    check("octet_length(snapshot) = 32", "snapshot"),
    index("offer_shop_id_pack_id_ix", "shop_id", "pack_id"),
    index("offer_product_id_ix", "product_id"),
    index(
        "offer_one_standing_ix",
        "shop_id",
        "pack_id",
        where="kind = 'standing' and state <> 'closed'",
        unique=True,
    ),
)

# Which price was in force since when; the base of a comparison is looked up here.
offer_price = table(
    "offer_price",
    uuid_("shop_id"),
    uuid_("offer_id"),
    at("from_at"),
    fen("price_fen"),
    PrimaryKeyConstraint("shop_id", "offer_id", "from_at"),
    refers("offer", "shop_id", "offer_id"),
    check("price_fen > 0", "price"),
)

# Whatever orders take: the only hot rows. A stock pool bears its pack's id, a flash pool its
# offer's.
pool = table(
    "pool",
    uuid_("shop_id"),
    uuid_("pool_id"),
    text_("kind"),
    int_("available"),
    int_("taken"),
    PrimaryKeyConstraint("shop_id", "pool_id"),
    check("kind in ('stock', 'units', 'day', 'certified', 'allotment', 'coupon')", "kind"),
    check("available >= 0", "available"),
    check("taken >= 0", "taken"),
    postgresql_with={
        "fillfactor": "10",
        "autovacuum_vacuum_scale_factor": "0",
        "autovacuum_vacuum_threshold": "1000",
    },
)

# available + taken of a pool = the sum of its moves.
pool_move = table(
    "pool_move",
    uuid_("shop_id"),
    uuid_("move_id"),
    uuid_("pool_id"),
    int_("delta"),
    text_("reason"),
    text_("ref"),
    at("at"),
    PrimaryKeyConstraint("shop_id", "move_id"),
    UniqueConstraint("shop_id", "pool_id", "reason", "ref"),
    refers("pool", "shop_id", "pool_id"),
    check("delta <> 0", "delta"),
    check(
        "reason in ('packed', 'flash_out', 'flash_in', 'flash_back', 'returned', 'count',"
        " 'certified', 'withdrawn', 'restored', 'capacity', 'issued', 'presale')",
        "reason",
    ),
)

# What growers agreed to for a pack's boxes, the highest of the lots in them.
pack_floor = table(
    "pack_floor",
    uuid_("shop_id"),
    uuid_("pack_id"),
    fen("floor_fen"),
    PrimaryKeyConstraint("shop_id", "pack_id"),
    check("floor_fen >= 0", "floor"),
)

draw = table(
    "draw",
    uuid_("shop_id"),
    uuid_("offer_id"),
    uuid_("pool_id"),
    int_("per_unit"),
    PrimaryKeyConstraint("shop_id", "offer_id", "pool_id"),
    refers("offer", "shop_id", "offer_id"),
    refers("pool", "shop_id", "pool_id"),
    check("per_unit between 1 and 1000000", "per_unit"),
    index("draw_shop_id_pool_id_ix", "shop_id", "pool_id"),
)

# What every offer of a pack draws on besides its stock: grams of a certificate.
pack_pool = table(
    "pack_pool",
    uuid_("shop_id"),
    uuid_("pack_id"),
    uuid_("pool_id"),
    int_("per_unit"),
    PrimaryKeyConstraint("shop_id", "pack_id", "pool_id"),
    refers("pool", "shop_id", "pool_id"),
    check("per_unit between 1 and 1000000", "per_unit"),
)

# What every offer of a pack says besides its product, part by part: claims.
pack_part = table(
    "pack_part",
    uuid_("shop_id"),
    uuid_("pack_id"),
    text_("part"),
    Column("document", JSONB, nullable=False),
    PrimaryKeyConstraint("shop_id", "pack_id", "part"),
)

# What a buyer saw, by the hash of its canonical JSON; shared by all orders that saw the same.
snapshot = table(
    "snapshot",
    uuid_("shop_id"),
    bytes_("hash"),
    Column("document", JSONB, nullable=False),
    at("at"),
    PrimaryKeyConstraint("shop_id", "hash"),
    check("octet_length(hash) = 32", "hash"),
)

# Opaque parts that modules above attach to an offer; the highest version is in force.
terms = table(
    "terms",
    uuid_("shop_id"),
    uuid_("offer_id"),
    text_("part"),
    int_("version"),
    Column("document", JSONB, nullable=False),
    at("at"),
    PrimaryKeyConstraint("shop_id", "offer_id", "part", "version"),
    refers("offer", "shop_id", "offer_id"),
    check("version > 0", "version"),
)

orders = table(
    "orders",
    uuid_("shop_id"),
    uuid_("order_id"),
    text_("number"),
    text_("channel"),
    text_("external_no", null=True),
    text_("paid_by"),
    uuid_("buyer_id", null=True),
    fen("buyer_no", null=True),
    uuid_("idem_key", null=True),
    uuid_("asked", null=True),
    text_("state"),
    bytes_("snapshot"),
    text_("origin"),
    text_("division_code", null=True),
    bytes_("recipient", null=True),
    text_("note"),
    fen("goods_fen"),
    fen("freight_fen"),
    Column("shop_off_fen", BigInteger, nullable=False, server_default="0"),
    Column("platform_off_fen", BigInteger, nullable=False, server_default="0"),
    fen("amount_fen"),
    fen("paid_fen"),
    fen("refunded_fen"),
    Column("ship_day", Date, nullable=False),
    Column("day_units", Integer, nullable=False, server_default="0"),
    at("placed_at"),
    at("pay_before_at", null=True),
    at("paid_at", null=True),
    at("completed_at", null=True),
    Column("units_back", Boolean, nullable=False),
    PrimaryKeyConstraint("shop_id", "order_id"),
    UniqueConstraint("shop_id", "number"),
    UniqueConstraint("shop_id", "buyer_id", "idem_key"),
    check("paid_by in ('gateway', 'channel', 'hand')", "paid_by"),
    check("(channel = 'tiantou') = (external_no is null)", "external_no"),
    check("channel <> 'tiantou' or buyer_id is not null", "buyer"),
    check(
        "state in ('pending_payment', 'paid', 'packing', 'packed', 'shipped', 'delivered',"
        " 'completed', 'cancelled', 'closed', 'exception')",
        "state",
    ),
    check("goods_fen > 0 and freight_fen >= 0", "parts"),
    check("amount_fen = goods_fen + freight_fen - shop_off_fen - platform_off_fen", "amount"),
    check("day_units >= 0", "day_units"),
    check(
        "shop_off_fen >= 0 and platform_off_fen >= 0"
        " and shop_off_fen + platform_off_fen < goods_fen",
        "off",
    ),
    check("paid_fen in (0, amount_fen)", "paid"),
    check("refunded_fen between 0 and paid_fen", "refunded"),
    check("octet_length(snapshot) = 32", "snapshot"),
    check("char_length(note) <= 100", "note"),
    index(
        "orders_external_no_ix",
        "shop_id",
        "channel",
        "external_no",
        where="external_no is not null",
        unique=True,
    ),
    index(
        "orders_unpaid_ix",
        "pay_before_at",
        "shop_id",
        where="state = 'pending_payment' and pay_before_at is not null",
    ),
    index("orders_unpaid_of_buyer_ix", "shop_id", "buyer_id", where="state = 'pending_payment'"),
    index("orders_work_ix", "shop_id", "order_id", where="state in ('paid', 'packing', 'packed')"),
    index("orders_origin_ix", "origin", where="origin <> 'shop'"),
    postgresql_with={"fillfactor": "85"},
)

order_line = table(
    "order_line",
    uuid_("shop_id"),
    uuid_("order_id"),
    Column("line_no", SmallInteger, nullable=False),
    uuid_("offer_id"),
    uuid_("pack_id"),
    uuid_("buyer_id", null=True),
    int_("units"),
    fen("price_fen"),
    fen("amount_fen"),
    int_("net_g"),
    bytes_("snapshot", null=True),
    PrimaryKeyConstraint("shop_id", "order_id", "line_no"),
    refers("orders", "shop_id", "order_id"),
    check("units between 1 and 999 and price_fen > 0", "units"),
    check("amount_fen = units * price_fen", "amount"),
    check("octet_length(snapshot) = 32", "snapshot"),
    index("order_line_shop_id_offer_id_ix", "shop_id", "offer_id", "buyer_id"),
)

# The timeline: who did what, when, and where the order stood after it.
order_event = table(
    "order_event",
    uuid_("shop_id"),
    uuid_("order_id"),
    Column("seq", SmallInteger, nullable=False),
    text_("event"),
    text_("state"),
    text_("by"),
    uuid_("by_id", null=True),
    at("at"),
    PrimaryKeyConstraint("shop_id", "order_id", "seq"),
    check("by in ('buyer', 'seller', 'system', 'carrier', 'operator')", "by"),
)

# Keys of a buyer's orders, wherever their shops live.
my_order = table(
    "my_order",
    uuid_("buyer_id"),
    uuid_("order_id"),
    uuid_("shop_id"),
    text_("state"),
    PrimaryKeyConstraint("buyer_id", "order_id"),
)

# The join for passport and recall: which lot's boxes an order line got.
pick = table(
    "pick",
    uuid_("shop_id"),
    uuid_("order_id"),
    Column("line_no", SmallInteger, nullable=False),
    uuid_("lot_id"),
    text_("lot_code"),
    int_("boxes"),
    at("at"),
    PrimaryKeyConstraint("shop_id", "order_id", "line_no", "lot_id"),
    ForeignKeyConstraint(
        ["shop_id", "order_id", "line_no"],
        [
            "trade.order_line.shop_id",
            "trade.order_line.order_id",
            "trade.order_line.line_no",
        ],
    ),
    check("boxes > 0", "boxes"),
    index("pick_lot_id_ix", "lot_id"),
)

# What the standing audits found: rules that rows break, with counts and the first rows.
audit_run = table(
    "audit_run",
    at("at"),
    int_("took_ms"),
    Column("found", JSONB, nullable=False),
    PrimaryKeyConstraint("at"),
)

# Orders whose ship day moved behind a disruption, and whether the buyer was told.
moved_promise = table(
    "moved_promise",
    uuid_("shop_id"),
    uuid_("order_id"),
    uuid_("disruption_id"),
    Column("from_day", Date, nullable=False),
    Column("to_day", Date, nullable=False),
    at("at"),
    at("told_at", null=True),
    PrimaryKeyConstraint("shop_id", "order_id", "disruption_id"),
    refers("orders", "shop_id", "order_id"),
    check("to_day > from_day", "days"),
    index("moved_promise_disruption_id_ix", "disruption_id"),
    index(
        "moved_promise_untold_ix", "disruption_id", "shop_id", "order_id", where="told_at is null"
    ),
)
