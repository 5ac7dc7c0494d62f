"""A passport as a page: no script, no sign-in, one picture. Colours and sizes are the web's own."""

import base64
import hashlib
from datetime import datetime, timedelta, timezone
from html import escape

from msgspec import Struct

from tiantou.supply.face import GRADES, GradeSaid
from tiantou.trust.passport_numbers import decimal, number, value
from tiantou.trust.passport_tests_page import ClipUrl, tests_of
from tiantou.trust.passport_words import EN, WORDS, ZH
from tiantou.trust.passports import Paper, Passport

# Read where the goods are sold: Beijing time, which knows no summer time.
_LOCAL = timezone(timedelta(hours=8))
_OK = '<circle cx="12" cy="12" r="9"/><path d="m8 12.3 2.8 2.8L16 9.5"/>'
_WARN = '<path d="M12 3.5 21.5 20h-19zM12 10v4.500M12 17.200v.1"/>'
_STOP = '<path d="M8 3h8l5 5v8l-5 5H8l-5-5V8zM8.500 8.500l7 7M15.500 8.500l-7 7"/>'
_ASK = '<circle cx="11" cy="11" r="7"/><path d="m16 16 5 5"/>'
_ICONS = {"good": _OK, "held": _WARN, "recalled": _STOP, "unknown": _ASK, "busy": _WARN}

STYLE = (
    ":root{color-scheme:light;--bg:#F2F4F0;--surface:#FFF;--ink:#161E19;--ink-2:#455048;"
    "--ink-3:#616C64;--line:#DCE1DA;--strong:#808B84;--leaf:#1B6A3B;--soft:#E9EDE6;"
    "--warn:#805300;--warn-soft:#FFF2CF;--danger:#AE1C34;--danger-soft:#FBE5E8;--info:#1C5A99}"
    "*{box-sizing:border-box;margin:0}html{-webkit-text-size-adjust:100%}"
    "body{background:var(--bg);color:var(--ink);line-break:strict;font:400 .9375rem/1.55"
    " -apple-system,BlinkMacSystemFont,'PingFang SC','HarmonyOS Sans SC','Noto Sans SC',"
    "'Noto Sans CJK SC','Microsoft YaHei',system-ui,sans-serif;"
    "font-variant-numeric:tabular-nums}"
    "main{max-width:560px;margin:0 auto;padding-bottom:28px}a{color:var(--info)}"
    "h1,h2{font-weight:600;line-height:1.3}h1{font-size:1.25rem}h2{font-size:1.0625rem}"
    "header{display:flex;align-items:center;gap:8px;min-height:52px;padding:0 4px 0 16px;"
    "background:var(--surface)}header b{font-size:1.0625rem}"
    ".code{color:var(--ink-3);font-size:.8125rem;overflow-wrap:anywhere}"
    ".demo{margin-left:auto;font-size:.75rem;padding:0 6px;border-radius:4px;font-weight:600;"
    "background:var(--warn-soft);color:var(--warn);white-space:nowrap}"
    ".lang{min-width:56px;min-height:44px;display:flex;align-items:center;"
    "justify-content:center;font-size:.875rem;font-weight:600;text-decoration:none;"
    "color:var(--ink)}.demo+.lang{margin-left:0}.lang{margin-left:auto}"
    ".top{padding:0 12px 12px;background:var(--surface)}"
    ".band{display:flex;align-items:center;gap:14px;padding:16px;border-radius:16px;color:#fff;"
    "background:var(--leaf)}.band.held{background:var(--warn)}"
    ".band.recalled{background:var(--danger)}.band.unknown,.band.busy{background:var(--ink-2)}"
    ".band p{font-size:.8125rem;line-height:1.45}"
    "svg.i{width:24px;height:24px;flex:none;fill:none;stroke:currentColor;stroke-width:1.75;"
    "stroke-linecap:round;stroke-linejoin:round}"
    ".sec{background:var(--surface);padding:14px 16px 16px;margin-bottom:8px}"
    ".sec>h2{margin-bottom:8px}dl+h2{margin-top:18px}.goods{display:flex;gap:12px;align-items:flex-start}"
    ".goods img{width:92px;height:92px;border-radius:10px;object-fit:cover;flex:none;"
    "background:var(--soft)}.say{color:var(--ink-2);font-size:.875rem;margin-top:3px}"
    ".note{color:var(--ink-3);font-size:.8125rem}"
    ".three{display:grid;grid-template-columns:repeat(3,1fr);margin-top:14px}"
    ".three div{padding-left:12px;border-left:1px solid var(--line)}"
    ".three div:first-child{padding-left:0;border:0}.three b{display:block;font-size:1.25rem;"
    "font-weight:600;line-height:1.3}.three span{display:block;font-size:.75rem;line-height:1.4;"
    "color:var(--ink-3)}"
    "dl{display:grid;grid-template-columns:6em 1fr;gap:6px 12px;font-size:.875rem}"
    "dl.wide{grid-template-columns:1fr auto}dt{color:var(--ink-3)}dd{overflow-wrap:anywhere}"
    ".wide dd{font-weight:600;text-align:right}.share{display:flex;align-items:baseline;gap:8px;"
    "flex-wrap:wrap}.share b{font-size:1.75rem;line-height:1.1;color:var(--leaf)}"
    ".bar{display:block;width:100%;height:10px;border-radius:5px;margin:10px 0 8px}"
    "form,details form{display:grid;gap:10px;margin-top:10px}label{font-size:.875rem;"
    "font-weight:600}textarea,input{display:block;width:100%;margin-top:4px;font:inherit;"
    "color:inherit;background:var(--surface);border:1px solid var(--strong);border-radius:10px;"
    "padding:10px;min-height:44px}summary,button,.shop{display:flex;align-items:center;"
    "justify-content:center;width:100%;min-height:48px;border-radius:10px;font:inherit;"
    "font-weight:600;border:1px solid var(--strong);background:var(--surface);"
    "color:var(--ink);cursor:pointer;list-style:none;text-decoration:none}"
    "summary::-webkit-details-marker{display:none}button{background:var(--leaf);color:#fff;"
    "border-color:var(--leaf)}details,.shop{margin-top:14px}.said{padding:10px 12px;"
    "border-radius:10px;margin-top:12px;background:var(--soft)}.said.bad{color:var(--danger);"
    "background:var(--danger-soft)}"
    ".test{margin-top:12px;padding-top:12px;border-top:1px solid var(--line)}"
    ".test:first-of-type{border:0;margin-top:0;padding-top:0}.test h3{font-size:.875rem;"
    "font-weight:600;display:flex;gap:8px;flex-wrap:wrap;align-items:baseline}"
    ".test h3 time{font-weight:400;color:var(--ink-3);font-size:.8125rem}"
    ".test b.ok{color:var(--leaf)}.test b.bad{color:var(--danger)}.ad{font-size:.75rem;"
    "border:1px solid var(--strong);border-radius:4px;padding:0 5px;color:var(--ink-2)}"
    "video{display:block;width:100%;max-height:70vh;aspect-ratio:16/9;border-radius:10px;"
    "background:#0E1410;margin:10px 0 6px}dl+.test{margin-top:12px}.test+h2{margin-top:20px}"
    ":focus-visible{outline:3px solid var(--info);outline-offset:2px}"
    "@media(min-width:900px){main{padding-top:24px}header{border-radius:16px 16px 0 0}}"
)
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; img-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'; media-src 'self'"
)


