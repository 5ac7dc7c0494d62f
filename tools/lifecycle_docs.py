"""Writes docs/reference/lifecycles.md from the state machines that the code runs on.

Every module-level `NAME = Machine(` of the package is in it. `--check` only compares.
"""

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from tiantou.kit.machine import Machine

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "reference" / "lifecycles.md"
_MADE = re.compile(r"^([A-Z_]+)(?:: Machine)? = Machine\(", re.MULTILINE)
_KINDS = {"U": "a person acts", "S": "the system or an outside event", "T": "a timer"}
_HEAD = """# Lifecycles

Made by `python -m tools.lifecycle_docs` from the tables that the code runs on; do not edit by hand.
A state changes only by a row of its table; anything else is the problem `wrong-step`.
"""


def machines() -> Iterator[tuple[str, Machine]]:
    """Each machine with the module that it lives in, by module and in the order of the text."""
    for path in sorted((ROOT / "tiantou").glob("*/*.py")):
        names = _MADE.findall(path.read_text(encoding="utf-8"))
        if names:
            module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
            for name in names:
                yield path.parent.name, getattr(module, name)


def section(module: str, machine: Machine) -> str:
    """One machine: its states with their words, then its rows."""
    words, _, chinese = machine.name.partition(" ")
    title = f"{words.replace('_', ' ')} {chinese}".strip()
    states = "\n".join(
        f"| `{state}` | {word} | {_role(machine, state)} |"
        for state, word in machine.states.items()
    )
    rows = "\n".join(
        f"| `{a}` | `{event}` | {_KINDS[kind]} | `{b}` |" for a, event, kind, b in machine.rows
    )
    return (
        f"\n## {title}\n\nModule `{module}`, {len(machine.states)} states.\n\n"
        f"| state | word | |\n|---|---|---|\n{states}\n\n"
        f"| from | event | who | to |\n|---|---|---|---|\n{rows}\n"
    )


def _role(machine: Machine, state: str) -> str:
    if state == machine.init:
        return "first"
    return "end" if state in machine.terminal else ""


def page() -> str:
    """The whole page."""
    return _HEAD + "".join(section(module, machine) for module, machine in machines())


def main() -> int:
    """Writes the page, or with `--check` says whether it is fresh (1 if not)."""
    fresh = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page()
    if "--check" in sys.argv[1:]:
        if not fresh:
            sys.stderr.write(f"{PAGE.relative_to(ROOT)} is not fresh: make generate\n")
        return 0 if fresh else 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
