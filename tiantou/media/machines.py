"""The life of a broadcast."""

from tiantou.kit.machine import Machine

BROADCAST = Machine(
    name="broadcast",
    init="opened",
    terminal=frozenset({"disposed"}),
    states={
        "opened": "待推流",
        "on_air": "推流中",
        "lost": "断流待恢复",
        "ending": "收尾中",
        "closed": "已封存",
        "disposing": "销毁中",
        "disposed": "已销毁",
    },
    rows=(
        ("opened", "signal_started", "S", "on_air"),
        ("opened", "end", "S", "ending"),
        ("on_air", "signal_lost", "S", "lost"),
        ("on_air", "end", "S", "ending"),
        ("lost", "signal_back", "S", "on_air"),
        ("lost", "end", "S", "ending"),
        ("lost", "grace_over", "T", "ending"),
        ("ending", "sealed", "S", "closed"),
        ("closed", "dispose", "T", "disposing"),
        ("disposing", "deleted", "S", "disposed"),
    ),
)
