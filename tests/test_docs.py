"""What the documentation says is there: paths, links, settings, problems."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import problem_docs, settings_docs

ROOT = Path(__file__).parents[1]
TOP = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "STYLE.md", "CONTRIBUTING.md")]
PAGES = [*TOP, *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_TICKED = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
# What begins so, or ends so, is a path of this repository.
_OURS = ("tiantou/", "web/", "tests/", "tools/", "docs/", "bench/")
_ENDINGS = (".py", ".md", ".toml", ".vue", ".ts", ".sql")


def _prose(path: Path) -> str:
    return _FENCE.sub("", path.read_text(encoding="utf-8"))


def _paths(page: Path) -> Iterator[str]:
    for ticked in _TICKED.findall(_prose(page)):
        if any(sign in ticked for sign in "<>*{} ") or ticked.startswith(("http", "/")):
            continue
        if ticked.startswith(_OURS) and not ticked.startswith("tiantou-"):
            yield ticked.partition("::")[0].rstrip("/")
        elif page in TOP and "/" in ticked and ticked.endswith(_ENDINGS):
            yield ticked


def _there(named: str) -> bool:
    """Whether a path is there, or a test by its name: `tests/…/test_x.py::test_y`."""
    name, _, test = named.partition("::")
    path = next((base / name for base in (ROOT, ROOT / "tiantou") if (base / name).exists()), None)
    return path is not None and (not test or f"def {test}(" in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_named_is_there(page: Path) -> None:
    gone = [one for one in _paths(page) if not _there(one)]
    assert not gone, f"{page.relative_to(ROOT)} names what is not there: {gone}"


def _anchor(heading: str) -> str:
    """As GitHub makes them: small letters, no signs, dashes for blanks."""
    bare = re.sub(r"[`*]|\[|\]\([^)]*\)", "", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", bare).replace(" ", "-")


def test_every_package_stands_in_the_architecture() -> None:
    said = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    ours = [one for one in (ROOT / "tiantou").iterdir() if not one.name.startswith("__")]
    packages = [one.name for one in ours if (one / "__init__.py").exists() or one.suffix == ".py"]
    lost = [name for name in sorted(packages) if f"`tiantou/{name}`" not in said]
    assert not lost, f"give each its line in ARCHITECTURE.md: {lost}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in _LINK.findall(_prose(page)):
        if link.startswith(("http:", "https:", "mailto:")):
            continue
        assert not link.startswith("/"), f"{page}: {link} depends on where the page is served"
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.relative_to(ROOT)}: {link}"
        if anchor:
            text = target.read_text(encoding="utf-8")
            assert anchor in map(_anchor, _HEADING.findall(text)), f"{page.name}: {link}"


def test_every_page_is_reached_from_the_index() -> None:
    """By links from docs/README.md; nothing is written for nobody."""
    seen, ahead = set[Path](), [ROOT / "docs" / "README.md"]
    while ahead:
        page = ahead.pop()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        links = (link.partition("#")[0] for link in _LINK.findall(_prose(page)))
        ahead += [(page.parent / link).resolve() for link in links if link and "://" not in link]
    lost = sorted(str(one.relative_to(ROOT)) for one in PAGES[len(TOP) :] if one not in seen)
    assert not lost, f"link them from docs/README.md: {lost}"


def test_the_page_of_settings_is_fresh() -> None:
    said = settings_docs.PAGE.read_text(encoding="utf-8")
    assert said == settings_docs.page(), "run `python -m tools.settings_docs`"


def test_the_index_of_problems_is_fresh_and_each_has_its_page() -> None:
    said = problem_docs.PAGE.read_text(encoding="utf-8")
    assert said == problem_docs.page(), "run `python -m tools.problem_docs`"
    kinds = {one.kind() for one in problem_docs.classes()}
    pages = {path.stem for path in problem_docs.PAGES.glob("*.md")}
    assert kinds == pages, f"without a page: {kinds - pages}; without a class: {pages - kinds}"


@pytest.mark.parametrize("page", sorted(problem_docs.PAGES.glob("*.md")), ids=lambda one: one.stem)
def test_a_page_of_a_problem_says_its_remedy_in_chinese(page: Path) -> None:
    english, mark, chinese = page.read_text(encoding="utf-8").partition("\n## 中文：")
    assert mark and "What to do" in english
    title, _, rest = chinese.partition("\n")
    assert title.strip() and "**怎么办。** " in rest
    # What a caller reads of the document is named in both languages.
    ticked = set(_TICKED.findall(rest))
    assert ticked <= set(_TICKED.findall(english)), ticked


def test_documents_name_settings_that_exist() -> None:
    known = {f"TIANTOU_{one.name.upper()}" for one in settings_docs.fields()}
    for page in PAGES:
        named = set(re.findall(r"TIANTOU_[A-Z_]*[A-Z]", page.read_text(encoding="utf-8")))
        assert named <= known, f"{page.relative_to(ROOT)}: {named - known}"
