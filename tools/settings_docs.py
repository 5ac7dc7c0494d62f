"""Writes docs/reference/settings.md from `tiantou/settings.py`: names, defaults, what they say.

The comments between the fields are the headings, the string under a field is its meaning.
`--check` only compares.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from tiantou.settings import Settings

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "tiantou" / "settings.py"
PAGE = ROOT / "docs" / "reference" / "settings.md"
_HEAD = """# Settings

Made by `python -m tools.settings_docs` from `tiantou/settings.py`; do not edit by hand.

A setting is an environment variable. The defaults run the whole thing on one machine with no
configuration. What production refuses: [the checklist](../operating/production.md).
"""


@dataclass(frozen=True)
class Field:
    """A setting, and the comment that it stands under."""

    name: str
    says: str
    under: str


def fields() -> Iterator[Field]:
    """Every field in the order of the text. Raises ValueError if one says nothing."""
    text = SOURCE.read_text(encoding="utf-8")
    lines = text.splitlines()
    body = next(
        node.body
        for node in ast.parse(text).body
        if isinstance(node, ast.ClassDef) and node.name == "Settings"
    )
    under = ""
    for node, after in zip(body, [*body[1:], None], strict=True):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        above = lines[node.lineno - 2].strip()
        under = above.removeprefix("# ") if above.startswith("# ") else under
        said = after.value if isinstance(after, ast.Expr) else None
        if not isinstance(said, ast.Constant) or not isinstance(said.value, str):
            raise ValueError(f"settings.py: {node.target.id} says nothing of itself")
        yield Field(node.target.id, " ".join(said.value.split()), under)


def _default(name: str) -> str:
    value: Any = Settings.model_fields[name].default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if value not in ("", (), {}) else "empty"


def page() -> str:
    """The whole page."""
    parts, under = [_HEAD], None
    for one in fields():
        if one.under != under:
            under = one.under
            parts.append(f"\n## {under.rstrip('.')}\n\n| setting | default | |\n|---|---|---|\n")
        name = f"TIANTOU_{one.name.upper()}"
        parts.append(f"| `{name}` | {_default(one.name)} | {one.says} |\n")
    return "".join(parts)


def main() -> int:
    """Writes the page, or with `--check` says whether it is fresh (1 if not)."""
    fresh = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page()
    if "--check" in sys.argv[1:]:
        return 0 if fresh else 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
