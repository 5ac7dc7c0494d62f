"""An inspector's sample, drawn by the system so that anybody can draw it again.

The seed is SHA-256 of the last link of the organization's signed chain of traces and of the number
of the draw, both fixed before it. What is drawn are the codes whose SHA-256 of seed and code is the
least. Draws are numbered without a gap and none is changed, so none is made again unseen.
"""

import hashlib
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct

from tiantou.core import audit
from tiantou.core.db import Tx
from tiantou.core.problems import AlreadyThere, InvalidFields, NotFound
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.supply import face as supply
from tiantou.supply.face import InspectionAsked, InspectionView
from tiantou.trust import draws_sql as sql
from tiantou.trust.draws_sql import DrawView
from tiantou.trust.epcis import chain_sql

POPULATION_MAX = 20_000
DRAWN_MAX = 200
DRAWS_A_DAY_MAX = 50


class DrawIn(Struct, frozen=True, kw_only=True):
    """So many boxes of a lot; or boxes, slips or lots of a day (Asia/Shanghai)."""

    what: str
    lot_id: UUID | None
    day: date | None
    n: int


def seed_of(link: bytes, no: int) -> str:
    """The seed of draw number `no` after a link, in hex: SHA-256(link, number in 8 bytes)."""
    return hashlib.sha256(link + no.to_bytes(8, "big")).hexdigest()


def draw(seed: str, codes: Sequence[str], n: int) -> list[str]:
    """The n codes with the least SHA-256("seed:code"), in that order."""
    return sorted(codes, key=lambda code: hashlib.sha256(f"{seed}:{code}".encode()).digest())[:n]


async def make(tx: Tx, who: Subject, org_id: UUID, asked: DrawIn, *, by_operator: bool) -> DrawView:
    """Draws a sample. Raises NotFound (lot), InvalidFields."""
    if (asked.lot_id is None) == (asked.day is None):
        raise InvalidFields.one("lot_id", "lot-or-day")
    if asked.lot_id is not None:
        if asked.what != "boxes":
            raise InvalidFields.one("what", "boxes-of-a-lot")
        if await supply.lot(tx, org_id, asked.lot_id) is None:
            raise NotFound()
    # one draw of an organization at a time: numbers have no gap
    no = await sql.next_no(tx, org_id)
    if await sql.count_today(tx, org_id) >= DRAWS_A_DAY_MAX:
        raise InvalidFields.one("n", "too-many", max=DRAWS_A_DAY_MAX)
    found = await supply.population(
        tx, org_id, asked.what, asked.lot_id, asked.day, POPULATION_MAX + 1
    )
    if not found or len(found) > POPULATION_MAX:
        raise InvalidFields.one("what", "population", min=1, max=POPULATION_MAX)
    codes = [one.code for one in found]
    _, link = await chain_sql.before(tx, org_id, date.max)
    seed, listed = seed_of(link, no), "\n".join(codes)
    drawn = draw(seed, codes, asked.n)
    lots = {one.code: one.lot_id for one in found}
    draw_id = ids.uuid7()
    await sql.add(
        tx,
        [(code, lots[code]) for code in drawn],
        id=draw_id,
        org_id=org_id,
        no=no,
        what=asked.what,
        lot_id=asked.lot_id,
        day=asked.day,
        n=len(drawn),
        link=link,
        seed=seed,
        population=len(codes),
        population_sha256=hashlib.sha256(listed.encode()).hexdigest(),
        codes=listed,
        by_operator=by_operator,
        made_by=who.person_id,
        at=clock.now(),
    )
    after = {"no": no, "what": asked.what, "n": len(drawn), "population": len(codes)}
    await audit.write(tx, who, "trust.draw", f"draw:{draw_id}", None, after)
    return await one_of(tx, org_id, draw_id)


async def one_of(tx: Tx, org_id: UUID | None, draw_id: UUID) -> DrawView:
    """A draw of the organization (any if None). Raises NotFound."""
    found = await sql.one(tx, org_id, draw_id)
    if found is None:
        raise NotFound()
    return found


async def enter(
    tx: Tx, who: Subject, org_id: UUID | None, draw_id: UUID, code: str, asked: InspectionAsked
) -> InspectionView:
    """The result of one that was drawn, once. Raises NotFound, AlreadyThere, InvalidFields."""
    found = await one_of(tx, org_id, draw_id)
    lot_id = dict(await sql.drawn(tx, draw_id)).get(code)
    if lot_id is None:
        raise InvalidFields.one("code", "not-drawn")
    await sql.hold(tx, found.org_id)
    results = await supply.inspections_of_draw(tx, draw_id)
    if any(one.drawn_code == code for one in results):
        raise AlreadyThere(field="code")
    return await supply.inspect(tx, who, found.org_id, lot_id, asked.said(draw_id, code))
