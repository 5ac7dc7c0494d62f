"""Look-ups of divisions in force."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, case, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from tiantou.core.db import Tx
from tiantou.regions.tables import DivisionChangeRow, DivisionRow, FactsRow

FOUND_MAX = 20
STEPS_MAX = 10
ALIKE_MIN = 0.2

D = DivisionRow


@dataclass(frozen=True, slots=True)
class DivisionView:
    """A division in force. `level`: province, prefecture, county; `leaf`: nothing lies below."""

    code: str
    name: str
    full_name: str
    level: str
    parent: str | None
    leaf: bool
    in832: bool
    province_name: str


def _views() -> Select[str, str, str, str, str | None, bool, bool, str]:
    return select(
        D.code, D.name, D.full_name, D.level, D.parent, D.leaf, D.in832, D.province_name
    ).where(D.until.is_(None))


async def division(tx: Tx, code: str) -> DivisionView | None:
    """The division in force of that code, or None."""
    row = (await tx.execute(_views().where(D.code == code))).one_or_none()
    return None if row is None else DivisionView(*row)


async def divisions(tx: Tx, codes: Iterable[str]) -> dict[str, DivisionView]:
    """The divisions in force of those codes, by code; unknown ones are absent."""
    rows = await tx.execute(_views().where(D.code.in_(set(codes))))
    return {row.code: DivisionView(*row) for row in rows}


async def named(tx: Tx, codes: Iterable[str]) -> dict[str, DivisionView]:
    """Like `divisions`, and of a code out of force the last division that had it."""
    columns = (D.code, D.name, D.full_name, D.level, D.parent, D.leaf, D.in832, D.province_name)
    latest = select(*columns).ext(distinct_on(D.code)).where(D.code.in_(set(codes)))
    rows = await tx.execute(latest.order_by(D.code, D.until.desc().nulls_first()))
    return {row.code: DivisionView(*row) for row in rows}


async def exists(tx: Tx, code: str) -> bool:
    """Whether a division of that code is in force."""
    return await division(tx, code) is not None


async def in_832(tx: Tx, code: str) -> bool:
    """Whether the code is of a county on the list of 832."""
    return bool(await tx.scalar(select(D.in832).where(D.code == code, D.until.is_(None))))


async def below(tx: Tx, parent: str | None) -> list[DivisionView]:
    """The divisions in force right below one, by code; the provinces for None."""
    rows = await tx.execute(_views().where(D.parent.is_not_distinct_from(parent)).order_by(D.code))
    return [DivisionView(*row) for row in rows]


def _like(word: str, between: str = "") -> str:
    signs = [f"\\{sign}" if sign in "\\%_" else sign for sign in word]
    return f"%{between.join(signs)}%"


async def search(tx: Tx, words: str) -> list[DivisionView]:
    """At most FOUND_MAX divisions whose full name holds every word, the nearest names first.

    Words are parted by blanks. Where nothing holds them all: names that hold their signs in order
    (甘肃定西渭源 finds 甘肃省定西市渭源县), then names that are alike.
    """
    parts = words.split()
    if not parts:
        return []
    whole, last = "".join(parts), parts[-1]
    ends = func.right(whole, func.length(D.name)) == D.name
    nearness = case(
        (or_(D.name == last, ends), 0), (D.name.startswith(last, autoescape=True), 1), else_=2
    )
    by_name = (nearness, func.length(D.full_name), D.code)
    alike = func.similarity(D.full_name, whole)
    holds = _views().where(*(D.full_name.like(_like(part)) for part in parts))
    in_order = _views().where(D.full_name.like(_like(whole, "%")))
    near = _views().where(alike > ALIKE_MIN)
    for wanted in (
        holds.order_by(*by_name),
        in_order.order_by(*by_name),
        near.order_by(alike.desc(), D.code),
    ):
        rows = (await tx.execute(wanted.limit(FOUND_MAX))).all()
        if rows:
            return [DivisionView(*row) for row in rows]
    return []


async def in_force(tx: Tx) -> list[DivisionView]:
    """All of them."""
    return [DivisionView(*row) for row in await tx.execute(_views())]


async def today(tx: Tx, code: str) -> list[DivisionView]:
    """What a code is today: itself if in force, else what it became, followed to the present."""
    seen: set[str] = set()
    ahead = {code}
    for _ in range(STEPS_MAX):
        ahead -= seen
        if not ahead:
            break
        seen |= ahead
        standing = set(await divisions(tx, ahead))
        became = await tx.scalars(
            select(DivisionChangeRow.became).where(DivisionChangeRow.code.in_(ahead - standing))
        )
        ahead = set(became)
    return sorted((await divisions(tx, seen)).values(), key=lambda one: one.code)


async def version(tx: Tx) -> str:
    """The version of the facts that are loaded; empty before the first load."""
    return await tx.scalar(select(FactsRow.version)) or ""
