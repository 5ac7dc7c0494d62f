"""The certificate of conformity as a label of 80 × 60 mm, with all its legal fields.

Fields of 农产品质量安全承诺达标合格证管理办法, in force 2026-02-01: commitments, their basis,
product, quantity, origin, who commits, contact, date.
"""

from fpdf import FPDF

from tiantou.supply.face import BASES, COMMITMENTS, PAPER_WORDS, CertificateView
from tiantou.trust.labels import day, document, kilograms, line

LABEL_MM = (80, 60)
_LEFT, _WIDE = 3, 74


def certificate_pdf(paper: CertificateView, lot_code: str, product: str, lang: str) -> bytes:
    """One label. `product`: the goods' name in the language of the label."""
    words = PAPER_WORDS[lang]
    pdf = document(LABEL_MM, lang)
    pdf.add_page()
    pdf.set_xy(_LEFT, 2)
    line(pdf, _WIDE, 5, 12, words["certificate"], align="C")
    line(pdf, _WIDE, 3, 6.5, words["promise"])
    for word in COMMITMENTS:
        _ticked(pdf, words[word], word in paper.commitments)
    line(pdf, _WIDE, 3, 6.5, words["basis"])
    for basis in BASES:
        _ticked(pdf, words[basis], basis == paper.basis)
    pdf.line(_LEFT, pdf.get_y() + 0.5, _LEFT + _WIDE, pdf.get_y() + 0.5)
    pdf.set_xy(_LEFT, pdf.get_y() + 1)
    rows = [
        (words["product"], product),
        (words["quantity"], kilograms(paper.grams)),
        (words["origin"], paper.origin),
        (words["promiser"], paper.promiser),
        (words["contact"], paper.contact),
        (words["issued"], day(paper.issued_at)),
    ]
    for name, value in rows:
        line(pdf, _WIDE, 3.4, 7, f"{name}  {value}")
    said = f"{words['no']} {paper.no}   {words['lot']} {lot_code}"
    if paper.roots > 1:
        said += f"   {words['mixed'].format(count=paper.roots)}"
    line(pdf, _WIDE, 3.4, 6.5, said)
    return bytes(pdf.output())


def _ticked(pdf: FPDF, said: str, on: bool) -> None:
    """A box, crossed if it is meant, and what it says."""
    x, y = pdf.get_x(), pdf.get_y()
    pdf.rect(x, y + 0.5, 2.2, 2.2)
    if on:
        pdf.line(x + 0.4, y + 1.6, x + 0.9, y + 2.3)
        pdf.line(x + 0.9, y + 2.3, x + 1.9, y + 0.8)
    pdf.set_xy(x + 3.2, y)
    line(pdf, _WIDE - 3.2, 3.2, 6.5, said)
    pdf.set_x(x)
