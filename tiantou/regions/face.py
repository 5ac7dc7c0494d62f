"""What others may use of regions."""

from tiantou.regions.divisions_sql import (
    DivisionView,
    division,
    divisions,
    exists,
    in_832,
    named,
    search,
    today,
)
from tiantou.regions.load_sql import load
from tiantou.regions.locate import Gazetteer, Located, gazetteer
from tiantou.regions.wire import Division

__all__ = [
    "Division",
    "DivisionView",
    "Gazetteer",
    "Located",
    "division",
    "divisions",
    "exists",
    "gazetteer",
    "in_832",
    "load",
    "named",
    "search",
    "today",
]
