"""A paid order in its room: counted, and said without a name but with what was bought."""

import json
from uuid import UUID, uuid4

from tests.live.studio import Studio
from tiantou.kit import clock
from tiantou.live import reactions
from tiantou.trade.events import OrderPaid


async def test_a_sale_names_the_thing_of_the_shelf(studio: Studio) -> None:
    made = await studio.session("live")
    second = made["shelf"][1]
    said: list[dict[str, object]] = []

    async def hear(_: str, payload: bytes) -> None:
        said.append(json.loads(payload))

    await studio.bus.subscribe(f"room.{made['id']}.in", hear)
    fact = OrderPaid(
        shop_id=studio.org_id,
        order_id=uuid4(),
        number="1",
        origin=f"live:{made['id']}",
        buyer_id=None,
        amount_fen=9800,
        buyer_no=7,
        offer_id=uuid4(),
        pack_id=UUID(second["pack_id"]),
        units=2,
        province="浙江省",
        at=clock.now(),
    )
    async with studio.database.begin() as tx:
        await reactions.on_order_paid(tx, fact, bus=studio.bus)
    line = {"i": 0, "u": "浙江省", "x": "2", "b": "sale", "t": second["id"]}
    assert said == [line]
