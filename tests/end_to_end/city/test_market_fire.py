"""A market burns: from its panel to the notice, on every screen that an officer sees of it.

Declared with its plan and its panel; the panel tells of fire, a camera sees smoke; a message and a
call join; the caller's phone shows place and photo; the nearest by road is sent; the incident ends
with an outcome that the month counts, and a notice of it is signed by a second person.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Geolocation, Page, expect

from tests.app.calls.test_caller_links import photo
from tests.app.delivery.served import until
from tests.end_to_end.city.market import (
    FIRE,
    HAS_ROADS,
    call_114,
    city_site,
    let_wall_in,
    panels_and_vehicles,
    post,
    sms_gateway,
)
from tests.end_to_end.drill import Drill, drilling, seat, violations
from tests.made_pdf import made_pdf
from thapcanh.alerts.incidents.repository import IncidentRepository
from thapcanh.alerts.store.roles import EVERYTHING
from thapcanh.app.web_api.access.token_scopes import TokenScope

pytestmark = pytest.mark.end_to_end

POSITION = Geolocation(latitude=21.0241, longitude=105.8451, accuracy=25.0)
MARKET = {
    "Tên": "Chợ Hàng Bài",
    "Loại": "Chợ, trung tâm thương mại",
    "Địa chỉ": "12 Hàng Bài",
    "Vĩ độ": "21.0243",
    "Kinh độ": "105.845",
    "Số tầng": "3",
}
PANEL = {
    "Mã": "tu-cho",
    "Tên": "Tủ báo cháy chợ Hàng Bài",
    "Cơ sở (gõ tên, địa chỉ)": "Chợ Hàng Bài · 12 Hàng Bài",
    "Camera gắn với thiết bị (mã, cách nhau bằng dấu phẩy)": "cam-1, cam-2",
}


def test_a_market_burns(browser: Browser, tmp_path: Path, screens: Path) -> None:
    site = city_site(tmp_path)
    with (
        drilling(tmp_path, screens, site) as drill,
        panels_and_vehicles(drill, tmp_path) as panels,
    ):
        _declare(browser, drill, tmp_path)
        panels.tell("tu-cho", "fire", "Vòng 3, tầng 1")
        drill.raise_alert("cam-1", "smoke", priority=3, belief=0.4)
        body = {
            "channel": "zalo", "ref": "1", "sender": "a", "text": "cháy chợ Hàng Bài, khói đen",
            "place": {"lat": FIRE[0], "lon": FIRE[1] + 0.0002},
        }  # fmt: skip
        post(drill, TokenScope.MESSAGES, "/messages", body)
        call_114(drill)
        _on_the_wall(browser, drill)
        with seat(browser, drill, 768) as officer:
            page = officer.log_in("an").take_shift().page
            _one_fire(page, drill)
            _joined(page, drill)
            code = _texted(page, drill)
            _shown_by_the_caller(browser, page, f"{drill.address}/caller/{code}", tmp_path)
            _sent_and_closed(page)
            _counted(page, drill)
        _signed(browser, drill)
        assert drill.centre.archive.verify_chain().ok


def _declare(browser: Browser, drill: Drill, folder: Path) -> None:
    """A technician declares the market, its plan and its panel."""
    plan = folder / "so-do.pdf"
    plan.write_bytes(made_pdf("plan of the market"))
    with seat(browser, drill, 768) as technician:
        page = technician.log_in("ky-thuat").page
        page.goto(f"{drill.address}/facilities")
        page.get_by_role("button", name="Thêm cơ sở").click()
        _fill(page, MARKET)
        page.get_by_label("Nguy hiểm").fill("bình gas\nhàng vải")
        _look(page, "co-so-them")
        page.get_by_role("button", name="Lưu", exact=True).click()
        expect(page.get_by_role("heading", name=MARKET["Tên"])).to_be_visible()
        expect(page.get_by_text(f"{MARKET['Loại']} · 3 tầng")).to_be_visible()
        page.locator("input[type=file]").set_input_files(str(plan))
        expect(page.get_by_role("link", name="so-do.pdf")).to_be_visible()
        page.get_by_role("searchbox", name="Tìm cơ sở").fill("cho hang bai")
        expect(page.get_by_role("status").filter(has_text="1 cơ sở")).to_be_visible()
        _look(page, "co-so")
        page.goto(f"{drill.address}/settings/devices")
        page.get_by_role("button", name="Thêm thiết bị").click()
        _fill(page, PANEL)
        page.get_by_role("button", name="Lưu", exact=True).click()
        panel = page.get_by_role("row").filter(has_text=PANEL["Tên"])
        expect(panel).to_contain_text("Hàng Bài – Lý Thường Kiệt")  # its camera, by name
        _look(page, "thiet-bi")


def _on_the_wall(browser: Browser, drill: Drill) -> None:
    """Everybody in the room sees which market it is, what is dangerous, and where water is."""
    with seat(browser, drill) as wall:
        page = wall.page
        page.goto(f"{drill.address}/wall")
        digits = page.get_by_label("Mã mở màn hình").inner_text()
        let_wall_in(drill, "".join(filter(str.isdecimal, digits)))
        expect(page.locator("[data-facility]")).to_contain_text(MARKET["Tên"])
        expect(page.locator("[data-facility]")).to_contain_text("bình gas, hàng vải")
        expect(page.locator(".layer-mark span", has_text="T3")).to_be_visible()
        expect(page.locator(".unit-mark")).to_have_count(2)
        _look(page, "tuong")


def _one_fire(page: Page, drill: Drill) -> None:
    """Panel and camera are one card, answered once; beside it stand market and hydrants."""
    card = page.locator("[data-alert]")
    expect(card).to_have_count(1)
    expect(card).to_contain_text("Hàng Bài – Lý Thường Kiệt")
    card.click()
    expect(page.locator("[data-source]").filter(has_text=PANEL["Tên"])).to_be_visible()
    page.get_by_text("Quanh đây, diễn biến").click()
    expect(page.get_by_role("heading", name="Cơ sở trong vòng 150 m")).to_be_visible()
    expect(page.get_by_role("link", name=MARKET["Tên"])).to_be_visible()
    for hydrant in ("T1", "T2", "T3"):
        expect(page.get_by_text(hydrant, exact=True).first).to_be_visible()
    _look(page, "bao-chay")
    page.keyboard.press("a")
    expect(page.locator("[data-alert][data-state=acknowledged]")).to_have_count(1)
    both = {"tu-cho": "acknowledged", "cam-1": "acknowledged"}
    until(lambda: _states(drill) == both)
    expect(card).to_have_count(1)
    page.get_by_role("link", name=MARKET["Tên"]).click()
    expect(page.get_by_role("link", name="so-do.pdf")).to_be_visible()


def _states(drill: Drill) -> dict[str, str]:
    return {one.camera_id: one.state.value for one in drill.centre.archive.alerts().items}


def _joined(page: Page, drill: Drill) -> None:
    """The citizen's message and the call to 114 become part of the fire's incident."""
    archive = drill.centre.archive
    (alert,) = [one for one in archive.alerts().items if one.camera_id == "tu-cho"]
    fire = IncidentRepository(archive.database).of_alert(alert.id, EVERYTHING)
    assert fire is not None
    page.goto(f"{drill.address}/calls")
    message = page.locator("[data-message]")
    expect(message).to_have_attribute("data-count", "1")
    _look(page, "tin-nhan")
    message.get_by_role("button", name=f"Ghép vào {fire.number}").click()
    expect(page.get_by_text("Đã ghi TN-0001")).to_be_visible()
    page.goto(f"{drill.address}/incidents/{fire.id}")
    page.locator("[data-suggestion]").first.get_by_role("button", name="Ghép vào").click()
    expect(page.locator("[data-member=call]")).to_have_count(2)
    expect(page.locator("[data-member=alert]")).to_have_count(2)
    expect(page.get_by_role("link", name=MARKET["Tên"])).to_be_visible()
    _look(page, "vu-cho")


def _texted(page: Page, drill: Drill) -> str:
    """One press texts the caller a link; without a gateway it is said why not."""
    eyes = page.locator("[data-eyes]").filter(has_text="114-0001")
    send = eyes.locator(".acts button").first
    expect(send).to_be_enabled()
    send.click()
    expect(page.get_by_text("Điện thoại người gọi không mở được địa chỉ")).to_be_visible()
    with sms_gateway(drill) as gateway:
        expect(send).to_be_enabled()
        send.click()
        expect(eyes.locator("[data-text=delivered]")).to_be_visible()
        (sent,) = [one["data"] for one in gateway.unique() if "caller_link" in one["type"]]
    assert sent["to"] == "0912345678"
    return str(sent["text"]).rpartition("/")[2]


def _shown_by_the_caller(browser: Browser, page: Page, url: str, folder: Path) -> None:
    """The link's page on a phone sends place, photo and words, which stand in the call."""
    eyes = page.locator("[data-eyes]").filter(has_text="114-0001")
    picture = folder / "anh.jpg"
    picture.write_bytes(photo())
    with _phone(browser) as phone:
        phone.goto(url)
        phone.get_by_role("button", name="Gửi vị trí của tôi").click()
        expect(phone.get_by_text("sai số khoảng 25 m")).to_be_visible()
        phone.locator("#caller-file").set_input_files(str(picture))
        phone.locator("#caller-text").fill("tầng 3 có người")
        phone.get_by_role("button", name="Gửi lời nhắn").click()
        expect(phone.locator("[data-sent=sent]")).to_have_count(3)
        _look(phone, "nguoi-goi-dien-thoai")
    expect(eyes.locator("[data-position]")).to_contain_text("21,02410; 105,84510, sai số 25 m")
    expect(eyes.locator("[data-item=photo] img")).to_be_visible()
    expect(eyes.locator("[data-item=text]")).to_contain_text("tầng 3 có người")
    eyes.scroll_into_view_if_needed()
    _look(page, "nguoi-goi")


