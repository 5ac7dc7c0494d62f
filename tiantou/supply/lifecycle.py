"""The state machines of supply."""

from tiantou.kit.machine import Machine

SLIP = Machine(
    name="weigh_in_slip 过磅单",
    init="drafted",
    states={
        "drafted": "已录入",
        "agreed": "双方认可",
        "owed": "应付",
        "advanced": "已预付",
        "paid": "已付清",
        "disputed": "有异议",
        "void": "作废",
    },
    terminal=frozenset({"advanced", "paid", "void"}),
    rows=(
        ("drafted", "agree", "U", "agreed"),
        ("drafted", "void", "U", "void"),
        ("agreed", "owe", "S", "owed"),
        ("agreed", "dispute", "U", "disputed"),
        ("agreed", "void", "U", "void"),
        ("owed", "dispute", "U", "disputed"),
        ("owed", "advance", "U", "advanced"),
        ("owed", "pay", "U", "paid"),
        ("disputed", "new_reading", "U", "agreed"),
        ("disputed", "void", "U", "void"),
    ),
)

LOT = Machine(
    name="lot 批次",
    init="open",
    states={"open": "可用", "held": "暂扣", "recalled": "已召回", "closed": "已结束"},
    terminal=frozenset({"recalled", "closed"}),
    rows=(
        ("open", "hold", "U", "held"),
        ("open", "recall", "U", "recalled"),
        ("open", "close", "S", "closed"),
        ("held", "release", "U", "open"),
        ("held", "recall", "U", "recalled"),
        ("held", "close", "S", "closed"),
    ),
)

SCHEME = Machine(
    name="scheme_certificate 认证证书",
    init="submitted",
    states={
        "submitted": "待核验",
        "verified": "有效",
        "refused": "未通过",
        "revoked": "已撤销",
        "ended": "已到期",
    },
    terminal=frozenset({"refused", "revoked", "ended"}),
    rows=(
        ("submitted", "verify", "U", "verified"),
        ("submitted", "refuse", "U", "refused"),
        ("submitted", "term_over", "T", "ended"),
        ("verified", "revoke", "U", "revoked"),
        ("verified", "term_over", "T", "ended"),
    ),
)

SEASON = Machine(
    name="season 季",
    init="planned",
    states={
        "planned": "计划中",
        "growing": "生长中",
        "harvesting": "采收中",
        "closed": "已收完",
        "abandoned": "已放弃",
    },
    terminal=frozenset({"closed", "abandoned"}),
    rows=(
        ("planned", "plant", "U", "growing"),
        ("planned", "weigh_in", "S", "harvesting"),
        ("planned", "abandon", "U", "abandoned"),
        ("growing", "harvest", "U", "harvesting"),
        ("growing", "weigh_in", "S", "harvesting"),
        ("growing", "abandon", "U", "abandoned"),
        ("harvesting", "close", "U", "closed"),
    ),
)

COLLECTION = Machine(
    name="collection_run 收购路线",
    init="planned",
    states={
        "planned": "已排好",
        "under_way": "路上",
        "done": "已收完",
        "cancelled": "已取消",
    },
    terminal=frozenset({"done", "cancelled"}),
    rows=(
        ("planned", "start", "U", "under_way"),
        ("planned", "cancel", "U", "cancelled"),
        ("under_way", "finish", "U", "done"),
        ("under_way", "cancel", "U", "cancelled"),
    ),
)

STOP = Machine(
    name="collection_stop 收购点",
    init="waiting",
    states={"waiting": "待收", "weighed": "已过磅", "skipped": "没收"},
    terminal=frozenset({"weighed"}),
    rows=(
        ("waiting", "weigh_in", "S", "weighed"),
        ("waiting", "skip", "U", "skipped"),
        ("skipped", "call_again", "U", "waiting"),
        ("skipped", "weigh_in", "S", "weighed"),
    ),
)
