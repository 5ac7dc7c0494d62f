"""Measured pieces: judged by the limits of their grade, and read from CSV (RFC 4180).

A CSV has a head line. `grade` names the grade of each piece; the other columns are attributes of
`ATTRIBUTES`, in decimal numbers of millimetres, °Brix, mm² and grams: `diameter_mm` 78.5 is 785
tenths. An empty cell was not measured.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec import Struct

from tiantou.core.problems import InvalidFields
from tiantou.supply.grading.standards import ATTRIBUTES
from tiantou.supply.grading.standards_sql import GradeView, Piece
from tiantou.supply.problems import GradeNotMet

PIECES_MAX = 2_000
CSV_BYTES_MAX = 256 * 1024
ERRORS_MAX = 50
# The columns of a CSV: the attribute, and how many of its units one of the column's has.
COLUMNS = {
    "diameter_mm": ("diameter_tenth_mm", 10),
    "brix": ("brix_tenth", 10),
    "blemish_mm2": ("blemish_mm2", 1),
    "weight_g": ("weight_g", 1),
}


class Verdict(Struct, frozen=True, kw_only=True):
    """How many pieces of a sample pass a limit of the grade, and how many may."""

    pieces: int
    outside: int
    allowed: int


def judge(grade: GradeView, pieces: Sequence[Piece]) -> Verdict:
    """Counts the pieces outside: what was not measured is not outside."""
    outside = sum(any(_outside(limit, piece) for limit in grade.limits) for piece in pieces)
    allowed = len(pieces) * grade.tolerance_permille // 1000
    return Verdict(pieces=len(pieces), outside=outside, allowed=allowed)


def must_meet(grade: GradeView, pieces: Sequence[Piece]) -> None:
    """Raises GradeNotMet if more pieces are outside than the tolerance allows."""
    said = judge(grade, pieces)
    if said.outside > said.allowed:
        raise GradeNotMet(
            grade=grade.name, pieces=said.pieces, outside=said.outside, allowed=said.allowed
        )


def check(pieces: Sequence[Piece], name: str) -> None:
    """Every piece has something measured, within what is sensible. Raises InvalidFields."""
    if len(pieces) > PIECES_MAX:
        raise InvalidFields.one(name, "length", max=PIECES_MAX)
    for place, piece in enumerate(pieces):
        values = {one: getattr(piece, one) for one in ATTRIBUTES}
        if all(value is None for value in values.values()):
            raise InvalidFields.one(f"{name}.{place}", "empty")
        for attribute, value in values.items():
            if value is not None and not 0 <= value <= ATTRIBUTES[attribute]:
                raise InvalidFields.one(
                    f"{name}.{place}.{attribute}", "range", min=0, max=ATTRIBUTES[attribute]
                )


def read_csv(body: bytes) -> dict[str, list[Piece]]:
    """The pieces of a CSV by the name of their grade, in the order of the file.

    UTF-8, with or without a mark, or GB18030, as Chinese sheets write it. Raises InvalidFields:
    each field is {name: "row 3, brix", row, column, code}; rows count lines of data from 1, `row` 0
    is the head.
    """
    if len(body) > CSV_BYTES_MAX:
        raise InvalidFields.one("body", "too-long", max_bytes=CSV_BYTES_MAX)
    text = _text(body)
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    errors: list[dict[str, Any]] = []
    found: dict[str, list[Piece]] = {}
    try:
        head = [name.strip() for name in next(rows, [])]
        errors += _head_errors(head)
        if not errors:
            for no, row in enumerate(rows, start=1):
                if row and not errors_full(errors):
                    _read_row(head, no, row, found, errors)
    except csv.Error:
        errors.append(_error(rows.line_num - 1, "", "csv"))
    if not errors and not found:
        errors.append(_error(1, "", "missing"))
    if sum(map(len, found.values())) > PIECES_MAX:
        errors.append(_error(PIECES_MAX + 1, "", "too-many", max=PIECES_MAX))
    if errors:
        raise InvalidFields(fields=errors[:ERRORS_MAX])
    return found


def _text(body: bytes) -> str:
    """Raises InvalidFields for bytes that are no text of either encoding."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidFields.one("body", "encoding", encodings=["utf-8", "gb18030"])


def errors_full(errors: Sequence[object]) -> bool:
    """Whether enough was found wrong: nobody reads more."""
    return len(errors) >= ERRORS_MAX


def _head_errors(head: Sequence[str]) -> Iterator[dict[str, Any]]:
    if "grade" not in head:
        yield _error(0, "grade", "missing")
    for name in head:
        if name != "grade" and name not in COLUMNS:
            yield _error(0, name[:40], "unknown")
        elif head.count(name) > 1:
            yield _error(0, name, "twice")
    if not set(head) & set(COLUMNS):
        yield _error(0, "diameter_mm", "missing")


def _read_row(
    head: Sequence[str],
    no: int,
    row: Sequence[str],
    found: dict[str, list[Piece]],
    errors: list[dict[str, Any]],
) -> None:
    if len(row) != len(head):
        errors.append(_error(no, "", "columns", expected=len(head), found=len(row)))
        return
    before, values, grade = len(errors), dict[str, int | None](), ""
    for name, cell in zip(head, row, strict=True):
        if name == "grade":
            grade = cell.strip()
            if not 1 <= len(grade) <= 20:
                errors.append(_error(no, name, "length", min=1, max=20))
            continue
        try:
            values[COLUMNS[name][0]] = _number(name, cell)
        except ValueError as wrong:
            most = ATTRIBUTES[COLUMNS[name][0]] // COLUMNS[name][1]
            errors.append(_error(no, name, str(wrong), min=0, max=most))
    if len(errors) == before:
        if all(value is None for value in values.values()):
            errors.append(_error(no, "", "empty"))
        else:
            found.setdefault(grade, []).append(Piece(**values))


def _number(name: str, cell: str) -> int | None:
    """The cell in whole units of the attribute. Raises ValueError(code of what is wrong)."""
    attribute, per = COLUMNS[name]
    if not cell.strip():
        return None
    if len(cell) > 20:
        raise ValueError("number")
    try:
        value = Decimal(cell.strip()) * per
    except InvalidOperation:
        raise ValueError("number") from None
    if not value.is_finite():
        raise ValueError("number")
    if value != value.to_integral_value():
        raise ValueError("too-fine")
    if not 0 <= value <= ATTRIBUTES[attribute]:
        raise ValueError("range")
    return int(value)


def _error(row: int, column: str, code: str, **more: Any) -> dict[str, Any]:
    name = f"row {row}, {column}" if column else f"row {row}"
    return {"name": name, "row": row, "column": column, "code": code, **more}


def _outside(limit: Any, piece: Piece) -> bool:
    value = getattr(piece, limit.attribute)
    if value is None:
        return False
    below = limit.low is not None and value < limit.low
    return below or (limit.high is not None and value > limit.high)
