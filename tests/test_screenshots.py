"""Every page of the three apps is walked by the screenshots."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from tools.screenshot_stage import Stage
from tools.screenshots import shots

APPS = Path(__file__).resolve().parents[1] / "web/src/apps"
_ROUTE = re.compile(r"\{ path: '([^']+)',(?! redirect)")


def _walked() -> set[str]:
    made = Stage("", {}, defaultdict(lambda: "x"))
    return {one.path.partition("?")[0] for one in shots(made)}


@pytest.mark.parametrize(
    ("app", "base"), [("viewer", ""), ("studio", "/studio"), ("desk", "/desk")]
)
def test_every_page_of_an_app_is_walked(app: str, base: str) -> None:
    walked = _walked()
    paths = _ROUTE.findall((APPS / app / "router.ts").read_text(encoding="utf-8"))
    assert len(paths) > 3
    for path in paths:
        shape = re.sub(r":rest\(.*\)\*?|:\w+", "[^/]+", base + path)
        assert any(re.fullmatch(shape, one) for one in walked), f"{base}{path} has no picture"
