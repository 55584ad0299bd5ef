"""A call is typed, a fire near it joins, units are told, and it ends with a report: all by hand."""

import time
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.app.cap.made_warnings import SENDER, warning
from tests.app.signals.test_signals_api import token_of
from tests.end_to_end.city.market import call_114
from tests.end_to_end.drill import (
    drill_site,
    drilling,
    end_incident,
    seat,
    type_words,
    violations,
)
from tests.patience import PATIENCE_S
from thapcanh.app.web_api.access.token_scopes import TokenScope

pytestmark = pytest.mark.end_to_end

PLACES = """kind,name,ward,area,lat,lon,aliases,note
street,Hàng Bài,Cửa Nam,hoan-kiem,21.0242,105.8452,quận Hoàn Kiếm,Trụ nước trước số 10
"""
STEPS = ("open", "assessed", "dispatched", "en_route", "on_scene", "controlled", "closed")


def test_from_a_call_to_the_report(browser: Browser, tmp_path: Path, screens: Path) -> None:
    places = tmp_path / "places.csv"
    places.write_text(PLACES, encoding="utf-8")
    site = drill_site()
    centre = site.centre.model_copy(update={"places_file": places})
    site = site.model_copy(update={"centre": centre})
    with drilling(tmp_path, screens, site) as drill, seat(browser, drill) as officer:
        page = officer.log_in("an").take_shift().page
        alert = drill.raise_alert("cam-1", "smoke", priority=3)
        page.get_by_role("link", name="Cuộc gọi", exact=True).click()
        expect(page.locator("#call-caller")).to_be_focused()
        type_words(page, "0912345678")
        page.keyboard.press("Tab")
        page.keyboard.press("1")
        page.locator("#call-place").focus()
        type_words(page, "12 hang bai")
        expect(page.locator("#call-place-0")).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.locator("#call-words")).to_be_focused()
        expect(page.locator("#call-place")).to_have_value("12 Hàng Bài, Cửa Nam")
        type_words(page, "khoi o tang 3")
        expect(page.get_by_text("Hàng Bài – Lý Thường Kiệt").first).to_be_visible()
        assert violations(page) == []
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("Đã ghi cuộc gọi 113-0001")).to_be_visible()
        raised = drill.centre.archive.alert(alert)
        assert raised is not None
        assert (raised.priority, raised.spoke_reason) == (1, "call_agrees")
        page.keyboard.press("Enter")  # the incident that the call opened
        page.locator("[data-suggestion]").get_by_role("button", name="Ghép vào").click()
        expect(page.locator("[data-member=alert]")).to_be_visible()
        expect(page.locator("[data-member=call]")).to_be_visible()
        page.keyboard.press("a")
        expect(page.locator("[data-action=incident_taken]")).to_be_visible()
        page.keyboard.press("c")
        expect(page.locator("[data-state=assessed]")).to_be_visible()
        page.get_by_role("button", name="Đã báo 114").click()
        expect(page.locator("[data-told='114']")).to_be_visible()
        assert violations(page) == []
        for key, state in (("1", "en_route"), ("2", "on_scene"), ("3", "controlled")):
            page.keyboard.press(key)
            expect(page.locator(f"[data-state={state}]")).to_be_visible()
        page.keyboard.press("x")
        page.locator("#close-report").fill("Đã dập tắt, không có thiệt hại về người")
        page.get_by_role("button", name="Kết thúc vụ việc").click()
        expect(page.get_by_text("Có nguồn tin chưa kết luận").first).to_be_visible()
        page.get_by_role("button", name="Kết thúc vụ việc").click()  # it was read
        expect(page.locator("[data-state=closed]")).to_be_visible()
        shown = {step: page.locator(f"[data-step={step}] time").inner_text() for step in STEPS}
        for step in STEPS[1:]:
            line = page.locator(f"[data-reached={step}] .figures").first
            assert line.inner_text() == shown[step]
        first = page.locator("[data-action=incident_opened] .figures").first
        assert first.inner_text() == shown["open"]
        page.locator("#close-disposition").select_option("transferred")
        page.get_by_role("button", name="Sửa kết quả").click()  # no reason yet: nothing is sent
        page.locator("#close-report").fill("bàn giao công an phường")
        page.get_by_role("button", name="Sửa kết quả").click()
        corrected = page.locator("[data-action=incident_corrected]")
        expect(corrected).to_contain_text("Chuyển đơn vị khác xử lý · bàn giao công an phường")
        assert violations(page) == []
        page.locator("#close-report").fill("người dân báo còn khói")
        page.get_by_role("button", name="Mở lại vụ việc").click()
        expect(page.locator("[data-state=on_scene]")).to_be_visible()
        expect(page.locator("[data-action=incident_reopened]")).to_contain_text("còn khói")
        page.get_by_role("link", name="Cuộc gọi", exact=True).click()  # a second call about it
        page.locator("#call-place").fill("12 hang bai")
        expect(page.locator("#call-place-0")).to_be_visible()
        page.keyboard.press("Enter")
        type_words(page, "nhin thay khoi")
        expect(page.locator("[data-suggestion]")).to_be_visible()  # before it is written down
        page.keyboard.press("Control+g")
        expect(page.get_by_text("Đã ghi cuộc gọi 113-0002")).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.locator("[data-member=call]")).to_have_count(2)
        assert drill.centre.archive.verify_chain().ok


