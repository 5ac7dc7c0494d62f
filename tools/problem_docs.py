"""Writes docs/reference/problems.md, the index of every problem, from the Problem classes.

`--check` only compares.
"""

import sys
from importlib import import_module
from pathlib import Path

from tiantou.core.problems import Problem

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "reference" / "problems.md"
PAGES = ROOT / "docs" / "reference" / "problems"
_HEAD = """# Problems

Made by `python -m tools.problem_docs` from the classes that the code raises; do not edit by hand.

Every error that a caller can act on is a problem document (RFC 9457) with the media type
`application/problem+json`. Its `type` is `/problems/<kind>`, which is also the address of its page
in a running instance. Members of their own stand beside `type`, `title` and `status`. The client
words them; the server sends no sentences for people.

| kind | status | title | raised in |
|---|---|---|---|
"""


def classes() -> list[type[Problem]]:
    """Every problem by its kind."""
    for path in sorted((ROOT / "tiantou").rglob("*.py")):
        if "Problem)" in path.read_text(encoding="utf-8"):
            import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    found, ahead = set[type[Problem]](), [Problem]
    while ahead:
        below = ahead.pop().__subclasses__()
        ahead += below
        found |= {one for one in below if one.__module__.startswith("tiantou.")}
    return sorted(found, key=lambda one: one.kind())


def page() -> str:
    """The whole page."""
    rows = []
    for one in classes():
        module = one.__module__.split(".")[1]
        link = f"[{one.kind()}](problems/{one.kind()}.md)"
        rows.append(f"| {link} | {one.status} | {one.title} | `{module}` |\n")
    return _HEAD + "".join(rows)


def main() -> int:
    """Writes the page, or with `--check` says whether it is fresh (1 if not)."""
    fresh = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page()
    if "--check" in sys.argv[1:]:
        return 0 if fresh else 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