class Said(Struct, frozen=True):
    """What came of a report: a key of the words, and whether it is good news."""

    word: str
    good: bool


def passport_page(one: Passport, lang: str, clip_url: ClipUrl, said: Said | None = None) -> str:
    """The page of a box, in zh-CN or en; `clip_url` says where a clip is."""
    words = WORDS[lang]
    parts = [
        _goods(one, lang),
        _grown(one, words),
        _tested(one, lang, clip_url),
        _claims(one, words),
        _journey(one, lang),
        _money(one, words),
        _foot(one, lang, said),
    ]
    at = one.at.astimezone(_LOCAL).strftime("%H:%M")
    text = f"{words[one.state + '_text']} · {words['checked'].format(at=at)}"
    return _page(one.code, one.state, text, "".join(parts), lang, demo=one.demo)


def blank_page(code: str, state: str, lang: str) -> str:
    """The page where there is no passport to show: `state` unknown or busy."""
    return _page(code, state, WORDS[lang][f"{state}_text"], "", lang)


def plain_grade(said: GradeSaid, lang: str) -> str:
    """The limits of a grade in words: "单果横径 80–85 mm，糖度 10 以上，允许 10% 略有出入"."""
    words, parts = WORDS[lang], []
    for limit in said.grade.limits:
        name = words[limit.attribute]
        low, high = (value(limit.attribute, end) for end in (limit.low, limit.high))
        if limit.low is None:
            parts.append(words["at_most"].format(name=name, high=high))
        elif limit.high is None:
            parts.append(words["at_least"].format(name=name, low=low))
        else:
            bare = number(limit.attribute, limit.low)
            parts.append(words["from_to"].format(name=name, low=bare, high=high))
    if parts and said.grade.tolerance_permille:
        percent = decimal(said.grade.tolerance_permille, 10)
        parts.append(words["tolerance"].format(percent=percent))
    return words["comma"].join(parts)


