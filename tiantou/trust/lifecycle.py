"""The state machines of trust."""

from tiantou.kit.machine import Machine

RECALL = Machine(
    name="recall 召回",
    init="draft",
    states={"draft": "草拟", "active": "召回中", "closed": "已结束", "dropped": "已放弃"},
    terminal=frozenset({"closed", "dropped"}),
    rows=(
        ("draft", "activate", "U", "active"),
        ("draft", "drilled", "S", "closed"),
        ("draft", "drop", "U", "dropped"),
        ("draft", "draft_7d", "T", "dropped"),
        ("active", "close", "U", "closed"),
        ("active", "active_180d", "T", "closed"),
    ),
)

NOTICE = Machine(
    name="recall_line 召回通知",
    init="queued",
    states={
        "queued": "待通知",
        "told": "已通知",
        "unreachable": "无法联系",
        "acknowledged": "已确认",
    },
    terminal=frozenset({"acknowledged"}),
    rows=(
        ("queued", "tell", "S", "told"),
        ("queued", "no_account", "S", "unreachable"),
        ("told", "acknowledge", "U", "acknowledged"),
        ("unreachable", "acknowledge", "U", "acknowledged"),
    ),
)
