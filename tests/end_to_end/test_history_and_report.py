"""History, one alert's page, the report and the hand-over, as officers use them in a browser."""

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from tests.app.web_api.centre import Desk
from tests.end_to_end.drill import Drill, drilling, seat, type_words, violations

pytestmark = pytest.mark.end_to_end


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory, screens: Path) -> Iterator[Drill]:
    """Two answered alerts (one false, with a note) and one that goes on."""
    with drilling(tmp_path_factory.mktemp("history"), screens) as running:
        false, true = (
            running.raise_alert("cam-1", "smoke", priority=2),
            running.raise_alert("cam-2"),
        )
        running.raise_alert("cam-3", "intrusion", priority=3)
        with Desk(running.address) as leader:
            leader.log_in("chi-huy")
            leader.act(false, "acknowledge")
            said = {"reason": "votive_paper", "note": "Đốt vàng mã trước cổng chùa"}
            assert leader.act(false, "reject", 2, **said).status_code == 200
            leader.act(true, "acknowledge")
            assert leader.act(true, "confirm", 2).status_code == 200
            assert leader.act(true, "close", 3).status_code == 200
        yield running


def rows(page: Page) -> Any:
    return page.get_by_role("list", name="Danh sách cảnh báo trong lịch sử").get_by_role("listitem")


def test_history_is_searched_without_marks_and_filtered(browser: Browser, drill: Drill) -> None:
    with seat(browser, drill) as officer:
        page = officer.log_in("an", "/history").page
        expect(rows(page)).to_have_count(3)
        expect(page.get_by_text("3 cảnh báo", exact=True)).to_be_visible()
        page.keyboard.press("/")
        type_words(page, "vang ma")
        expect(rows(page)).to_have_count(1)
        expect(rows(page).first).to_contain_text("Đốt vàng mã")
        expect(rows(page).first).to_contain_text("Cảnh sát PCCC")
        page.get_by_role("button", name="Bỏ lọc").click()
        page.get_by_label("Kết luận", exact=True).select_option("confirmed")
        expect(rows(page)).to_have_count(1)
        expect(rows(page).first).to_contain_text("Tràng Tiền")
        page.get_by_label("Lý do báo giả").select_option("fog")
        expect(page.get_by_text("Không có cảnh báo nào khớp.")).to_be_visible()
        assert "outcome=confirmed" in page.url
        page.reload()
        expect(page.get_by_label("Kết luận", exact=True)).to_have_value("confirmed")


def test_dates_are_asked_for_when_they_stand_and_a_wrong_one_is_said(
    browser: Browser, drill: Drill
) -> None:
    with seat(browser, drill, 768) as officer:
        begins_at = "from=2026-11-24"
        page = officer.log_in("an", f"/history?span=dates&{begins_at}&to=2026-11-25").page
        begins = page.get_by_label("Từ ngày")
        for key in ("Home", "Delete"):
            begins.press(key)
        expect(begins).to_have_value("4/11/2026")
        assert begins_at in page.url  # a date on the way to another
        begins.press("1")
        begins.press("Enter")
        page.wait_for_url("**from=2026-11-14**")
        begins.fill("14/11/26")
        begins.press("Tab")
        expect(page.get_by_text("Viết ngày/tháng/năm, ví dụ 24/11/2026")).to_be_visible()
        assert "from=2026-11-14" in page.url
        assert violations(page) == []


def test_the_list_is_exported_as_it_is_filtered(browser: Browser, drill: Drill) -> None:
    with seat(browser, drill) as officer:
        page = officer.log_in("an", "/history?outcome=rejected").page
        expect(rows(page)).to_have_count(1)
        with page.expect_download() as csv_file:
            page.get_by_role("button", name="Xuất CSV").click()
        text = Path(csv_file.value.path()).read_bytes()
        assert text.startswith(b"\xef\xbb\xbf")
        (line,) = csv.DictReader(io.StringIO(text.decode("utf-8-sig")))
        assert (line["Kết luận"], line["Lý do báo giả"]) == ("Báo giả", "Đốt vàng mã")
        with page.expect_download() as xlsx_file:
            page.get_by_role("button", name="Xuất Excel").click()
        assert zipfile.is_zipfile(xlsx_file.value.path())
        expect(page.get_by_text("ghi vào nhật ký thao tác").first).to_be_visible()


