"""Rates by place, weight and cold mode; the day of pick-up; life used up by warmth."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tiantou.core.db import Database
from tiantou.core.problems import InvalidFields
from tiantou.kit import ids
from tiantou.logistics import face as logistics
from tiantou.logistics.face import FreightView, NotServed, Reading
from tiantou.logistics.freight import leaves_on, rates_in
from tiantou.logistics.views import Rate


def _rate(prefix: str, first_fen: int, cold: str = "ambient") -> Rate:
    return Rate(
        prefix=prefix, cold=cold, first_g=1000, first_fen=first_fen, next_g=500, next_fen=100
    )


SETTING = FreightView(
    flat_fen=1_200,
    free_from_fen=9_900,
    not_served=["65"],
    days_promised=3,
    rates=[_rate("", 800), _rate("44", 600), _rate("4403", 500), _rate("44", 2_000, "chilled")],
)


@pytest.mark.parametrize(
    ("division", "grams", "cold", "fen"),
    [
        ("110101", 1000, None, 800),
        ("110101", 1001, None, 900),
        ("440106", 2500, None, 900),
        ("440305", 1000, None, 500),
        ("440305", 1501, "chilled", 2_200),
    ],
)
def test_the_nearest_rate_counts(division: str, grams: int, cold: str | None, fen: int) -> None:
    assert logistics.quote_by(SETTING, division, grams, 0, cold).fen == fen
    assert logistics.quote_by(SETTING, division, grams, 9_900, cold).fen == 0


def test_what_has_no_rate_in_its_mode_is_not_sent() -> None:
    for division, cold in (("110101", "chilled"), ("440106", "frozen"), ("650102", None)):
        with pytest.raises(NotServed):
            logistics.quote_by(SETTING, division, 1000, 0, cold)


async def test_rates_are_kept_as_prefixes(database: Database) -> None:
    org = ids.uuid7()
    asked = FreightView(
        flat_fen=0,
        free_from_fen=None,
        not_served=[],
        days_promised=2,
        cold="chilled",
        rates=[_rate("440000", 600), _rate("", 800)],
        cut_off=[960, 960, 960, 960, 960, None, None],
    )
    async with database.begin() as tx:
        await logistics.set_freight(tx, org, asked)
        kept = await logistics.freight_of(tx, org)
    assert [one.prefix for one in kept.rates] == ["", "44"]
    assert (kept.cold, kept.cut_off) == ("chilled", asked.cut_off)
    with pytest.raises(InvalidFields):
        rates_in([_rate("44", 1), _rate("440000", 2)])


def test_the_day_of_pick_up_obeys_the_cut_off() -> None:
    week = FreightView(
        flat_fen=0,
        free_from_fen=None,
        not_served=[],
        days_promised=2,
        cut_off=[960] * 5 + [None] * 2,
    )
    friday = datetime(2026, 11, 27, 7, 59, tzinfo=UTC)  # 15:59 in China
    assert leaves_on(week, friday) == date(2026, 11, 27)
    assert leaves_on(week, friday + timedelta(minutes=1)) == date(2026, 11, 30)


def test_warmth_uses_life_up() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)

    def at(hours: int, tenths: int) -> Reading:
        return Reading(at=start + timedelta(hours=hours), tenths=tenths)

    assert logistics.life_used_hours([], 2.0, 4.0) == 0
    assert logistics.life_used_hours([at(0, 40)], 2.0, 4.0) == 0
    assert logistics.life_used_hours([at(10, 40), at(0, 40)], 2.0, 4.0) == pytest.approx(10)
    assert logistics.life_used_hours([at(0, 140), at(10, 140)], 2.0, 4.0) == pytest.approx(20)
    assert logistics.life_used_hours([at(0, 90), at(10, 190)], 3.0, 4.0) == pytest.approx(30)
    with pytest.raises(ValueError, match="q10"):
        logistics.life_used_hours([], 0.5, 4.0)
