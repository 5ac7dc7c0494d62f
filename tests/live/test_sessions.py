"""A session is planned, announced, reviewed, goes live through its gate, and ends."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.live.studio import Studio
from tiantou.core import timers
from tiantou.kit import clock, paging
from tiantou.live import reactions
from tiantou.live.lifecycle import SEGMENT, SESSION
from tiantou.live.steps import TIMER
from tiantou.media import broadcast_sql
from tiantou.media.events import BroadcastClosed, RecordingReady


async def test_a_session_goes_from_plan_to_live_to_end(studio: Studio) -> None:
    made = await studio.session("live")
    assert made["live"]["started_at"]
    assert [one["product"]["title"] for one in made["shelf"]] == ["样品 1 号", "样品 2 号"]
    assert [one["offer"]["units_left"] for one in made["shelf"]] == [5, 40]
    path = f"/api/sessions/{made['id']}"
    ended = (await studio.owner.post(f"{path}/end", json={})).json()
    assert ended["state"] == "ended"
    assert ended["replay"]["keep_until"] is not None
    again = await studio.owner.post(f"{path}/end", json={})
    assert again.json()["type"] == "/problems/wrong-step"
    await studio.settle()
    assert [one["t"] for one in studio.sent][-2:] == ["state", "end"]


async def test_the_gate_names_what_is_missing(studio: Studio) -> None:
    made = await studio.session("ready", shelf=[])
    answer = await studio.owner.post(f"/api/sessions/{made['id']}/go-live", json={})
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/gate-closed"
    failed = {one["check"]: one["why"] for one in answer.json()["checks"]}
    assert failed == {"seller_file": "shelf-empty"}


async def test_postgresql_itself_refuses_a_public_service_session_with_one_fen(
    studio: Studio,
) -> None:
    asked = studio.plan(host={"kind": "public_service", "name": "样例", "title": "副县长"})
    refused = await studio.owner.post(
        f"/api/orgs/{studio.org_id}/sessions", json=asked | {"slot_fee_fen": 1}
    )
    assert refused.json()["fields"] == [{"name": "slot_fee_fen", "code": "public-service-is-free"}]
    made = await studio.session("draft", host=asked["host"])
    for column in ("slot_fee_fen", "commission_permille"):
        with pytest.raises(IntegrityError, match="public_service_is_free"):
            async with studio.database.begin() as tx:
                await tx.execute(
                    text(f"update live.session set {column} = 1 where id = :id"), {"id": made["id"]}
                )


async def test_changed_goods_send_an_approved_session_back_into_review(studio: Studio) -> None:
    made = await studio.session("ready")
    path = f"/api/sessions/{made['id']}"
    shelf = {"items": [{"pack_id": str(studio.packs[0])}]}
    changed = (await studio.owner.put(f"{path}/shelf", json=shelf)).json()
    assert (changed["state"], changed["review"]["state"]) == ("in_review", "waiting")


async def test_a_returned_session_shows_its_reasons(studio: Studio) -> None:
    made = await studio.session("in_review")
    queue = (await studio.operator.get("/api/desk/review")).json()["items"]
    assert [one["id"] for one in queue] == [made["id"]]
    back = await studio.operator.post(
        f"/api/desk/review/{made['id']}/return", json={"reasons": "封面与商品不符"}
    )
    assert back.json()["state"] == "draft"
    shown = (await studio.owner.get(f"/api/sessions/{made['id']}")).json()
    assert shown["review"]["reasons"] == "封面与商品不符"
    decided = await studio.operator.get(f"/api/desk/sessions/{made['id']}/decisions")
    assert [one["what"] for one in decided.json()["items"]] == ["return"]


async def test_a_suspended_session_is_terminated_by_its_timer(studio: Studio) -> None:
    made = await studio.session("live")
    address = f"/api/desk/sessions/{made['id']}"
    answer = await studio.operator.post(f"{address}/suspend", json={"reason": "被举报"})
    assert answer.json()["state"] == "suspended"
    async with studio.database.begin() as tx:
        await timers.set(
            tx,
            TIMER,
            made["id"],
            clock.now() - timedelta(seconds=1),
            {"event": "suspend_30min"},
        )
    await timers.run_due(studio.database, {TIMER: reactions.on_session_due})
    shown = (await studio.owner.get(f"/api/sessions/{made['id']}")).json()
    assert shown["state"] == "terminated"


async def test_strangers_and_weak_roles_are_refused(studio: Studio) -> None:
    made = await studio.session("draft")
    path = f"/api/sessions/{made['id']}"
    assert (await studio.viewer.get(path)).status_code == 404
    assert (await studio.viewer.post(f"{path}/announce", json={})).status_code == 404
    packer = await studio.site.member(studio.database, studio.keys, studio.org_id, "packer")
    assert (await packer.post(f"{path}/announce", json={})).status_code == 403
    nobody = studio.site.client()
    assert (await nobody.get(path)).status_code == 401
    assert (await studio.viewer.get("/api/desk/review")).status_code == 403
    foreign = await studio.owner.get(f"/api/sessions/{uuid4()}")
    assert foreign.status_code == 404


async def test_a_foreign_cursor_is_bad_input(studio: Studio) -> None:
    path = f"/api/orgs/{studio.org_id}/sessions"
    for cursor in ("zzz", paging.pack("2026-01-01T00:00:00", str(uuid4()))):
        answer = await studio.owner.get(path, params={"cursor": cursor})
        assert answer.json()["type"] == "/problems/invalid-fields", answer.text


async def test_a_title_of_nothing_to_see_is_refused(studio: Studio) -> None:
    plan = studio.plan(title="\u200b\u200b\u0000")
    answer = await studio.owner.post(f"/api/orgs/{studio.org_id}/sessions", json=plan)
    assert answer.json()["fields"][0]["name"] == "title"


async def test_a_key_is_shown_only_when_approved(studio: Studio) -> None:
    made = await studio.session("announced")
    path = f"/api/sessions/{made['id']}/key"
    assert (await studio.owner.post(path, json={})).json()["type"] == "/problems/wrong-step"
    ready = await studio.session("ready")
    key = (await studio.owner.post(f"/api/sessions/{ready['id']}/key", json={})).json()
    assert key["stream_key"].startswith(ready["id"])
    assert key["publish_url"] == f"/in/{ready['id']}"
    other = (await studio.owner.post(f"/api/sessions/{ready['id']}/key", json={})).json()
    assert other["stream_key"] != key["stream_key"]


async def test_reservers_are_told_when_it_starts(studio: Studio) -> None:
    made = await studio.session("ready")
    room = f"/api/rooms/{made['id']}"
    for _ in range(2):
        answer = await studio.viewer.post(f"{room}/reserve", json={})
        assert answer.json() == {"reserved": True, "reservations": 1}
    assert (await studio.viewer.get(room)).json()["me"]["reserved"]
    await studio.owner.post(f"/api/sessions/{made['id']}/go-live", json={})
    await studio.settle()
    async with studio.database.begin() as tx:
        kinds = (await tx.execute(text("select kind from accounts.message"))).scalars().all()
    assert list(kinds).count("session-started") == 1


async def test_the_reminder_follows_the_hour(studio: Studio) -> None:
    made = await studio.session("announced")
    later = (clock.now() + timedelta(hours=5)).isoformat()
    answer = await studio.owner.patch(
        f"/api/sessions/{made['id']}", json=studio.plan(starts_at=later)
    )
    assert answer.status_code == 200, answer.text
    async with studio.database.begin() as tx:
        due = await tx.scalar(text("select due_at from core.timer where kind = 'live.remind'"))
    assert due == datetime.fromisoformat(later) - timedelta(minutes=10)


async def test_a_session_that_has_begun_is_not_reserved(studio: Studio) -> None:
    made = await studio.session("live")
    answer = await studio.viewer.post(f"/api/rooms/{made['id']}/reserve", json={})
    assert answer.json()["type"] == "/problems/wrong-step"


async def _lose(studio: Studio, session_id: str) -> None:
    """The broadcast of a session was on air and lost its signal long ago."""
    async with studio.database.begin() as tx:
        await tx.execute(
            text(
                "update media.broadcast set state = 'lost',"
                " last_signal_at = now() - interval '1 hour' where id = :id"
            ),
            {"id": session_id},
        )


async def test_no_grace_runs_out_while_a_session_is_suspended(studio: Studio) -> None:
    made = await studio.session("live")
    await _lose(studio, made["id"])
    desk = f"/api/desk/sessions/{made['id']}"
    before = clock.now() - timedelta(minutes=10)
    await studio.operator.post(f"{desk}/suspend", json={"reason": "被举报"})
    async with studio.database.begin() as tx:
        assert list(await broadcast_sql.left_alone(tx, before)) == []
    await studio.operator.post(f"{desk}/lift", json={"reason": "查无实据"})
    async with studio.database.begin() as tx:
        assert list(await broadcast_sql.left_alone(tx, before)) == []
        assert len(await broadcast_sql.left_alone(tx, clock.now() + timedelta(minutes=1))) == 1


async def test_a_broadcast_that_closes_ends_a_session_that_still_counts_as_live(
    studio: Studio,
) -> None:
    made = await studio.session("live")
    closed = BroadcastClosed(broadcast_id=UUID(made["id"]), at=clock.now(), duration_ms=1)
    async with studio.database.begin() as tx:
        await reactions.on_broadcast_closed(tx, closed)
    shown = (await studio.owner.get(f"/api/sessions/{made['id']}")).json()
    assert shown["state"] == "packaging"


async def test_the_replay_of_a_terminated_session_is_not_shown(studio: Studio) -> None:
    made = await studio.session("live")
    desk = f"/api/desk/sessions/{made['id']}"
    for act in ("suspend", "terminate"):
        answer = await studio.operator.post(f"{desk}/{act}", json={"reason": "售假"})
        assert answer.status_code == 200
    ready = RecordingReady(
        broadcast_id=UUID(made["id"]), at=clock.now(), duration_ms=1, root_hash="0", chapters=[]
    )
    async with studio.database.begin() as tx:
        await reactions.on_recording_ready(tx, ready)
    shown = (await studio.owner.get(f"/api/sessions/{made['id']}")).json()
    assert shown["state"] == "archived"


async def test_a_live_elsewhere_has_no_page_here(studio: Studio) -> None:
    made = await studio.session("live", venue="elsewhere")
    assert (await studio.viewer.get(f"/api/rooms/{made['id']}")).status_code == 404
    assert (await studio.viewer.get(f"/share/{made['id']}")).status_code == 404
    home = (await studio.viewer.get("/api/home")).json()
    assert home["on_air"] == []


def test_every_waiting_state_has_a_timer_and_ends() -> None:
    for machine in (SESSION,):
        done = set(machine.terminal)
        grew = True
        while grew:
            before = len(done)
            done |= {a for a, _, kind, b in machine.rows if kind == "T" and b in done}
            grew = len(done) > before
        assert done == set(machine.states)
    assert {state for row in SEGMENT.rows for state in (row[0], row[3])} == set(SEGMENT.states)
