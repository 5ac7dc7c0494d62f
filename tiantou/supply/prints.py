"""Papers as pages: the 58 mm slip and the certificate of conformity. No script, nothing fetched."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from html import escape

from msgspec import Struct, to_builtins

from tiantou.catalog.face import VarietyView
from tiantou.supply.certificates import BASES, COMMITMENTS
from tiantou.supply.inputs_sql import Used
from tiantou.supply.views import CertificateView, HouseholdView, PlotView, SlipView
from tiantou.supply.words import EN, GRADES, WORDS, ZH

# What stands on paper is read in the village: Beijing time, which knows no summer time.
_LOCAL = timezone(timedelta(hours=8))

_STYLE = (
    "*{box-sizing:border-box}body{margin:0 auto;color:#000;background:#fff;"
    "font-family:'Noto Sans SC','PingFang SC','Microsoft YaHei',sans-serif}"
    "h1{text-align:center;margin:0 0 2mm}dl{margin:0}dl>div{display:flex;gap:2mm}"
    "dt{flex:none}dd{margin:0 0 0 auto;text-align:right;overflow-wrap:anywhere}"
    ".rule{border:0;border-top:1px dashed #000;margin:2mm 0}.big{font-weight:700}"
    ".sign{margin-top:6mm;border-bottom:1px solid #000;height:8mm}ul{list-style:none;padding:0}"
    ".band{text-align:center;font-weight:700;border:1px solid #000;padding:1mm;margin:1mm 0}"
)
_SLIP_STYLE = (
    "@page{size:58mm auto;margin:2mm}@media screen{body{padding:4mm 0}}"
    "body{width:54mm;font-size:3.2mm;line-height:1.45}"
    "h1{font-size:4.6mm}.big{font-size:4.2mm}.note{font-size:2.8mm;text-align:center}"
)
_PAPER_STYLE = (
    "@page{size:A5;margin:12mm}body{max-width:124mm;padding:6mm;font-size:4mm;line-height:1.7}"
    "h1{font-size:7mm}dt{min-width:28mm}dd{margin:0;text-align:left}.note{text-align:right}"
)


class Page(Struct, frozen=True):
    """A page and the content security policy that lets its own style in and nothing else."""

    html: str
    policy: str


class SlipPaper(Struct, frozen=True, kw_only=True):
    """All that stands on a slip."""

    org_name: str
    slip: SlipView
    household: HouseholdView
    plot: PlotView | None
    variety: VarietyView
    entered_by: str


def slip_page(paper: SlipPaper, lang: str) -> Page:
    """A weigh-in slip for a 58 mm printer. `lang`: zh-CN or en."""
    words, slip = WORDS[lang], paper.slip
    home = paper.household
    rows = [
        (words["slip_no"], slip.code),
        (words["at"], _time(slip.at)),
        (words["household"], f"{home.no} {home.name} {home.village}"),
        *([(words["plot"], paper.plot.name)] if paper.plot else []),
        (words["goods"], _variety(paper.variety, lang)),
        (words["grade"], GRADES.get(slip.grade, slip.grade) if lang == EN else slip.grade),
        (words["harvested"], _time(slip.harvested_at)),
    ]
    sums = [
        *_weights(words["weight"], slip.grams, lang),
        (words["price"], _price(slip.price_fen_per_jin, lang)),
        (words["floor"], _price(slip.floor_fen_per_jin, lang)),
        (words["value"], f"¥{_yuan(slip.value_fen)}"),
    ]
    agreed = words["agreed_grower"]
    if slip.on_behalf:
        agreed = words["agreed_helper"].format(name=slip.helper_name or "")
        rows.append((words["consent"], slip.consent or ""))
    band = f'<p class="band">{words[slip.state]}</p>' if slip.state in {"void", "disputed"} else ""
    body = (
        f"<h1>{escape(paper.org_name)}<br>{words['slip']}</h1>{band}{_list(rows)}"
        f'<hr class="rule"><div class="big">{_list(sums)}</div><hr class="rule">'
        f"{_list([(words['lot'], slip.lot_code), (words['entered_by'], paper.entered_by)])}"
        f'<p class="note">{escape(agreed)}</p>'
        f'<p>{words["sign"]}</p><div class="sign"></div>'
    )
    return _page(f"{words['slip']} {slip.code}", body, _STYLE + _SLIP_STYLE, lang)


def certificate_page(
    paper: CertificateView,
    lot_code: str,
    product_name: str,
    used: Sequence[Used] | None,
    lang: str,
) -> Page:
    """A lot's certificate of conformity with its legal fields. `lang`: zh-CN or en.

    `used`: what was used before its harvest; None if no plot's record bears on it.
    """
    words = WORDS[lang]
    commits = "".join(
        f"<li>{'☑' if word in paper.commitments else '☐'} {words[word]}</li>"
        for word in COMMITMENTS
    )
    bases = "".join(
        f"<li>{'☑' if basis == paper.basis else '☐'} {words[basis]}</li>" for basis in BASES
    )
    rows = [
        (words["product"], product_name),
        (words["quantity"], f"{_thousandths(paper.grams)} kg"),
        (words["origin"], paper.origin),
        (words["promiser"], paper.promiser),
        (words["contact"], paper.contact),
        (words["issued"], _time(paper.issued_at)[:10]),
        (words["lot"], lot_code),
    ]
    mixed = words["mixed"].format(count=paper.roots) if paper.roots > 1 else ""
    body = (
        f"<h1>{words['certificate']}</h1>"
        f'<p class="note">{words["no"]} {escape(paper.no)}</p>'
        f"<p>{words['promise']}</p><ul>{commits}</ul>"
        f'<p>{words["basis"]}</p><ul>{bases}</ul><hr class="rule">{_list(rows)}'
        f'{_record(used, lang)}<p class="note">{escape(mixed)}</p>'
        f'<p>{words["stamp"]}</p><div class="sign"></div>'
    )
    return _page(f"{words['certificate']} {paper.no}", body, _STYLE + _PAPER_STYLE, lang)


def _record(used: Sequence[Used] | None, lang: str) -> str:
    """What the commitment stands on besides: the record of use, with the days it withheld."""
    if used is None:
        return ""
    words = WORDS[lang]
    said = [words["used"].format(**to_builtins(one)) for one in used] or [words["record_none"]]
    items = "".join(f"<li>{escape(one)}</li>" for one in said)
    return f'<p>{words["record"]}</p><ul>{items}</ul><hr class="rule">'


def _page(title: str, body: str, style: str, lang: str) -> Page:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    html = (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body>{body}</body></html>"
    )
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'self'"
    )
    return Page(html, policy)


def _list(rows: Iterable[tuple[str, str]]) -> str:
    items = "".join(
        f"<div><dt>{escape(label)}</dt><dd>{escape(value)}</dd></div>" for label, value in rows
    )
    return f"<dl>{items}</dl>"


def _variety(variety: VarietyView, lang: str) -> str:
    if lang == ZH:
        return f"{variety.crop} {variety.name}"
    return f"{variety.crop_en}, {variety.name_en}"


def _time(at: datetime) -> str:
    return at.astimezone(_LOCAL).strftime("%Y-%m-%d %H:%M")


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _weights(label: str, grams: int, lang: str) -> list[tuple[str, str]]:
    """Kilograms to the gram, and in Chinese 斤 (500 g) above them."""
    kg = f"{_thousandths(grams)} kg"
    return [(label, kg)] if lang == EN else [(label, f"{_thousandths(grams * 2)} 斤"), ("", kg)]


def _thousandths(number: int) -> str:
    return f"{number // 1000}.{number % 1000:03d}".rstrip("0").rstrip(".")


def _price(fen_per_jin: int, lang: str) -> str:
    if lang == EN:
        return f"¥{_yuan(fen_per_jin * 2)} per kg"
    return f"¥{_yuan(fen_per_jin)}/斤"
