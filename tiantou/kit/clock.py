"""The only clock. UTC inside; the day of a report is Asia/Shanghai and only insight asks for it."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, timezone-aware, UTC."""
    return datetime.now(UTC)
