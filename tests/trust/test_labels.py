"""Labels and lists: drawn as PDF, rendered as pictures, every QR code read back by a decoder."""

from datetime import UTC, datetime

import pypdfium2
import pytest
import zxingcpp

from tests.trade.market import Market
from tests.trust.passporting import market as market
from tests.trust.passporting import packed
from tiantou.kit import ids
from tiantou.supply.face import BASES, COMMITMENTS, PAPER_WORDS, CertificateView
from tiantou.trust import labels
from tiantou.trust.certificate_pdf import certificate_pdf
from tiantou.trust.labels import Batch, Label

ADDRESS = "HTTPS://TIANTOU.TEST/P/"


def _batch(boxes: int, **more: object) -> Batch:
    at = datetime(2026, 11, 18, 8, tzinfo=UTC)
    said: dict[str, object] = {
        "title": "坡上红富士苹果，自然成熟，现摘现发，一个名字很长很长的样例商品",
        "grade": "一级",
        "origin": "湖北省黄冈市武穴市花桥镇槐下村、湖北省黄冈市武穴市花桥镇上塬村",
        "packed_by": "样例合作社",
        "lot_code": ids.draw(),
        "paper_no": ids.draw(),
        "harvested_at": at,
        "best_before": at,
        "address": ADDRESS,
        "labels": [Label(code=ids.draw(), no=no, net_g=2_536) for no in range(1, boxes + 1)],
        **more,
    }
    return Batch(**said)  # type: ignore[arg-type]


def _read(pdf: bytes, dpi: int = 203) -> tuple[list[tuple[float, float]], list[str], str]:
    """Sizes of the pages in mm, what the QR codes say, and all text."""
    document = pypdfium2.PdfDocument(pdf)
    sizes, codes, words = [], [], []
    for page in document:
        sizes.append((page.get_width() / 72 * 25.4, page.get_height() / 72 * 25.4))
        picture = page.render(scale=dpi / 72).to_pil().convert("L")
        found = zxingcpp.read_barcodes(picture)
        codes += [one.text for one in found]
        words.append(page.get_textpage().get_text_range())
        page.close()
    document.close()
    return sizes, codes, "\n".join(words)


def _says(batch: Batch) -> list[str]:
    return sorted(batch.address + label.code for label in batch.labels)


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_a_label_is_76_by_130_mm_and_a_printer_of_203_dpi_prints_a_readable_code(
    lang: str,
) -> None:
    batch = _batch(5)
    pdf = labels.label_pdf(batch, lang)
    sizes, codes, words = _read(pdf)
    assert [(round(wide), round(high)) for wide, high in sizes] == [labels.LABEL_MM] * 5
    assert sorted(codes) == _says(batch)
    assert "一级" in words and "2.536 kg" in words and "样例合作社" in words
    assert b"/FontFile3" in pdf and len(pdf) < 200_000, "a subset of the font stands in it"


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_a_list_has_every_box_with_its_code_on_pages_of_a4(lang: str) -> None:
    batch = _batch(40)
    sizes, codes, words = _read(labels.list_pdf(batch, lang), dpi=300)
    assert [(round(wide), round(high)) for wide, high in sizes] == [labels.A4_MM] * 3
    assert sorted(codes) == _says(batch)
    assert batch.lot_code in words


def test_the_address_is_in_the_short_alphanumeric_mode() -> None:
    made = labels.qr_of(f"https://tiantou.test/p/{ids.draw()}")
    assert (made.mode, made.error) == ("alphanumeric", "M")
    assert made.version <= 3


async def test_the_labels_of_a_lot_are_for_its_shop_and_lead_to_its_passports(
    market: Market,
) -> None:
    lot, codes = await packed(market)
    path = f"/api/orgs/{market.shop}/lots/{lot}/labels.pdf"
    packer = await market.seller("packer")
    answer = await packer.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    _, said, _ = _read(answer.content)
    assert sorted(said) == sorted(ADDRESS + code for code in codes)
    page = await market.site.client().get("/P/" + said[0].rpartition("/")[2])
    assert page.status_code == 200
    listed = await packer.get(path, params={"paper": "list", "lang": "en", "first": 9})
    assert len(_read(listed.content, dpi=300)[1]) == 2
    assert (await packer.get(path, params={"first": 11})).status_code == 404
    assert (await (await market.buyer()).get(path)).status_code in {403, 404}


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_a_certificate_is_80_by_60_mm_with_every_legal_field(lang: str) -> None:
    paper = CertificateView(
        no=ids.draw(),
        lot_id=ids.uuid7(),
        state="valid",
        basis="self_test",
        commitments=["truthful"],
        product="橙纽荷尔脐橙",
        grams=123_456,
        origin="湖北省黄冈市武穴市花桥镇槐下村、湖北省黄冈市武穴市花桥镇上塬村",
        promiser="样例合作社",
        contact="李某 0713-1234567",
        roots=2,
        issued_at=datetime(2026, 11, 18, 8, tzinfo=UTC),
    )
    lot = ids.draw()
    sizes, _, words = _read(certificate_pdf(paper, lot, paper.product, lang))
    assert [tuple(round(side) for side in size) for size in sizes] == [(80, 60)]
    said = PAPER_WORDS[lang]
    for part in (
        *(said[one] for one in COMMITMENTS),
        *(said[one] for one in BASES),
        *(paper.no, lot, paper.product, "123.456 kg", paper.promiser, paper.contact),
        "2026-11-18",
    ):
        assert part in words, part


async def test_the_certificate_of_a_lot_is_printed_for_its_people(market: Market) -> None:
    lot, _ = await packed(market)
    seller, path = await market.seller(), f"/api/orgs/{market.shop}/lots/{lot}/certificate.pdf"
    printed = await seller.get(path)
    assert printed.headers["content-type"] == "application/pdf", printed.text
    assert (await market.site.client().get(path)).status_code == 401
