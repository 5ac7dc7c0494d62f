"""One recording whatever happens: losses, kills, ends; a chain that shows one flipped bit."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from sqlalchemy import text

from tests.cluster import Cluster
from tests.media.stand import QUICK, Stand, bound, standing, until, uris
from tiantou.core.db import Database
from tiantou.core.keys import Keys
from tiantou.kit import clock
from tiantou.media import face
from tiantou.media.flv import Tag
from tiantou.media.limits import Limits
from tiantou.media.push import PublishRefused
from tiantou.media.recording import read_index


async def test_a_lost_publisher_comes_back_into_the_same_recording(
    stand: Stand, film: list[Tag]
) -> None:
    broadcast_id, key = await stand.opened()
    pusher = await stand.push(key, film)
    await stand.live_list(broadcast_id)
    pusher.abort()
    await stand.told(broadcast_id, "signal-lost")
    before = await stand.live_list(broadcast_id)
    await stand.push(key, film)
    after = await stand.live_list(broadcast_id, before.count("#EXTINF") + 1)
    assert "#EXT-X-DISCONTINUITY\n" in after
    assert set(uris(before)) <= set(uris(after))
    facts = await stand.told(broadcast_id, "signal-back")
    assert facts == ["signal-started", "signal-lost", "signal-back"]
    folder = await stand.end(broadcast_id)
    facts = await stand.told(broadcast_id, "recording-ready")
    assert facts[-2:] == ["broadcast-closed", "recording-ready"]
    result = face.verify_recording(folder, stand.keys)
    assert result.ok
    assert result.signed
    assert result.segments >= 3


async def test_the_end_seals_and_the_replay_plays_with_chapters(
    stand: Stand, film: list[Tag]
) -> None:
    broadcast_id, key = await stand.opened()
    await stand.push(key, film)
    await stand.live_list(broadcast_id, 2)
    async with stand.database.begin() as tx:
        await face.set_chapters(
            tx, broadcast_id, [(0, 2, "六堡茶 <500 g>", "a"), (2, 99, "沃柑", "b")]
        )
    folder = await stand.end(broadcast_id)
    await stand.told(broadcast_id, "recording-ready")
    assert (folder / "cover.jpg").exists()
    play = face.replay(stand.keys, broadcast_id, stand.base, clock.now())
    playlist = (await stand.get(play.hls_url)).text
    assert playlist.endswith("#EXT-X-ENDLIST\n")
    listed = uris(playlist)
    assert listed == [f"s{n}.m4s" for n in range(len(listed))]
    for name in ["init0.mp4", *listed]:
        assert (await stand.get(play.hls_url.replace("replay.m3u8", name))).status_code == 200
    assert uris((await stand.get(play.audio_url)).text)[0] == "a0.m4s"
    vtt = (await stand.get(play.chapters_url)).text
    assert "六堡茶 &lt;500 g>" in vtt
    chapters = (await stand.get(play.chapters_json_url)).json()
    assert [one["ref"] for one in chapters] == ["a", "b"]
    assert 1500 <= chapters[0]["end_ms"] == chapters[1]["start_ms"] <= 2500
    duration_ms = face.verify_recording(folder).duration_ms
    assert chapters[1]["end_ms"] == duration_ms
    async with stand.database.begin() as tx:
        body = await tx.scalar(
            text("select body from media.outbox where kind = 'media.recording-ready'")
        )
    assert body["duration_ms"] == duration_ms
    assert body["chapters"] == chapters
    root = face.verify_recording(folder, stand.keys, body["root_hash"])
    assert root.ok
    ended = await stand.get(stand.play(broadcast_id).llhls_url.replace("index", "live"))
    assert "#EXT-X-ENDLIST" in ended.text


async def test_one_flipped_bit_one_missing_file_one_cut_line_are_found(
    stand: Stand, film: list[Tag]
) -> None:
    broadcast_id, key = await stand.opened()
    await stand.push(key, film)
    await stand.live_list(broadcast_id, 2)
    folder = await stand.end(broadcast_id)
    assert face.verify_recording(folder, stand.keys).ok
    for name in ("s1.m4s", "a0.m4s", "init0.mp4", "index.jsonl"):
        path = folder / name
        good = path.read_bytes()
        path.write_bytes(good[:100] + bytes([good[100] ^ 1]) + good[101:])
        assert not face.verify_recording(folder, stand.keys).ok, name
        path.write_bytes(good)
    path = folder / "s1.m4s"
    good = path.read_bytes()
    path.unlink()
    assert face.verify_recording(folder).faults == [("s1.m4s", "missing")]
    path.write_bytes(good)
    lines = (folder / "index.jsonl").read_text().splitlines(keepends=True)
    (folder / "index.jsonl").write_text("".join(lines[1:]))
    assert not face.verify_recording(folder).ok
    (folder / "index.jsonl").write_text("".join(lines[:-1]))
    assert face.verify_recording(folder).root is None
    (folder / "index.jsonl").write_text("".join(lines))
    assert face.verify_recording(folder, stand.keys).ok
    other = Keys((b"the root of another instance, not ours",))
    assert not face.verify_recording(folder, other).ok


async def test_a_broadcast_without_a_signal_closes_without_a_recording(stand: Stand) -> None:
    broadcast_id, _ = await stand.opened()
    async with stand.database.begin() as tx:
        await face.end_broadcast(tx, broadcast_id)
    await stand.told(broadcast_id, "broadcast-closed")
    assert await stand.facts(broadcast_id) == ["broadcast-closed"]


async def test_the_grace_ends_a_broadcast_whose_signal_stays_away(
    database: Database, dsn: str, keys: Keys, tmp_path: Path, film: list[Tag]
) -> None:
    limits = Limits(look_every_s=0.1, grace_s=1)
    async with standing(database, dsn, keys, tmp_path, limits) as stand:
        broadcast_id, key = await stand.opened()
        pusher = await stand.push(key, film)
        await stand.live_list(broadcast_id)
        pusher.abort()
        facts = await stand.told(broadcast_id, "recording-ready")
        assert facts == ["signal-started", "signal-lost", "broadcast-closed", "recording-ready"]


async def test_a_rehearsal_ends_nothing_and_the_grace_counts_once_it_is_on_air(
    database: Database, dsn: str, keys: Keys, tmp_path: Path, film: list[Tag]
) -> None:
    limits = Limits(look_every_s=0.1, grace_s=1)
    keep = clock.now() + timedelta(days=1096)
    async with standing(database, dsn, keys, tmp_path, limits) as stand:
        broadcast_id, key = await stand.opened(rehearses=True)
        pusher = await stand.push(key, film)
        await stand.live_list(broadcast_id)
        pusher.abort()
        await stand.told(broadcast_id, "signal-lost")
        await asyncio.sleep(3)
        assert await stand.facts(broadcast_id) == ["signal-started", "signal-lost"]
        again = await stand.push(key, film)
        await stand.told(broadcast_id, "signal-back")
        async with database.begin() as tx:
            await face.open_broadcast(tx, broadcast_id, keep)
        again.abort()
        facts = await stand.told(broadcast_id, "recording-ready")
        assert facts[-3:] == ["signal-lost", "broadcast-closed", "recording-ready"]


async def test_a_revoked_key_sends_its_publisher_away(stand: Stand, film: list[Tag]) -> None:
    broadcast_id, key = await stand.opened()
    await stand.push(key, film)
    await stand.live_list(broadcast_id)
    async with stand.database.begin() as tx:
        await face.revoke_key(tx, broadcast_id)
    await stand.told(broadcast_id, "signal-lost")
    with pytest.raises(PublishRefused):
        await stand.push(key, film)


@asynccontextmanager
async def _apart(
    database: Database, dsn: str, keys: Keys, root: Path
) -> AsyncIterator[tuple[asyncio.subprocess.Process, Stand]]:
    """A media process of its own, gone at the end of the block."""
    with bound() as http, bound() as rtmp:
        fds, ports = (http.fileno(), rtmp.fileno()), (http.getsockname()[1], rtmp.getsockname()[1])
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.media.run_process", dsn, str(root), *map(str, fds)),
            pass_fds=fds,
            stdout=asyncio.subprocess.PIPE,
        )
    assert process.stdout is not None
    async with httpx.AsyncClient() as client:
        stand = Stand(database, keys, root, *ports, client)
        try:
            assert await process.stdout.readline() == b"ready\n"
            yield process, stand
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
            await stand.let_go()


async def test_a_killed_process_resumes_with_nothing_lost_but_the_gap(
    database: Database, dsn: str, keys: Keys, tmp_path: Path, film: list[Tag]
) -> None:
    async with _apart(database, dsn, keys, tmp_path) as (process, first):
        broadcast_id, key = await first.opened()
        await first.push(key, film)
        await first.live_list(broadcast_id, 2)
        folder = first.folder(broadcast_id)
        await until(lambda: asyncio.to_thread((folder / "open.json").exists))
        await asyncio.sleep(0.9)
        process.kill()
    assert (folder / "open.json").exists()
    with (folder / "index.jsonl").open("ab") as index:
        index.write(b'{"n": 99, "torn')
    growing = json.loads((folder / "open.json").read_text())["n"]
    async with standing(database, dsn, keys, tmp_path, QUICK) as stand:
        await stand.told(broadcast_id, "signal-lost")
        kept = await stand.live_list(broadcast_id)
        assert f"s{growing}.m4s" in uris(kept)
        await stand.push(key, film)
        await stand.told(broadcast_id, "signal-back")
        await stand.live_list(broadcast_id, kept.count("#EXTINF") + 1)
        await stand.end(broadcast_id)
    result = face.verify_recording(folder, keys)
    assert result.ok, result.faults
    lines = [line for line in read_index(folder) if "n" in line]
    assert [line["n"] for line in lines] == list(range(len(lines)))
    ends = 0
    for line in lines:
        assert abs(line["start_us"] - ends) < 1000
        ends = line["start_us"] + line["duration_us"]
    assert [line["break"] for line in lines].count(True) == 1


async def test_a_process_told_to_stop_leaves_nothing_unsaid(
    database: Database, dsn: str, keys: Keys, tmp_path: Path, film: list[Tag]
) -> None:
    async with _apart(database, dsn, keys, tmp_path) as (process, stand):
        broadcast_id, key = await stand.opened()
        await stand.push(key, film)
        await stand.live_list(broadcast_id)
        process.terminate()
        assert await asyncio.wait_for(process.wait(), 15) == 0
        assert await stand.facts(broadcast_id) == ["signal-started", "signal-lost"]
        assert not (stand.folder(broadcast_id) / "open.json").exists()
        assert face.verify_recording(stand.folder(broadcast_id)).ok


async def test_a_database_that_is_away_does_not_stop_the_live(
    stand: Stand, film: list[Tag], cluster: Cluster, dsn: str
) -> None:
    broadcast_id, key = await stand.opened()
    name = urlsplit(dsn).path.strip("/")
    pusher = await stand.push(key, film)
    playlist = await stand.live_list(broadcast_id)
    await stand.told(broadcast_id, "signal-started")
    admin = await asyncpg.connect(cluster.dsn("postgres"))
    await admin.execute(f"alter database {name} allow_connections false")
    await admin.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where application_name = 'tiantou-media' and datname = $1",
        name,
    )
    await stand.live_list(broadcast_id, playlist.count("#EXTINF") + 1)
    pusher.abort()
    await asyncio.sleep(0.3)
    await admin.execute(f"alter database {name} allow_connections true")
    await admin.close()
    await stand.told(broadcast_id, "signal-lost")


async def test_a_recording_is_kept_until_its_time(stand: Stand, film: list[Tag]) -> None:
    broadcast_id, key = await stand.opened()
    await stand.push(key, film)
    await stand.live_list(broadcast_id)
    folder = await stand.end(broadcast_id)
    async with stand.database.begin() as tx:
        with pytest.raises(face.KeptByLaw):
            await face.delete_recording(tx, broadcast_id)
    assert await face.dispose_due(stand.database, stand.root, clock.now()) == 0
    assert folder.exists()
    later = clock.now() + timedelta(days=1096 + 29)
    assert await face.dispose_due(stand.database, stand.root, later) == 0
    async with stand.database.begin() as tx:
        await face.extend_keep(tx, broadcast_id, clock.now() + timedelta(days=2000))
        await face.extend_keep(tx, broadcast_id, clock.now())
    much_later = clock.now() + timedelta(days=1096 + 31)
    assert await face.dispose_due(stand.database, stand.root, much_later) == 0
    assert folder.exists()
    end = clock.now() + timedelta(days=2031)
    assert await face.dispose_due(stand.database, stand.root, end) == 1
    assert not folder.exists()
    assert (await stand.facts(broadcast_id))[-1] == "recording-disposed"
    assert await face.dispose_due(stand.database, stand.root, end) == 0


def test_whether_a_recording_can_be_written(tmp_path: Path) -> None:
    assert face.recording_ready(tmp_path / "new", free_bytes_min=1)
    assert not face.recording_ready(tmp_path, free_bytes_min=1 << 60)
    (tmp_path / "file").write_text("in the way")
    assert not face.recording_ready(tmp_path / "file")
    assert list((tmp_path / "new").iterdir()) == []


async def test_health_says_what_arrives(stand: Stand, film: list[Tag]) -> None:
    broadcast_id, key = await stand.opened()
    await stand.push(key, film)

    async def look() -> face.Health | None:
        async with stand.database.begin() as tx:
            found = await face.health(tx, broadcast_id)
        return found if found and found.kbps else None

    found = await until(look)
    assert found.publishing
    assert 200 <= found.fps_x10 <= 300
