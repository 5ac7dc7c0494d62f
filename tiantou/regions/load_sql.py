"""Brings the shipped facts into the database; again only when their version differs."""

from typing import Any

from sqlalchemy import Connection, delete, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from tiantou.core.db import Tx
from tiantou.regions.facts_file import Facts, parents, read
from tiantou.regions.tables import DivisionChangeRow, DivisionRow, FactsRow, ProgramCountyRow

_NAME = "divisions-and-832"
_LOCK = 7_426_020
_PART = 1000


def _names(facts: Facts) -> dict[str, str]:
    """The name of each code: of the division in force, else of the last one that was."""
    ordered = sorted(facts.divisions, key=lambda d: d.until or 9999)
    return {one.code: one.name for one in ordered}


def _division_rows(facts: Facts) -> list[dict[str, Any]]:
    over, names = parents(facts.divisions), _names(facts)
    listed = {county.code for county in facts.counties}
    above = {over[d.code, d.since] for d in facts.divisions if d.until is None}
    rows = []
    for one in facts.divisions:
        parent = over[one.code, one.since]
        province = one.code[:2] + "0000"
        chain = [province, parent, one.code] if parent != province else [province, one.code]
        full = "".join(names[code] for code in chain if code and code != one.code) + one.name
        rows.append(
            {
                "code": one.code,
                "since": one.since,
                "until": one.until,
                "name": one.name,
                "full_name": full,
                "level": one.level,
                "parent": parent,
                "province_name": names[province],
                "leaf": one.code not in above,
                "in832": one.until is None and one.code in listed,
            }
        )
    return rows


def _change_rows(facts: Facts) -> list[dict[str, Any]]:
    return [
        {"code": one.code, "since": one.since, "became": became, "year": year}
        for one in facts.divisions
        for became, year in one.became
    ]


def _county_rows(facts: Facts) -> list[dict[str, Any]]:
    return [
        {
            "no": one.no,
            "name_listed": one.name,
            "province": one.province,
            "region": one.region,
            "code": one.code,
            "within": one.within,
            "exited": one.exited,
            "remark": one.remark,
        }
        for one in facts.counties
    ]


def load_on(connection: Connection) -> bool:
    """`load` for a plain connection, as the migrations have it."""
    facts = read()
    connection.execute(text("select pg_advisory_xact_lock(:n)"), {"n": _LOCK})
    known = connection.scalar(select(FactsRow.version).where(FactsRow.name == _NAME))
    if known == facts.version:
        return False
    for table, rows in (
        (DivisionRow, _division_rows(facts)),
        (DivisionChangeRow, _change_rows(facts)),
        (ProgramCountyRow, _county_rows(facts)),
    ):
        connection.execute(delete(table))
        for start in range(0, len(rows), _PART):
            connection.execute(insert(table), rows[start : start + _PART])
    connection.execute(
        upsert(FactsRow)
        .values(name=_NAME, version=facts.version)
        .on_conflict_do_update(index_elements=["name"], set_={"version": facts.version})
    )
    return True


async def load(tx: Tx) -> bool:
    """Loads the shipped facts if another version, or none, is there; says whether it did."""
    return await (await tx.connection()).run_sync(load_on)
