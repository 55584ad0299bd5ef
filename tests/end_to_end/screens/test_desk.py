"""What a duty officer does at the desk, by keyboard, in a real browser."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.web_api.centre import Desk
from tests.end_to_end.drill import IS_SOUNDING, Drill, drilling, seat, violations
from thapcanh.detection.event import EventPhase

pytestmark = pytest.mark.end_to_end

RAW = re.compile(r"\b(opened|spoke|area_doubled|evidence|first|looks|warmth|hoan-kiem|pc07)\b|_")


@pytest.fixture
def drill(tmp_path: Path, screens: Path) -> Iterator[Drill]:
    with drilling(tmp_path, screens) as running:
        yield running


def _becomes(page: Page, alert: str, state: str) -> None:
    expect(page.locator(f"[data-alert='{alert}'][data-state='{state}']")).to_be_visible()


def test_one_press_takes_the_shift_and_the_tone_is_asked_about_beside_the_work(
    browser: Browser, drill: Drill
) -> None:
    alert = drill.raise_alert()
    with seat(browser, drill) as officer:
        page = officer.log_in("an").page
        expect(page.locator(f"[data-alert='{alert}']")).to_be_visible()
        page.keyboard.press("a")  # nobody is on duty yet
        expect(page.get_by_role("button", name="Nhận ca", exact=True)).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_function(IS_SOUNDING)
        assert page.locator("dialog[open]").count() == 0
        page.keyboard.press("a")
        _becomes(page, alert, "acknowledged")
        question = page.get_by_text("Đồng chí có nghe thấy tiếng báo không?")
        expect(question).to_be_visible()
        page.reload()
        expect(page.get_by_role("button", name="Phát lại")).to_be_visible()
        page.keyboard.press("j")  # a browser gives no sound before a hand was there
        expect(question).to_be_visible()  # until it is answered
        page.get_by_role("button", name="Không nghe thấy").click()
        expect(question).to_have_count(0)
        expect(page.get_by_role("button", name="Loa hỏng")).to_be_visible()
        page.get_by_role("button", name="Loa hỏng").click()
        page.get_by_role("button", name="Nghe rõ").click()
        expect(page.get_by_text("Âm thanh bật")).to_be_visible()


def test_what_is_written_about_many_stays_when_a_colleague_takes_the_first(
    browser: Browser, drill: Drill
) -> None:
    first = drill.raise_alert("cam-1")
    drill.raise_alert("cam-2")
    with seat(browser, drill) as officer, Desk(drill.address) as colleague:
        colleague.log_in("binh")
        page = officer.log_in("an").take_shift().page
        expect(page.locator("[role=option]")).to_have_count(2)
        for key in ("y", "j", "y", "r"):
            page.keyboard.press(key)
        note = page.locator("#reject-note")
        note.fill("nắng chiếu thẳng vào ống kính")
        colleague.act(first, "acknowledge")
        _becomes(page, first, "acknowledged")
        expect(page.locator("[data-picked='2']")).to_be_visible()
        expect(note).to_have_value("nắng chiếu thẳng vào ống kính")


def test_a_key_acts_on_the_alert_displayed_and_not_on_what_was_picked_before(
    browser: Browser, drill: Drill
) -> None:
    """C confirmed the wrong fire: after D or Y the pick outlived its command and the row."""
    cameras = ("cam-1", "cam-1", "cam-3")  # what is less than urgent stands by itself
    group = [drill.raise_alert(camera, "intrusion", priority=2) for camera in cameras]
    other = drill.raise_alert("cam-2", "crowd", priority=3)
    alerts = {*group, other}
    with seat(browser, drill) as officer:
        page = officer.log_in("an").take_shift().page
        expect(page.locator("[role=option]")).to_have_count(len(alerts))
        picked, ticked = page.locator("[data-picked]"), page.locator("[aria-checked=true]")
        page.keyboard.press("d")
        expect(picked).to_be_visible()
        page.locator(f"[data-alert='{other}']").click()
        expect(picked).to_have_count(0)
        expect(ticked).to_have_count(0)
        page.keyboard.press("a")
        _becomes(page, other, "acknowledged")
        page.keyboard.press("c")
        _becomes(page, other, "confirmed")
        for alert in group:
            expect(page.locator(f"[data-alert='{alert}']")).to_have_attribute("data-state", "new")
        page.locator(f"[data-alert='{group[2]}']").click()
        page.keyboard.press("Escape")
        for key in ("y", "j", "k", "a"):  # back on the row: it is displayed, and picked no more
            page.keyboard.press(key)
        taken = page.locator("[aria-selected=true]")
        expect(taken).to_have_attribute("data-state", "acknowledged")
        expect(page.locator("[data-state=acknowledged]")).to_have_count(1)
        page.keyboard.press("d")
        expect(picked).to_be_visible()
        page.keyboard.press("a")
        expect(picked).to_have_count(0)
        assert violations(page) == []


def test_smoke_that_shows_flame_is_named_fire_and_marked(browser: Browser, drill: Drill) -> None:
    same = {"event_id": "episode", "rule_id": "smoke", "zone_id": None}
    alert = drill.raise_alert("cam-1", "smoke", **same)
    with seat(browser, drill) as officer:
        page = officer.log_in("an").take_shift().page
        row = page.locator(f"[data-alert='{alert}']")
        expect(row.get_by_text("Nghi cháy · khói")).to_be_visible()
        reason = "fire follows smoke · believed: witness 93%"
        told = {"phase": EventPhase.UPDATED, "reason": reason}
        assert drill.raise_alert("cam-1", "fire", **same, **told) == alert
        expect(row.get_by_text("Nghi cháy · lửa")).to_be_visible()
        expect(row.get_by_text("có lửa")).to_be_visible()
        expect(page.get_by_text("khói rồi có lửa").first).to_be_visible()


def test_an_alert_is_answered_by_keys_alone_and_seen_at_the_other_desk(
    browser: Browser, drill: Drill
) -> None:
    fire = drill.raise_alert()
    gate = drill.raise_alert("cam-2", "intrusion", priority=2)
    with seat(browser, drill) as first, seat(browser, drill) as second:
        page = first.log_in("an").take_shift().page
        other = second.log_in("binh").take_shift().page
        expect(page.locator(f"[data-alert='{fire}'][aria-selected=true]")).to_be_visible()
        page.keyboard.press("a")
        _becomes(page, fire, "acknowledged")
        _becomes(other, fire, "acknowledged")
        page.keyboard.press("c")
        _becomes(page, fire, "confirmed")
        page.keyboard.press("j")
        selected = page.locator("[role=option][aria-selected=true]")
        if selected.get_attribute("data-alert") != gate:
            page.keyboard.press("k")
        expect(page.locator(f"[data-alert='{gate}'][aria-selected=true]")).to_be_visible()
        page.keyboard.press("a")
        _becomes(page, gate, "acknowledged")
        page.keyboard.press("r")
        expect(page.get_by_text("Vì sao là báo giả?")).to_be_visible()
        page.keyboard.press("2")
        _becomes(other, gate, "rejected")
    alert = drill.centre.archive.alert(gate)
    assert alert is not None
    assert (alert.reject_reason, alert.verdict_by) == ("dust", "an")


def test_who_comes_second_is_told_who_was_first(browser: Browser, drill: Drill) -> None:
    alert = drill.raise_alert()
    with seat(browser, drill) as first, seat(browser, drill) as second:
        first.log_in("an").take_shift()
        other = second.log_in("binh").take_shift().page
        for page in (first.page, other):
            expect(page.locator(f"[data-alert='{alert}'][aria-selected=true]")).to_be_visible()
        first.page.keyboard.press("a")
        _becomes(other, alert, "acknowledged")
        other.keyboard.press("a")
        expect(other.get_by_text("Đang do Đồng chí an xử lý. Nhận thay?").first).to_be_visible()


def test_no_word_of_the_machine_reaches_the_officer(browser: Browser, drill: Drill) -> None:
    alert = drill.raise_alert()
    with seat(browser, drill) as officer:
        page = officer.log_in("an").take_shift().page
        expect(page.locator(f"[data-alert='{alert}'][aria-selected=true]")).to_be_visible()
        page.keyboard.press("a")
        _becomes(page, alert, "acknowledged")
        page.get_by_text("Quanh đây, diễn biến").click()
        expect(page.get_by_text("Trung tâm nhận cảnh báo của máy · lần đầu")).to_be_visible()
        expect(page.get_by_text("Máy thấy: 3/5 lần có lửa")).to_be_visible()
        for part in (".right", "main", ".left"):
            text = page.locator(part).first.inner_text()
            assert RAW.search(text) is None, text
        place = page.locator(".right").inner_text().replace("\u00a0", " ")
        assert place.count("Phường Hoàn Kiếm") == 1


def test_a_lost_centre_is_told_and_every_change_comes_back(browser: Browser, drill: Drill) -> None:
    before = drill.raise_alert()
    with seat(browser, drill) as officer:
        page = officer.log_in("an").take_shift().page
        expect(page.locator(f"[data-alert='{before}']")).to_be_visible()
        drill.cut()
        expect(page.get_by_role("alert").get_by_text("MẤT KẾT NỐI")).to_be_visible()
        missed = drill.raise_alert("cam-3")
        drill.come_back()
        # The words stay for some seconds only; no row moves by itself.
        expect(page.get_by_text("Đã nối lại sau")).to_be_visible()
        expect(page.get_by_role("alert").get_by_text("MẤT KẾT NỐI")).to_have_count(0)
        expect(page.get_by_text("cảnh báo mới đang chờ")).to_be_visible()
        page.keyboard.press("n")
        expect(page.locator(f"[data-alert='{missed}']")).to_be_visible()


def test_the_alerts_wait_is_told_while_one_looks_elsewhere(browser: Browser, drill: Drill) -> None:
    with seat(browser, drill) as officer:
        page = officer.log_in("an").take_shift().page
        page.get_by_role("link", name="Camera", exact=True).click()
        expect(page).to_have_url(f"{drill.address}/cameras")
        drill.raise_alert()
        expect(page.get_by_role("link", name="Bàn trực 1")).to_be_visible()
        page.go_back()
        expect(page.locator("[role=option]")).to_be_visible()


@pytest.mark.parametrize("height", [1080, 768])
def test_axe_finds_nothing_at_the_desk(browser: Browser, drill: Drill, height: int) -> None:
    with seat(browser, drill, height) as officer:
        page = officer.page
        page.goto(drill.address)
        expect(page.locator("input[type=password]")).to_be_visible()
        assert violations(page) == []
        officer.log_in("chi-huy")
        expect(page.get_by_role("button", name="Nhận ca", exact=True)).to_be_visible()
        drill.raise_alert()
        expect(page.locator("[role=option]")).to_be_visible()
        assert violations(page) == []
        officer.take_shift()
        assert violations(page) == []
        page.locator(".user .name").click()
        assert violations(page) == []
        if height == 768:
            expect(page.locator(":root[data-theme=light]")).to_have_count(1)
            page.get_by_role("button", name="Nền tối").click()
            assert violations(page) == []
            page.reload()
            expect(page.locator(":root[data-theme=dark]")).to_have_count(1)
            _stands_in_one_column(page)


def _stands_in_one_column(page: Page) -> None:
    """On a phone, and at 200 % of 1920×1080: nothing beside the screen, the actions in sight."""
    for width, height in ((390, 844), (960, 540)):
        page.set_viewport_size({"width": width, "height": height})
        page.locator("[role=option]").first.click()
        assert page.evaluate("document.documentElement.scrollWidth") == width
        expect(page.locator("#evidence")).to_be_in_viewport(ratio=0.5)
        for action in ("acknowledge", "confirm", "reject"):
            expect(page.locator(f"[data-action={action}]")).to_be_in_viewport(ratio=1)
        assert violations(page) == []
