"""Days of the field are days in China."""

from datetime import date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))


def day_of(at: datetime) -> date:
    """The day that it was in China."""
    return at.astimezone(CHINA).date()
