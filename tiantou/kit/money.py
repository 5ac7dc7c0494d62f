"""Money in whole minor units; shares by largest remainder: parts always sum to the whole."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units (fen for CNY). Amounts of different currencies never mix."""

    minor: int
    currency: str = "CNY"

    def __add__(self, other: "Money") -> "Money":
        """Raises ValueError on different currencies."""
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        """Raises ValueError on different currencies."""
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def times(self, count: int) -> "Money":
        """The amount `count` times."""
        return Money(self.minor * count, self.currency)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return other.minor


def shares(total: int, weights: Sequence[int]) -> list[int]:
    """`total` minor units split by `weights` (largest remainder, earlier parts first on a tie).

    The parts sum to `total`. Raises ValueError if a weight is negative or all are zero.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights are not negative and not all zero")
    sign = -1 if total < 0 else 1
    parts = [abs(total) * weight // whole for weight in weights]
    rest = abs(total) - sum(parts)
    order = sorted(range(len(weights)), key=lambda i: (-(abs(total) * weights[i] % whole), i))
    for i in order[:rest]:
        parts[i] += 1
    return [sign * part for part in parts]


def permille(total: int, rate: int) -> int:
    """`rate` thousandths of `total` minor units, rounded half up (for a non-negative total)."""
    return (total * rate + 500) // 1000


def fen_per_jin(price_fen: int, net_g: int) -> int:
    """The price in fen per 斤 (500 g) of a pack, rounded half up. ValueError if empty."""
    if net_g <= 0:
        raise ValueError("a pack has a net weight")
    return (price_fen * 500 * 2 + net_g) // (net_g * 2)


def value_of(grams: int, price_fen_per_jin: int) -> int:
    """What `grams` are worth at a price per 斤 (500 g), in fen, rounded half up."""
    return (grams * price_fen_per_jin + 250) // 500
