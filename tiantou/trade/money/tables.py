"""The tables of money: payments, refunds, the double-entry ledger, payouts to households."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKeyConstraint,
    Identity,
    PrimaryKeyConstraint,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from tiantou.trade.columns_sql import (
    at,
    check,
    fen,
    index,
    int_,
    refers,
    table,
    text_,
    uuid_,
)

# One act of paying; it may cover orders of several shops, so no shop leads its key. `ask_at`: when
# the provider is asked next, `asks`: how often it was asked in vain. `code` and `bridge`: what the
# buyer's page shows or hands on. `paid_at`: when the provider took the money, by its own word.
payment = table(
    "payment",
    uuid_("payment_id"),
    uuid_("buyer_id"),
    text_("provider"),
    text_("provider_no", null=True),
    text_("state"),
    fen("amount_fen"),
    text_("return_to"),
    text_("redirect_url"),
    at("at"),
    at("ends_at"),
    at("decided_at", null=True),
    at("ask_at", null=True),
    int_("asks"),
    text_("way"),
    text_("code", null=True),
    Column("bridge", JSONB),
    at("paid_at", null=True),
    PrimaryKeyConstraint("payment_id"),
    UniqueConstraint("provider", "provider_no"),
    check("state in ('started', 'paid', 'refused', 'lapsed', 'returned')", "state"),
    check("amount_fen > 0", "amount"),
    index("payment_open_ix", "ends_at", where="state = 'started'"),
    index("payment_ask_ix", "ask_at", where="ask_at is not null"),
    index("payment_paid_ix", "provider", "paid_at", where="paid_at is not null"),
)

payment_part = table(
    "payment_part",
    uuid_("payment_id"),
    uuid_("shop_id"),
    uuid_("order_id"),
    fen("amount_fen"),
    Column("late", Boolean, nullable=False, server_default="false"),
    PrimaryKeyConstraint("payment_id", "shop_id", "order_id"),
    refers("payment", "payment_id"),
    check("amount_fen > 0", "amount"),
    index("payment_part_shop_id_order_id_ix", "shop_id", "order_id"),
)

# Signatures already used: a callback is accepted once.
payment_notice = table(
    "payment_notice",
    text_("provider"),
    text_("nonce"),
    at("at"),
    PrimaryKeyConstraint("provider", "nonce"),
    index("payment_notice_at_ix", "at"),
)

refund = table(
    "refund",
    uuid_("shop_id"),
    uuid_("refund_id"),
    uuid_("order_id"),
    uuid_("payment_id"),
    Column("late", Boolean, nullable=False),
    text_("key"),
    fen("amount_fen"),
    text_("reason"),
    text_("by"),
    uuid_("by_id", null=True),
    text_("state"),
    int_("tries"),
    text_("provider_no", null=True),
    uuid_("entry_id"),
    at("at"),
    at("done_at", null=True),
    at("ask_at", null=True),
    int_("asks"),
    PrimaryKeyConstraint("shop_id", "refund_id"),
    UniqueConstraint("shop_id", "order_id", "key"),
    refers("orders", "shop_id", "order_id"),
    check("amount_fen > 0", "amount"),
    check("tries >= 0", "tries"),
    check("state in ('refunding', 'refund_failed', 'refunded', 'manual_refund', 'owed')", "state"),
    check("by in ('buyer', 'seller', 'system', 'operator')", "by"),
    index("refund_ask_ix", "ask_at", where="ask_at is not null"),
)

# What a provider's bill of a day says, as it came. The day is one of Asia/Shanghai.
bill_line = table(
    "bill_line",
    text_("provider"),
    Column("day", Date, nullable=False),
    text_("kind"),
    text_("ref"),
    text_("provider_no"),
    fen("amount_fen"),
    PrimaryKeyConstraint("provider", "kind", "ref", "provider_no"),
    check("kind in ('payment', 'refund')", "kind"),
    index("bill_line_day_ix", "provider", "day"),
)

# A day of a provider, compared; its sums by the bill and by our rows.
reconciliation = table(
    "reconciliation",
    text_("provider"),
    Column("day", Date, nullable=False),
    text_("state"),
    int_("lines"),
    fen("paid_fen"),
    fen("refunded_fen"),
    fen("ours_paid_fen"),
    fen("ours_refunded_fen"),
    at("at"),
    PrimaryKeyConstraint("provider", "day"),
    check("state in ('compared', 'no_bill')", "state"),
)

# What the bill and our rows do not agree in; `gone_at`: a later comparison found them agree.
difference = table(
    "difference",
    text_("provider"),
    Column("day", Date, nullable=False),
    text_("kind"),
    text_("ref"),
    text_("what"),
    text_("provider_no"),
    fen("ours_fen", null=True),
    fen("theirs_fen", null=True),
    uuid_("shop_id", null=True),
    text_("number", null=True),
    at("at"),
    at("gone_at", null=True),
    PrimaryKeyConstraint("provider", "day", "kind", "ref", "what"),
    check("kind in ('payment', 'refund')", "kind"),
    check("what in ('missing_here', 'missing_there', 'amount_differs')", "what"),
    index("difference_open_ix", "day", where="gone_at is null"),
)

# What orders of an origin owe a host, in thousandths of the net paid amount; pushed down by live.
fee_rule = table(
    "fee_rule",
    uuid_("shop_id"),
    text_("origin"),
    int_("permille"),
    at("at"),
    PrimaryKeyConstraint("shop_id", "origin"),
    check("permille between 0 and 900", "permille"),
)

# What goods owe there that are shown beside another seller's: as granted when they were put there.
goods_fee = table(
    "goods_fee",
    uuid_("shop_id"),
    text_("origin"),
    uuid_("pack_id"),
    int_("permille"),
    at("from_at"),
    at("until_at", null=True),
    PrimaryKeyConstraint("shop_id", "origin", "pack_id", "from_at"),
    check("permille between 0 and 900", "permille"),
)

account = table(
    "account",
    uuid_("shop_id"),
    text_("name"),
    text_("kind"),
    uuid_("ref", null=True),
    PrimaryKeyConstraint("shop_id", "name"),
    check("kind in ('gateway', 'shop', 'host', 'platform', 'grower', 'paid')", "kind"),
    check("(kind = 'grower') = (ref is not null)", "ref"),
)

# `seq` is the order of writing within the database, for people who read the book.
entry = table(
    "entry",
    uuid_("shop_id"),
    uuid_("entry_id"),
    Column("seq", BigInteger, Identity(always=True), nullable=False),
    text_("kind"),
    text_("phase"),
    uuid_("settles", null=True),
    uuid_("order_id", null=True),
    text_("ref"),
    at("at"),
    PrimaryKeyConstraint("shop_id", "entry_id"),
    UniqueConstraint("shop_id", "settles"),
    UniqueConstraint("shop_id", "kind", "phase", "ref"),
    check(
        "kind in ('pay', 'late', 'refund', 'late_back', 'fee', 'owed', 'owed_back', 'payout',"
        " 'coupon', 'coupon_back')",
        "kind",
    ),
    check("phase in ('direct', 'pending', 'post', 'void')", "phase"),
    check("(phase in ('post', 'void')) = (settles is not null)", "settles"),
    index("entry_shop_id_order_id_ix", "shop_id", "order_id"),
)

# Debit is positive. The sum of an entry is 0: a deferred trigger sees to it.
posting = table(
    "posting",
    uuid_("shop_id"),
    uuid_("entry_id"),
    Column("line_no", SmallInteger, nullable=False),
    text_("account"),
    fen("amount_fen"),
    PrimaryKeyConstraint("shop_id", "entry_id", "line_no"),
    refers("entry", "shop_id", "entry_id"),
    ForeignKeyConstraint(["shop_id", "account"], ["trade.account.shop_id", "trade.account.name"]),
    check("amount_fen <> 0", "amount"),
    index("posting_shop_id_account_ix", "shop_id", "account"),
)

# What a household is owed for one slip's grams in one order; `grams` negative when taken back.
owed = table(
    "owed",
    uuid_("shop_id"),
    uuid_("entry_id"),
    Column("line_no", SmallInteger, nullable=False),
    uuid_("household_id"),
    uuid_("order_id"),
    uuid_("slip_id"),
    fen("grams"),
    fen("price_fen_per_jin"),
    fen("amount_fen"),
    at("at"),
    PrimaryKeyConstraint("shop_id", "entry_id", "line_no"),
    refers("entry", "shop_id", "entry_id"),
    check("grams <> 0 and (grams > 0) = (amount_fen >= 0)", "grams"),
    index("owed_shop_id_household_id_ix", "shop_id", "household_id"),
    index("owed_shop_id_order_id_ix", "shop_id", "order_id"),
)

payout = table(
    "payout",
    uuid_("shop_id"),
    uuid_("payout_id"),
    uuid_("household_id"),
    uuid_("entry_id"),
    fen("amount_fen"),
    text_("method"),
    text_("evidence", null=True),
    text_("note"),
    Column("paid_on", Date, nullable=False),
    uuid_("by_id"),
    at("at"),
    PrimaryKeyConstraint("shop_id", "payout_id"),
    refers("entry", "shop_id", "entry_id"),
    check("amount_fen > 0", "amount"),
    check("method in ('cash', 'bank', 'wechat')", "method"),
    check("char_length(note) <= 200", "note"),
    index("payout_shop_id_household_id_ix", "shop_id", "household_id"),
)
