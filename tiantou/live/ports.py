"""What live asks of its surroundings."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Broadcasting:
    """Where pictures come in and go out: public addresses, and the recordings' folder."""

    page_url: str
    """Where people open pages; publishing and the stream of events stand on it, too."""
    media_url: str
    """The base of playback; empty: the page's own origin."""
    publish_url: str
    gateway_url: str
    rtmp_url: str
    recordings: Path
    keep: timedelta
    grace: timedelta
    """How long a session on air waits for its first signal, and for one that was lost."""
    review_at_once: bool = False
