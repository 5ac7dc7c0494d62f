"""A room with a clock that only the test moves."""

import json
import random
from typing import Any

import msgspec

from tiantou.gateway.frames import Frame, SnapshotIn
from tiantou.gateway.limits import Bucket, Limits
from tiantou.gateway.room import Cut, Room

LIMITS = Limits()


class Play:
    """A room, its clock, and what a fan-out costs."""

    def __init__(self, cost_s: float = 0.001, viewers: int = 10, limits: Limits = LIMITS) -> None:
        self.now, self.cost_s = 1_000.0, cost_s
        budget = Bucket(limits.event_budget_share, limits.event_budget_share, self.now)
        self.room = Room("e1", limits, budget, self.now, random.Random(5))
        self.room.present(viewers)
        self.cuts: list[tuple[float, Cut]] = []
        self.facts = 0

    def event(self, **more: Any) -> int:
        """A new event."""
        self.facts += 1
        raw = json.dumps({"t": "price", "k": self.facts, **more}).encode()
        return self.room.event(f"f{self.facts}", raw, self.now)

    def until(self, end: float) -> list[Cut]:
        """Runs every cut that falls due, each fan-out taking its time."""
        made: list[Cut] = []
        while (due := self.room.due(self.now)) is not None and due <= end:
            self.now = max(self.now, due)
            cut = self.room.cut(self.now)
            msgspec.json.decode(cut.full, type=Frame)
            self.room.fan_begins(numbered=cut.numbered)
            self.cuts.append((self.now, cut))
            made.append(cut)
            self.now += self.cost_s
            self.room.fan_ended(self.now, self.cost_s, self.cost_s, numbered=cut.numbered)
        self.now = max(self.now, end)
        return made

    def run(self, seconds: float) -> list[Cut]:
        """As `until`, from now."""
        return self.until(self.now + seconds)


def frames_of(cuts: list[Cut]) -> list[Any]:
    return [json.loads(cut.full) for cut in cuts]


def snapshot(**more: Any) -> SnapshotIn:
    return msgspec.json.decode(json.dumps({"state": {}, **more}), type=SnapshotIn)
