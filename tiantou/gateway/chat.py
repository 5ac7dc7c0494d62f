"""Chat of one room between two frames: fair sampling under a rate.

When more is said than the room can show, authors take turns in a drawn order: nobody's second line
is shown while another's first is left out. Who was left out still sees his own line.
"""

from dataclasses import dataclass
from random import Random

from tiantou.gateway.limits import Bucket

PENDING_LINES_MAX = 2_000


@dataclass(frozen=True)
class Said:
    """A line as bytes to send, its number, and who said it (0 if not known)."""

    number: int
    author: int
    nickname: str
    raw: bytes


@dataclass(frozen=True)
class Taken:
    """What a frame carries: lines to all, how many were left out, the left-out ones' own lines."""

    shown: list[Said]
    left_out: int
    own: list[Said]


class Chat:
    """Lines that wait for the next frame."""

    def __init__(self, lines_per_s_max: int, now: float, random: Random) -> None:
        self._bucket = Bucket(lines_per_s_max, lines_per_s_max, now)
        self._random = random
        self._lines: list[Said] = []
        self._heard = 0

    def __bool__(self) -> bool:
        return bool(self._lines)

    def say(self, line: Said) -> None:
        """Keeps a line; beyond PENDING_LINES_MAX every line has the same chance to be kept."""
        self._heard += 1
        if len(self._lines) < PENDING_LINES_MAX:
            self._lines.append(line)
            return
        place = self._random.randrange(self._heard)
        if place < PENDING_LINES_MAX:
            self._lines[place] = line

    def hide(self, number: int) -> None:
        """Takes back a line that has not been sent."""
        self._lines = [line for line in self._lines if line.number != number]

    def take(self, now: float) -> Taken:
        """Empties the pending lines into a frame's share."""
        lines, heard = self._lines, self._heard
        self._lines, self._heard = [], 0
        room = max(1, int(self._bucket.left(now))) if lines else 0
        shown = lines if len(lines) <= room else fair(lines, room, self._random)
        self._bucket.spend(len(shown), now)
        numbers = {line.number for line in shown}
        own = [line for line in lines if line.author and line.number not in numbers]
        return Taken(shown, heard - len(shown), own)


def fair(lines: list[Said], count: int, random: Random) -> list[Said]:
    """`count` of the lines, authors taking turns in a drawn order; in the order they were said."""
    by_author: dict[object, list[int]] = {}
    for place, line in enumerate(lines):
        by_author.setdefault(line.author or line.nickname, []).append(place)
    order = list(by_author.values())
    random.shuffle(order)
    chosen: list[int] = []
    turn = 0
    while order and len(chosen) < count:
        chosen += [places[turn] for places in order[: count - len(chosen)]]
        turn += 1
        order = [places for places in order if len(places) > turn]
    return [lines[place] for place in sorted(chosen)]
