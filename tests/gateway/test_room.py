"""The room's stream, cut by cut."""

import json
from itertools import pairwise

from msgspec import Raw

from tests.gateway.follower import Follower
from tests.gateway.play import LIMITS, Play, frames_of, snapshot
from tiantou.gateway.frames import ChatLine
from tiantou.gateway.limits import Limits
from tiantou.gateway.room import RECENT_LINES, RING_EVENTS


def test_an_event_goes_at_once_and_chat_does_not_wait_for_nothing() -> None:
    play = Play()
    play.run(1)
    play.event()
    assert [f["o"] for f in frames_of(play.run(0))] == [1]
    play.run(1)
    play.room.say(ChatLine(1, "张三", "多少钱一斤"))
    assert frames_of(play.run(0))[0]["c"] == [
        {"i": 1, "u": "张三", "x": "多少钱一斤", "b": "", "p": None}
    ]


def test_chat_is_ticked_and_an_event_does_not_wait_for_the_tick() -> None:
    play = Play()
    play.run(1)
    for number in range(50):
        play.room.say(ChatLine(number, "u", "x"))
        if number == 21:
            play.event()
        play.run(0.01)
    play.run(0.2)
    with_chat = [at for at, cut in play.cuts if b'"c"' in cut.full]
    assert 4 <= len(with_chat) <= 7
    assert all(b - a >= LIMITS.tick_small_s - 1e-6 for a, b in pairwise(with_chat))
    assert sum(len(f.get("c", [])) for f in frames_of([c for _, c in play.cuts])) == 50


def test_above_the_budget_events_cut_the_tick_short_and_take_chat_along() -> None:
    play = Play(cost_s=0.11, viewers=10_000)
    play.run(5)
    play.cuts.clear()
    for number in range(50):
        play.event()
        play.room.say(ChatLine(number, "u", "x"))
        play.run(0.2)
    play.run(2)
    alone = [cut for _, cut in play.cuts if cut.numbered and b'"c"' not in cut.full]
    mixed = [cut for _, cut in play.cuts if cut.numbered and b'"c"' in cut.full]
    assert len(mixed) > 2 * len(alone)
    spent = len(play.cuts) * 0.11
    assert spent < 0.75 * 12
    follower = Follower()
    follower.offset = 0
    for _, cut in play.cuts:
        follower.take(cut.full)
    assert [e["k"] for e in follower.events] == list(range(1, 51))
    assert not follower.gap


def test_counters_alone_travel_once_a_second() -> None:
    play = Play()
    play.run(1)
    play.cuts.clear()
    for _ in range(50):
        play.room.like(1)
        play.room.entered("李四")
        play.run(0.1)
    assert 5 <= len(play.cuts) <= 6
    last = frames_of([play.cuts[-1][1]])[0]
    assert set(last) == {"o", "n", "j"}
    assert last["n"][1] >= 40
    assert sum(f["j"][1] for f in frames_of([c for _, c in play.cuts])) >= 40


def test_counters_go_along_with_other_things() -> None:
    play = Play()
    play.run(1)
    play.room.like(3)
    play.run(0)
    play.room.like(4)
    play.room.say(ChatLine(1, "u", "x"))
    assert frames_of(play.run(0.15))[-1]["n"] == [10, 7, 0]


def test_totals_of_likes_never_count_down_and_orders_do() -> None:
    play = Play()
    play.room.like(30)
    play.room.set_values({"likes": Raw(b"20"), "orders": Raw(b"5")}, play.now)
    assert frames_of(play.run(1))[0]["n"] == [10, 30, 5]
    play.room.set_values({"likes": Raw(b"50"), "orders": Raw(b"4")}, play.now)
    assert frames_of(play.run(1.2))[-1]["n"] == [10, 50, 4]
    play.room.set_values({"likes": Raw(b'"x"'), "orders": Raw(b"-1")}, play.now)
    assert not any("n" in f for f in frames_of(play.run(2)))


def test_of_values_the_last_wins_once_a_tick() -> None:
    play = Play()
    play.run(1)
    for left in range(9, 0, -1):
        play.room.set_values({"stock:a": Raw(b"%d" % left), "stock:b": Raw(b"1")}, play.now)
        play.run(0.01)
    play.run(0.2)
    values = [f["s"] for f in frames_of([c for _, c in play.cuts]) if "s" in f]
    assert values == [{"stock:a": 9, "stock:b": 1}, {"stock:a": 1, "stock:b": 1}]


