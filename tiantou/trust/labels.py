"""Labels of boxes as PDF: 76 × 130 mm each, or a list on A4; the QR code is the passport's address.

In capitals an address fits the alphanumeric mode of ISO/IEC 18004: fewer modules than in lower
case. The font stands in the document as a subset of the glyphs that are used.
"""

from datetime import datetime, timedelta, timezone
from functools import cache
from importlib.resources import files
from typing import Any

import segno
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from msgspec import Struct

LABEL_MM = (76, 130)
A4_MM = (210, 297)
LABELS_MAX = 200
QUIET_MODULES = 4
# Simplified Chinese is the third of the collection's fonts.
SC = 2
_FONT = ("noto_cjk_sans_otc", "NotoSansCJK-Regular.ttc")
_LOCAL = timezone(timedelta(hours=8))
_ROWS, _COLUMNS = 8, 2
# No line begins with one of these (GB/T 15834).
_NOT_FIRST = tuple("，、。；：！？）》」")

WORDS = {
    "zh-CN": {
        "grade": "等级",
        "net": "净重",
        "picked": "采摘",
        "best": "最佳食用前",
        "origin": "产地",
        "packed_by": "打包方",
        "paper": "合格证",
        "lot": "批次",
        "scan": "扫一扫，看这一箱的护照",
        "list": "装箱清单",
        "box": "第 {no} 箱",
        "boxes": "共 {count} 箱，{net}",
    },
    "en": {
        "grade": "Grade",
        "net": "Net",
        "picked": "Picked",
        "best": "Best before",
        "origin": "Origin",
        "packed_by": "Packed by",
        "paper": "Certificate",
        "lot": "Lot",
        "scan": "Scan for the passport of this box",
        "list": "Packing list",
        "box": "Box {no}",
        "boxes": "{count} boxes, {net}",
    },
}


class Label(Struct, frozen=True, kw_only=True):
    """What differs from box to box."""

    code: str
    no: int
    net_g: int


class Batch(Struct, frozen=True, kw_only=True):
    """What all labels of a packed lot say. `address`: of passports, up to the code."""

    title: str
    grade: str
    origin: str
    packed_by: str
    lot_code: str
    paper_no: str | None
    harvested_at: datetime
    best_before: datetime
    address: str
    labels: list[Label]


def label_pdf(batch: Batch, lang: str) -> bytes:
    """A page of 76 × 130 mm for each box."""
    pdf = document(LABEL_MM, lang)
    for label in batch.labels:
        pdf.add_page()
        pdf.set_xy(5, 5)
        lines(pdf, 66, 6.5, 15, batch.title)
        line(pdf, 66, 6, 12, f"{WORDS[lang]['grade']} {batch.grade}")
        line(pdf, 66, 11, 24, f"{WORDS[lang]['net']} {kilograms(label.net_g)}")
        pdf.line(5, pdf.get_y() + 1, 71, pdf.get_y() + 1)
        pdf.set_xy(5, pdf.get_y() + 2.5)
        for word, value in _facts(batch, lang):
            lines(pdf, 66, 4.6, 8.5, f"{word}  {value}")
        _qr(pdf, batch.address + label.code, 16, 73, 44)
        pdf.set_xy(5, 117)
        line(pdf, 66, 4.5, 8, WORDS[lang]["scan"], align="C")
        said = f"{_parted(label.code)}   {WORDS[lang]['box'].format(no=label.no)}"
        line(pdf, 66, 5, 10, said, align="C")
    return bytes(pdf.output())


