"""The outline of a plot: a ring of points that does not cross itself, and what it encloses.

Points are (latitude, longitude) in millionths of a degree, WGS 84. Turning is decided in whole
numbers, exactly; the area by the shoelace formula on a plane that touches the plot's middle, which
for a piece of land is off by far less than a survey.
"""

from collections.abc import Sequence
from itertools import combinations
from math import cos, radians

from tiantou.core.problems import InvalidFields

Point = tuple[int, int]

POINTS_MIN, POINTS_MAX = 3, 60
# Land that this product knows; a swapped pair or a missing decimal falls outside.
LAT_E6, LON_E6 = (3_000_000, 54_000_000), (73_000_000, 136_000_000)
OUTLINE_M2_MAX = 100_000_000
# A hand-drawn outline and a stated area that differ by more are worth a question.
DIFFERS_PERMILLE = 200
_METRES_PER_DEGREE = 111_195.0


def check(points: Sequence[Point]) -> None:
    """Raises InvalidFields(outline): length, twice, crosses (with both edges), flat, too-large."""
    if not POINTS_MIN <= len(points) <= POINTS_MAX:
        raise InvalidFields.one("outline", "length", min=POINTS_MIN, max=POINTS_MAX)
    if len(set(points)) != len(points):
        raise InvalidFields.one("outline", "twice")
    for first, second in combinations(range(len(points)), 2):
        if _meet(points, first, second):
            raise InvalidFields.one("outline", "crosses", edges=[first + 1, second + 1])
    area = area_m2(points)
    if area < 1:
        raise InvalidFields.one("outline", "flat")
    if area > OUTLINE_M2_MAX:
        raise InvalidFields.one("outline", "too-large", max_m2=OUTLINE_M2_MAX)


def area_m2(points: Sequence[Point]) -> int:
    """Whole square metres inside; 0 without an outline."""
    if not points:
        return 0
    middle = sum(lat for lat, _ in points) / len(points)
    wide = _METRES_PER_DEGREE * cos(radians(middle / 1e6))
    lat0, lon0 = points[0]
    flat = [
        ((lon - lon0) / 1e6 * wide, (lat - lat0) / 1e6 * _METRES_PER_DEGREE) for lat, lon in points
    ]
    ring = zip(flat, [*flat[1:], flat[0]], strict=True)
    return round(abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in ring)) / 2)


def differs(points: Sequence[Point], stated_m2: int) -> bool:
    """Whether outline and stated area are too far apart to be the same land."""
    if not points:
        return False
    return abs(area_m2(points) - stated_m2) * 1000 > stated_m2 * DIFFERS_PERMILLE


def _meet(points: Sequence[Point], first: int, second: int) -> bool:
    """Whether two edges of the ring share more than the corner that neighbours have in common."""
    count = len(points)
    a, b = points[first], points[(first + 1) % count]
    c, d = points[second], points[(second + 1) % count]
    if second == first + 1:
        return _turn(a, b, d) == 0 and _behind(b, a, d)
    if (second + 1) % count == first:
        return _turn(c, a, b) == 0 and _behind(a, c, b)
    turns = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    ends = ((turns[0], a, b, c), (turns[1], a, b, d), (turns[2], c, d, a), (turns[3], c, d, b))
    return any(turn == 0 and _within(here, there, point) for turn, here, there, point in ends)


def _turn(a: Point, b: Point, c: Point) -> int:
    """1 for a left turn at b, -1 for a right one, 0 if the three are in line."""
    cross = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (cross > 0) - (cross < 0)


def _behind(corner: Point, before: Point, after: Point) -> bool:
    """Whether an edge runs back over the one that it follows."""
    along = (before[0] - corner[0]) * (after[0] - corner[0])
    return along + (before[1] - corner[1]) * (after[1] - corner[1]) > 0


def _within(a: Point, b: Point, point: Point) -> bool:
    """Whether a point of the line through a and b lies between them."""
    return all(min(a[n], b[n]) <= point[n] <= max(a[n], b[n]) for n in (0, 1))
