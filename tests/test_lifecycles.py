"""The state machines are whole, and their page says what they are."""

from collections import deque

import pytest

from tiantou.kit.machine import Machine
from tools.lifecycle_docs import PAGE, machines, page

MACHINES = [machine for _, machine in machines()]


def test_the_page_is_fresh() -> None:
    said = PAGE.read_text(encoding="utf-8")
    assert said == page(), "run `python -m tools.lifecycle_docs`"


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_every_state_is_reached_and_leads_to_an_end(machine: Machine) -> None:
    named = {state for a, _, _, b in machine.rows for state in (a, b)}
    assert named <= set(machine.states)
    assert machine.terminal <= set(machine.states)
    assert {kind for _, _, kind, _ in machine.rows} <= {"U", "S", "T"}
    assert _reach({machine.init}, [(a, b) for a, _, _, b in machine.rows]) == set(machine.states)
    if machine.terminal:  # an organization, say, has no end
        back = [(b, a) for a, _, _, b in machine.rows]
        assert _reach(set(machine.terminal), back) == set(machine.states)


def _reach(start: set[str], arrows: list[tuple[str, str]]) -> set[str]:
    seen, waiting = set(start), deque(start)
    while waiting:
        here = waiting.popleft()
        for a, b in arrows:
            if a == here and b not in seen:
                seen.add(b)
                waiting.append(b)
    return seen
