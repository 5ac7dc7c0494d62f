"""State machines as tables: the only way a state changes.

Kinds of a transition: U a person acts, S the system or an outside event, T a timer.
"""

from dataclasses import dataclass, field


class WrongState(Exception):
    """An event that the present state does not take. Carries machine, state and event."""

    def __init__(self, machine: str, state: str, event: str) -> None:
        super().__init__(f"{machine}: {event} is not possible in {state}")
        self.machine, self.state, self.event = machine, state, event


@dataclass(frozen=True)
class Machine:
    """States with their Chinese words, and rows (from, event, kind, to)."""

    name: str
    init: str
    states: dict[str, str]
    terminal: frozenset[str]
    rows: tuple[tuple[str, str, str, str], ...]
    _next: dict[tuple[str, str], str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        table = {(a, event): b for a, event, _, b in self.rows}
        if len(table) != len(self.rows):
            raise ValueError(f"{self.name}: an event of a state leads to one state only")
        object.__setattr__(self, "_next", table)

    def after(self, state: str, event: str) -> str:
        """The state that `event` leads to. Raises WrongState if the table has no such row."""
        try:
            return self._next[state, event]
        except KeyError:
            raise WrongState(self.name, state, event) from None

    def can(self, state: str, event: str) -> bool:
        """Whether the table has such a row."""
        return (state, event) in self._next

    def sources(self, event: str) -> tuple[str, ...]:
        """The states that take `event`, in the order of the table."""
        return tuple(a for a, e, _, _ in self.rows if e == event)
