"""The registry's screen: names with ids beside them, dates and findings as people read them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect
from pydantic import BaseModel

from tests.end_to_end.drill import Drill, drill_site, drilling, seat, violations
from thapcanh.alerts.registry.records import Author, EntryWrite
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.roles import EVERYTHING
from thapcanh.config.credentials import KEY_VARIABLE, new_key
from thapcanh.config.site import RegistryConfig

pytestmark = pytest.mark.end_to_end

IDS = {"cam-1", "cam-2", "cam-3", "pc07", "hanoi", "hoan-kiem", "tay-ho"}
# What a person reads outside of <code>, where an id may stand beside its name.
READ = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.parentElement.closest('code, script, style')) found.push(node.data.trim());
  }
  return found;
}"""
WRONG = """id,name,source,lat,agency,valid_from
cam-9,Cầu Giấy,rtsp://10.0.0.9/live,121,pc99,mai
"""


def _entry(kind: str, name: str, one: BaseModel, **more: str) -> EntryWrite:
    keys = {"id", "name", "phone", "parent", "agency", "area"}
    document = one.model_dump(mode="json", include=keys, exclude_none=True) | more
    return EntryWrite(kind=kind, id=name, expected=0, document=document)


@pytest.fixture
def drill(tmp_path: Path, screens: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drill]:
    monkeypatch.setenv(KEY_VARIABLE, new_key())
    site = drill_site().model_copy(update={"registry": RegistryConfig(source="database")})
    with drilling(tmp_path, screens, site) as running:
        writes = [
            *(_entry("agencies", one.id, one) for one in site.agencies),
            *(_entry("areas", one.id, one) for one in site.areas),
            *(_entry("cameras", one.id, one, source=one.source.reveal()) for one in site.cameras),
        ]
        author = Author(username="ky-thuat", role="technician", at=1.0)
        RegistryRepository(running.centre.archive.database).write(writes, author, EVERYTHING)
        yield running


def _look(page: Page, name: str) -> None:
    """A picture for whoever asks for pictures."""
    if folder := os.environ.get("THAPCANH_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")


def _bare_ids(page: Page) -> set[str]:
    return IDS & set(page.evaluate(READ))


def test_the_registry_shows_names_and_ids_only_beside_them(browser: Browser, drill: Drill) -> None:
    with seat(browser, drill) as engineer:
        page = engineer.log_in("ky-thuat", "/registry").page
        table = page.get_by_role("region", name="Danh sách camera")
        row = table.locator(".row", has_text="Tràng Tiền")
        for told in ("cam-2", "Cảnh sát PCCC", "Phường Hoàn Kiếm"):
            expect(row).to_contain_text(told)
        assert _bare_ids(page) == set()
        table.get_by_label("Đơn vị chủ quản").select_option(label="Cảnh sát PCCC")
        table.get_by_label("Khu vực", exact=True).select_option(label="Phường Tây Hồ")
        expect(table.locator(".row", has_text="Tràng Tiền")).to_have_count(0)
        page.get_by_role("button", name="Quảng An").click()
        expect(page.get_by_role("heading", name="Quảng An")).to_be_visible()
        form = page.locator("form:not(.filter)")
        area = form.get_by_role("combobox", name="Khu vực")
        expect(area).to_have_value("tay-ho")
        area.select_option(label="Phường Hoàn Kiếm")
        page.get_by_role("button", name="Lưu", exact=True).click()
        expect(page.get_by_text("Đã lưu.")).to_be_visible()
        page.get_by_role("button", name="Lịch sử").click()
        expect(page.get_by_text("Phường Tây Hồ → Phường Hoàn Kiếm")).to_be_visible()
        assert _bare_ids(page) == {"cam-3"}  # of the entry itself, under "Mã camera"
        _look(page, "registry-history")


def test_when_a_camera_is_watched_is_a_date_and_a_time(browser: Browser, drill: Drill) -> None:
    with seat(browser, drill, 768) as engineer:
        page = engineer.log_in("ky-thuat", "/registry/cam-2").page
        begins = page.get_by_label("Canh từ")
        begins.fill("31/2/2026 8:00")
        expect(begins).to_have_attribute("aria-invalid", "true")
        begins.fill("2/12/2026 8h00")
        begins.press("ArrowDown")
        expect(begins).to_have_value("01/12/2026 08:00")
        page.get_by_label("Canh đến hết").fill("31/12/2026 17:30")
        _look(page, "registry-form")
        assert violations(page) == []
        page.get_by_role("button", name="Lưu", exact=True).click()
        expect(page.get_by_text("Đã lưu.")).to_be_visible()
        entry = RegistryRepository(drill.centre.archive.database).entries("cameras", ["cam-2"])
        document = entry["cam-2"].document or {}
        assert document["valid_from"] == "2026-12-01T08:00:00+07:00"
        assert document["valid_to"] == "2026-12-31T17:30:00+07:00"
        expect(begins).to_have_value("01/12/2026 08:00")


def test_what_is_wrong_with_a_file_of_cameras_is_said_in_vietnamese(
    browser: Browser, drill: Drill
) -> None:
    with seat(browser, drill) as engineer:
        page = engineer.log_in("ky-thuat", "/registry").page
        page.get_by_role("button", name="Nhập từ tệp").click()
        file = FilePayload(name="cameras.csv", mimeType="text/csv", buffer=WRONG.encode())
        page.get_by_label("Nhập từ tệp").and_(page.locator("input")).set_input_files(file)
        wrong = page.locator("main ol li")
        expect(wrong.filter(has_text="Vĩ độ")).to_have_text("Dòng 2 Vĩ độ: lớn nhất là 90")
        expect(wrong.filter(has_text="Đơn vị chủ quản")).to_contain_text("'pc99', chưa có")
        expect(wrong.filter(has_text="Canh từ")).to_contain_text("ngày giờ")
        _look(page, "registry-import")
        assert violations(page) == []
        page.get_by_role("button", name="Thêm camera").click()
        page.get_by_label("Tên", exact=True).fill("Cổng sau")
        page.get_by_label("Địa chỉ luồng phân tích").fill("rtsp://10.0.0.9/live")
        page.get_by_label("Vĩ độ").fill("bắc")
        page.get_by_role("button", name="Lưu", exact=True).click()
        expect(page.get_by_text("Chưa lưu được: Vĩ độ: phải là số.")).to_be_visible()
        _look(page, "registry-refused")
