"""Pasted addresses, as people and shops write them: one, many, with labels, in any order."""

from pathlib import Path

import pytest

from tests import web
from tiantou.accounts import addresses_http, pasted_http
from tiantou.accounts.pasted import PIECES_MAX, split
from tiantou.core.db import Database
from tiantou.core.keys import Keys
from tiantou.regions import face as regions

CASES = [
    line.split("\t")
    for line in Path(__file__).with_name("pasted.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def test_there_are_more_than_sixty_of_them() -> None:
    assert len(CASES) == 62
    assert sum(len(expected) > 1 for _, *expected in CASES) == 7


async def test_each_is_taken_apart(database: Database) -> None:
    async with database.begin() as tx:
        places = await regions.gazetteer(tx)
    wrong = []
    for text, *expected in CASES:
        made = []
        for piece in split(text.replace("¶", "\n")):
            at = places.locate(piece.place)
            county = at.division.full_name if at else ""
            rest = piece.place[at.end :] if at else piece.place
            made.append("|".join([piece.recipient, piece.phone, county, rest]))
        if made != expected:
            wrong.append((text, made, expected))
    assert wrong == []


async def test_the_route_takes_apart_and_keeps_nothing(database: Database, keys: Keys) -> None:
    async with web.open_web(database, keys, addresses_http.routes, pasted_http.routes) as site:
        buyer = await site.person(database, keys)
        text = "张三 13800000000 浙江省杭州市西湖区文三路1号\n13900000000"
        said = (await buyer.post("/api/me/addresses/split", json={"text": text})).json()["items"]
        assert [one["recipient"] for one in said] == ["张三", ""]
        assert (said[0]["division"]["code"], said[0]["detail"]) == ("330106", "文三路1号")
        assert (said[1]["division"], said[1]["phone"]) == (None, "13900000000")
        assert (await buyer.get("/api/me/addresses")).json()["items"] == []
        nothing = await buyer.post("/api/me/addresses/split", json={"text": ""})
        assert nothing.status_code == 422


@pytest.mark.parametrize("text", ["13800000000\n" * 90, "、" * 4_000, "(" * 4_000, "1" * 4_000])
def test_whatever_is_pasted_ends(text: str) -> None:
    assert len(split(text)) <= PIECES_MAX
