"""Orders of other channels: sold and paid there, packed here, out of the same boxes."""

import json
from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args
from uuid import UUID

from tiantou.core import audit, timers
from tiantou.core.db import Tx
from tiantou.core.keys import Keys
from tiantou.core.problems import Busy, NotFound, Problem
from tiantou.core.subject import Subject
from tiantou.kit import clock, ids
from tiantou.trade import offers_sql, steps
from tiantou.trade.admission import (
    Asked,
    BadBatch,
    Line,
    NotNow,
    Placed,
    Said,
    UnknownOutcome,
    Verdict,
)
from tiantou.trade.admission_sql import PAID, within
from tiantou.trade.checkout import SHOP, Recipient, seal
from tiantou.trade.lanes import order_numbers
from tiantou.trade.problems import ImportDiffers
from tiantou.trade.refusals import refusal

Channel = Literal["douyin", "kuaishou", "taobao", "pinduoduo", "wechat-shop", "other"]
CHANNELS: tuple[str, ...] = get_args(Channel)
ROWS_MAX = 500


class Sold(NamedTuple):
    """Units of a pack, as the other channel sold them."""

    pack_id: UUID
    units: int
    price_fen: int


class Row(NamedTuple):
    """An order of another channel. Whom it goes to may be masked there, or not be told at all."""

    external_no: str
    lines: tuple[Sold, ...]
    freight_fen: int = 0
    to: Recipient | None = None
    division_code: str | None = None
    note: str = ""


class Taken(NamedTuple):
    """What became of a row: its order, new or of an earlier import, or why there is none."""

    placed: Placed | None
    fresh: bool
    problem: Problem | None


async def take(
    tx: Tx, keys: Keys, who: Subject, shop_id: UUID, channel: Channel, rows: Sequence[Row]
) -> list[Taken]:
    """An answer for each row, in order; a row that was taken before changes nothing.

    All is done in the caller's transaction. Raises NotFound (a shop that sells nothing), Busy.
    """
    now = clock.now()
    packs = sorted({line.pack_id for row in rows for line in row.lines})
    offers = {
        one.pack_id: (one.id, bytes.fromhex(one.snapshot))
        for one in await offers_sql.offers_of_packs(tx, shop_id, packs, now)
        if one.kind == "standing"
    }
    asked = [_asked(keys, who, row, offers) for row in rows]
    fresh = ids.uuid7s(len(rows))
    try:
        admission = await within(tx)
        number = await admission.shop_number(shop_id)
        if number is None:
            raise NotFound()
        numbers = order_numbers(number, len(rows))
        said = await admission.place(shop_id, now, fresh, numbers, asked, channel)
    except (NotNow, UnknownOutcome, BadBatch) as error:
        raise Busy(retry_after_s=1) from error
    new = set(fresh)
    taken = [_taken(one, wish, new) for one, wish in zip(said, asked, strict=True)]
    await _deadlines(tx, shop_id, taken)
    counts = {"rows": len(rows), "fresh": sum(one.fresh for one in taken)}
    await audit.write(tx, who, "trade.import", f"shop:{shop_id}", None, {**counts, "of": channel})
    return taken


def _asked(keys: Keys, who: Subject, row: Row, offers: dict[UUID, tuple[UUID, bytes]]) -> Asked:
    """A pack that is not on offer is asked for by its own id, which no offer has."""
    first, *more = (
        Line(offer_id, line.units, line.price_fen, snapshot)
        for line in row.lines
        for offer_id, snapshot in [offers.get(line.pack_id, (line.pack_id, bytes(32)))]
    )
    said = [[str(line.pack_id), line.units, line.price_fen] for line in row.lines]
    content = [said, row.freight_fen, row.to, row.division_code, row.note]
    return Asked(
        buyer_id=who.person_id,
        buyer_no=who.person_no,
        key=ids.uuid7(),
        digest=ids.digest(json.dumps(content, ensure_ascii=False).encode()),
        offer_id=first.offer_id,
        units=first.units,
        price_fen=first.price_fen,
        snapshot=first.snapshot,
        freight_fen=row.freight_fen,
        origin=SHOP,
        division_code=row.division_code,
        recipient=seal(keys, row.to) if row.to else None,
        note=row.note,
        more=tuple(more),
        external_no=row.external_no,
    )


def _taken(said: Said, wish: Asked, fresh: set[UUID]) -> Taken:
    if said.placed is not None:
        new = said.placed.order_id in fresh
        fresh.discard(said.placed.order_id)
        return Taken(said.placed, new, None)
    if said.verdict is Verdict.KEY_REUSED:
        return Taken(None, False, ImportDiffers(external_no=wish.external_no))
    return Taken(None, False, refusal(wish.lines()[said.line].offer_id, said))


async def _deadlines(tx: Tx, shop_id: UUID, taken: Sequence[Taken]) -> None:
    """What is paid and not sent in time closes, like our own."""
    due = [
        (steps.key_of(shop_id, one.placed.order_id), steps.last_day_after(one.placed.ship_day))
        for one in taken
        if one.placed is not None and one.fresh and one.placed.state == PAID
    ]
    await timers.set_all(tx, steps.TIMER, due, {"event": "hard_deadline"})
