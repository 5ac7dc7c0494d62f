"""Prefixes of division codes: a province's two figures, a prefecture's four, a county's six."""

import re
from collections.abc import Iterable


def bare(code: str) -> str:
    """A code without the zeros that mean the whole: 650000 is 65."""
    return re.sub(r"(00)+$", "", code)


def wide(prefixes: Iterable[str]) -> list[str]:
    """A whole code (650000) as the prefix that it means (65); those within others are dropped."""
    kept: list[str] = []
    for prefix in sorted({bare(one) for one in prefixes}):
        if not any(prefix.startswith(shorter) for shorter in kept):
            kept.append(prefix)
    return kept


def reaches(prefixes: list[str], code: str) -> bool:
    """Whether the code lies in one of the prefixes; no prefixes are everywhere."""
    return not prefixes or any(code.startswith(one) for one in prefixes)
