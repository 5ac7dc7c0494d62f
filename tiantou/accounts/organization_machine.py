"""The states of an organization; docs/reference/organizations.md shows the same table."""

from tiantou.kit.machine import Machine

ORGANIZATION = Machine(
    name="organization",
    init="applied",
    states={
        "applied": "待审核",
        "admitted": "已入驻",
        "refused": "未通过",
        "suspended": "暂停经营",
    },
    terminal=frozenset(),
    rows=(
        ("applied", "apply", "U", "applied"),
        ("applied", "admit", "U", "admitted"),
        ("applied", "refuse", "U", "refused"),
        ("refused", "apply", "U", "applied"),
        ("admitted", "apply", "U", "applied"),
        ("admitted", "admit", "U", "admitted"),
        ("admitted", "suspend", "U", "suspended"),
        ("suspended", "lift", "U", "admitted"),
    ),
)
