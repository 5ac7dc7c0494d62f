"""Coming back, for any pattern of losses."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from tests.gateway.follower import Follower
from tests.gateway.play import Play, snapshot
from tiantou.gateway.frames import ChatLine
from tiantou.gateway.room import Cut


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["event", "chat", "value", "lose", "leave", "come", "wait"]),
            st.integers(1, 40),
        ),
        max_size=60,
    ),
    st.sampled_from([0.0005, 0.02, 0.3]),
)
def test_whatever_is_lost_every_event_arrives_once_and_in_order(
    acts: list[tuple[str, int]], cost_s: float
) -> None:
    play = Play(cost_s=cost_s)
    play.room.take_snapshot(snapshot(), 0, play.now, push=False)
    follower, here, lost = Follower(), True, 0
    follower.take(play.room.greeting())

    def hear(cuts: list[Cut]) -> None:
        nonlocal lost
        for cut in cuts:
            if lost:
                lost -= 1
            elif here and not follower.gap:
                follower.take(cut.full)

    def come() -> None:
        resumed = play.room.resume(follower.epoch, follower.offset)
        follower.gap = False
        assert resumed is not None
        follower.take(resumed)

    for act, count in acts:
        if act == "event":
            for _ in range(count % 5 + 1):
                play.event()
        elif act == "chat":
            play.room.say(ChatLine(count, "u", "x"))
        elif act == "value":
            play.room.set_values({"a": Raw(b"%d" % count)}, play.now)
        elif act == "lose":
            lost += count % 4
        elif act == "leave":
            here = False
        elif not here or follower.gap:
            here = True
            come()
        hear(play.run(count / 50))
    lost = 0
    hear(play.run(20))
    if not here or follower.gap:
        come()
    assert [e["k"] for e in follower.events] == list(range(1, play.facts + 1))
    assert follower.again == 0
