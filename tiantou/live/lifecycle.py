"""The live session 直播场次 and its product segment 讲解段 as tables, and their timers."""

from datetime import timedelta

from tiantou.kit.machine import Machine

SESSION = Machine(
    name="live_session 直播场次",
    init="draft",
    terminal=frozenset({"disposed", "cancelled"}),
    states={
        "draft": "草稿",
        "announced": "预告中(可预约)",
        "in_review": "开播前合规审核",
        "ready": "待开播",
        "live": "直播中",
        "interrupted": "断流待恢复",
        "suspended": "暂停直播(平台处置)",
        "ended": "已下播",
        "terminated": "强制下播",
        "packaging": "回放生成中",
        "replay_public": "回放可看",
        "archived": "仅留存",
        "disposed": "到期销毁",
        "cancelled": "已取消",
    },
    rows=(
        ("draft", "announce", "U", "announced"),
        ("draft", "submit", "U", "in_review"),
        ("draft", "cancel", "U", "cancelled"),
        ("draft", "stale_90d", "T", "cancelled"),
        ("announced", "submit", "U", "in_review"),
        ("announced", "withdraw", "U", "draft"),
        ("announced", "cancel", "U", "cancelled"),
        ("announced", "start_time_passed_2h", "T", "cancelled"),
        ("in_review", "approve", "U", "ready"),
        ("in_review", "return", "U", "draft"),
        ("in_review", "review_sla", "T", "draft"),
        ("ready", "go_live", "U", "live"),
        ("ready", "goods_or_host_changed", "S", "in_review"),
        ("ready", "cancel", "U", "cancelled"),
        ("ready", "no_show_2h", "T", "cancelled"),
        ("live", "signal_lost", "S", "interrupted"),
        ("live", "suspend", "U", "suspended"),
        ("live", "end", "U", "ended"),
        ("live", "max_duration", "T", "ended"),
        ("live", "no_first_signal", "T", "ended"),
        ("interrupted", "signal_back", "S", "live"),
        ("interrupted", "grace_10min", "T", "ended"),
        ("interrupted", "end", "U", "ended"),
        ("interrupted", "suspend", "U", "suspended"),
        ("suspended", "lift", "U", "live"),
        ("suspended", "terminate", "U", "terminated"),
        ("suspended", "suspend_30min", "T", "terminated"),
        ("ended", "package", "S", "packaging"),
        ("ended", "package_late", "T", "packaging"),
        ("terminated", "package", "S", "packaging"),
        ("terminated", "package_late", "T", "packaging"),
        ("packaging", "clips_ready", "S", "replay_public"),
        ("packaging", "hide", "S", "archived"),
        ("packaging", "package_failed", "T", "archived"),
        ("replay_public", "take_down", "U", "archived"),
        ("replay_public", "public_window_over", "T", "archived"),
        ("archived", "republish", "U", "replay_public"),
        ("archived", "retention_due_no_hold", "T", "disposed"),
    ),
)

SEGMENT = Machine(
    name="segment 讲解段",
    init="queued",
    terminal=frozenset(),
    states={
        "queued": "待讲解",
        "explaining": "讲解中",
        "explained": "已讲解",
        "sold_out": "售罄",
        "withdrawn": "下架",
    },
    rows=(
        ("queued", "pin", "U", "explaining"),
        ("queued", "sell_out", "S", "sold_out"),
        ("queued", "withdraw", "U", "withdrawn"),
        ("explaining", "unpin", "U", "explained"),
        ("explaining", "sell_out", "S", "explaining"),
        ("explaining", "withdraw", "U", "withdrawn"),
        ("explained", "pin", "U", "explaining"),
        ("explained", "sell_out", "S", "sold_out"),
        ("explained", "withdraw", "U", "withdrawn"),
        ("sold_out", "pin", "U", "explaining"),
        ("sold_out", "restock", "S", "explained"),
        ("sold_out", "withdraw", "U", "withdrawn"),
        ("withdrawn", "restore", "U", "queued"),
    ),
)

HOURS_MAX = 12
# The state's timer: its event and how long after entering the state (or the hour named) it is due.
AFTER_ENTRY: dict[str, tuple[str, timedelta]] = {
    "draft": ("stale_90d", timedelta(days=90)),
    "in_review": ("review_sla", timedelta(hours=48)),
    "suspended": ("suspend_30min", timedelta(minutes=30)),
    "ended": ("package_late", timedelta(minutes=10)),
    "terminated": ("package_late", timedelta(minutes=10)),
    "packaging": ("package_failed", timedelta(hours=2)),
    "replay_public": ("public_window_over", timedelta(days=365)),
}
# These wait for a signal as long as the instance's grace period is; ten minutes, unless it is set.
AFTER_GRACE = {"live": "no_first_signal", "interrupted": "grace_10min"}
AFTER_START: dict[str, tuple[str, timedelta]] = {
    "announced": ("start_time_passed_2h", timedelta(hours=2)),
    "ready": ("no_show_2h", timedelta(hours=2)),
}
ON_AIR = frozenset({"live", "interrupted"})
PLANNED = frozenset({"announced", "in_review", "ready"})
OVER = frozenset({"ended", "terminated", "packaging", "replay_public", "archived"})
PUBLIC = frozenset({"announced", "in_review", "ready", "live", "interrupted", "suspended"}) | OVER
OPEN = ON_AIR | PLANNED | {"draft", "suspended"}
EDITABLE = frozenset({"draft", "announced", "ready"})