def test_one_alert_in_full_by_keys_alone(browser: Browser, drill: Drill) -> None:
    with seat(browser, drill, 768) as officer:
        page = officer.log_in("an", "/history?outcome=confirmed").page
        rows(page).first.get_by_role("link").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Cháy · lửa")).to_be_visible()
        expect(page.get_by_text("Đồng hồ từng bước")).to_be_visible()
        expect(page.get_by_text("nguyên vẹn, nối đúng vào chuỗi")).to_be_visible()
        expect(page.get_by_text("Ảnh gốc")).to_be_visible()
        page.get_by_role("link", name="Lịch sử").last.press("Enter")
        expect(page.get_by_role("heading", name="Lịch sử cảnh báo")).to_be_visible()


def test_an_alert_that_is_none_says_so(browser: Browser, drill: Drill) -> None:
    with seat(browser, drill) as officer:
        page = officer.log_in("an", "/history/khong-co").page
        expect(page.get_by_role("alert").filter(has_text="Không có cảnh báo này")).to_be_visible()


def test_the_days_report_and_its_workbook(browser: Browser, drill: Drill) -> None:
    with seat(browser, drill) as leader:
        page = leader.log_in("chi-huy", "/report").page
        paper = page.get_by_role("article")
        expect(paper).to_contain_text("Trung tâm diễn tập")
        expect(paper).to_contain_text("50 %")
        expect(paper).to_contain_text("trên 2 đã kết luận")
        expect(paper).to_contain_text("chưa được ghi nhận nên không báo cáo")
        page.get_by_role("button", name="Tháng (15–14)").click()
        expect(paper).to_contain_text("từ 15/")
        assert "period=month" in page.url
        with page.expect_download() as workbook:
            page.get_by_role("button", name="Xuất Excel").click()
        assert workbook.value.suggested_filename.startswith("bao-cao-")
        assert zipfile.is_zipfile(workbook.value.path())
        with page.expect_download() as printed:
            page.get_by_role("button", name="Báo cáo (PDF)").click()
        assert len(PdfReader(printed.value.path()).pages) >= 2
        page.emulate_media(media="print")
        expect(page.get_by_text("CHỈ HUY CA TRỰC")).to_be_visible()
        expect(page.get_by_role("button", name="Xuất Excel")).to_be_hidden()
        expect(page.get_by_text("Hệ thống tự kiểm tra:")).to_be_hidden()


def test_the_situation_is_downloaded_and_a_rosters_wrong_lines_are_named(
    browser: Browser, drill: Drill
) -> None:
    with seat(browser, drill, 768) as leader:
        page = leader.log_in("chi-huy", "/report/situation").page
        with page.expect_download() as printed:
            page.get_by_role("button", name="Báo cáo (PDF)").click()
        text = "".join(one.extract_text() for one in PdfReader(printed.value.path()).pages)
        assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text
        with page.expect_download() as workbook:
            page.get_by_role("button", name="Xuất Excel").click()
        with zipfile.ZipFile(workbook.value.path()) as book:
            assert book.testzip() is None
            sheets = b"".join(book.read(one) for one in book.namelist() if one.endswith(".xml"))
        assert "Tổng số cảnh báo giám sát" in sheets.decode()
        page.goto(f"{drill.address}/settings/roster")
        roster = "date,username\n2026-11-26,an\n31/11/2026,an\n2026-11-27,nobody\n"
        page.get_by_label("Nhập từ tệp CSV hoặc Excel").set_input_files(
            {"name": "lich.csv", "mimeType": "text/csv", "buffer": roster.encode()}
        )
        wrong = page.get_by_role("alert").get_by_role("listitem")
        expect(wrong).to_have_count(2)
        expect(wrong.nth(0)).to_contain_text("Dòng 3: Ngày “31/11/2026” không đúng")
        expect(wrong.nth(1)).to_contain_text(
            "Dòng 4: Không có ai có tài khoản hoặc họ tên “nobody”"
        )
        expect(page.get_by_role("button", name="Nhập", exact=True)).to_be_disabled()


