"""Every key that is not the newest, unexpired one of its own broadcast is refused before media."""

import asyncio
import logging
from datetime import timedelta
from uuid import UUID

import pytest

from tests.media.stand import Stand
from tiantou.core.keys import BadToken, Keys
from tiantou.kit import clock, ids
from tiantou.media import face
from tiantou.media.flv import Tag
from tiantou.media.push import PublishRefused, Pusher
from tiantou.media.tokens import LIVE, check_play_token, new_publish_token


async def _refused(stand: Stand, stream_key: str) -> None:
    with pytest.raises(PublishRefused, match=r"BadName"):
        await Pusher.connect(stand.rtmp, stream_key)


async def _rows(stand: Stand, broadcast_id: UUID) -> bool:
    """Whether anything was recorded or told."""
    return bool(list(stand.root.glob(f"*/*/{broadcast_id}"))) or bool(
        await stand.facts(broadcast_id)
    )


async def test_a_wrong_key(stand: Stand) -> None:
    broadcast_id, key = await stand.opened()
    await _refused(stand, key.stream_key[:-3] + "AAA")
    await _refused(stand, f"{broadcast_id}")
    await _refused(stand, f"{broadcast_id}?key=nonsense")
    await _refused(stand, "not-a-broadcast?key=x")
    assert not await _rows(stand, broadcast_id)


async def test_an_expired_key(stand: Stand) -> None:
    broadcast_id, key = await stand.opened(ttl_s=0)
    await _refused(stand, key.stream_key)
    assert not await _rows(stand, broadcast_id)


async def test_a_foreign_key(stand: Stand) -> None:
    (mine, _), (_, foreign) = await stand.opened(), await stand.opened()
    await _refused(stand, f"{mine}?key={foreign.publish_token}")
    other = Keys((b"the root of another instance, not ours",))
    await _refused(stand, f"{mine}?key={new_publish_token(other, mine, 1, 60)}")


async def test_a_signed_key_that_was_never_issued(stand: Stand) -> None:
    broadcast_id, _ = await stand.opened()
    await _refused(
        stand, f"{broadcast_id}?key={new_publish_token(stand.keys, broadcast_id, 1, 60)}"
    )


async def test_a_rotated_key_is_refused_and_its_publisher_sent_away(
    stand: Stand, film: list[Tag]
) -> None:
    broadcast_id, old = await stand.opened()
    pusher = await stand.push(old, film)
    await stand.live_list(broadcast_id)
    async with stand.database.begin() as tx:
        new = await face.issue_key(tx, stand.keys, broadcast_id, 60)
    assert new.generation == old.generation + 1
    await _refused(stand, old.stream_key)
    await stand.told(broadcast_id, "signal-lost")
    await stand.push(new, film)
    await stand.told(broadcast_id, "signal-back")
    with pytest.raises(PublishRefused):
        for _ in range(100):
            await pusher.send(film[0])
            await asyncio.sleep(0.02)


async def test_a_key_is_no_good_after_the_end(stand: Stand, film: list[Tag]) -> None:
    broadcast_id, key = await stand.opened()
    await stand.push(key, film)
    await stand.live_list(broadcast_id)
    await stand.end(broadcast_id)
    await _refused(stand, key.stream_key)
    async with stand.database.begin() as tx:
        with pytest.raises(face.BroadcastOver):
            await face.issue_key(tx, stand.keys, broadcast_id, 60)


async def test_a_blocked_broadcast_takes_and_shows_nothing_until_it_is_lifted(
    stand: Stand, film: list[Tag]
) -> None:
    broadcast_id, key = await stand.opened()
    await stand.push(key, film)
    await stand.live_list(broadcast_id)
    async with stand.database.begin() as tx:
        await face.block(tx, broadcast_id)
    await stand.told(broadcast_id, "signal-lost")
    await _refused(stand, key.stream_key)
    assert (await stand.get(stand.play(broadcast_id).llhls_url)).status_code == 403
    async with stand.database.begin() as tx:
        await face.unblock(tx, broadcast_id)
    await stand.push(key, film)
    await stand.told(broadcast_id, "signal-back")


async def test_a_viewers_token_is_of_one_broadcast_and_one_kind(
    stand: Stand, film: list[Tag]
) -> None:
    broadcast_id, key = await stand.opened()
    other, _ = await stand.opened()
    await stand.push(key, film)
    await stand.live_list(broadcast_id)
    good = stand.play(broadcast_id).llhls_url
    for wrong in (
        good.replace(str(broadcast_id), str(other)),
        stand.play(other).llhls_url.replace(str(other), str(broadcast_id)),
        good.replace("/w", "/r"),
        f"{stand.base}/live/{broadcast_id}/nonsense/index.m3u8",
    ):
        assert (await stand.get(wrong)).status_code in (403, 404), wrong
    assert (await stand.get(good.replace("index.m3u8", "replay.m3u8"))).status_code == 404
    for odd in ("../index.jsonl", "index.jsonl", "%2e%2e%2findex.jsonl", "open.json"):
        assert (await stand.get(good.replace("index.m3u8", odd))).status_code == 404


async def test_an_expired_and_a_foreign_viewers_token_get_nothing(
    stand: Stand, film: list[Tag]
) -> None:
    broadcast_id, key = await stand.opened()
    await stand.push(key, film)
    await stand.live_list(broadcast_id)
    before = clock.now() - timedelta(hours=7)
    strangers = Keys((b"the root of another instance, not ours",))
    for keys, at, said in ((stand.keys, before, 410), (strangers, clock.now(), 403)):
        live = face.playback(keys, broadcast_id, stand.base, at)
        replay = face.replay(keys, broadcast_id, stand.base, at)
        for url in (live.llhls_url, live.flv_url, live.audio_url, live.cover_url, replay.hls_url):
            answer = await stand.get(url)
            assert (answer.status_code, b"moof" in answer.content) == (said, False), url
    assert (await stand.get(stand.play(broadcast_id).llhls_url)).status_code == 200


def test_a_viewers_token_is_the_same_for_ten_minutes_and_then_ends(keys: Keys) -> None:
    broadcast_id = ids.uuid7()
    start = clock.now().replace(minute=0, second=1)
    one = face.playback(keys, broadcast_id, "", start)
    same = face.playback(keys, broadcast_id, "", start + timedelta(minutes=9))
    assert one == same
    assert one.expires_at - (start + timedelta(minutes=9, seconds=58)) >= timedelta(minutes=20)
    token = one.llhls_url.split("/")[3]
    assert check_play_token(keys, broadcast_id, token, start) == LIVE
    with pytest.raises(BadToken, match="expired"):
        check_play_token(keys, broadcast_id, token, one.expires_at)
    older = Keys((b"a newer root secret of the instance", keys.roots[0]))
    assert check_play_token(older, broadcast_id, token, start) == LIVE


async def test_no_token_and_no_key_is_in_any_log(
    stand: Stand, film: list[Tag], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    broadcast_id, key = await stand.opened()
    await _refused(stand, key.stream_key + "x")
    pusher = await stand.push(key, film)
    await stand.live_list(broadcast_id)
    play = stand.play(broadcast_id)
    await stand.get(play.hls_url)
    await stand.get(play.hls_url.replace("hls.m3u8", "nothing"))
    pusher.abort()
    await stand.told(broadcast_id, "signal-lost")
    token = play.hls_url.split("/")[5]
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith(("httpx", "httpcore"))]
    assert any("publisher admitted" in line for line in ours)
    said = "\n".join(ours)
    assert token not in said
    assert key.publish_token not in said
