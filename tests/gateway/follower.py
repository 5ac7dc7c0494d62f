"""What a right client does with frames, for tests: offsets, epochs, gaps, state."""

import json
from typing import Any


class Follower:
    """Follows one room; `gap` means that it must come back for what it missed."""

    def __init__(self) -> None:
        self.epoch, self.offset = "", -1
        self.events: list[Any] = []
        self.snapshots: list[Any] = []
        self.lines: list[Any] = []
        self.values: dict[str, Any] = {}
        self.counters: list[int] = []
        self.entered: list[Any] = []
        self.left_out = 0
        self.gap = False
        self.again = 0

    def take(self, text: bytes | str) -> None:
        """Takes a frame's JSON."""
        frame = json.loads(text)
        events = frame.get("ev", [])
        if "snap" in frame:
            self.snapshots.append(frame["snap"])
            self.offset = frame["o"] - len(events)
            self.lines += frame["snap"]["chat"]
        self.epoch = frame.get("e", self.epoch)
        self._count(frame["o"], events)
        self.lines += frame.get("c", [])
        self.left_out += frame.get("d", 0)
        self.values |= frame.get("s", {})
        self.counters = frame.get("n", self.counters)
        if "j" in frame:
            self.entered.append(frame["j"])

    def _count(self, offset: int, events: list[Any]) -> None:
        if events:
            first = offset - len(events) + 1
            if first > self.offset + 1:
                self.gap = True
                return
            old = self.offset + 1 - first
            self.again += old
            self.events += events[old:]
            self.offset = max(self.offset, offset)
        elif offset > self.offset:
            self.gap = True
