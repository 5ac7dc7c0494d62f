"""The tables of what an order takes besides stock: packing days, coupons, kept units."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Date,
    ForeignKeyConstraint,
    Identity,
    Integer,
    PrimaryKeyConstraint,
)

from tiantou.trade.columns_sql import at, check, fen, index, int_, refers, table, text_, uuid_

# What a shop can pack: boxes per weekday from Monday on, and the minute of the day (Asia/Shanghai)
# from which an order counts for the next one.
capacity = table(
    "capacity",
    uuid_("shop_id"),
    Column("boxes", ARRAY(Integer)),
    Column("cut_off_minute", Integer, nullable=False, server_default="1440"),
    at("at"),
    PrimaryKeyConstraint("shop_id"),
    check("cardinality(boxes) = 7", "boxes"),
    check("cut_off_minute between 0 and 1440", "cut_off"),
)

# A date on which it is otherwise; 0 is closed.
capacity_day = table(
    "capacity_day",
    uuid_("shop_id"),
    Column("day", Date, nullable=False),
    int_("boxes"),
    PrimaryKeyConstraint("shop_id", "day"),
    check("boxes between 0 and 100000", "boxes"),
)

day_pool = table(
    "day_pool",
    uuid_("shop_id"),
    Column("day", Date, nullable=False),
    uuid_("pool_id"),
    PrimaryKeyConstraint("shop_id", "day"),
    refers("pool", "shop_id", "pool_id"),
)

# What is taken off a price, by a shop or the platform. Its quantity is the pool of its id.
coupon = table(
    "coupon",
    uuid_("issuer_id"),
    uuid_("coupon_id"),
    text_("kind"),
    text_("state"),
    text_("title"),
    fen("off_fen"),
    fen("threshold_fen"),
    int_("per_buyer"),
    at("claim_from"),
    at("claim_until"),
    int_("use_days", null=True),
    at("use_until", null=True),
    at("at"),
    at("closed_at", null=True),
    PrimaryKeyConstraint("issuer_id", "coupon_id"),
    ForeignKeyConstraint(["issuer_id", "coupon_id"], ["trade.pool.shop_id", "trade.pool.pool_id"]),
    check("kind in ('shop', 'platform')", "kind"),
    check("state in ('open', 'closed')", "state"),
    check("char_length(title) between 1 and 30", "title"),
    check("off_fen > 0 and threshold_fen > off_fen", "off"),
    check("per_buyer between 1 and 20", "per_buyer"),
    check("claim_until > claim_from", "window"),
    check("(use_days is null) <> (use_until is null)", "use"),
    check("use_days between 1 and 365", "use_days"),
)

# A buyer's piece of a coupon. One of the platform is used in any shop, so its key is its own.
coupon_claim = table(
    "coupon_claim",
    uuid_("claim_id"),
    uuid_("issuer_id"),
    uuid_("coupon_id"),
    uuid_("buyer_id"),
    text_("state"),
    at("usable_until"),
    uuid_("used_shop_id", null=True),
    uuid_("used_order_id", null=True),
    at("used_at", null=True),
    at("at"),
    PrimaryKeyConstraint("claim_id"),
    refers("coupon", "issuer_id", "coupon_id"),
    check("state in ('held', 'used', 'expired')", "state"),
    check("(state = 'used') = (used_order_id is not null)", "used"),
    index("coupon_claim_buyer_ix", "buyer_id", "claim_id"),
    index("coupon_claim_coupon_ix", "issuer_id", "coupon_id", "buyer_id"),
    index("coupon_claim_order_ix", "used_shop_id", "used_order_id", where="state = 'used'"),
    index("coupon_claim_held_ix", "usable_until", where="state = 'held'"),
)

# Who waits for an offer that is sold out, by `place` in the order of coming. An `offered` row holds
# its units: they are taken out of the offer's pools until `offered_until`.
waiting = table(
    "waiting",
    uuid_("shop_id"),
    uuid_("waiting_id"),
    uuid_("offer_id"),
    uuid_("buyer_id"),
    Column("place", BigInteger, Identity(always=True), nullable=False),
    int_("units"),
    text_("state"),
    at("at"),
    at("offered_at", null=True),
    at("offered_until", null=True),
    uuid_("order_id", null=True),
    at("ended_at", null=True),
    PrimaryKeyConstraint("shop_id", "waiting_id"),
    refers("offer", "shop_id", "offer_id"),
    check("units between 1 and 99", "units"),
    check("state in ('waiting', 'offered', 'taken', 'lapsed', 'left', 'over')", "state"),
    check("(state = 'offered') <= (offered_until is not null)", "offered"),
    check("(state = 'taken') = (order_id is not null)", "taken"),
    index(
        "waiting_once_ix",
        "shop_id",
        "offer_id",
        "buyer_id",
        where="state in ('waiting', 'offered')",
        unique=True,
    ),
    index("waiting_line_ix", "shop_id", "offer_id", "place", where="state = 'waiting'"),
    index("waiting_buyer_ix", "buyer_id", "place"),
    index("waiting_offered_ix", "offered_until", where="state = 'offered'"),
)
