"""Fair sampling of chat, for any crowd."""

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from tiantou.gateway.chat import PENDING_LINES_MAX, Chat, Said, fair


def _lines(authors: list[int]) -> list[Said]:
    return [Said(n, author, f"u{author}", b"%d" % n) for n, author in enumerate(authors, 1)]


crowds = st.lists(st.integers(1, 12), min_size=1, max_size=120)


@given(crowds, st.integers(1, 60), st.integers(0, 2**32))
def test_nobody_speaks_twice_before_everybody_spoke_once(
    authors: list[int], count: int, seed: int
) -> None:
    lines = _lines(authors)
    shown = fair(lines, count, random.Random(seed))
    assert len(shown) == min(count, len(lines))
    assert [line.number for line in shown] == sorted({line.number for line in shown})
    said, heard = Counter(authors), Counter(line.author for line in shown)
    most = max(heard.values())
    for author in said:
        assert heard[author] >= min(said[author], most - 1)


@given(crowds, st.integers(1, 40), st.integers(0, 2**32))
def test_what_is_left_out_is_counted_and_given_back_to_its_author(
    authors: list[int], rate: int, seed: int
) -> None:
    chat = Chat(rate, 0.0, random.Random(seed))
    lines = _lines(authors)
    for line in lines:
        chat.say(line)
    taken = chat.take(0.0)
    assert taken.left_out == len(lines) - len(taken.shown)
    assert sorted(n.number for n in taken.shown + taken.own) == [n.number for n in lines]
    assert not chat


def test_authors_of_equal_zeal_have_equal_chances() -> None:
    drawn: Counter[int] = Counter()
    source = random.Random(7)
    for _ in range(4_000):
        drawn.update(line.author for line in fair(_lines([*range(1, 11)]), 3, source))
    assert all(1_050 < count < 1_350 for count in drawn.values())


def test_the_rate_holds_over_time_and_a_burst_of_a_second_is_shown() -> None:
    chat = Chat(40, 0.0, random.Random(1))
    shown = 0
    for tick in range(100):
        for number in range(20):
            chat.say(Said(tick * 20 + number, number, "", b""))
        shown += len(chat.take(tick * 0.1).shown)
    assert 40 * 9.9 <= shown <= 40 * 11.1


def test_memory_is_bounded_and_still_counted() -> None:
    chat = Chat(40, 0.0, random.Random(1))
    for number in range(PENDING_LINES_MAX * 3):
        chat.say(Said(number, number, "", b""))
    taken = chat.take(0.0)
    assert len(taken.shown) + len(taken.own) <= PENDING_LINES_MAX
    assert taken.left_out == PENDING_LINES_MAX * 3 - len(taken.shown)


def test_a_hidden_line_that_was_not_sent_is_not_sent() -> None:
    chat = Chat(40, 0.0, random.Random(1))
    for line in _lines([1, 2]):
        chat.say(line)
    chat.hide(1)
    assert [line.number for line in chat.take(0.0).shown] == [2]