def list_pdf(batch: Batch, lang: str) -> bytes:
    """A4 pages of what was packed: a line with its QR code for each box."""
    pdf = document(A4_MM, lang)
    words, each = WORDS[lang], _ROWS * _COLUMNS
    for start in range(0, len(batch.labels), each):
        pdf.add_page()
        pdf.set_xy(12, 10)
        line(pdf, 186, 8, 16, f"{words['list']}  {batch.title} {batch.grade}")
        net = kilograms(sum(label.net_g for label in batch.labels))
        total = words["boxes"].format(count=len(batch.labels), net=net)
        line(pdf, 186, 6, 10, f"{words['lot']} {batch.lot_code}   {total}")
        facts = [f"{word} {value}" for word, value in _facts(batch, lang)[:4]]
        line(pdf, 186, 5, 8, "   ".join(facts))
        for place, label in enumerate(batch.labels[start : start + each]):
            x, y = 12 + place % _COLUMNS * 95, 32 + place // _COLUMNS * 32
            pdf.rect(x, y, 91, 30)
            _qr(pdf, batch.address + label.code, x + 1, y + 1, 28)
            pdf.set_xy(x + 31, y + 4)
            line(pdf, 58, 7, 13, words["box"].format(no=label.no))
            line(pdf, 58, 7, 11, _parted(label.code))
            line(pdf, 58, 7, 11, f"{words['net']} {kilograms(label.net_g)}")
    return bytes(pdf.output())


def document(size: tuple[int, int], lang: str) -> FPDF:
    """An empty document of pages in mm, without margins."""
    pdf = FPDF(unit="mm", format=size)
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.c_margin = 0
    pdf.set_lang(lang)
    pdf.add_font("noto", fname=_font_path(), collection_font_number=SC)
    pdf.set_font("noto")
    return pdf


@cache
def _font_path() -> str:
    package, name = _FONT
    return str(files(package) / name)


def _facts(batch: Batch, lang: str) -> list[tuple[str, str]]:
    words = WORDS[lang]
    found = [
        (words["picked"], day(batch.harvested_at)),
        (words["best"], day(batch.best_before)),
        (words["origin"], batch.origin),
        (words["packed_by"], batch.packed_by),
        (words["lot"], batch.lot_code),
    ]
    if batch.paper_no is not None:
        found.append((words["paper"], batch.paper_no))
    return [(word, value) for word, value in found if value]


def line(pdf: FPDF, wide: float, high: float, size: float, said: str, align: str = "L") -> None:
    """A line that fits: smaller letters first, then cut."""
    x = pdf.get_x()
    pdf.set_font_size(size)
    while pdf.get_string_width(said) > wide and size > 6:
        size -= 0.5
        pdf.set_font_size(size)
    while len(said) > 1 and pdf.get_string_width(said) > wide:
        said = said[:-2] + "…"
    pdf.cell(wide, high, said, align=align, new_x=XPos.LEFT, new_y=YPos.NEXT)
    pdf.set_x(x)


def lines(pdf: FPDF, wide: float, high: float, size: float, said: str) -> None:
    """A line, or two if it does not fit."""
    pdf.set_font_size(size)
    head = said
    while pdf.get_string_width(head) > wide or said[len(head) : len(head) + 1] in _NOT_FIRST:
        head = head[:-1]
    for part in filter(None, (head, said[len(head) :].strip())):
        line(pdf, wide, high, size, part)


def qr_of(address: str) -> Any:
    """The QR code of an address, in capitals; error correction M at least."""
    return segno.make(address.upper(), error="m", boost_error=False, micro=False)


def _qr(pdf: FPDF, address: str, x: float, y: float, side: float) -> None:
    """The code with its quiet zone in a square of `side` mm; runs of dark modules as one bar."""
    matrix = qr_of(address).matrix
    module = side / (len(matrix) + 2 * QUIET_MODULES)
    pdf.set_fill_color(0)
    for row, modules in enumerate(matrix):
        start = None
        for column, dark in enumerate([*modules, 0]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                left, top = x + (QUIET_MODULES + start) * module, y + (QUIET_MODULES + row) * module
                pdf.rect(left, top, (column - start) * module, module, style="F")
                start = None


def kilograms(grams: int) -> str:
    """2,500 grams as "2.5 kg"."""
    return f"{grams // 1000}.{grams % 1000:03d}".rstrip("0").rstrip(".") + " kg"


def _parted(code: str) -> str:
    return "-".join((code[:4], code[4:8], code[8:]))


def day(at: datetime) -> str:
    """The day in Beijing."""
    return f"{at.astimezone(_LOCAL):%Y-%m-%d}"
