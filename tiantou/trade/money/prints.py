"""The household's statement on A4. No script, nothing fetched."""

import base64
import hashlib
from datetime import datetime, timedelta, timezone
from html import escape

from msgspec import Struct

from tiantou.trade.money.statements import Line, Statement

ZH, EN = "zh-CN", "en"
_LOCAL = timezone(timedelta(hours=8))

_STYLE = (
    "@page{size:A4;margin:14mm}*{box-sizing:border-box}body{margin:0 auto;max-width:182mm;"
    "color:#000;background:#fff;font:3.6mm/1.5 'Noto Sans SC','PingFang SC',sans-serif}"
    "h1{font-size:7mm;text-align:center;margin:0 0 2mm}table{width:100%;border-collapse:collapse}"
    "th,td{border:1px solid #000;padding:1mm 1.5mm;text-align:right}"
    "td.w,th.w{text-align:left}.sums{margin:4mm 0;font-size:4.4mm}.sums div{display:flex}"
    ".sums dt{flex:1}.sums dd{margin:0;font-weight:700}.sign{display:flex;gap:10mm;margin-top:10mm}"
    ".sign p{flex:1;border-bottom:1px solid #000;height:10mm}"
    # On a phone the table moves by itself, not the page.
    "@media screen{body{padding:8mm 0}}@media screen and (max-width:182mm){body{padding:4mm}"
    "table{display:block;overflow-x:auto;white-space:nowrap}}"
)

_WORDS = {
    ZH: {
        "title": "农户结算单",
        "at": "时间",
        "what": "事项",
        "slip": "过磅单",
        "order": "订单",
        "weight": "重量（斤）",
        "price": "单价（元/斤）",
        "amount": "金额（元）",
        "due": "应付日",
        "delivered": "交货",
        "sold": "售出",
        "taken_off": "扣除：订单关闭，货已退回批次",
        "paid": "已付",
        "cash": "现金",
        "bank": "银行",
        "wechat": "微信",
        "delivered_g": "交货合计（斤）",
        "sold_g": "售出合计（斤）",
        "gross": "售出金额（元）",
        "off": "扣除（元）",
        "paid_sum": "已付（元）",
        "owed": "尚欠（元）",
        "household_sign": "农户签字",
        "coop_sign": "合作社签字",
    },
    EN: {
        "title": "Household statement",
        "at": "Time",
        "what": "What",
        "slip": "Slip",
        "order": "Order",
        "weight": "Weight (kg)",
        "price": "Price (yuan/kg)",
        "amount": "Amount (yuan)",
        "due": "Due",
        "delivered": "Delivered",
        "sold": "Sold",
        "taken_off": "Taken off: order closed, goods back in their lot",
        "paid": "Paid",
        "cash": "cash",
        "bank": "bank",
        "wechat": "WeChat",
        "delivered_g": "Delivered in all (kg)",
        "sold_g": "Sold in all (kg)",
        "gross": "Sold for (yuan)",
        "off": "Taken off (yuan)",
        "paid_sum": "Paid (yuan)",
        "owed": "Still owed (yuan)",
        "household_sign": "Household",
        "coop_sign": "Co-operative",
    },
}


class Page(Struct, frozen=True):
    """A page and the content security policy that lets its own style in and nothing else."""

    html: str
    policy: str


def statement_page(org_name: str, told: Statement, lang: str) -> Page:
    """A household's statement. `lang`: zh-CN or en."""
    words, home = _WORDS[lang], told.household
    heads = ("at", "what", "slip", "order", "weight", "price", "amount", "due")
    head = "".join(f"<th>{escape(words[name])}</th>" for name in heads)
    rows = "".join(_row(line, words, lang) for line in told.lines)
    sums = "".join(
        f"<div><dt>{escape(words[name])}</dt><dd>{value}</dd></div>"
        for name, value in (
            ("delivered_g", _weight(told.delivered_g, lang)),
            ("sold_g", _weight(told.sold_g, lang)),
            ("gross", _yuan(told.gross_fen)),
            ("off", _yuan(told.taken_off_fen)),
            ("paid_sum", _yuan(told.paid_fen)),
            ("owed", _yuan(told.owed_fen)),
            ("due", _day(told.due_at) or "–"),
        )
    )
    body = (
        f"<h1>{escape(org_name)}<br>{escape(words['title'])}</h1>"
        f"<p>{home.no} {escape(home.name)} {escape(home.village)}</p>"
        f'<dl class="sums">{sums}</dl><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
        f'<div class="sign"><p>{escape(words["household_sign"])}</p>'
        f"<p>{escape(words['coop_sign'])}</p></div>"
    )
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    title = f"{words['title']} {home.name}"
    html = (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>{body}</body></html>"
    )
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'self'"
    )
    return Page(html, policy)


def _row(line: Line, words: dict[str, str], lang: str) -> str:
    per_jin = line.price_fen_per_jin
    what = words[line.kind]
    if line.kind == "paid":
        what = f"{what} ({words.get(line.what, line.what)})"
    cells = (
        line.at.astimezone(_LOCAL).strftime("%Y-%m-%d %H:%M"),
        what,
        line.slip_code or "",
        line.order_number or "",
        "" if line.grams is None else _weight(line.grams, lang),
        "" if per_jin is None else _yuan(per_jin * (2 if lang == EN else 1)),
        _yuan(line.amount_fen),
        _day(line.due_at),
    )
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _yuan(fen: int) -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _weight(grams: int, lang: str) -> str:
    """Grams as kilograms, in Chinese as 斤 (500 g): exact to the gram, no zeros at the end."""
    sign, milli = "-" if grams < 0 else "", abs(grams) * (1 if lang == EN else 2)
    return f"{sign}{milli // 1000}.{milli % 1000:03d}".rstrip("0").rstrip(".")


def _day(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(_LOCAL).strftime("%Y-%m-%d")
