"""The band above every screen cuts nothing: product, owner, blind cameras, at any width."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.drill import Drill, drill_site, drilling, seat
from thapcanh.alerts.store.roles import Role
from thapcanh.app.web_api.access.permissions import EVERYONE
from thapcanh.config.site import Site, SiteFacts

pytestmark = pytest.mark.end_to_end

PRODUCT = "Trung tâm Thông tin chỉ huy Công an thành phố Hà Nội"
OWNER = "Thượng tá Nguyễn Thị Minh Phương Thảo"
BLIND = ("Ngã tư Hàng Bài – Lý Thường Kiệt, cột số 12", "Cổng sau chợ Đồng Xuân – Hàng Khoai")
SIZES = ((1920, 1080), (1366, 768), (683, 384), (390, 844))  # the third is 1366×768 at 200 %
# Of the header's elements with words of their own: those that are not whole within the window.
CUT = """() => [...document.querySelectorAll('.top header, .top header *')].filter((each) => {
  const own = [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  const box = each.getBoundingClientRect();
  if (box.width === 0 || !(own || each.tagName === 'HEADER')) return false;
  const overflows = getComputedStyle(each).display !== 'inline' &&
    (each.scrollWidth > each.clientWidth || each.scrollHeight > each.clientHeight + 2);
  return overflows || box.left < 0 || box.right > innerWidth + 0.5;
}).map((each) => `${each.tagName} ${each.className}: ${each.textContent.trim()}`)"""


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory, screens: Path) -> Iterator[Drill]:
    with drilling(tmp_path_factory.mktemp("drill"), screens, _long_named()) as running:
        running.see(cam_1="waiting", cam_2="waiting", cam_3="online")
        running.raise_alert(exercise=True)
        running.raise_alert("cam-3")
        yield running


def _long_named() -> Site:
    site = drill_site()
    first, second, third = site.cameras
    cameras = (
        first.model_copy(update={"name": BLIND[0]}),
        second.model_copy(update={"name": BLIND[1]}),
        third,
    )
    return site.model_copy(update={"site": SiteFacts(name=PRODUCT), "cameras": cameras})


@pytest.mark.parametrize("role", sorted(EVERYONE))
def test_nothing_in_the_header_is_cut(browser: Browser, drill: Drill, role: Role) -> None:
    _add(drill, role)
    with seat(browser, drill, 768) as taken:
        page = taken.log_in(f"ai-{role}").page
        page.evaluate("document.fonts.ready")
        header = page.locator(".top header").first
        seen = () if role is Role.AGENCY else (*BLIND, "DIỄN TẬP")  # it has no camera here
        for text in (PRODUCT, OWNER, *seen):
            expect(header.get_by_text(text).first).to_be_visible()
        _is_whole(page)
        header.get_by_role("button", name=OWNER).click()
        page.get_by_role("button", name="English").click()
        page.keyboard.press("Escape")  # closes the menu
        expect(header.get_by_text("Live link")).to_be_visible()
        _is_whole(page)


def test_a_phone_gives_the_header_a_tenth_of_its_height(
    browser: Browser, tmp_path: Path, screens: Path
) -> None:
    """It took a fifth."""
    with drilling(tmp_path, screens) as running, seat(browser, running, 768) as taken:
        page = taken.log_in("an").page
        page.set_viewport_size({"width": 390, "height": 844})
        header = page.locator(".top header").first
        for said in ("Kết nối trực tiếp", "Hệ thống tự kiểm tra", "Camera", "3/3"):
            expect(header.get_by_text(said).first).to_be_visible()
        box = header.bounding_box()
        assert box is not None
        assert box["height"] <= 84
        header.get_by_role("button", name="Bàn trực").click()
        header.get_by_role("link", name="Vụ việc").click()
        expect(page.get_by_role("heading", name="Vụ việc")).to_be_visible()
        expect(header.get_by_role("button", name="Vụ việc")).to_be_visible()


def _is_whole(page: Page) -> None:
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(CUT) == [], (width, height)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def _add(drill: Drill, role: Role) -> None:
    name = f"ai-{role}"
    drill.centre.add_user(name, role)
    made = drill.centre.archive.user(name)
    assert made is not None
    drill.centre.archive.save_user(replace(made, name=OWNER))
