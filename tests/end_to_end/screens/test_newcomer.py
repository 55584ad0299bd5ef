"""The newcomer's path: find and record a camera, draw, make a rule, see its alert, play it back.

All of it on the screens, without a file. The camera is `ipycam`'s ONVIF before a simulated stream.
"""

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.end_to_end.live_page import WITHIN_MS
from tests.end_to_end.running_site import (
    CAMERA_LOGIN,
    PASSWORD,
    Desk,
    RunningSite,
    eventually,
    start_site,
)
from tests.ingest.onvif.ipycam_camera import running_ipycam
from tests.running_simulator import running_simulator
from thapcanh.config.credentials import new_key
from thapcanh.ingest.onvif import discovery

pytestmark = pytest.mark.end_to_end

_PLAYS = """() => {
    const video = document.querySelector('figure[data-film] video');
    window.began ??= video.currentTime;
    const pictures = video.getVideoPlaybackQuality().totalVideoFrames;
    return video.currentTime > window.began + 2 && pictures > 10 && video.videoWidth > 0;
}"""
CORNERS = ((0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98))


@pytest.fixture
def site(
    clips: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RunningSite]:
    """A site without a camera, and one camera on the network that it may search."""
    monkeypatch.setenv("THAPCANH_CREDENTIALS_KEY", new_key())
    address = f"127.77.{random.randrange(1, 255)}.{random.randrange(1, 255)}"
    user, _, password = CAMERA_LOGIN.partition(":")
    settings = (
        '[registry]\nsource = "database"\nnetworks = ["127.0.0.0/8"]\n'
        f'[onvif]\nnetworks = ["{address}/32"]'
    )
    with (
        running_simulator([f"fire={clips['fire']}"], user=CAMERA_LOGIN, host=address) as simulator,
        running_ipycam(
            address,
            discovery_port=discovery.PORT,
            login=(user, password),
            name="Cổng",
            rtsp_port=int(simulator.url("fire").rpartition(":")[2].partition("/")[0]),
            main_stream_name="fire",
            sub_stream_name="fire",
        ),
        start_site(tmp_path, {}, settings) as running,
    ):
        yield running


def test_a_newcomer_adds_a_camera_and_its_rule_raises_an_alert(
    browser: Browser, site: RunningSite
) -> None:
    with _page(browser, site) as page:
        _find(page)
        _add(page)
        _draw(page)
        _make_rule(page)
        expect(page.get_by_text("Chưa có camera nào")).to_have_count(0)
        with site.desk() as desk:
            alert = eventually(lambda: _alert_in_zone(desk), 60.0, "the rule's alert")
            eventually(lambda: _is_filmed(desk, alert), 60.0, "the film of the alert")
        _play_back(page, site, alert)


@contextmanager
def _page(browser: Browser, site: RunningSite) -> Iterator[Page]:
    context = browser.new_context(locale="vi-VN", viewport={"width": 1366, "height": 768})
    try:
        page = context.new_page()
        page.set_default_timeout(WITHIN_MS)
        page.goto(f"{site.url}/registry")
        page.locator("input[type=text]").fill("admin")
        page.locator("input[type=password]").fill(PASSWORD)
        page.locator("button[type=submit]").click()
        yield page
    finally:
        context.close()


def _find(page: Page) -> None:
    user, _, password = CAMERA_LOGIN.partition(":")
    page.get_by_role("button", name="Tìm camera").click()
    page.get_by_role("button", name="Tìm", exact=True).click()
    expect(page.get_by_text("1 camera trả lời.")).to_be_visible()
    _picture(page, "found")
    page.get_by_role("button", name="Chọn", exact=True).click()
    page.get_by_label("Tên đăng nhập của camera").fill(user)
    page.get_by_label("Mật khẩu của camera").fill(password)
    page.get_by_role("button", name="Hỏi camera", exact=True).click()
    expect(page.get_by_text("PythonCam · VirtualCam-1")).to_be_visible()
    _picture(page, "described")
    page.get_by_role("button", name="Điền vào phiếu").click()


def _add(page: Page) -> None:
    expect(page.get_by_label("Tên", exact=True)).to_have_value("Cổng")
    page.get_by_label("Ghi hình").select_option(label="ghi cả ngày")
    _picture(page, "form")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_role("heading", name="Cổng")).to_be_visible()


def _draw(page: Page) -> None:
    page.get_by_role("button", name="Vùng, vạch, vùng che").click()
    stage = page.get_by_role("application")
    for _ in range(60):  # the first picture comes once a worker has the camera
        if stage.locator("img").count():
            break
        page.get_by_role("button", name="Lấy ảnh mới").click()
        page.wait_for_timeout(1000)
    expect(stage.locator("img")).to_be_visible()
    box = stage.bounding_box()
    assert box is not None
    for x, y in CORNERS:
        stage.click(position={"x": x * box["width"], "y": y * box["height"]})
    page.get_by_label("Tên", exact=True).fill("Sân")
    _picture(page, "drawn")
    page.get_by_role("button", name="Lưu vào camera").click()
    expect(page.get_by_role("button", name="Xóa Vùng: Sân")).to_be_visible()


def _make_rule(page: Page) -> None:
    page.get_by_role("button", name="Luật", exact=True).click()
    page.get_by_role("combobox", name="Vùng", exact=True).select_option("san")
    expect(page.get_by_role("option", name="Nghi chập điện cột")).to_have_count(1)
    page.get_by_role("button", name="Thêm luật").click()
    expect(page.get_by_text("Nghi cháy · lửa Sân")).to_be_visible()
    expect(page.get_by_text("cong-fire-san")).to_be_visible()
    _picture(page, "rule")
    page.get_by_role("button", name="Lịch sử", exact=True).click()
    expect(page.get_by_text("sửa trên màn hình").first).to_be_visible()
    _picture(page, "history")


def _alert_in_zone(desk: Desk) -> dict[str, Any] | None:
    return next((one for one in desk.alerts() if one["zone"] == "san"), None)


def _is_filmed(desk: Desk, alert: dict[str, Any]) -> bool:
    """Whether the moment of the alert is in a finished file, and may be played already."""
    raised_at = datetime.fromisoformat(alert["raised_at"]).timestamp()
    span = {"from": raised_at, "to": raised_at + 0.1}
    found = desk.http.get(f"/api/v1/recordings/{alert['camera']}", params=span).json()
    return bool(found["segments"]) and time.time() > raised_at + 20.0


def _play_back(page: Page, site: RunningSite, alert: dict[str, Any]) -> None:
    page.goto(f"{site.url}/history/{alert['id']}")
    page.get_by_role("button", name="Xem lại bốn camera cùng lúc").click()
    expect(page.locator("figure[data-film=film]")).to_have_count(1)
    _picture(page, "opened")
    page.wait_for_function(_PLAYS, timeout=WITHIN_MS)
    _picture(page, "played")


def _picture(page: Page, name: str) -> None:
    """For who wants to see the path: `THAPCANH_PICTURES` names the folder."""
    if folder := os.environ.get("THAPCANH_PICTURES"):
        page.screenshot(path=Path(folder) / f"newcomer-{name}.png")
