"""The tables of the packing bench: waybills known before packing, and every scan."""

from sqlalchemy import PrimaryKeyConstraint

from tiantou.trade.columns_sql import at, check, fen, index, int_, refers, table, text_, uuid_

# Which order a waybill is for, from the day on which its label was made.
waybill = table(
    "waybill",
    uuid_("shop_id"),
    text_("waybill"),
    text_("carrier"),
    uuid_("order_id"),
    at("at"),
    PrimaryKeyConstraint("shop_id", "waybill"),
    refers("orders", "shop_id", "order_id"),
    index("waybill_order_ix", "shop_id", "order_id"),
)

# A box held to an order by a packer, and what came of it. `scan_id` is the device's own key: a scan
# that is sent twice is one. `other` names what stands in the way: an order, a lot. `settled_at` is
# when a person dealt with a scan that was refused.
scan = table(
    "scan",
    uuid_("shop_id"),
    uuid_("scan_id"),
    text_("said_order"),
    text_("said_box"),
    uuid_("order_id", null=True),
    int_("line_no", null=True),
    text_("box_code", null=True),
    uuid_("lot_id", null=True),
    int_("net_g", null=True),
    fen("short_fen", null=True),
    text_("verdict"),
    text_("other", null=True),
    text_("earlier_lot", null=True),
    uuid_("packer_id"),
    at("scanned_at"),
    at("at"),
    at("settled_at", null=True),
    uuid_("settled_by", null=True),
    PrimaryKeyConstraint("shop_id", "scan_id"),
    refers("orders", "shop_id", "order_id"),
    check("net_g between 1 and 1000000", "net_g"),
    check("(settled_at is null) = (settled_by is null)", "settled"),
    index("scan_order_ix", "shop_id", "order_id", where="verdict = 'in'"),
    index("scan_packer_ix", "shop_id", "packer_id", "at"),
    index(
        "scan_open_ix",
        "shop_id",
        "at",
        where="verdict not in ('in', 'undone') and settled_at is null",
    ),
)