def test_a_sectors_warning_stands_on_the_desk(
    browser: Browser, tmp_path: Path, screens: Path
) -> None:
    with drilling(tmp_path, screens) as drill, seat(browser, drill, 768) as officer:
        page = officer.log_in("an").take_shift().page
        token = token_of(drill.centre, TokenScope.CAP, sender=SENDER)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/cap+xml"}
        words = "Cháy trạm biến áp 110 kV, mất điện ba phường"
        now = time.time()
        body = warning(sent=now, expires=now + 3600, urgency="Immediate", words=words)
        url = f"{drill.address}/api/v1/cap"
        answer = httpx.post(url, content=body, headers=headers, timeout=PATIENCE_S)
        assert answer.json()["outcome"] == "opened"
        row = page.locator("[data-row]").first
        expect(row).to_contain_text("Cảnh báo ngành")
        expect(row).to_contain_text("EVN Hà Nội báo tin: Cháy trạm")
        row.click()
        expect(page.locator("blockquote")).to_contain_text(words)
        assert violations(page) == []
        page.keyboard.press("a")
        page.keyboard.press("r")
        expect(page.get_by_role("button", name="Báo nhầm")).to_be_visible()
        expect(page.get_by_role("button", name="Báo giả cố ý")).to_have_count(0)
        page.goto(f"{drill.address}/incidents/{answer.json()['incident_id']}")
        member = page.locator("[data-member=signal]")
        expect(member).to_contain_text("Cảnh báo của ngành")
        expect(member).to_contain_text(words)
        expect(page.locator("[data-member=note]")).to_have_count(0)
        assert officer.troubles == []


def test_enter_takes_the_first_address_though_the_list_comes_later(
    browser: Browser, tmp_path: Path, screens: Path
) -> None:
    """Enter was lost while the list was on its way, and the list covered the field."""
    places = tmp_path / "places.csv"
    places.write_text(PLACES, encoding="utf-8")
    site = drill_site()
    centre = site.centre.model_copy(update={"places_file": places})
    site = site.model_copy(update={"centre": centre})
    with drilling(tmp_path, screens, site) as drill, seat(browser, drill) as officer:
        page = officer.log_in("an").take_shift().page
        page.get_by_role("link", name="Cuộc gọi", exact=True).click()
        field = page.locator("#call-place")
        field.fill("hang bai")
        expect(page.locator("#call-place-0")).to_be_visible()
        covered = page.locator("#call-places").bounding_box(), field.bounding_box()
        assert covered[0] is not None
        assert covered[1] is not None
        assert covered[0]["y"] >= covered[1]["y"] + covered[1]["height"]
        field.fill("12 hang bai")
        page.keyboard.press("Enter")
        expect(field).to_have_value("12 Hàng Bài, Cửa Nam")
        expect(page.locator("#call-words")).to_be_focused()


def test_a_call_shows_its_place_and_its_end_is_found_again(
    browser: Browser, tmp_path: Path, screens: Path
) -> None:
    with drilling(tmp_path, screens) as drill, seat(browser, drill, 768) as officer:
        page = officer.log_in("an").take_shift().page
        page.get_by_role("button", name="Nghe rõ").click()
        call_114(drill)
        page.locator("[data-row]").first.click()
        expect(page.locator("blockquote")).to_contain_text("cháy chợ")
        expect(page.get_by_text("Cơ sở trong vòng 150 m")).to_be_visible()
        expect(page.locator(".panel [data-liveness]")).to_have_count(2)  # the nearest cameras
        assert violations(page) == []
        alert = drill.raise_alert("cam-3")
        page.locator(f"[data-alert='{alert}']").click()
        for key, state in (("a", "acknowledged"), ("c", "confirmed")):
            page.keyboard.press(key)
            expect(page.locator(f"[data-alert='{alert}'][data-state={state}]")).to_be_visible()
        page.keyboard.press("x")
        end_incident(page, "đã tắt")
        expect(page.locator("[data-filter=closed]")).to_contain_text("1")
        page.reload()  # the row is on no list any more
        page.locator("[data-filter=closed]").click()
        page.locator(f"[data-alert='{alert}']").click()
        page.get_by_role("button", name="Khác").click()
        page.get_by_role("toolbar").get_by_role("link", name="Vụ việc").click()
        expect(page.get_by_role("button", name="Mở lại vụ việc")).to_be_visible()
