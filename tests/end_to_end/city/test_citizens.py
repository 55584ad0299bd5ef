"""What citizens tell, from a message to a notice.

A message becomes a call by one key; its writer's phone shows place and photo; the incident gets an
outcome, the month counts it, and a notice of it is signed by a second person.
"""

import os
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Geolocation, Page, expect

from app.web_api.access.token_scopes import TokenScope
from tests.app.calls.test_caller_links import photo
from tests.app.signals.test_signals_api import token_of
from tests.end_to_end.drill import Drill, drilling, seat, violations

pytestmark = pytest.mark.end_to_end

POSITION = Geolocation(latitude=21.0301, longitude=105.8501, accuracy=25.0)


def _look(page: Page, name: str) -> None:
    """A picture for whoever asks for pictures."""
    if folder := os.environ.get("THAPCANH_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")


def _tell(drill: Drill, text: str, ref: str) -> None:
    token = token_of(drill.centre, TokenScope.MESSAGES)
    body = {"channel": "zalo", "ref": ref, "sender": "a", "text": text}
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(trust_env=False, timeout=60) as client:
        told = client.post(f"{drill.address}/api/v1/messages", headers=headers, json=body)
    assert told.status_code == 202, told.text


def _show(browser: Browser, url: str, folder: Path) -> None:
    """What the caller does with the link: place, photo, words."""
    context = browser.new_context(
        locale="vi-VN", viewport={"width": 390, "height": 844}, geolocation=POSITION,
        permissions=["geolocation"],
    )  # fmt: skip
    picture = folder / "anh.jpg"
    picture.write_bytes(photo())
    try:
        page = context.new_page()
        page.goto(url)
        page.get_by_role("button", name="Gửi vị trí của tôi").click()
        expect(page.get_by_text("sai số khoảng 25 m")).to_be_visible()
        page.locator("#caller-file").set_input_files(str(picture))
        page.locator("#caller-text").fill("tầng 3 có người")
        page.get_by_role("button", name="Gửi lời nhắn").click()
        expect(page.locator("[data-sent=sent]")).to_have_count(3)
        assert violations(page) == []
        _look(page, "nguoi-goi-dien-thoai")
    finally:
        context.close()


def test_from_a_message_to_the_notice(browser: Browser, tmp_path: Path, screens: Path) -> None:
    with drilling(tmp_path, screens) as drill, seat(browser, drill, 768) as officer:
        _tell(drill, "cháy lớn ở nhà nghỉ gần hồ, khói đen", "1")
        _tell(drill, "Cháy lớn ở nhà nghỉ gần hồ khói đen quá", "2")
        page = officer.log_in("an").take_shift().page
        page.goto(f"{drill.address}/calls")
        event = page.locator("[data-message]")
        expect(event).to_have_attribute("data-count", "2")
        assert violations(page) == []
        _look(page, "tin-nhan")
        event.get_by_role("button", name="Ghi thành cuộc gọi").press("1")
        expect(page.get_by_text("Đã ghi TN-0001 từ 2 tin nhắn")).to_be_visible()
        page.get_by_role("link", name="TN-0001").click()
        page.get_by_role("button", name="Tạo đường dẫn gửi người gọi").click()
        url = page.locator("[data-eyes] code").inner_text()
        _show(browser, url, tmp_path)
        expect(page.locator("[data-position]")).to_contain_text("21.03010, 105.85010, sai số 25 m")
        expect(page.locator("[data-item=photo] img")).to_be_visible()
        expect(page.locator("[data-item=text]")).to_contain_text("tầng 3 có người")
        page.locator("#outcome-injured").fill("2")
        page.locator("#outcome-cause").select_option("electrical")
        page.get_by_role("button", name="Ghi kết quả").click()
        expect(page.locator("[data-outcome='1']")).to_be_visible()
        assert violations(page) == []
        _look(page, "ket-qua")
        page.goto(f"{drill.address}/report/statistics")
        injured = page.locator("[data-figure='outcome.injured']")
        expect(injured.locator("td").first).to_have_text("2")
        assert violations(page) == []
        _look(page, "thong-ke")
        injured.get_by_role("button").click()
        number = page.locator("[data-opened]").get_attribute("data-opened")
        page.locator("[data-opened] a").click()
        expect(page.get_by_text(str(number)).first).to_be_visible()
        page.get_by_role("button", name="Soạn thông báo cho người dân").click()
        expect(page.locator("[data-notice=draft]")).to_be_visible()
        with seat(browser, drill, 768) as leader:
            signing = leader.log_in("chi-huy").page
            signing.goto(f"{drill.address}/report/notices")
            assert violations(signing) == []
            _look(signing, "thong-bao")
            signing.get_by_role("button", name="Ký và công bố").click()
            expect(signing.locator("[data-notice=published]")).to_be_visible()
            signing.goto(f"{drill.address}/api/v1/public/notices")
            expect(signing.locator("article")).to_contain_text("vụ cháy")
            assert violations(signing) == []
            _look(signing, "trang-cong-khai")
        assert drill.centre.archive.verify_chain().ok