def days_since(one: Passport) -> int:
    """Whole days by the calendar since it was picked."""
    then, now = (at.astimezone(_LOCAL).date() for at in (one.harvested_at, one.at))
    return max(0, (now - then).days)


def _page(code: str, state: str, text: str, body: str, lang: str, *, demo: bool = False) -> str:
    words = WORDS[lang]
    other = ZH if lang == EN else EN
    mark = f'<span class="demo">{words["demo"]}</span>' if demo else ""
    shown = "-".join(filter(None, (code[:4], code[4:8], code[8:])))
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="robots" content="noindex">'
        f"<title>{words[state]} · {words['passport']} {escape(shown)}</title>"
        f"<style>{STYLE}</style></head><body><main><header><b>{words['passport']}</b>"
        f'<span class="code">{escape(shown)}</span>{mark}'
        f'<a class="lang" href="?lang={other}" hreflang="{other}" lang="{other}"'
        f' aria-label="{words["switch_label"]}">{words["switch"]}</a></header>'
        f'<section class="top"><div class="band {state}"><svg class="i" viewBox="0 0 24 24"'
        f' aria-hidden="true">{_ICONS[state]}</svg><div><h1>{words[state]}</h1>'
        f"<p>{escape(text)}</p></div></div></section>{body}</main></body></html>"
    )


def _goods(one: Passport, lang: str) -> str:
    words, said = WORDS[lang], one.grade_said
    limits = standard = ""
    if said is not None:
        limits = f'<p class="say">{escape(plain_grade(said, lang))}</p>'
        named = words["standard"].format(title=said.title, code=said.code, edition=said.edition)
        standard = f'<p class="note">{escape(named)}</p>'
    days = days_since(one)
    ago = words["picked_today"] if days == 0 else words["picked_days"].format(days=days)
    if days == 1:
        ago = words.get("picked_yesterday", ago)
    picked = words["picked"].format(day=_day(one.harvested_at, lang))
    label = words["net"].format(label=_grams(one.label_g))
    best = words["best"].format(storage=words[one.variety.storage])
    photo = f'<img src="/files/{escape(one.photo)}/320" alt="" width="92" height="92">'
    return (
        f'<section class="sec"><div class="goods">{photo if one.photo else ""}<div>'
        f"<h2>{escape(_title(one, lang))}</h2>{limits}{standard}</div></div>"
        f'<div class="three"><div><b>{ago}</b><span>{picked}</span></div>'
        f"<div><b>{_grams(one.net_g)}</b><span>{label}</span></div>"
        f"<div><b>{_day(one.best_before, lang)}</b><span>{best}</span></div></div></section>"
    )


def _grown(one: Passport, words: dict[str, str]) -> str:
    places = "".join(f"<p>{escape(place)}</p>" for place in one.places)
    mixed = words["single"] if one.plots == 1 else words["mixed"].format(count=one.plots)
    growers = "".join(
        f'<p>{words["grower"]} <b>{escape(name)}</b> <span class="note">{words["agreed"]}</span>'
        "</p>"
        for name in one.growers
    )
    return (
        f'<section class="sec"><h2>{words["grown"]}</h2>{places or words["no_place"]}'
        f'{growers}<p class="note">{mixed}</p></section>'
    )


def _tested(one: Passport, lang: str, clip_url: ClipUrl) -> str:
    words = WORDS[lang]
    rows = tests_of(one, lang, clip_url)
    paper = "" if one.paper is None else _paper(one.paper, words)
    head = f"<h2>{words['tested']}</h2>" if rows else ""
    return f'<section class="sec">{head}{rows}{paper}</section>' if rows or paper else ""


