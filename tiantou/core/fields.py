"""Parts of wire schemas that every module needs: text cleaned before its length is measured."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field

from tiantou.core.problems import InvalidFields
from tiantou.kit import paging, text


def _line(value: object) -> object:
    return text.clean(value) if isinstance(value, str) else value


def _lines(value: object) -> object:
    return text.clean(value, newlines=True) if isinstance(value, str) else value


CLEAN = BeforeValidator(_line)
CLEAN_LINES = BeforeValidator(_lines)
PERSON_NAME = Annotated[str, Field(min_length=1, max_length=30), CLEAN]
REASON = Annotated[str, Field(min_length=2, max_length=200), CLEAN]
PHONE = Annotated[str, Field(max_length=30), AfterValidator(text.phone)]
DIVISION_CODE = Annotated[str, Field(pattern=r"^[1-9][0-9]{5}$")]
PICTURE_HASH = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def id_in(cursor: str | None) -> UUID | None:
    """The id in a page's cursor, None without one. Raises InvalidFields(cursor)."""
    if cursor is None:
        return None
    try:
        return UUID(str(paging.unpack(cursor, 1)[0]))
    except ValueError:
        raise InvalidFields.one("cursor", "cursor") from None


def moment_and_id_in(cursor: str | None) -> tuple[datetime, UUID] | None:
    """The moment and id in a page's cursor, None without one. Raises InvalidFields(cursor)."""
    if cursor is None:
        return None
    try:
        moment, name = paging.moment_and_id(cursor)
    except ValueError:
        raise InvalidFields.one("cursor", "cursor") from None
    if moment.tzinfo is None:
        raise InvalidFields.one("cursor", "cursor")
    return moment, name


def number_in(cursor: str | None) -> int:
    """The number in a page's cursor, 0 without one. Raises InvalidFields(cursor)."""
    if cursor is None:
        return 0
    try:
        return int(paging.unpack(cursor, 1)[0])
    except ValueError:
        raise InvalidFields.one("cursor", "cursor") from None
