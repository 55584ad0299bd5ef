"""An alert goes from hand to hand at the desks, with words, and a drill is never taken for real."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.app.web_api.centre import PASSWORD
from tests.end_to_end.drill import Drill, drilling, seat, type_words, violations

pytestmark = pytest.mark.end_to_end


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory, screens: Path) -> Iterator[Drill]:
    with drilling(tmp_path_factory.mktemp("drill"), screens) as running:
        yield running


def _becomes(page: Page, alert: str, standing: str) -> None:
    row = page.locator(f"[data-alert='{alert}']")
    expect(row.get_by_text(standing, exact=True)).to_be_visible()


def _choose(page: Page, action: str) -> None:
    """Something from the menu beside the keys."""
    page.get_by_role("button", name="Khác").click()
    page.locator(f"[data-action={action}]").click()


def test_an_alert_is_taken_over_and_handed_back_by_keys(browser: Browser, drill: Drill) -> None:
    alert = drill.raise_alert()
    with seat(browser, drill) as first, seat(browser, drill) as second:
        page = first.log_in("an").take_shift().page
        other = second.log_in("binh").take_shift().page
        expect(page.locator(f"[data-alert='{alert}'][aria-selected=true]")).to_be_visible()
        page.keyboard.press("a")
        _becomes(other, alert, "Đã nhận · Đồng chí an")
        other.keyboard.press("a")  # a colleague has it: it is asked about
        assert violations(other) == []
        type_words(other, "an di kiem tra")
        other.keyboard.press("Enter")
        _becomes(other, alert, "Đã nhận · Tôi")
        _becomes(page, alert, "Đã nhận · Đồng chí binh")
        expect(other.get_by_role("dialog")).to_have_count(0)  # it has its answer
        _choose(other, "hand_over")
        expect(other.get_by_role("button", name="1 Đồng chí an")).to_be_visible()
        assert violations(other) == []
        other.keyboard.press("1")
        _becomes(page, alert, "Đã nhận · Tôi")
        expect(page.get_by_text("Vừa được chuyển cho đồng chí xử lý")).to_be_visible()
        page.keyboard.press("m")
        type_words(page, "da goi 114")
        page.keyboard.press("Enter")
        log = page.locator(".right")
        log.get_by_text("Quanh đây, diễn biến").click()
        taken, given = "Nhận thay từ Đồng chí an", "Chuyển người xử lý cho Đồng chí an"
        for told in (taken, "an di kiem tra", given, "da goi 114"):
            expect(log.get_by_text(told).first).to_be_visible()


def test_what_cries_wolf_is_laid_aside_and_taken_back(browser: Browser, drill: Drill) -> None:
    alert = drill.raise_alert("cam-3", "intrusion", priority=2)
    with seat(browser, drill) as officer:
        page = officer.log_in("an").take_shift().page
        row = page.locator(f"[data-alert='{alert}']")
        row.click()
        _choose(page, "shelve")
        assert violations(page) == []
        type_words(page, "quan nuong mo den 22 gio")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Đã tạm ngưng báo").first).to_be_visible()
        expect(row.get_by_text("Tạm ngưng đến")).to_be_visible()  # rows stay under the hand
        expect(page.get_by_role("button", name="Đang tạm ngưng báo: 1").first).to_be_visible()
        page.get_by_role("button", name="Đang tạm ngưng báo: 1").first.click()
        shelf = page.locator("[data-shelf]")
        expect(shelf.get_by_text("quan nuong")).to_be_visible()
        assert violations(page) == []
        shelf.get_by_role("button", name="Bỏ tạm ngưng").click()
        expect(page.get_by_text("Không ngưng cảnh báo nào.")).to_be_visible()
        page.keyboard.press("Escape")
        expect(row.get_by_text("Chưa ai nhận")).to_be_visible()


def test_a_drill_is_marked_and_stands_behind_what_is_real(browser: Browser, drill: Drill) -> None:
    drill.raise_alert("cam-1", "intrusion", priority=2)
    practice = drill.raise_alert("cam-2", exercise=True)
    with seat(browser, drill) as officer:
        page = officer.log_in("chi-huy").take_shift().page
        expect(page.locator(f"[data-alert='{practice}']")).to_be_visible()  # the list has come
        real = drill.raise_alert("cam-3")
        page.keyboard.press("n")  # or it came in by itself: nobody was at work
        expect(page.locator(f"[data-alert='{real}']")).to_be_visible()
        marked = page.locator(f"[data-alert='{practice}']").get_by_text("DIỄN TẬP")
        expect(marked).to_be_visible()
        expect(page.locator("[role=option]").first).to_have_attribute("data-alert", real)
        expect(page.locator(f"[data-alert='{real}']").get_by_text("DIỄN TẬP")).to_have_count(0)
        expect(page.locator("header").get_by_text("DIỄN TẬP").first).to_be_visible()


def test_a_desk_that_nobody_touches_locks_and_goes_on_watching(
    browser: Browser, drill: Drill
) -> None:
    with seat(browser, drill) as officer:
        page = officer.page
        page.clock.install()
        officer.log_in("binh").take_shift()
        alert = drill.raise_alert("cam-2", "intrusion", priority=2)
        page.clock.fast_forward("16:00")
        expect(page.get_by_text("Bàn đã khóa")).to_be_visible()
        assert violations(page) == []
        row = page.locator(f"[data-alert='{alert}']")
        page.keyboard.press("a")  # into the field of the password
        later = drill.raise_alert("cam-1", "intrusion", priority=2)
        page.clock.fast_forward("00:20")
        expect(page.get_by_text("cảnh báo mới đang chờ")).to_be_visible()  # no row moves by itself
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.get_by_role("button", name="Mở khóa").click()
        expect(page.get_by_text("Bàn đã khóa")).to_have_count(0)
        page.keyboard.press("n")
        expect(page.locator(f"[data-alert='{later}']")).to_be_visible()
        expect(row).to_have_attribute("data-state", "new")
        row.click()
        page.keyboard.press("a")
        expect(row).to_have_attribute("data-state", "acknowledged")


def test_no_key_moves_an_incident_at_a_locked_desk_and_no_sheet_stays_open(
    browser: Browser, drill: Drill
) -> None:
    alert = drill.raise_alert("cam-2")
    with seat(browser, drill) as officer:
        page = officer.page
        page.clock.install()
        officer.log_in("binh").take_shift()
        page.locator(f"[data-alert='{alert}']").click()
        page.get_by_role("button", name="Khác").click()
        incident = page.locator("a[href^='/incidents/']").first.get_attribute("href")
        page.goto(f"{drill.address}{incident}")
        state = page.locator("header b[data-state]")
        expect(state).to_have_attribute("data-state", "open")
        page.locator(".user .name").click()
        page.get_by_role("button", name="Bàn giao ca…").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        page.clock.fast_forward("16:00")
        expect(page.get_by_text("Bàn đã khóa")).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.get_by_text("Bàn đã khóa").click()  # out of the field of the password
        page.keyboard.press("c")
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.get_by_role("button", name="Mở khóa").click()
        expect(page.get_by_text("Bàn đã khóa")).to_have_count(0)
        expect(state).to_have_attribute("data-state", "open")
        page.keyboard.press("c")
        expect(state).to_have_attribute("data-state", "assessed")


def _hold(_: Route) -> None:
    """An answer that comes late."""


def test_a_leader_ends_the_shift_of_who_left_without_a_word(browser: Browser, drill: Drill) -> None:
    alert = drill.raise_alert()
    with seat(browser, drill) as gone, seat(browser, drill) as leader:
        gone.log_in("binh").take_shift()
        page = leader.log_in("chi-huy").take_shift().page
        page.locator("[role=option].p1").first.click()
        page.locator(".user .name").click()
        page.get_by_role("button", name="Bàn giao ca…").click()
        dialog = page.get_by_role("dialog", name="Bàn giao ca")
        shift = dialog.locator(".on span").filter(has_text="Đồng chí binh")
        shift.get_by_role("button", name="Kết thúc ca").press("a")  # no key acts behind a dialog
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        stored = drill.centre.archive.alert(alert)
        assert stored is not None
        assert stored.owner is None
        page.route("**/api/v1/shift/sheet", _hold)
        page.locator(".user .name").click()
        page.get_by_role("button", name="Bàn giao ca…").click()
        shift.get_by_role("button", name="Kết thúc ca").click()
        dialog.get_by_label("Lý do kết thúc ca này").fill("về mà không bàn giao")
        page.unroute("**/api/v1/shift/sheet")  # what was held goes on
        expect(dialog.get_by_label("Giao cho")).to_be_visible()  # and takes nobody's keys away
        assert violations(page) == []
        page.keyboard.press("Enter")
        expect(shift).to_have_count(0)


def test_a_hand_over_keeps_its_receiver_and_ends_calmly_when_signed(
    browser: Browser, tmp_path: Path, screens: Path
) -> None:
    """It forgot who was chosen when it was closed, and turned red once the other had signed."""
    with (
        drilling(tmp_path, screens) as drill,
        seat(browser, drill) as goes,
        seat(browser, drill) as comes,
    ):
        page, other = goes.log_in("binh").take_shift().page, comes.log_in("an").page
        dialog = page.get_by_role("dialog", name="Bàn giao ca")
        for again in (False, True):
            page.locator(".user .name").click()
            page.get_by_role("button", name="Bàn giao ca…").click()
            if not again:
                dialog.get_by_label("Giao cho").select_option("an")
                page.keyboard.press("Escape")
        expect(dialog.get_by_label("Giao cho")).to_have_value("an")
        dialog.get_by_role("button", name="Ký bàn giao").click()
        expect(dialog.get_by_label("Giao cho")).to_have_count(0)
        other.get_by_role("button", name="Xem và ký nhận").click()
        other.get_by_role("button", name="Ký nhận ca").click()
        expect(dialog).to_have_count(0)
        expect(page.locator(".bad[role=alert]")).to_have_count(0)


def test_a_leader_lays_even_p1_aside_by_keys_alone(browser: Browser, drill: Drill) -> None:
    """The space bar played the film instead of ticking the box."""
    drill.raise_alert("cam-3")
    with seat(browser, drill) as leader:
        page = leader.log_in("chi-huy").take_shift().page
        page.locator("[role=option].p1").first.click()
        _choose(page, "shelve")
        for _ in range(3):  # from the reason past reach and length
            page.keyboard.press("Tab")
        box = page.get_by_role("checkbox")
        expect(box).to_be_focused()
        page.keyboard.press("Space")
        expect(box).to_be_checked()
