"""What a sample says of a grade: each attribute's mean and ends, shares outside, and a verdict."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from tiantou.supply.grading.samples import judge
from tiantou.supply.grading.standards import ATTRIBUTES
from tiantou.supply.grading.standards_sql import GradeView, LimitView, Piece

UNMEASURED, MEETS, FAILS = "unmeasured", "meets", "fails"


class Measure(Struct, frozen=True, kw_only=True):
    """One attribute over the pieces measured, in its own whole unit; `mean` is rounded.

    `below` and `above` count pieces beyond the limits, `outside_permille` is their share.
    """

    attribute: str
    pieces: int
    least: int
    mean: int
    most: int
    low: int | None
    high: int | None
    below: int
    above: int
    outside_permille: int


class Judged(Struct, frozen=True, kw_only=True):
    """A sample by its grade. A piece beyond two limits is one piece outside.

    `reasons`: {code, attribute?, ...} for each limit that pieces pass, and each not measured.
    """

    grade: str
    pieces: int
    outside: int
    allowed: int
    tolerance_permille: int
    verdict: str
    measures: list[Measure]
    reasons: list[dict[str, Any]]


def judged(grade: GradeView, pieces: Sequence[Piece]) -> Judged:
    """A sample judged; without a piece it is `unmeasured`."""
    said = judge(grade, pieces)
    limits = {one.attribute: one for one in grade.limits}
    measures = measured(pieces, limits)
    verdict = FAILS if said.outside > said.allowed else MEETS if pieces else UNMEASURED
    return Judged(
        grade=grade.name,
        pieces=said.pieces,
        outside=said.outside,
        allowed=said.allowed,
        tolerance_permille=grade.tolerance_permille,
        verdict=verdict,
        measures=measures,
        reasons=_reasons(limits, measures),
    )


def measured(pieces: Sequence[Piece], limits: dict[str, LimitView]) -> list[Measure]:
    """Each attribute that was measured of any piece."""
    found = []
    for attribute in ATTRIBUTES:
        values = [getattr(piece, attribute) for piece in pieces]
        values = [value for value in values if value is not None]
        if values:
            found.append(_measure(attribute, values, limits.get(attribute)))
    return found


def _measure(attribute: str, values: Sequence[int], limit: LimitView | None) -> Measure:
    low, high = (limit.low, limit.high) if limit else (None, None)
    below = sum(low is not None and value < low for value in values)
    above = sum(high is not None and value > high for value in values)
    return Measure(
        attribute=attribute,
        pieces=len(values),
        least=min(values),
        mean=(2 * sum(values) + len(values)) // (2 * len(values)),
        most=max(values),
        low=low,
        high=high,
        below=below,
        above=above,
        outside_permille=(below + above) * 1000 // len(values),
    )


def _reasons(limits: dict[str, LimitView], measures: Sequence[Measure]) -> list[dict[str, Any]]:
    by_name = {one.attribute: one for one in measures}
    reasons: list[dict[str, Any]] = []
    for attribute, limit in limits.items():
        one = by_name.get(attribute)
        if one is None:
            reasons.append({"code": "not-measured", "attribute": attribute})
            continue
        for code, count, bound in (
            ("below", one.below, limit.low),
            ("above", one.above, limit.high),
        ):
            if count:
                share = count * 1000 // one.pieces
                reasons.append(
                    {
                        "code": code,
                        "attribute": attribute,
                        "pieces": count,
                        "permille": share,
                        "limit": bound,
                    }
                )
    return reasons
