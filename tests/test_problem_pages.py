"""The page that a problem's type leads to: in both languages, the reader's first."""

import pytest

from tests import web
from tiantou import web_http
from tiantou.core.db import Database
from tiantou.core.keys import Keys


@pytest.mark.parametrize(
    ("accept", "first", "title"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN", "<h1>卖完了</h1>"),
        ("en-GB,en;q=0.9,zh;q=0.5", "en", "<h1>Sold out</h1>"),
        ("fr,en;q=0.7", "en", "<h1>Sold out</h1>"),
        ("", "zh-CN", "<h1>卖完了</h1>"),
    ],
    ids=["chinese", "english", "french", "nothing"],
)
async def test_a_reader_sees_his_own_language_first(
    database: Database, keys: Keys, accept: str, first: str, title: str
) -> None:
    async with web.open_web(database, keys, web_http.routes) as site:
        headers = {"accept-language": accept}
        answer = await site.client().get("/problems/sold-out", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["vary"] == "Accept-Language"
    assert f'<html lang="{first}">' in answer.text
    sections = answer.text.split("<section ")[1:]
    assert len(sections) == 2
    assert sections[0].startswith(f'lang="{first}"') and title in sections[0]
    assert "怎么办" in answer.text and "What to do" in answer.text
