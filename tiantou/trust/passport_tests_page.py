"""The tests of a passport's page: what was measured, when and by whom, and the clip of it."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from html import escape

from tiantou.live.face import Clip
from tiantou.supply.face import InspectionView, Measured
from tiantou.trust.passport_numbers import UNITS, number, value
from tiantou.trust.passport_tests import BoxTest
from tiantou.trust.passport_words import WORDS
from tiantou.trust.passports import Passport

ClipUrl = Callable[[Clip], str]
_LOCAL = timezone(timedelta(hours=8))
_MARKS = {"pass": "ok", "fail": "bad", "noted": ""}


def tests_of(one: Passport, lang: str, clip_url: ClipUrl) -> str:
    """What was measured when it was graded, then each test; "" if there is nothing."""
    words = WORDS[lang]
    rows = "".join(_measured(part, words) for part in one.measured)
    listed = f'<dl class="wide">{rows}</dl>' if rows else ""
    return listed + "".join(_test(part, words, clip_url) for part in one.tests)


def _test(test: BoxTest, words: dict[str, str], clip_url: ClipUrl) -> str:
    says = "".join(_part(part, words) for part in reversed(test.parts))
    picture = "" if test.clip is None else _clip(test.clip, words, clip_url)
    return (
        f'<div class="test"><h3>{words["kind_" + test.kind]}'
        f"<time>{_moment(test.at)}</time></h3>{says}{picture}</div>"
    )


def _part(part: InspectionView, words: dict[str, str]) -> str:
    said = [
        f"{words[name]} {value(name, getattr(part, name))}"
        for name in UNITS
        if getattr(part, name) is not None and name != "residue_ug_kg"
    ]
    if part.residue_ug_kg is not None and part.residue_limit_ug_kg is not None:
        found, limit = (
            value("residue_ug_kg", one) for one in (part.residue_ug_kg, part.residue_limit_ug_kg)
        )
        said.append(words["residue"].format(what=part.substance, found=found, limit=limit))
    if part.lab_says is not None:
        said.append(words[f"lab_{part.lab_says}"])
    mark = _MARKS[part.verdict]
    verdict = f' <b class="{mark}">{words["verdict_" + part.verdict]}</b>' if mark else ""
    who = words["sample"].format(count=part.sample_n)
    if part.lab is not None:
        who += words["comma"] + part.lab
    report = ""
    if part.report is not None:
        report = f' <a href="/files/{escape(part.report)}/1600">{words["report"]}</a>'
    return (
        f'<p class="say">{escape(words["comma"].join(said))}{verdict}</p>'
        f'<p class="note">{escape(who)}{report}</p>'
    )


def _clip(clip: Clip, words: dict[str, str], clip_url: ClipUrl) -> str:
    if clip.why:
        return f'<p class="note">{words["clip_" + clip.why]}</p>'
    return (
        f'<video controls preload="none" playsinline src="{escape(clip_url(clip))}"'
        f' aria-label="{words["clip_label"]}"></video>'
        f'<p class="note"><span class="ad">{words["ad"]}</span> {words["clip_text"]}</p>'
    )


def _measured(part: Measured, words: dict[str, str]) -> str:
    name = words["pieces"].format(name=words[part.attribute], count=part.pieces)
    if part.low == part.high:
        return f"<dt>{name}</dt><dd>{value(part.attribute, part.mean)}</dd>"
    said = words["between"].format(
        mean=number(part.attribute, part.mean),
        low=number(part.attribute, part.low),
        high=value(part.attribute, part.high),
    )
    return f"<dt>{name}</dt><dd>{said}</dd>"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(_LOCAL):%Y-%m-%d %H:%M}"