def test_an_idle_room_costs_a_frame_in_a_quarter_minute_and_an_empty_one_nothing() -> None:
    play = Play()
    play.run(1)
    play.cuts.clear()
    play.run(150)
    assert 9 <= len(play.cuts) <= 10
    assert all(cut.full == b'{"o":0}' for _, cut in play.cuts)
    play.room.present(0)
    play.run(2)
    assert play.room.due(play.now) is None


def test_the_same_fact_goes_out_once() -> None:
    play = Play()
    offset = play.event()
    assert play.room.event("f1", b'{"t":"pin"}', play.now) == offset
    play.run(1)
    assert play.room.event("f1", b'{"t":"pin"}', play.now) == offset
    assert sum("ev" in f for f in frames_of([c for _, c in play.cuts])) == 1


def test_no_number_is_cut_while_a_numbered_frame_is_under_way() -> None:
    play = Play()
    play.run(1)
    play.event()
    assert play.room.due(play.now) is not None
    cut = play.room.cut(play.now)
    play.room.fan_begins(numbered=cut.numbered)
    play.event()
    assert play.room.due(play.now) is None
    play.room.fan_ended(play.now, 0.01, 0.01, numbered=True)
    assert [f["o"] for f in frames_of(play.run(1)) if "ev" in f] == [2]


def test_an_event_overtakes_chat_that_is_being_written() -> None:
    play = Play()
    play.run(1)
    play.room.say(ChatLine(1, "u", "x"))
    play.room.cut(play.now)
    play.room.fan_begins(numbered=False)
    play.room.say(ChatLine(2, "u", "y"))
    assert play.room.due(play.now) is None
    play.event()
    assert play.room.due(play.now) == play.now
    assert json.loads(play.room.cut(play.now).full) == {"o": 1, "ev": [{"t": "price", "k": 1}]}


def test_who_lags_gets_events_and_values_without_chat() -> None:
    play = Play()
    play.run(1)
    play.room.say(ChatLine(1, "u", "x"))
    play.event()
    play.room.set_values({"a": Raw(b"1")}, play.now)
    (cut,) = play.run(0)
    assert cut.lite is not None
    assert set(json.loads(cut.lite)) == {"o", "ev", "s"}
    play.run(1)
    play.room.say(ChatLine(2, "u", "x"))
    assert play.run(0)[0].lite is None


def test_a_joiner_gets_the_snapshot_and_what_came_after_it() -> None:
    play = Play()
    play.event()
    play.run(1)
    asked = play.room.offset
    play.event()
    play.room.say(ChatLine(7, "u", "new"))
    play.run(1)
    said = snapshot(state={"pinned": 1}, chat=[{"i": 5, "u": "u", "x": "old", "b": ""}], seq=["f1"])
    play.room.take_snapshot(said, asked, play.now - 2, push=False)
    first = json.loads(play.room.greeting())
    assert first["snap"]["state"] == {"pinned": 1}
    assert [e["k"] for e in first["snap"]["ev"]] == [2]
    assert [line["i"] for line in first["snap"]["chat"]] == [5, 7]
    assert (first["o"], "ev" in first) == (2, False)
    assert play.room.greeting() is play.room.greeting()
    follower = Follower()
    follower.take(play.room.greeting())
    play.event()
    for cut in play.run(1):
        follower.take(cut.full)
    assert [e["k"] for e in follower.events] == [3]
    assert not follower.gap


def test_an_event_that_was_not_yet_sent_reaches_a_joiner_once() -> None:
    play = Play(cost_s=0.2)
    play.room.take_snapshot(snapshot(), 0, play.now, push=False)
    play.event()
    play.room.cut(play.now)
    play.room.fan_begins(numbered=True)
    play.event()
    follower = Follower()
    follower.take(play.room.greeting())
    play.room.fan_ended(play.now, 0.2, 0.2, numbered=True)
    for cut in play.run(2):
        follower.take(cut.full)
    assert ([e["k"] for e in follower.events], follower.again, follower.gap) == ([2], 0, False)


