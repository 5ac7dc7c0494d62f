"""The web words every problem and every message that the server can send, in both languages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from tiantou.trade.reactions import Told
from tools import problem_docs

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "web/src"
LANGUAGES = ("zh-CN", "en")
_KEY = re.compile(r"^ +'?([a-z][a-z-]*)'?: ")
_NOTIFIES = {"notify": 2, "notify_org": 3, "notify_operators": 1}
# Who only hands a kind on.
_HANDS_ON = {"tiantou/accounts/messages.py"}
# Kinds put together of parts, by the file that does it.
_MADE = {
    "tiantou/live/reactions.py": {"session-soon", "session-started"},
    "tiantou/trade/reactions.py": {one.kind().removeprefix("trade.") for one in get_args(Told)},
    "tiantou/trade/waiting.py": {"waiting-offered", "waiting-ended"},
}


def _keys(path: Path, head: str) -> set[str]:
    """The names of an object literal: from the line that opens it to the one that closes it."""
    lines = iter(path.read_text(encoding="utf-8").splitlines())
    opened = next(line for line in lines if line.lstrip().startswith(head))
    close = opened[: len(opened) - len(opened.lstrip())] + "}"
    found: list[str] = []
    for line in lines:
        if line.startswith(close):
            return set(found)
        found += [key[1] for key in [_KEY.match(line)] if key]
    raise AssertionError(f"{head} never ends in {path}")


def _kinds() -> Iterator[tuple[str, str | None]]:
    """(file, kind) of every message that is sent; None for one put together of parts."""
    for path in sorted((ROOT / "tiantou").rglob("*.py")):
        name = str(path.relative_to(ROOT))
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if name in _HANDS_ON:
            continue
        named = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name) and isinstance(node.value.value, str)
        }
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            function = call.func
            called = getattr(function, "attr", getattr(function, "id", ""))
            if called not in _NOTIFIES:
                continue
            kind = call.args[_NOTIFIES[called]]
            if isinstance(kind, ast.Constant):
                yield name, str(kind.value)
            else:
                yield name, named.get(kind.id) if isinstance(kind, ast.Name) else None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_has_words(language: str) -> None:
    said = _keys(WEB / "words" / language / "shared.ts", "problems: {")
    assert said - {"offline"} == {one.kind() for one in problem_docs.classes()}


def test_every_problem_has_a_type() -> None:
    typed = _keys(WEB / "api/problems.ts", "interface Members {")
    assert typed - {"offline"} == {one.kind() for one in problem_docs.classes()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_has_words(language: str) -> None:
    sent = list(_kinds())
    in_parts = {name for name, kind in sent if kind is None}
    assert in_parts == set(_MADE)
    kinds = {kind for _, kind in sent if kind} | set().union(*_MADE.values())
    said = _keys(WEB / "words" / language / "viewer.ts", "kinds: {")
    assert said == kinds
