"""The country's divisions and the 832 listed counties, as shipped and as loaded."""

from collections import Counter

from sqlalchemy import text

from tiantou.core.db import Database
from tiantou.regions import face as regions
from tiantou.regions.facts_file import COUNTY, PREFECTURE, PROVINCE, parents, read


def test_divisions_in_force_at_the_end_of_2024() -> None:
    standing = [d for d in read().divisions if d.until is None]
    assert Counter(d.level for d in standing) == {PROVINCE: 34, PREFECTURE: 333, COUNTY: 2846}
    assert len({d.code for d in standing}) == len(standing) == 3213


def test_the_history_leads_from_every_known_code_to_known_codes() -> None:
    facts = read()
    codes = {d.code for d in facts.divisions}
    assert len(facts.divisions) == 3213 + 3610
    assert all(became in codes for d in facts.divisions for became, _ in d.became)
    assert all(d.until is None or d.since < d.until for d in facts.divisions)
    over = parents(facts.divisions)
    assert all(p is None or p in codes for p in over.values())


def test_832_names_of_22_provinces_are_831_places_of_which_830_have_a_code() -> None:
    counties = read().counties
    standing = {d.code for d in read().divisions if d.until is None}
    assert len(counties) == 832
    assert len({c.province for c in counties}) == 22
    # two committees of 海西 became one city, 茫崖市; 大柴旦 is a place without a code of its own
    places = {c.code or f"{c.within} {c.name}" for c in counties}
    assert len(places) == 831
    assert {c.name for c in counties if c.code == "632803"} == {"茫崖行委", "冷湖行委"}
    coded = {c.code for c in counties if c.code}
    assert len(coded) == 830
    assert coded <= standing
    assert [c.name for c in counties if c.code is None] == ["大柴旦行委"]


def test_when_and_where_the_832_left_the_list() -> None:
    counties = read().counties
    exits = Counter(c.exited for c in counties)
    assert exits == {2016: 28, 2017: 125, 2018: 282, 2019: 345, 2020: 52}
    assert Counter(c.region for c in counties) == {"west": 568, "centre": 214, "east": 50}


async def test_the_facts_are_loaded_once_for_each_version(database: Database) -> None:
    async with database.begin() as tx:
        assert not await regions.load(tx)
        await tx.execute(text("update regions.facts set version = 'of yesterday'"))
        await tx.execute(text("delete from regions.program_county where no > 800"))
        assert await regions.load(tx)
        assert not await regions.load(tx)
        count = text("select count(*), count(distinct code) from regions.program_county")
        assert tuple((await tx.execute(count)).one()) == (832, 830)
        marked = text("select count(*) from regions.division where in832 and until is null")
        assert await tx.scalar(marked) == 830


async def test_a_division_knows_its_place(database: Database) -> None:
    async with database.begin() as tx:
        weiyuan = await regions.division(tx, "621123")
        assert weiyuan is not None
        assert weiyuan.full_name == "甘肃省定西市渭源县"
        assert (weiyuan.level, weiyuan.parent, weiyuan.leaf) == ("county", "621100", True)
        assert weiyuan.in832
        assert weiyuan.province_name == "甘肃省"
        jiyuan = await regions.division(tx, "419001")
        assert jiyuan is not None
        assert jiyuan.full_name == "河南省济源市"
        dongguan = await regions.division(tx, "441900")
        assert dongguan is not None
        assert dongguan.leaf  # a city without counties: an address may end there
        assert not await regions.exists(tx, "110103")
        assert not await regions.in_832(tx, "110101")
        assert set(await regions.divisions(tx, ["110101", "110103", "999999"])) == {"110101"}
        assert (await regions.named(tx, ["110103"]))["110103"].full_name == "北京市崇文区"


async def test_a_code_out_of_force_is_followed_to_today(database: Database) -> None:
    async with database.begin() as tx:
        assert [d.name for d in await regions.today(tx, "110103")] == ["东城区"]
        assert [d.name for d in await regions.today(tx, "110221")] == ["昌平区"]
        assert [d.code for d in await regions.today(tx, "110101")] == ["110101"]
        assert await regions.today(tx, "000000") == []


async def test_search_finds_by_part_words_and_likeness(database: Database) -> None:
    async with database.begin() as tx:
        found = await regions.search(tx, "渭源")
        assert [d.code for d in found] == ["621123"]
        first = (await regions.search(tx, "朝阳"))[0]
        assert first.name.startswith("朝阳")
        assert [d.code for d in await regions.search(tx, "甘肃 渭源")] == ["621123"]
        assert [d.code for d in await regions.search(tx, "甘肃定西渭源")] == ["621123"]
        alike = await regions.search(tx, "甘肃省定西市渭原县")
        assert "621123" in [d.code for d in alike]
        assert await regions.search(tx, "%") == await regions.search(tx, "_") == []
        assert await regions.search(tx, "  ") == []
        assert len(await regions.search(tx, "县")) == 20