def test_a_shift_is_handed_over_by_two_people_and_never_past_a_p1(
    browser: Browser, drill: Drill
) -> None:
    with seat(browser, drill) as outgoing, seat(browser, drill) as incoming:
        page = outgoing.log_in("an").take_shift().page
        page.get_by_role("button", name="Nghe rõ").click()
        urgent = drill.raise_alert("cam-1")
        page.get_by_role("button", name="Đồng chí an").click()
        page.get_by_role("button", name="Bàn giao ca…").click()
        dialog = page.get_by_role("dialog", name="Bàn giao ca")
        expect(dialog.get_by_role("alert")).to_contain_text("1 việc khẩn cấp chưa ai nhận")
        expect(dialog.get_by_role("button", name="Ký bàn giao")).to_be_disabled()
        dialog.get_by_role("button", name="Đóng").click()
        with Desk(drill.address) as leader:
            leader.log_in("chi-huy")
            assert leader.act(urgent, "acknowledge").status_code == 200

        page.get_by_role("button", name="Đồng chí an").click()
        page.get_by_role("button", name="Bàn giao ca…").click()
        dialog.get_by_label("Giao cho").select_option("binh")
        dialog.get_by_label("Lưu ý cho ca sau").fill("Cổng B hay báo hơi nước")
        dialog.get_by_role("button", name="Ký bàn giao").click()
        expect(dialog.get_by_text("chờ Đồng chí binh ký nhận")).to_be_visible()

        other = incoming.log_in("binh").page
        other.get_by_role("button", name="Xem và ký nhận").click()
        sheet = other.get_by_role("dialog")
        expect(sheet).to_contain_text("Cổng B hay báo hơi nước")
        expect(sheet).to_contain_text("Đồng chí chi-huy đang xử lý")
        sheet.get_by_role("button", name="Ký nhận ca").click()
        expect(other.get_by_text("Đã ký nhận ca.")).to_be_visible()
        expect(other.get_by_role("button", name="Xem và ký nhận")).to_have_count(0)
        with Desk(drill.address) as desk:
            on_duty = desk.log_in("binh").get("/api/v1/shift").json()["on_duty"]
        assert [each["person"]["username"] for each in on_duty] == ["binh"]


def test_the_desks_foot_says_how_prompt_and_how_true(browser: Browser, drill: Drill) -> None:
    with seat(browser, drill) as officer:
        page = officer.log_in("an").page
        expect(page.get_by_text("Tiếp nhận trong 15 giây, hôm nay")).to_contain_text("100 %")
        expect(page.get_by_text("Báo giả 7 ngày")).to_contain_text("50 %")


@pytest.mark.parametrize("height", [1080, 768])
@pytest.mark.parametrize("path", ["/history", "/report", "/report?period=quarter"])
def test_axe_finds_nothing(browser: Browser, drill: Drill, path: str, height: int) -> None:
    with seat(browser, drill, height) as officer:
        page = officer.log_in("chi-huy", path).page
        expect(page.locator("main li").first).to_be_visible()
        assert violations(page) == []


def test_axe_finds_nothing_about_one_alert_and_in_the_handover(
    browser: Browser, drill: Drill
) -> None:
    with seat(browser, drill) as officer:
        page = officer.log_in("chi-huy", "/history?outcome=confirmed").page
        rows(page).first.get_by_role("link").click()
        expect(page.get_by_text("nguyên vẹn, nối đúng vào chuỗi")).to_be_visible()
        assert violations(page) == []
        page.get_by_role("button", name="Đồng chí chi-huy").click()
        page.get_by_role("button", name="Bàn giao ca…").click()
        expect(page.get_by_role("dialog").get_by_text("Đang tạm ngưng báo")).to_be_visible()
        assert violations(page) == []
