"""Words that people type, as fields of what a route takes: cleaned first, then measured.

title: Line = Field(min_length=2, max_length=60)
"""

from typing import Annotated, Any

from pydantic import BeforeValidator

from tiantou.kit import text

TYPED_CHARS_MAX = 20_000


def _line(value: Any) -> Any:
    return text.clean(value) if isinstance(value, str) and len(value) <= TYPED_CHARS_MAX else value


def _lines(value: Any) -> Any:
    if isinstance(value, str) and len(value) <= TYPED_CHARS_MAX:
        return text.clean(value, newlines=True)
    return value


Line = Annotated[str, BeforeValidator(_line)]
Lines = Annotated[str, BeforeValidator(_lines)]
