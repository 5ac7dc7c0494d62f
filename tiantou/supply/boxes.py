"""Boxes bound by the code of their label to whoever takes them, and freed again."""

from collections.abc import Sequence
from uuid import UUID

from tiantou.core.db import Tx
from tiantou.core.problems import InvalidFields, NotFound
from tiantou.supply import boxes_sql
from tiantou.supply.problems import BoxTaken
from tiantou.supply.views import BoxView

CODES_MAX = 999


async def bind_boxes(tx: Tx, org_id: UUID, codes: Sequence[str], ref: str) -> list[BoxView]:
    """The boxes of these codes are taken for `ref`; their grams are picked by their lots.

    The same codes for the same `ref` again are no change. Raises NotFound for an unknown code,
    BoxTaken(code) if another has it, InvalidFields.
    """
    if not 1 <= len(set(codes)) <= CODES_MAX:
        raise InvalidFields.one("codes", "length", min=1, max=CODES_MAX)
    held = await boxes_sql.lock(tx, org_id, codes)
    if len(held) != len(set(codes)):
        raise NotFound()
    for box in held:
        if box.ref not in {None, ref}:
            raise BoxTaken(code=box.code)
    await boxes_sql.set_ref(tx, [box.code for box in held], ref)
    return held


async def scanned(tx: Tx, org_id: UUID, codes: Sequence[str]) -> list[BoxView]:
    """The boxes of these codes, held, none of them taken. Raises NotFound, BoxTaken(code)."""
    held = await boxes_sql.lock(tx, org_id, codes)
    if len(held) != len(set(codes)):
        raise NotFound()
    for box in held:
        if box.ref is not None:
            raise BoxTaken(code=box.code)
    return held


async def free_boxes(tx: Tx, org_id: UUID, ref: str) -> list[BoxView]:
    """The boxes that were scanned for `ref` are nobody's again."""
    mine = await boxes_sql.of_ref(tx, org_id, ref)
    held = await boxes_sql.lock(tx, org_id, [box.code for box in mine])
    await boxes_sql.set_ref(tx, [box.code for box in held if box.ref == ref], None)
    return held


async def free_box(tx: Tx, org_id: UUID, code: str) -> None:
    """One box is nobody's again. Raises NotFound."""
    held = await boxes_sql.lock(tx, org_id, [code])
    if not held:
        raise NotFound()
    await boxes_sql.set_ref(tx, [held[0].code], None)
