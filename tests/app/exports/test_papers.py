"""Official papers: opened again, with Vietnamese marks, the log's times, pictures and seals."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import PIL.Image
import pytest
from pypdf import PdfReader

from tests.alerts.queue.fake_events import fake_event
from tests.app.web_api.centre import NOW, Centre, Desk
from tests.app.web_api.exported import fetched, ordered
from thapcanh.alerts.evidence.snapshots import boxed, jpeg
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.reports.paper.content import Facts, Listing, Paper, moment
from thapcanh.app.reports.paper.pdf import pdf
from thapcanh.app.reports.report_table import cell_text

MakeDesk = Callable[..., Desk]
LETTERHEAD = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "Số: ………/")
FOOT = ("Nơi nhận:", "(Ký, ghi rõ họ tên)")


@pytest.fixture
def desk(desk_of: MakeDesk) -> Desk:
    """A leader's, who may take the originals away."""
    return desk_of("an", Role.LEADER)


def _opened(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content))


def _text(content: bytes) -> str:
    """All that is written, on one line: where lines break says nothing."""
    pages = _opened(content).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def _burning(centre: Centre, desk: Desk, **changes: Any) -> str:
    """A fire with two pictures, taken and confirmed with a note."""
    picture = np.full((270, 480, 3), 90, np.uint8)
    drawn = boxed(picture, fake_event(label="fire", confidence=0.62))
    files = (
        centre.file("a/snapshot.jpg", jpeg(picture), EvidenceKind.SNAPSHOT),
        centre.file("a/snapshot_boxed.jpg", jpeg(drawn), EvidenceKind.SNAPSHOT_BOXED),
    )
    alert = centre.raise_alert("cam-1", evidence=files, **changes)
    centre.clock.at += 7
    desk.act(alert, "acknowledge")
    centre.clock.at += 31
    desk.act(alert, "confirm", 2, note="Khói đen trên mái nhà số 5 ngõ Gạch")
    return alert


def test_a_case_is_printed_with_its_pictures_times_names_and_seals(
    centre: Centre, desk: Desk
) -> None:
    alert = _burning(centre, desk)
    answer = fetched(desk, unblurred=True, what="record_pdf", alert=alert)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    text = _text(answer.content)
    for words in (*LETTERHEAD, *FOOT, "HỒ SƠ CẢNH BÁO", "Cháy", "Hoàn Kiếm", "Đồng chí an"):
        assert words in text, words
    assert "Khói đen trên mái nhà số 5 ngõ Gạch" in text
    log = centre.archive.log_of(alert)
    assert [one.action for one in log][-1] == "record_exported"
    for entry in log:
        assert moment(entry.at) in text, entry.action
    seals = [one.sha256 for one in centre.archive.evidence_of(alert)]
    unbroken = text.replace(" ", "")
    for seal in (*seals, log[-1].hash):
        assert seal in unbroken
    assert sum(len(page.images) for page in _opened(answer.content).pages) == 2


def test_the_same_stands_on_the_page(centre: Centre, desk: Desk) -> None:
    alert = _burning(centre, desk)
    page = fetched(desk, unblurred=True, what="record_html", alert=alert).text
    for words in (*LETTERHEAD, *FOOT, "Hoàn Kiếm", "Khói đen trên mái nhà số 5 ngõ Gạch"):
        assert words in page, words
    for entry in centre.archive.log_of(alert):
        assert moment(entry.at) in page
    assert page.count("data:image/jpeg;base64,") == 2
    assert "http" not in page.replace("http-equiv", "")  # it asks nobody for anything


def test_what_officers_wrote_is_text_on_the_page(centre: Centre, desk: Desk) -> None:
    alert = centre.raise_alert("cam-1")
    desk.act(alert, "note", 1, note="<script>alert(1)</script> & “ngoặc”")
    page = fetched(desk, unblurred=True, what="record_html", alert=alert).text
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; “ngoặc”" in page


def test_a_picture_that_was_changed_is_not_printed_but_named(centre: Centre, desk: Desk) -> None:
    alert = _burning(centre, desk)
    (centre.evidence_root / "a/snapshot.jpg").write_bytes(b"another")
    (centre.evidence_root / "a/snapshot_boxed.jpg").unlink()
    answer = fetched(desk, unblurred=True, what="record_pdf", alert=alert)
    assert "TỆP ĐÃ BỊ SỬA" in _text(answer.content)
    assert "không còn trong kho" in _text(answer.content)


def test_a_picture_that_is_none_spoils_no_record(centre: Centre, desk: Desk) -> None:
    broken = centre.file("b/snapshot.jpg", b"\xff\xd8 no picture", EvidenceKind.SNAPSHOT)
    alert = centre.raise_alert("cam-1", evidence=(broken,))
    assert "không đọc được hình" in _text(
        fetched(desk, unblurred=True, what="record_pdf", alert=alert).content
    )


def test_a_picture_that_needs_a_decoder_that_is_not_installed_spoils_no_record(
    centre: Centre, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asks_for_heif(*_: object, **__: object) -> None:
        raise ModuleNotFoundError("No module named 'pi_heif'")

    monkeypatch.setattr(PIL.Image, "open", asks_for_heif)
    broken = centre.file("b/snapshot.jpg", b"no picture", EvidenceKind.SNAPSHOT)
    alert = centre.raise_alert("cam-1", evidence=(broken,))
    assert "không đọc được hình" in _text(
        fetched(desk, unblurred=True, what="record_pdf", alert=alert).content
    )


def test_every_page_of_a_drills_record_says_so(centre: Centre, desk_of: MakeDesk) -> None:
    leader = desk_of("chi-huy", Role.LEADER)
    alert = _burning(centre, leader, exercise=True)
    content = fetched(leader, unblurred=True, what="record_pdf", alert=alert).content
    for page in _opened(content).pages:
        assert "DIỄN TẬP" in page.extract_text()


def test_another_agencys_case_is_not_printed(centre: Centre, desk_of: MakeDesk) -> None:
    alert = centre.raise_alert("cam-1")  # of pc07
    other = desk_of("bao", Role.AGENCY, DataFilter(agencies=frozenset({"csgt"})))
    for form in ("pdf", "html"):
        assert ordered(other, what=f"record_{form}", alert=alert).status_code == 404


def test_the_signature_stands_on_a_page_with_the_closing_sentence() -> None:
    """However long the table before it is."""
    for length in range(28, 44, 3):
        rows = [(f"Mục {row}", "Nội dung") for row in range(length)]
        listing = Listing(title="I.", heads=("Mục", "Nội dung"), widths=(1, 1), rows=rows)
        last = _opened(pdf(_paper(listing))).pages[-1].extract_text()
        assert "Kết thúc." in last, length
        assert "CHỈ HUY CA TRỰC" in last, length
        assert "Nơi nhận:" in last, length


def _paper(block: Listing | Facts) -> Paper:
    return Paper(
        agency="Trung tâm", place="Hà Nội", made_at=NOW, code="BC", title="BÁO CÁO", subject="Thử",
        blocks=(block,), closing="Kết thúc.", recipients=("Lưu.",), signer="CHỈ HUY CA TRỰC",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1_250_000, "1.250.000"),
        (5e8, "500.000.000"),
        (1234.5, "1.234,5"),
        (0, "0"),
        (12.25, "12,25"),
    ],
)
def test_money_of_a_paper_is_written_with_separators(value: float, said: str) -> None:
    assert cell_text(value) == said
