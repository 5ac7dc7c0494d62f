"""The house rules that no linter knows. Each rule is one test; each message says how to mend it."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from sqlalchemy import Float, Numeric

import tiantou
from tiantou.core.db import Table
from tiantou.core.problems import Problem
from tiantou.migrations.tables import load_tables

HOUSE = Path(tiantou.__file__).parent
ROOT = HOUSE.parent
FLOORS = (
    "core",
    "regions",
    "media",
    "accounts",
    "catalog",
    "logistics",
    "supply",
    "trade",
    "live",
    "market",
    "trust",
    "insight",
    "oversight",
)
FILES = sorted(HOUSE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
WORK = sorted(path for name in ("tools", "bench") for path in (ROOT / name).rglob("*.py"))
ALL_FILES = FILES + TESTS + WORK
LINES_MAX, FUNCTION_LINES_MAX = 400, 60

load_tables()


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_a_file_fits_in_one_reading() -> None:
    long = [str(f) for f in ALL_FILES if f.read_text().count("\n") > LINES_MAX]
    assert not long, f"split by what happens, not by layer: {long}"


def test_a_function_fits_on_one_screen() -> None:
    long = [
        f"{path}:{node.lineno} {node.name}"
        for path in ALL_FILES
        for node in _functions(path)
        if (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES_MAX
    ]
    assert not long, f"give each step a name: {long}"


def test_a_package_init_holds_words_only() -> None:
    for path in HOUSE.rglob("__init__.py"):
        tree = ast.parse(path.read_text())
        assert len(tree.body) == 1, f"{path}: a docstring alone"
        assert ast.get_docstring(tree), f"{path}: say what it owns and its one invariant"


def test_foreign_keys_point_downstairs() -> None:
    for table in Table.metadata.tables.values():
        for key in table.foreign_keys:
            target, home = key.target_fullname.split(".")[0], str(table.schema)
            assert FLOORS.index(target) <= FLOORS.index(home), f"{table} -> {target}"
            if home == "trade" and "shop_id" in table.primary_key.columns:
                assert target == "trade", f"{table}: trade's order tables stand alone"


def test_money_and_amounts_are_whole_numbers() -> None:
    for table in Table.metadata.tables.values():
        for column in table.columns:
            assert not isinstance(column.type, Float | Numeric), f"{column}: scale it to integers"


def test_only_core_http_makes_transactions() -> None:
    for path in FILES:
        if path.name == "http.py" and path.parent.name == "core":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef):
                yields = any(isinstance(n, ast.Yield) for n in ast.walk(node))
                names = {ast.unparse(a.annotation) for a in node.args.args if a.annotation}
                assert not (yields and "InTx" in names), f"{path}:{node.lineno} no yield with InTx"


def _problems() -> dict[str, type[Problem]]:
    """Every kind of problem of the house, by its name."""
    for path in FILES:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if "class " in path.read_text() and "Problem)" in path.read_text():
            import_module(name)
    found, waiting = {}, Problem.__subclasses__()
    while waiting:
        one = waiting.pop()
        waiting += one.__subclasses__()
        if one.__module__.startswith("tiantou."):
            assert one.kind() not in found, f"two problems are called {one.kind()}"
            found[one.kind()] = one
    return found


def test_every_problem_has_its_page_and_every_page_its_problem() -> None:
    pages = {page.stem: page for page in (ROOT / "docs/reference/problems").glob("*.md")}
    kinds = _problems()
    assert sorted(pages) == sorted(kinds), "docs/reference/problems: one page for each kind"
    for kind, page in pages.items():
        said = page.read_text()
        assert said.startswith("# "), f"{page.name}: begin with its title"
        head = f"`{kinds[kind].status}` · `/problems/{kind}`"
        assert head in said, f"{page.name}: say {head}"


def test_every_problem_says_what_it_is() -> None:
    for kind, problem in _problems().items():
        assert problem.__doc__ and problem.__doc__.strip(), f"{kind}: say what it means"
        assert problem.title != Problem.title, f"{kind}: a title of its own"
        assert 400 <= problem.status < 600, kind


def test_every_named_test_of_the_docs_is_there() -> None:
    for page in (ROOT / "docs").rglob("*.md"):
        for path, name in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page.read_text()):
            file = ROOT / path
            assert file.is_file(), f"{page.name}: {path}"
            names = {function.name for function in _functions(file)}
            assert name in names, f"{page.name}: {path} has no {name}"
