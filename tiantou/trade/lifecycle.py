"""The state machines of trade. Their tables stand in docs/reference/trade.md too."""

from tiantou.kit.machine import Machine

ORDER = Machine(
    name="order",
    init="pending_payment",
    states={
        "pending_payment": "待付款",
        "paid": "已付款待备货",
        "packing": "备货中",
        "packed": "已打包待揽收",
        "shipped": "已揽收运输中",
        "delivered": "已签收(验货期)",
        "completed": "交易完成",
        "cancelled": "已取消(未付款)",
        "closed": "交易关闭(全额退款)",
        "exception": "物流异常",
    },
    terminal=frozenset({"completed", "cancelled", "closed"}),
    rows=(
        ("pending_payment", "pay", "S", "paid"),
        ("pending_payment", "cancel", "U", "cancelled"),
        ("pending_payment", "hold_expired_10min", "T", "cancelled"),
        ("paid", "start_packing", "U", "packing"),
        ("paid", "refund_full", "S", "closed"),
        ("paid", "hard_deadline", "T", "closed"),
        ("packing", "pack_scan", "U", "packed"),
        ("packing", "refund_full", "S", "closed"),
        ("packing", "short_of_goods", "U", "closed"),
        ("packing", "hard_deadline", "T", "closed"),
        ("packed", "pickup_scan", "S", "shipped"),
        ("packed", "refund_full", "S", "closed"),
        ("packed", "hard_deadline", "T", "closed"),
        ("shipped", "delivered_scan", "S", "delivered"),
        ("shipped", "no_scan_72h", "T", "exception"),
        ("shipped", "return_to_sender", "S", "exception"),
        ("exception", "found", "S", "shipped"),
        ("exception", "declare_lost", "U", "closed"),
        ("exception", "exception_7d", "T", "closed"),
        ("delivered", "claim_window_over", "T", "completed"),
        ("delivered", "buyer_confirms", "U", "completed"),
        ("delivered", "refund_full", "S", "closed"),
    ),
)

PAYMENT = Machine(
    name="payment",
    init="started",
    states={
        "started": "待支付",
        "paid": "已支付",
        "refused": "支付失败",
        "lapsed": "超时关闭",
        "returned": "已收款后退回",
    },
    terminal=frozenset({"paid", "returned"}),
    rows=(
        ("started", "money_came", "S", "paid"),
        ("started", "gateway_refused", "S", "refused"),
        ("started", "time_over", "T", "lapsed"),
        ("started", "money_came_late", "S", "returned"),
        # A gateway may take money after it said no, or after we stopped waiting: never lost.
        ("refused", "money_came", "S", "paid"),
        ("refused", "money_came_late", "S", "returned"),
        ("lapsed", "money_came", "S", "paid"),
        ("lapsed", "money_came_late", "S", "returned"),
    ),
)

REFUND = Machine(
    name="refund",
    init="refunding",
    states={
        "refunding": "退款中",
        "refund_failed": "退款失败",
        "refunded": "退款成功",
        "manual_refund": "人工退款",
        "owed": "挂账待付(可见的欠款,不是余额)",
    },
    terminal=frozenset({"refunded", "owed"}),
    rows=(
        ("refunding", "refund_ok", "S", "refunded"),
        ("refunding", "refund_error", "S", "refund_failed"),
        ("refunding", "refund_24h", "T", "refund_failed"),
        # A gateway may say that it has paid after we stopped waiting: nobody pays a second time.
        ("refund_failed", "refund_ok", "S", "refunded"),
        ("manual_refund", "refund_ok", "S", "refunded"),
        ("owed", "refund_ok", "S", "refunded"),
        ("refund_failed", "retry", "S", "refunding"),
        ("refund_failed", "third_failure", "T", "manual_refund"),
        ("manual_refund", "paid_by_hand", "U", "refunded"),
        ("manual_refund", "owed_3d", "T", "owed"),
        ("owed", "paid_by_hand", "U", "refunded"),
    ),
)

OFFER = Machine(
    name="offer",
    init="open",
    states={"open": "在售", "paused": "暂停", "closed": "已结束"},
    terminal=frozenset({"closed"}),
    rows=(
        ("open", "pause", "U", "paused"),
        ("paused", "resume", "U", "open"),
        ("open", "close", "U", "closed"),
        ("open", "window_over", "T", "closed"),
        ("paused", "close", "U", "closed"),
        ("paused", "window_over", "T", "closed"),
    ),
)

WAITING = Machine(
    name="waiting",
    init="waiting",
    states={
        "waiting": "候补中",
        "offered": "轮到了(留货)",
        "taken": "已下单",
        "lapsed": "没来得及",
        "left": "不等了",
        "over": "已结束",
    },
    terminal=frozenset({"taken", "lapsed", "left", "over"}),
    rows=(
        ("waiting", "units_back", "S", "offered"),
        ("waiting", "leave", "U", "left"),
        ("waiting", "offer_over", "S", "over"),
        ("offered", "order", "U", "taken"),
        ("offered", "leave", "U", "left"),
        ("offered", "kept_15min", "T", "lapsed"),
        ("offered", "offer_over", "S", "over"),
    ),
)
