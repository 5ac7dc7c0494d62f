"""The machines: as designed, as documented, as the database believes; nothing hangs."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint

from tiantou.core.db import Table
from tiantou.core.problems import Problem
from tiantou.kit.machine import Machine
from tiantou.migrations.tables import load_tables
from tiantou.trade import problems
from tiantou.trade.lifecycle import OFFER, ORDER, PAYMENT, REFUND

DOCS = Path(__file__).parents[2] / "docs" / "reference"
MACHINES = {"orders": ORDER, "payment": PAYMENT, "refund": REFUND, "offer": OFFER}


def _table(machine: Machine) -> Iterator[str]:
    yield from (f"| {state} | {word} |" for state, word in machine.states.items())
    yield from (f"| {' | '.join(row)} |" for row in machine.rows)


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_is_what_its_page_says(name: str) -> None:
    page = (DOCS / "trade.md").read_text().splitlines()
    assert [line for line in _table(MACHINES[name]) if line not in page] == []


@pytest.mark.parametrize("name", MACHINES)
def test_the_database_knows_the_same_states(name: str) -> None:
    load_tables()
    table = Table.metadata.tables[f"trade.{name}"]
    (rule,) = (
        str(one.sqltext)
        for one in table.constraints
        if isinstance(one, CheckConstraint) and str(one.name).endswith(f"{name}_state_check")
    )
    assert set(re.findall(r"'(\w+)'", rule)) == set(MACHINES[name].states)


def test_every_waiting_state_of_an_order_has_a_timer_and_timers_alone_reach_an_end() -> None:
    by_time = {state: after for state, _, kind, after in ORDER.rows if kind == "T"}
    for begin in set(ORDER.states) - ORDER.terminal:
        seen, state = set(), begin
        while state not in ORDER.terminal:
            assert state not in seen, f"time alone goes round in {state}"
            seen.add(state)
            assert state in by_time, f"nothing ends {state}"
            state = by_time[state]


def test_every_problem_has_its_page() -> None:
    kinds = [
        one.kind()
        for one in vars(problems).values()
        if isinstance(one, type) and issubclass(one, Problem) and one is not Problem
    ]
    assert len(kinds) > 10
    for kind in kinds:
        page = DOCS / "problems" / f"{kind}.md"
        assert page.is_file() and f"/problems/{kind}`" in page.read_text(), kind
