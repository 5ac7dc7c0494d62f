"""Which lane an order takes, and what lanes do with many at once."""

import asyncio
import collections
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from tests.trade.audit import audit
from tests.trade.stall import Stall, put_stall
from tiantou.core.db import Database
from tiantou.core.lanes import Lane, Onward
from tiantou.core.problems import Busy
from tiantou.trade import lanes as lanes_module
from tiantou.trade.admission import OURS, Asked, BadBatch, Said, Verdict
from tiantou.trade.admission_sql import Group, open_admission
from tiantou.trade.lanes import Lanes


@pytest.fixture
async def lanes(dsn: str) -> AsyncIterator[Lanes]:
    made = Lanes(await open_admission(dsn))
    yield made
    await made.close()


async def test_a_lane_decides_one_half_while_the_other_is_answered() -> None:
    sizes = []

    async def run(batch: Sequence[Asked]) -> list[Said]:
        sizes.append(len(batch))
        await asyncio.sleep(0)
        return [Said(Verdict.SOLD_OUT, None, 0, None)] * len(batch)

    lane, stall = Lane(run), Stall(uuid4(), uuid4(), uuid4(), bytes(32))

    async def ask(times: int) -> None:
        for _ in range(times):
            await lane.put(stall.wants())

    await asyncio.gather(*(ask(3) for _ in range(200)))
    assert sizes == [100] * 6


async def test_a_lane_sends_its_askers_on_to_another_one() -> None:
    async def answer(batch: Sequence[int]) -> list[str]:
        return [str(one) for one in batch]

    second: Lane[int, str] = Lane(answer, queue_max=3)

    async def first(batch: Sequence[int]) -> list[str | Onward[str] | BaseException]:
        def on(one: int) -> Onward[str]:
            def go(future: asyncio.Future[str]) -> None:
                second.take(one, future)

            return Onward(go)

        return ["odd" if one == 1 else KeyError(one) if one == 2 else on(one) for one in batch]

    lane: Lane[int, str] = Lane(first)
    said = await asyncio.gather(*(lane.put(one) for one in range(7)), return_exceptions=True)
    assert said[:2] == ["0", "odd"]
    assert isinstance(said[2], KeyError)
    assert said[3:5] == ["3", "4"]
    # the second lane held three already
    assert all(isinstance(one, Busy) for one in said[5:])
    await second.settle()
    assert await lane.put(9) == "9"


async def test_small_shops_share_a_transaction_and_a_hot_one_has_its_own_lane(
    database: Database, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stalls = [await put_stall(database, 5) for _ in range(12)]
    hot = await put_stall(database, 100)
    admission = await open_admission(dsn)
    decide, calls = admission.place_all, []

    async def seen(now: datetime, groups: Sequence[Group], channel: str = OURS) -> Any:
        calls.append([(group.shop_id, len(group.asked)) for group in groups])
        return await decide(now, groups, channel)

    monkeypatch.setattr(admission, "place_all", seen)
    lanes = Lanes(admission)
    asked = [(stall, n) for stall in stalls for n in range(6)] + [(hot, n) for n in range(40)]
    said = await asyncio.gather(*(lanes.place(stall.shop_id, stall.wants(n)) for stall, n in asked))
    verdicts = collections.Counter(one.verdict for one in said)
    assert verdicts == {Verdict.ADMITTED: 12 * 5 + 40, Verdict.SOLD_OUT: 12}
    assert max(len(one) for one in calls) >= 4
    assert all([shop for shop, _ in one] == sorted(shop for shop, _ in one) for one in calls)
    alone = [one for one in calls if len(one) == 1 and one[0][0] == hot.shop_id]
    assert sum(count for ((_, count),) in alone) >= 40 - lanes_module.HOT_FROM
    await lanes.close()
    assert await audit(database) == {}


async def test_a_bad_request_of_one_shop_harms_no_other(database: Database, lanes: Lanes) -> None:
    stalls = [await put_stall(database) for _ in range(6)]
    asked = [stall.wants(n) for n, stall in enumerate(stalls)]
    asked[3] = stalls[3].wants(3, note="x" * 101)
    said = await asyncio.gather(
        *(lanes.place(stall.shop_id, one) for stall, one in zip(stalls, asked, strict=True)),
        return_exceptions=True,
    )
    assert isinstance(said.pop(3), BadBatch)
    assert all(isinstance(one, Said) and one.placed for one in said)
    assert await audit(database) == {}


async def test_two_processes_tails_decide_for_the_same_shops(database: Database, dsn: str) -> None:
    stalls = [await put_stall(database, 3) for _ in range(8)]
    two = [Lanes(await open_admission(dsn)) for _ in range(2)]
    said = await asyncio.gather(
        *(
            two[n % 2].place(stall.shop_id, stall.wants(n))
            for n in range(5)
            for stall in (stalls if n % 2 else reversed(stalls))
        )
    )
    verdicts = collections.Counter(one.verdict for one in said)
    assert verdicts == {Verdict.ADMITTED: 24, Verdict.SOLD_OUT: 16}
    for one in two:
        await one.close()
    assert await audit(database) == {}
