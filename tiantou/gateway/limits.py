"""The gateway's limits, as one value; every one of them can be set."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Counts, seconds and bytes beyond which the gateway sheds, slows or refuses."""

    viewers_max: int = 20_000
    viewers_per_room_max: int = 15_000
    viewers_per_address_max: int = 500
    rooms_max: int = 5_000
    joins_per_s_max: int = 4_000
    chat_lines_per_s_max: int = 40
    tick_s: float = 0.2
    tick_small_s: float = 0.1
    small_room_viewers_max: int = 2_000
    event_spacing_s: float = 0.05
    event_budget_share: float = 0.15
    counters_every_s: float = 1.0
    keep_alive_s: float = 15.0
    lite_backlog_bytes: int = 16 * 1024
    close_backlog_bytes: int = 64 * 1024
    lagging_s_max: float = 10.0
    snapshot_age_s_max: float = 10.0
    snapshot_wait_s: float = 0.4
    room_idle_s_max: float = 600.0
    ended_room_idle_s_max: float = 60.0
    seen_after_s: float = 3.0
    tickets_remembered_max: int = 500_000
    drain_s: float = 5.0


class Bucket:
    """Tokens that come at a rate and are kept up to a most."""

    def __init__(self, per_s: float, most: float, now: float) -> None:
        self._per_s, self._most = per_s, most
        self._left, self._at = most, now

    def _refill(self, now: float) -> None:
        self._left = min(self._most, self._left + (now - self._at) * self._per_s)
        self._at = now

    def take(self, amount: float, now: float) -> bool:
        """Takes the amount if it is there."""
        self._refill(now)
        if self._left < amount:
            return False
        self._left -= amount
        return True

    def spend(self, amount: float, now: float) -> None:
        """Takes the amount, down to one `most` of debt."""
        self._refill(now)
        self._left = max(-self._most, self._left - amount)

    def left(self, now: float) -> float:
        """What is there; negative in debt."""
        self._refill(now)
        return self._left
