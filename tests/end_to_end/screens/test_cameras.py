"""The cameras' screen: what is blind and why, zones drawn by hand and by keys, addresses tried."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.end_to_end.drill import NOWHERE, Drill, drilling, seat, violations
from tests.ingest.fake_source import synthetic_packets
from tests.ingest.recording.recorded import BEGAN_S, RecordedCamera, many
from thapcanh.app.registry.owner_tasks import OwnerTask
from thapcanh.app.site.site_file import load_site
from thapcanh.config.storage import RecordingConfig
from thapcanh.ingest.recording.timeline import GapReason

pytestmark = pytest.mark.end_to_end

CAMERA = f'[[cameras]]\nid = "a"\nname = "A"\nsource = "{NOWHERE}/a"\n'


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory, screens: Path) -> Iterator[Drill]:
    with drilling(tmp_path_factory.mktemp("cameras"), screens) as running:
        running.see(cam_1="online", cam_2="backoff", cam_3="online")
        yield running


def test_blind_cameras_stand_first_with_their_reason(browser: Browser, drill: Drill) -> None:
    with seat(browser, drill) as engineer:
        page = engineer.log_in("ky-thuat", "/cameras").page
        branch = page.locator("details").first
        expect(branch.locator("summary")).to_contain_text("Cảnh sát PCCC · Phường Hoàn Kiếm")
        expect(branch.locator("summary")).to_contain_text("1/2")
        expect(branch.locator("li").first).to_contain_text("Tràng Tiền")
        expect(branch.locator("li").first).to_contain_text("không tới được địa chỉ · từ")
        page.get_by_label("Chỉ camera mất hình (1)").check()
        expect(page.locator("details")).to_have_count(1)
        branch.locator("li button").first.click()
        facts = page.locator("dl").first
        for told in ("Mất kết nối", "Cảnh sát PCCC · 114", "worker-0", "H264", "140°"):
            expect(facts).to_contain_text(told)
        expect(page.get_by_text("no route to host")).to_be_visible()


def _draws(tmp_path: Path, text: str) -> object:
    """The camera of a configuration with this text below it."""
    path = tmp_path / "thapcanh.toml"
    path.write_text(CAMERA + text, encoding="utf-8")
    loaded = load_site(path, environ={})
    assert loaded.problems == ()
    return loaded.site_or_raise().cameras[0]


def test_a_zone_drawn_by_keys_is_configuration(
    browser: Browser, drill: Drill, tmp_path: Path
) -> None:
    with seat(browser, drill) as engineer:
        page = engineer.log_in("ky-thuat", "/cameras/cam-1").page
        page.get_by_role("application").focus()
        for key in ("Enter", *["Shift+ArrowRight"] * 4, "Enter", *["Shift+ArrowDown"] * 3, "Enter"):
            page.keyboard.press(key)
        page.get_by_label("Tên", exact=True).fill("Cổng sau")
        text = page.get_by_role("textbox", name="Dòng cấu hình").input_value()
    camera = _draws(tmp_path, text)
    zone = camera.zones[0]  # type: ignore[attr-defined]
    assert (zone.id, zone.name, len(zone.polygon)) == ("cong-sau", "Cổng sau", 3)
    assert zone.polygon[:2] == ((0.5, 0.5), (0.7, 0.5))


def test_a_line_drawn_by_mouse_is_configuration(
    browser: Browser, drill: Drill, tmp_path: Path
) -> None:
    with seat(browser, drill) as engineer:
        page = engineer.log_in("ky-thuat", "/cameras/cam-1").page
        page.get_by_role("button", name="Vạch").click()
        stage = page.get_by_role("application")
        box = stage.bounding_box()
        assert box is not None
        for share in (0.25, 0.75):
            stage.click(position={"x": box["width"] * share, "y": box["height"] * 0.5})
        page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.5)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.5)
        page.mouse.up()
        page.get_by_label("Tên", exact=True).fill("Vạch cổng")
        written = page.get_by_role("textbox", name="Dòng cấu hình")
        below = _draws(tmp_path, written.input_value())
        page.get_by_role("button", name="Đổi phía trong").click()
        above = _draws(tmp_path, written.input_value())
    line, flipped = below.lines[0], above.lines[0]  # type: ignore[attr-defined]
    assert line.points[0] == pytest.approx((0.25, 0.5), abs=0.01)
    assert line.points[1] == pytest.approx((0.9, 0.5), abs=0.01)
    assert (line.inside[1] - 0.5) * (flipped.inside[1] - 0.5) < 0


def test_an_engineer_tries_addresses_and_an_operator_may_not(
    browser: Browser, drill: Drill
) -> None:
    with seat(browser, drill) as engineer:
        page = engineer.log_in("ky-thuat", "/cameras/cam-1").page
        page.get_by_role("button", name="Thử camera này").click()
        expect(page.get_by_text("Không dùng được")).to_be_visible()
        page.get_by_label("Hoặc thử một địa chỉ").fill("rtsp://8.8.8.8/x")
        page.get_by_role("button", name="Thử", exact=True).click()
        expect(page.get_by_text("không thuộc mạng camera")).to_be_visible()
    with seat(browser, drill) as officer:
        page = officer.log_in("an", "/cameras/cam-1").page
        expect(page.get_by_text("Tình trạng")).to_be_visible()
        assert page.get_by_text("Thử nguồn hình").count() == 0
        expect(page.locator("[data-liveness]")).to_be_visible()  # live at once, nothing to draw on
        assert page.get_by_role("application").count() == 0
        expect(page.get_by_role("img", name="24 giờ qua")).to_be_visible()
        expect(page.get_by_text("Camera này chưa có cảnh báo.")).to_be_visible()
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert violations(page) == []


@pytest.mark.parametrize("height", [1080, 768])
def test_axe_finds_nothing_among_the_cameras(browser: Browser, drill: Drill, height: int) -> None:
    with seat(browser, drill, height) as engineer:
        page = engineer.log_in("ky-thuat", "/cameras").page
        expect(page.locator("details").first).to_be_visible()
        assert violations(page) == []
        page.get_by_role("button", name="Hàng Bài").click()
        expect(page.get_by_role("application")).to_be_visible()
        page.get_by_label("Tên", exact=True).fill("Cổng")
        assert violations(page) == []


def test_film_of_a_camera_that_left_the_files_is_found_and_played(
    browser: Browser, drill: Drill, tmp_path: Path
) -> None:
    centre = drill.centre
    site = centre.site()
    rounds = OwnerTask(centre.archive.database, centre.site, lambda: BEGAN_S + 60.0)
    rounds.round()
    folder = tmp_path / "recordings"
    camera = RecordedCamera(folder, "cam-2")
    camera.take(many(synthetic_packets(30), 13, 2.0))
    camera.recording.end(GapReason.WORKER_STOPPED, BEGAN_S + 26.0)
    assert camera.journal.flush() is None
    left = tuple(one for one in site.cameras if one.id != "cam-2")
    without = {"cameras": left, "recording": RecordingConfig(dir=folder)}
    centre.site.replace(site.model_copy(update=without))
    try:
        rounds.round()
        with seat(browser, drill) as officer:
            page = officer.log_in("chi-huy", "/cameras").page
            page.get_by_role("button", name="Camera đã gỡ, còn phim").click()
            removed = page.get_by_role("region", name="Camera đã gỡ, còn phim")
            removed.get_by_role("button", name="Tràng Tiền").click()
            expect(
                removed.get_by_role("heading", name="Hình ghi lại của Tràng Tiền")
            ).to_be_visible()
            expect(removed.locator("video")).to_be_visible()
            expect(removed.get_by_role("alert")).to_have_count(0)
            assert violations(page) == []
    finally:
        centre.site.replace(site)
        camera.journal.close()
