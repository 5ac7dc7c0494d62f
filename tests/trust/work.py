"""The worker's round for recalls."""

from tiantou.core.db import Database
from tiantou.core.delivery import Reaction, consumers, deliver, retry
from tiantou.trust import reactions
from tiantou.trust.events import RecallActivated, RecallContinues

REACTIONS = [
    Reaction("trust.recall", RecallActivated, reactions.on_recall_activated, alone=True),
    Reaction("trust.recall-on", RecallContinues, reactions.on_recall_continues, alone=True),
]


async def work_off(database: Database, rounds: int = 50) -> None:
    """Facts of trust until there are none."""
    by_name = {one.name: one for one in REACTIONS}
    for _ in range(rounds):
        seen = [
            await deliver(database, consumer, source)
            for consumer in consumers(REACTIONS)
            for source in consumer.sources()
        ]
        seen.append(await retry(database, by_name))
        if not any(seen):
            return
