"""What the house forbids is found by `make check`: each fault is planted in a copy of the tree."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_tidy import ROOT

LINT = Path(sys.executable).with_name("lint-imports")
COPIED = ("tiantou", "tools", "tests", "docs", "pyproject.toml")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "web", "facts", "*.pyc")

IMPORTS = {
    "tiantou/supply/planted.py": (
        '"""Planted."""\n\nfrom tiantou.trade import face\n\n__all__ = ["face"]\n',
        "Floors",
    ),
    "tiantou/live/planted.py": (
        '"""Planted."""\n\nfrom tiantou.trade import orders\n\n__all__ = ["orders"]\n',
        "Faces",
    ),
    "tiantou/live/planted_2.py": (
        '"""Planted."""\n\nimport sqlalchemy\n\n__all__ = ["sqlalchemy"]\n',
        "SQLAlchemy only",
    ),
    "tiantou/live/planted_3.py": (
        '"""Planted."""\n\nimport fastapi\n\n__all__ = ["fastapi"]\n',
        "The web framework only",
    ),
    "tiantou/trade/planted.py": (
        '"""Planted."""\n\nimport nats\n\n__all__ = ["nats"]\n',
        "Vendor SDKs only",
    ),
}
FLOAT_COLUMN = '''

class Planted(Table):
    """Planted."""

    __tablename__ = "planted"
    __table_args__ = {"schema": "catalog"}

    id: Mapped[UUID] = mapped_column(primary_key=True)
    weight: Mapped[float]
'''
LONG = '"""Planted."""\n\n\ndef planted() -> int:\n    """Planted."""\n    n = 0\n' + (
    "    n += 1\n" * 66 + "    return n\n"
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the checks read."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=LEFT_OUT)
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def _run(tree: Path, *command: str | Path) -> tuple[int, str]:
    environment = os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*command], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_a_forbidden_import_breaks_its_contract(tree: Path) -> None:
    code, said = _run(tree, LINT, "--no-cache")
    assert code == 0, said
    for path, (source, _) in IMPORTS.items():
        (tree / path).write_text(source)
    code, said = _run(tree, LINT, "--no-cache")
    assert code == 1
    broken = [line for line in said.splitlines() if line.endswith("BROKEN")]
    for _, contract in IMPORTS.values():
        assert any(line.startswith(contract) for line in broken), f"{contract}: {broken}"


def test_a_float_column_and_a_long_function_are_found(tree: Path) -> None:
    tidy = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_tidy.py")
    code, said = _run(tree, *tidy)
    assert code == 0, said
    with (tree / "tiantou/catalog/tables.py").open("a") as file:
        file.write(FLOAT_COLUMN)
    (tree / "tiantou/catalog/planted.py").write_text(LONG)
    (tree / "docs/reference/problems/sold-out.md").unlink()
    code, said = _run(tree, *tidy)
    assert code == 1
    failed = [line.split("::")[1].split(" ")[0] for line in said.splitlines() if "FAILED" in line]
    assert sorted(failed) == [
        "test_a_function_fits_on_one_screen",
        "test_every_problem_has_its_page_and_every_page_its_problem",
        "test_money_and_amounts_are_whole_numbers",
    ]
