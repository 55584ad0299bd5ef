"""A crew is sent by three keys, answers from a phone without a network, and the desk reads it.

What was pressed, written and photographed in the dead spot arrives once, in its order, with the
time at which it happened.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.app.calls.test_caller_links import photo
from tests.app.web_api.centre import PASSWORD
from tests.end_to_end.drill import RECORD_SOUND, Drill, drilling, seat, violations
from tests.end_to_end.narrow import too_wide
from thapcanh.alerts.incidents.units.unit_store import UnitRepository
from thapcanh.alerts.incidents.units.units import Unit, UnitKind
from thapcanh.alerts.store.roles import Actor, Role

pytestmark = pytest.mark.end_to_end

SCREEN: ViewportSize = {"width": 390, "height": 844}
LEADER = Actor(username="chi-huy", name="Chỉ huy", role=Role.LEADER)


def _look(page: Page, name: str) -> None:
    """A picture for whoever asks for pictures."""
    assert violations(page) == []
    if folder := os.environ.get("THAPCANH_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")


def _engines(drill: Drill) -> None:
    """Two engines; the phone of the nearer one."""
    at = drill.centre.clock.utc()
    engines = [
        Unit(
            id=f"xe-{number}",
            name=f"Xe chữa cháy {number}",
            kind=UnitKind.FIRE_ENGINE,
            area="hoan-kiem",
            lat=lat,
            lon=lon,
            position_at=at,
        )
        for number, lat, lon in ((2, 21.08, 105.80), (1, 21.026, 105.846))
    ]
    archive = drill.centre.archive
    UnitRepository(archive.database).save(LEADER, engines, at)
    drill.centre.add_user("dt-xe-1", Role.CREW)
    account = archive.user("dt-xe-1")
    assert account is not None
    archive.save_user(replace(account, name="Tổ xe 1", unit="xe-1"))


@contextmanager
def _phone(browser: Browser, drill: Drill) -> Iterator[Page]:
    """A phone that is logged in, and holds its page."""
    context = browser.new_context(locale="vi-VN", viewport=SCREEN)
    try:
        page = context.new_page()
        page.add_init_script(RECORD_SOUND)
        page.goto(f"{drill.address}/field")
        _log_in(page)
        expect(page.get_by_text("Chưa có lệnh điều động.")).to_be_visible()
        page.evaluate("navigator.serviceWorker.ready")
        yield page
    finally:
        context.close()


def _log_in(page: Page) -> None:
    page.locator("input[type=text]").fill("dt-xe-1")
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("button[type=submit]").click()
    expect(page.locator("input[type=password]")).to_have_count(0)


def test_a_crew_answers_without_a_network(browser: Browser, tmp_path: Path, screens: Path) -> None:
    with drilling(tmp_path, screens) as drill, seat(browser, drill, 768) as officer:
        _engines(drill)
        drill.raise_alert()
        desk = officer.log_in("an").take_shift().page
        with _phone(browser, drill) as phone:
            expect(phone.locator("[data-alarms]")).to_be_visible()  # a P1 in its ward
            expect(phone.locator("[data-loud=true]")).to_be_visible()
            desk.goto(f"{drill.address}/incidents")
            desk.get_by_role("link").filter(has_text="VV-").first.click()
            expect(desk.get_by_text("Xe chữa cháy 2")).to_be_visible()
            for key in ("v", "0", "Enter"):
                desk.keyboard.press(key)
            expect(desk.locator("[data-told='Xe chữa cháy 1']")).to_be_visible()
            expect(phone.locator("[data-state=none]")).to_be_visible()
            phone.get_by_role("button", name="Đã nhận").click()
            expect(phone.locator("[data-state=acknowledged]")).to_be_visible()
            expect(phone.locator("[data-loud=false]")).to_be_visible()
            expect(phone.locator("[data-way=line]")).to_contain_text("đường thẳng")
            _look(phone, "hien-truong-toi")
            assert too_wide(phone) == []
            phone.set_viewport_size(SCREEN)
            _in_the_dead_spot(phone, tmp_path)
            field = desk.locator("[data-field] [data-report]")
            expect(field).to_have_count(6)
            told = [one.get_attribute("data-report") for one in field.all()]
            assert told[0] == "acknowledged"
            # Told within a second, and dated by how long each was on its way: in any order.
            assert {*told[1:]} == {"en_route", "on_scene", "note", "photo", "request"}
            expect(desk.locator("[data-field] img")).to_be_visible()
            band = desk.locator("[data-request]")
            expect(band).to_contain_text("Xe chữa cháy 1 xin thêm: 2 xe nước")
            _look(desk, "hien-truong-ban-truc")
            band.get_by_role("button", name="Nhận đề nghị").click()
            expect(band).to_have_count(0)
            expect(phone.get_by_text("Đồng chí an đã nhận đề nghị")).to_be_visible()
            _closed_meanwhile(desk, phone)
        assert drill.centre.archive.verify_chain().ok


def _in_the_dead_spot(phone: Page, folder: Path) -> None:
    """Without a network the page opens anew, takes everything, and sends it when it is back."""
    picture = folder / "anh.jpg"
    picture.write_bytes(photo())
    phone.context.set_offline(True)
    phone.reload()
    expect(phone.locator("[data-crew=offline]")).to_be_visible()
    for name in ("Đang đi", "Đã đến"):
        phone.get_by_role("button", name=name).click()
    phone.get_by_role("button", name="Ghi chú").click()
    phone.locator("#crew-text").fill("khói đen tầng 3")
    phone.get_by_role("button", name="Gửi", exact=True).click()
    phone.locator("#crew-file").set_input_files(str(picture))
    phone.get_by_role("button", name="Xin thêm").click()
    phone.locator("#crew-text").fill("2 xe nước")
    phone.get_by_role("button", name="Gửi", exact=True).click()
    expect(phone.locator("[data-waiting='5']")).to_be_visible()
    expect(phone.locator("[data-state=on_scene]")).to_be_visible()
    phone.get_by_role("button", name="Nền sáng").click()
    _look(phone, "hien-truong-mat-mang-sang")
    phone.context.clear_cookies()  # the session ended meanwhile
    phone.context.set_offline(False)
    expect(phone.get_by_text("5 mục vẫn giữ trên máy này")).to_be_visible()
    _log_in(phone)
    expect(phone.locator("[data-waiting]")).to_have_count(0)


def _closed_meanwhile(desk: Page, phone: Page) -> None:
    """What the centre does not take any more is told in its own words."""
    phone.context.set_offline(True)
    phone.get_by_role("button", name="Xong").click()
    desk.locator("#close-disposition").select_option("false_alarm")
    desk.locator("#close-report").fill("không có cháy")
    desk.get_by_role("button", name="Kết thúc").click()
    expect(desk.get_by_text("Còn đơn vị ở ngoài", exact=True)).to_be_visible()
    desk.get_by_role("button", name="Kết thúc").click()  # it was read
    expect(desk.locator("[data-state=closed]")).to_be_visible()
    phone.context.set_offline(False)
    refused = phone.locator("[data-refused=state]")
    expect(refused).to_contain_text("đã kết thúc vụ việc này lúc")
    refused.get_by_role("button", name="Đã đọc").click()
    expect(refused).to_have_count(0)