def _sent_and_closed(page: Page) -> None:
    """The engine that is farther as the crow flies is nearer by road; then the outcome."""
    nearest = page.locator("label").filter(has=page.locator("input[type=checkbox]"))
    by, name = ("theo đường", "Xe 2 cùng bờ") if HAS_ROADS else ("đường thẳng", "Xe 1 bên sông")
    nearest = nearest.filter(has_text=by).first
    expect(nearest).to_contain_text(name)
    nearest.locator("input").check()
    page.get_by_role("button", name=re.compile(r"Điều \d+ đơn vị đã chọn")).click()
    expect(page.locator(f"[data-told='{name}']")).to_be_visible()
    for key, state in (("1", "en_route"), ("2", "on_scene"), ("3", "controlled")):
        page.keyboard.press(key)
        expect(page.locator(f"[data-state={state}]")).to_be_visible()
    page.locator("#outcome-injured").fill("2")
    page.locator("#outcome-cause").select_option("electrical")
    page.get_by_role("button", name="Ghi kết quả").click()
    expect(page.locator("[data-outcome='1']")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#close-report").fill("Đã dập tắt")
    page.get_by_role("button", name="Kết thúc vụ việc").click()
    expect(page.get_by_text("Còn mở: ghi vài chữ")).to_be_visible()
    page.get_by_role("button", name="Kết thúc vụ việc").click()  # it was read
    expect(page.locator("[data-state=closed]")).to_be_visible()
    _look(page, "ket-qua")


def _counted(page: Page, drill: Drill) -> None:
    """The month's form has the figure, which opens its incident; from there the notice begins."""
    page.goto(f"{drill.address}/report/statistics")
    injured = page.locator("[data-figure='outcome.injured']")
    expect(injured.get_by_role("button").first).to_have_text("2")
    sent = page.locator("[data-figure='outcome.vehicles']")  # nobody typed it
    expect(sent.get_by_role("button").first).to_have_text("1")
    _look(page, "thong-ke")
    injured.get_by_role("button").first.click()
    number = page.locator("[data-opened]").get_attribute("data-opened")
    page.locator("[data-opened] a").click()
    expect(page.get_by_text(str(number)).first).to_be_visible()
    page.get_by_role("button", name="Soạn thông báo cho người dân").click()
    expect(page.locator("[data-notice=draft]")).to_be_visible()


def _signed(browser: Browser, drill: Drill) -> None:
    """A leader signs; the page and the Atom feed tell of it without a login."""
    with seat(browser, drill, 768) as leader:
        page = leader.log_in("chi-huy").page
        page.goto(f"{drill.address}/report/notices")
        _look(page, "thong-bao")
        page.get_by_role("button", name="Ký và công bố").click()
        expect(page.locator("[data-notice=published]")).to_be_visible()
    with httpx.Client(trust_env=False, timeout=60) as anybody:
        feed = anybody.get(f"{drill.address}/api/v1/public/notices.atom")
    assert feed.status_code == 200
    assert "vụ cháy" in feed.text
    assert MARKET["Tên"] not in feed.text
    with _phone(browser) as phone:
        phone.goto(f"{drill.address}/api/v1/public/notices")
        expect(phone.locator("article")).to_contain_text("vụ cháy")
        _look(phone, "trang-cong-khai")


@contextmanager
def _phone(browser: Browser) -> Iterator[Page]:
    """A citizen's phone, which knows where it is."""
    context = browser.new_context(
        locale="vi-VN", viewport={"width": 390, "height": 844}, geolocation=POSITION,
        permissions=["geolocation"],
    )  # fmt: skip
    try:
        yield context.new_page()
    finally:
        context.close()


def _fill(page: Page, fields: dict[str, str]) -> None:
    for name, value in fields.items():
        page.get_by_label(name, exact=True).fill(value)


def _look(page: Page, name: str) -> None:
    """What axe finds, nothing; and a picture of each theme for whoever asks for pictures."""
    assert violations(page) == []
    if not (folder := os.environ.get("THAPCANH_PICTURES")):
        return
    page.screenshot(path=f"{folder}/{name}.png")
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    page.screenshot(path=f"{folder}/{name}-sang.png")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