def test_values_older_than_the_snapshot_do_not_undo_it() -> None:
    play = Play()
    play.room.set_values({"a": Raw(b"1"), "b": Raw(b"1")}, play.now)
    play.run(1)
    asked_at = play.now
    play.run(1)
    play.room.set_values({"b": Raw(b"2")}, play.now)
    play.room.take_snapshot(snapshot(), 0, asked_at, push=False)
    assert json.loads(play.room.greeting())["s"] == {"b": 2}
    resumed = play.room.resume("e1", 0)
    assert resumed is not None
    assert json.loads(resumed)["s"] == {"a": 1, "b": 2}


def test_after_a_loss_nobody_resumes_across_it_and_all_get_the_snapshot() -> None:
    play = Play()
    play.room.take_snapshot(snapshot(state={"v": 1}), 0, play.now, push=False)
    follower = Follower()
    follower.take(play.room.greeting())
    play.event()
    play.run(1)
    for _, cut in play.cuts:
        follower.take(cut.full)
    play.room.renew("e2")
    assert play.room.resume("e1", 1) is None
    play.event()
    play.room.take_snapshot(snapshot(state={"v": 2}), play.room.offset, play.now, push=True)
    for cut in play.run(1):
        follower.take(cut.full)
    assert follower.epoch == "e2"
    assert follower.snapshots[-1]["state"] == {"v": 2}
    assert ([e["k"] for e in follower.events], follower.again, follower.gap) == ([1, 2], 0, False)


def test_what_the_first_snapshot_shows_is_not_sent_again() -> None:
    play = Play()
    play.room.take_snapshot(snapshot(seq=["f1"]), 0, play.now, push=False)
    assert play.event() == 0
    assert play.event() == 1


def test_an_old_snapshot_is_wanted_anew() -> None:
    play = Play()
    assert play.room.wants_snapshot(play.now)
    assert not play.room.has_snapshot()
    play.room.take_snapshot(snapshot(), 0, play.now, push=False)
    assert not play.room.wants_snapshot(play.now + 1)
    assert play.room.wants_snapshot(play.now + 11)
    for _ in range(RING_EVENTS + 1):
        play.event()
    assert play.room.wants_snapshot(play.now)
    assert not play.room.has_snapshot()


def test_bans_hiding_and_the_end() -> None:
    play = Play()
    play.room.say(ChatLine(1, "u", "bad", p=9))
    play.run(1)
    play.event(t="hide", no=1)
    play.event(t="ban", person_no=9)
    play.event(t="ban", viewer_key="k9")
    cut = play.run(1)[0]
    assert [(b.person_no, b.viewer_key) for b in cut.bans] == [(9, None), (None, "k9")]
    assert (play.room.banned_people, play.room.banned_keys) == ({9}, {"k9"})
    assert json.loads(play.room.greeting())["snap"]["chat"] == []
    play.event(t="unban", person_no=9)
    assert play.room.banned_people == set()
    play.event(t="end")
    play.run(1)
    play.room.present(0)
    assert play.room.ended
    assert play.room.idle(play.now + 61)
    assert not Play(viewers=0).room.idle(play.now + 61)


def test_the_author_of_a_left_out_line_gets_it() -> None:
    play = Play(limits=Limits(chat_lines_per_s_max=2))
    play.run(1)
    for number in range(1, 6):
        play.room.say(ChatLine(number, "u", "x", p=number))
    (cut,) = play.run(0)
    shown = {line["p"] for line in json.loads(cut.full)["c"]}
    assert json.loads(cut.full)["d"] == 3
    assert {person for person, _ in cut.own} == {1, 2, 3, 4, 5} - shown


def test_recent_lines_and_the_ring_are_bounded() -> None:
    play = Play()
    for number in range(200):
        play.event()
        play.room.say(ChatLine(number, "u", "x"))
        play.run(1)
    resumed = play.room.resume("e1", 0)
    assert resumed is not None
    assert len(json.loads(resumed)["c"]) == RECENT_LINES
    for _ in range(RING_EVENTS):
        play.event()
    play.run(1)
    assert play.room.resume("e1", 0) is None
    assert play.room.resume("e1", 10_000) is None
    assert play.room.resume("e1", -1) is None
    assert play.room.resume("e0", play.room.sent) is None
