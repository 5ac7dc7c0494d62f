"""The facts of this module as shipped: two small tables of text, read and checked."""

import hashlib
from dataclasses import dataclass
from importlib.resources import files

PROVINCE, PREFECTURE, COUNTY = "province", "prefecture", "county"
REGIONS = {"E": "east", "C": "centre", "W": "west"}


@dataclass(frozen=True, slots=True)
class DivisionFact:
    """A division in its years; `until` None is in force. `became`: (code, year) of successors."""

    code: str
    name: str
    since: int
    until: int | None
    became: tuple[tuple[str, int], ...]

    @property
    def level(self) -> str:
        """province, prefecture or county, which the code itself says."""
        if self.code.endswith("0000"):
            return PROVINCE
        return PREFECTURE if self.code.endswith("00") else COUNTY


@dataclass(frozen=True, slots=True)
class CountyFact:
    """A listed county: `code` in force today, or None where it has none, then `within` says where.

    `exited` is the year in which it left the list; `region` is east, centre or west.
    """

    no: int
    name: str
    province: str
    region: str
    code: str | None
    within: str
    exited: int
    remark: str


@dataclass(frozen=True)
class Facts:
    """All of it; `version` changes with any byte."""

    version: str
    divisions: tuple[DivisionFact, ...]
    counties: tuple[CountyFact, ...]


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _division(line: str) -> DivisionFact:
    code, name, years, *rest = line.split("\t")
    since, _, until = years.partition("-")
    became = []
    for one in (rest[0] if rest else "").split():
        into, _, year = one.partition("@")
        became.append((into, int(year or until)))
    return DivisionFact(code, name, int(since), int(until) if until else None, tuple(became))


def _counties(lines: list[str]) -> list[CountyFact]:
    made: list[CountyFact] = []
    province = region = ""
    for line in lines:
        if line.startswith("= "):
            province, letter = line[2:].split()
            region = REGIONS[letter]
            continue
        place, name, year, *remark = line.split("\t")
        code = None if place.startswith("~") else place
        made.append(
            CountyFact(
                no=len(made) + 1,
                name=name,
                province=province,
                region=region,
                code=code,
                within=place.lstrip("~"),
                exited=int(year),
                remark=remark[0] if remark else "",
            )
        )
    return made


def read() -> Facts:
    """The shipped facts. Raises ValueError if a line is not of the form."""
    folder = files("tiantou.regions") / "facts"
    divisions = (folder / "divisions.tsv").read_text("utf-8")
    counties = (folder / "program_832.tsv").read_text("utf-8")
    return Facts(
        version=hashlib.sha256((divisions + "\0" + counties).encode()).hexdigest(),
        divisions=tuple(_division(line) for line in _lines(divisions)),
        counties=tuple(_counties(_lines(counties))),
    )


def parents(divisions: tuple[DivisionFact, ...]) -> dict[tuple[str, int], str | None]:
    """The parent's code of each (code, since): its prefecture while one of that code stood.

    Else its province (counties under a province, districts of a municipality); None of a province.
    """
    spans: dict[str, list[tuple[int, int]]] = {}
    for one in divisions:
        spans.setdefault(one.code, []).append((one.since, one.until or 9999))
    found: dict[tuple[str, int], str | None] = {}
    for one in divisions:
        if one.level == PROVINCE:
            found[one.code, one.since] = None
            continue
        over = one.code[:4] + "00"
        last = (one.until or 9999) - 1
        under = one.level == COUNTY and any(a <= last < b for a, b in spans.get(over, ()))
        found[one.code, one.since] = over if under else one.code[:2] + "0000"
    return found