def _paper(paper: Paper, words: dict[str, str]) -> str:
    commits = "<br>".join(words[one] for one in paper.commitments)
    rows = [
        ("no", escape(paper.no)),
        ("promiser", escape(paper.promiser)),
        ("origin", escape(paper.origin)),
        ("commitments", commits),
        ("basis", words[paper.basis]),
        ("issued", f"{paper.issued_at.astimezone(_LOCAL):%Y-%m-%d}"),
    ]
    return f"<h2>{words['certificate']}</h2>{_rows(rows, words)}"


def _claims(one: Passport, words: dict[str, str]) -> str:
    if not one.claims:
        return ""
    items = []
    for claim in one.claims:
        name = words["origin_claim" if claim.claim == "origin" else claim.claim]
        text = ""
        if claim.certificate_no is not None:
            text = words["claim_text"].format(
                no=claim.certificate_no, issuer=claim.issuer, until=claim.valid_until
            )
        items.append(f'<p><b>{name}</b><br><span class="note">{escape(text)}</span></p>')
    return f'<section class="sec"><h2>{words["claims"]}</h2>{"".join(items)}</section>'


def _journey(one: Passport, lang: str) -> str:
    words = WORDS[lang]
    rows = [
        ("packed_at", f"{one.packed_at.astimezone(_LOCAL):%Y-%m-%d %H:%M}"),
        ("packed_by", escape(one.packed_by)),
        ("lot", escape(one.lot_code)),
    ]
    return f'<section class="sec"><h2>{words["journey"]}</h2>{_rows(rows, words)}</section>'


def _money(one: Passport, words: dict[str, str]) -> str:
    if one.share is None:
        return ""
    percent = decimal(one.share.permille, 10)
    width = min(1000, one.share.permille)
    says = words["goes_to"].format(
        growers=_yuan(one.share.growers_fen), price=_yuan(one.share.price_fen)
    )
    return (
        f'<section class="sec"><h2>{words["money"]}</h2><div class="share"><b>{percent}%</b>'
        f'<span class="say">{says}</span></div><svg class="bar" viewBox="0 0 1000 10"'
        ' preserveAspectRatio="none" aria-hidden="true"><path fill="#E9EDE6" d="M0 0h1000v10H0z"/>'
        f'<path fill="#1B6A3B" d="M0 0h{width}v10H0z"/></svg>'
        f'<p class="note">{words["money_text"]}</p></section>'
    )


def _foot(one: Passport, lang: str, said: Said | None) -> str:
    words = WORDS[lang]
    count = words["scans"].format(count=one.scans) if one.scans else words["scans_first"]
    if one.scans == 1:
        count = words.get("scans_once", count)
    told = ""
    if said is not None:
        kind = "said" if said.good else "said bad"
        told = f'<p class="{kind}" role="status">{words.get(said.word, words["other"])}</p>'
    opened = " open" if said is not None and not said.good else ""
    shop = ""
    if one.shop_id is not None:
        shop = f'<a class="shop" href="/shop/{one.shop_id}">{words["shop"]}</a>'
    return (
        f'<section class="sec"><p class="note">{count}</p>{told}{shop}'
        f"<details{opened}><summary>{words['problem']}</summary>"
        f'<form method="post" enctype="multipart/form-data" action="/p/{one.code}?lang={lang}">'
        f'<p class="note">{words["problem_text"]}</p><label>{words["what"]}'
        '<textarea name="words" rows="4" minlength="2" maxlength="500" required></textarea>'
        f'</label><label>{words["photo"]}<input type="file" name="photo" required'
        f' accept="image/jpeg,image/png,image/webp"></label>'
        f"<button>{words['send']}</button></form></details></section>"
    )


def _rows(rows: list[tuple[str, str]], words: dict[str, str]) -> str:
    items = "".join(f"<dt>{words[word]}</dt><dd>{value}</dd>" for word, value in rows)
    return f"<dl>{items}</dl>"


def _title(one: Passport, lang: str) -> str:
    if lang == EN:
        kind = f"{one.variety.crop_en}, {one.variety.name_en}"
        grade = GRADES.get(one.grade, one.grade)
        return f"{kind[:1].upper()}{kind[1:]} · {grade} · {one.title}"
    return f"{one.title} {one.grade}"


def _day(at: datetime, lang: str) -> str:
    day = at.astimezone(_LOCAL)
    return f"{day:%b} {day.day}" if lang == EN else f"{day.month} 月 {day.day} 日"


def _grams(grams: int) -> str:
    return f"{grams:,} g"


def _yuan(fen: int) -> str:
    return f"¥{fen // 100:,}.{fen % 100:02d}"
