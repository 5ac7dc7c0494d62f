"""What trust does on facts, its own among them."""

from tiantou.core.db import Tx
from tiantou.trust import working
from tiantou.trust.events import RecallActivated, RecallContinues


async def on_recall_activated(tx: Tx, fact: RecallActivated) -> None:
    """The first buyers are told and refunded."""
    await working.go_on(tx, fact)


async def on_recall_continues(tx: Tx, fact: RecallContinues) -> None:
    """The next buyers are told and refunded."""
    await working.go_on(tx, fact)
