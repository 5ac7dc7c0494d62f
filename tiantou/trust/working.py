"""A recall is worked off by facts: some orders a transaction, each told once and refunded once.

Whatever dies in the middle, the rows say who is still queued; the fact comes again.
"""

from uuid import UUID

from tiantou.accounts import face as accounts
from tiantou.core.db import Tx
from tiantou.core.outbox import announce
from tiantou.core.problems import NotFound
from tiantou.core.subject import Subject
from tiantou.kit import clock
from tiantou.trade import face as trade
from tiantou.trust import recalls_sql as sql
from tiantou.trust.events import RecallActivated, RecallContinues
from tiantou.trust.lifecycle import NOTICE
from tiantou.trust.views import RecallView

ORDERS_AT_ONCE = 50


async def go_on(tx: Tx, fact: RecallActivated | RecallContinues) -> None:
    """Tells and refunds the next orders of a recall; announces that it continues if more wait."""
    recall = await sql.recall(tx, fact.org_id, fact.recall_id)
    if recall is None or recall.drill:
        return
    ahead = await sql.queued_orders(tx, recall.id, ORDERS_AT_ONCE + 1)
    for shop_id, order_id in ahead[:ORDERS_AT_ONCE]:
        await _one(tx, recall, shop_id, order_id)
    if len(ahead) > ORDERS_AT_ONCE:
        more = RecallContinues(recall_id=recall.id, org_id=recall.org_id, told=ORDERS_AT_ONCE)
        await announce(tx, more)


async def _one(tx: Tx, recall: RecallView, shop_id: UUID, order_id: UUID) -> None:
    lines = await sql.lines_of_order(tx, recall.id, order_id, lock=True)
    lines = [line for line in lines if line.state == NOTICE.init]
    if not lines:
        return
    lots = [line.lot_id for line in lines]
    key, buyer_id = f"recall:{recall.id}", lines[0].buyer_id
    fen = await trade.give_back_money(tx, shop_id, order_id, lots, key)
    event = "no_account" if buyer_id is None else "tell"
    state = NOTICE.after(NOTICE.init, event)
    if buyer_id is not None:
        members: dict[str, object] = {
            "recall": recall.code,
            "shop_id": str(shop_id),
            "order_id": str(order_id),
            "number": lines[0].number,
            "reason": recall.reason,
            "boxes": sum(line.boxes for line in lines),
            "amount_fen": fen,
        }
        occasion = f"recall:{recall.id}:{order_id}"
        await accounts.notify(tx, buyer_id, "recall", members, sms=True, dedupe=occasion)
    await sql.set_lines(tx, recall.id, order_id, NOTICE.init, state, told_at=clock.now())
    await sql.set_refunded(tx, lines[0], fen)


async def acknowledge(tx: Tx, who: Subject, recall_id: UUID, order_id: UUID) -> None:
    """The buyer of an order has read it. Raises NotFound, WrongState (not told yet)."""
    lines = await sql.lines_of_order(tx, recall_id, order_id, lock=True)
    if not lines or lines[0].buyer_id != who.person_id:
        raise NotFound()
    await _acknowledged(tx, recall_id, order_id, {line.state for line in lines})


async def acknowledge_for(tx: Tx, recall: RecallView, order_id: UUID) -> None:
    """The seller reached an order's buyer himself. Raises NotFound, WrongState."""
    lines = await sql.lines_of_order(tx, recall.id, order_id, lock=True)
    if not lines:
        raise NotFound()
    await _acknowledged(tx, recall.id, order_id, {line.state for line in lines})


async def _acknowledged(tx: Tx, recall_id: UUID, order_id: UUID, states: set[str]) -> None:
    for before in sorted(states - NOTICE.terminal):
        state = NOTICE.after(before, "acknowledge")
        await sql.set_lines(tx, recall_id, order_id, before, state, acknowledged_at=clock.now())
