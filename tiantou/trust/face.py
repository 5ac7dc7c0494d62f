"""What other modules may use of trust."""

from tiantou.trust.events import RecallActivated, RecallClosed
from tiantou.trust.trace import backward, forward, passport
from tiantou.trust.views import Backward, Forward

__all__ = [
    "Backward",
    "Forward",
    "RecallActivated",
    "RecallClosed",
    "backward",
    "forward",
    "passport",
]
