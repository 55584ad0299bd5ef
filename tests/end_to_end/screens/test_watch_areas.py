"""A temporary watch area: an officer proposes it, a leader approves it, map and alerts show it."""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.drill import Drill, drill_site, drilling, seat, violations
from thapcanh.alerts.registry.records import Author, EntryWrite
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.store.roles import EVERYTHING
from thapcanh.config.site import RegistryConfig

pytestmark = pytest.mark.end_to_end

NAME = "Pháo hoa hồ Hoàn Kiếm"
HANOI = timedelta(hours=7)


@pytest.fixture
def drill(tmp_path: Path, screens: Path) -> Iterator[Drill]:
    site = drill_site().model_copy(update={"registry": RegistryConfig(source="database")})
    with drilling(tmp_path, screens, site) as running:
        writes = [
            EntryWrite(
                kind="cameras", id=one.id, expected=0,
                document={"id": one.id, "name": one.name, "source": one.source.reveal()},
            )
            for one in site.cameras
        ]  # fmt: skip
        author = Author(username="ky-thuat", role="technician", at=1.0)
        RegistryRepository(running.centre.archive.database).write(writes, author, EVERYTHING)
        yield running


def _field_time(at: datetime) -> str:
    return (at + HANOI).strftime("%Y-%m-%dT%H:%M")


def _look(page: Page, name: str) -> None:
    """A picture for whoever asks for pictures."""
    if folder := os.environ.get("THAPCANH_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png")


def _propose(page: Page) -> None:
    now = datetime.now(UTC)
    page.get_by_role("button", name="Đề xuất khu vực").click()
    page.get_by_label("Tên khu vực").fill(NAME)
    page.get_by_label("Mục đích").fill("An toàn cháy nổ nơi bắn pháo hoa")
    page.get_by_label("Căn cứ pháp lý").fill("Kế hoạch 12/KH-CAHN ngày 01/11/2026")
    page.get_by_label("Từ", exact=True).fill(_field_time(now - timedelta(minutes=5)))
    page.get_by_label("Đến", exact=True).fill(_field_time(now + timedelta(hours=2)))
    page.get_by_label(re.compile("Tràng Tiền")).check()
    page.get_by_label(re.compile("Hàng Bài")).check()
    assert violations(page) == []
    _look(page, "areas-form")
    page.get_by_label("Tụ tập đông người").check()
    page.get_by_role("button", name="Gửi đề xuất").click()
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()


def test_one_proposes_a_leader_approves_and_it_is_shown(browser: Browser, drill: Drill) -> None:
    with seat(browser, drill) as officer, seat(browser, drill) as leader:
        page = officer.log_in("an", "/areas").page
        _propose(page)
        status = page.locator("b.status")
        expect(status).to_have_text("chờ duyệt")
        assert page.get_by_role("button", name="Duyệt", exact=True).count() == 0
        decides = leader.log_in("chi-huy", "/areas").page
        decides.get_by_role("button", name=NAME).click()
        decides.get_by_role("button", name="Duyệt", exact=True).click()
        expect(decides.locator("b.status")).to_have_text("đang giám sát")
        assert violations(decides) == []
        expect(status).to_have_text("đang giám sát")
        area = page.url.rpartition("/")[2]
        drill.raise_alert("cam-2", "crowd", rule_id=f"{area}.1", priority=2)
        page.reload()
        expect(page.locator(".count", has_text="Chưa kết luận: 1")).to_be_visible()
        _look(page, "areas-detail")
        page.get_by_role("link", name="Xem danh sách").click()
        expect(page.get_by_role("button", name=f"Khu vực giám sát: {NAME}")).to_be_visible()
        expect(page.locator(".area", has_text="Giám sát tạm thời")).to_be_visible()
        _look(page, "areas-history")
        page.goto(f"{drill.address}/map")
        expect(page.get_by_role("listitem").filter(has_text=NAME)).to_contain_text("2 camera")
        expect(page.locator(".area-name span", has_text=NAME)).to_be_visible()
        _look(page, "areas-map")
        decides.get_by_label("Lý do").fill("Lễ kết thúc sớm")
        decides.get_by_role("button", name="Kết thúc ngay").click()
        expect(decides.locator("b.status")).to_have_text("đã kết thúc")
        expect(decides.locator("ol li").first).to_contain_text("Lễ kết thúc sớm")
        _look(decides, "areas-ended")
        expect(page.get_by_role("listitem").filter(has_text=NAME)).to_have_count(0)


def test_a_site_of_files_says_what_it_needs(browser: Browser, drill: Drill) -> None:
    files = {"registry": RegistryConfig(source="files")}
    drill.centre.site.replace(drill.centre.site().model_copy(update=files))
    with seat(browser, drill) as officer:
        page = officer.log_in("an", "/areas").page
        expect(page.get_by_text("cần sổ đăng ký trong cơ sở dữ liệu")).to_be_visible()
        assert page.get_by_role("button", name="Đề xuất khu vực").count() == 0
