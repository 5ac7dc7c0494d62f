"""A line is said once, however often its request comes: line and kept answer are one."""

import asyncio
from uuid import UUID

from sqlalchemy import text

from tests.live.studio import Studio
from tiantou.core.once import Asked
from tiantou.engines.memory_bus import MemoryBus
from tiantou.kit import clock
from tiantou.live.talk import Said, Talk


class Broken(MemoryBus):
    """Fails when something is told, as if the process died after the commit."""

    async def publish(self, subject: str, payload: bytes) -> None:
        """Raises ConnectionError."""
        raise ConnectionError(subject)


async def _lines(studio: Studio) -> list[tuple[int, str]]:
    async with studio.database.begin() as tx:
        rows = await tx.execute(text("select no, text from live.line order by no"))
        return [(row.no, row.text) for row in rows]


async def test_a_line_whose_answer_was_lost_is_not_said_twice(studio: Studio) -> None:
    made = await studio.session("live")
    path, key = f"/api/rooms/{made['id']}/chat", {"idempotency-key": "the-same-line"}
    engines = studio.site.api.state.engines
    whole, engines[Talk] = engines[Talk], Talk(studio.database, Broken(), studio.keys)
    lost = await studio.viewer.post(path, json={"text": "到付吗"}, headers=key)
    assert lost.status_code == 503
    engines[Talk] = whole
    again = [await studio.viewer.post(path, json={"text": "到付吗"}, headers=key) for _ in (1, 2)]
    assert [one.status_code for one in again] == [201, 201]
    assert {one.headers["idempotency-replayed"] for one in again} == {"true"}
    assert {one.json()["no"] for one in again} == {1}
    other = await studio.viewer.post(path, json={"text": "别的"}, headers=key)
    assert other.json()["type"] == "/problems/key-reused"
    # An answer is kept even for who may not speak any more.
    await studio.owner.post(f"/api/sessions/{made['id']}/end", json={})
    late = await studio.viewer.post(path, json={"text": "到付吗"}, headers=key)
    assert late.json() == again[0].json()
    new = await studio.viewer.post(path, json={"text": "到付吗"})
    assert new.json()["type"] == "/problems/not-on-air"
    assert await _lines(studio) == [(1, "到付吗")]


async def test_rivals_with_one_key_say_one_line(studio: Studio) -> None:
    made = await studio.session("live")
    path, key = f"/api/rooms/{made['id']}/chat", {"idempotency-key": "two-taps"}
    asked = [studio.viewer.post(path, json={"text": "在吗"}, headers=key) for _ in range(6)]
    asked.append(studio.viewer.post(path, json={"text": "不在"}))
    answers = await asyncio.gather(*asked)
    assert {one.status_code for one in answers} == {201}
    assert len({one.json()["no"] for one in answers}) == 2
    fresh = [one for one in answers if "idempotency-replayed" not in one.headers]
    assert len(fresh) >= 2
    assert sorted(words for _, words in await _lines(studio)) == ["不在", "在吗"]


async def test_two_processes_say_one_line_for_one_key(studio: Studio) -> None:
    made = await studio.session("live")
    talks = [Talk(studio.database, studio.bus, studio.keys) for _ in range(2)]
    who = studio.who
    keys = [f"key-{number}" for number in range(20)]

    def said(key: str, words: str) -> Said:
        asked = Asked("somebody", key, words.encode())
        return Said(who.person_id, who.person_no, "果农", "", words, clock.now(), asked)

    # What both write in one batch, they write in opposite orders.
    asks = [(talks[0], key) for key in keys] + [(talks[1], key) for key in reversed(keys)]
    lines = await asyncio.gather(
        *(talk.say(UUID(made["id"]), said(key, f"第 {key} 句")) for talk, key in asks)
    )
    assert len({line.no for line in lines}) == len(keys)
    assert [no for no, _ in await _lines(studio)] == list(range(1, len(keys) + 1))
