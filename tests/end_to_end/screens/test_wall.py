"""The wall and its map: read from afar, let in by six digits, asking nobody outside."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.end_to_end.drill import Drill, Seat, drill_site, drilling, seat, violations
from thapcanh.app.cli.demo import DRAWN_MAP
from thapcanh.detection.event import EventPhase

pytestmark = pytest.mark.end_to_end

WARD = {
    "type": "Feature",
    "properties": {"name": "Phường Hoàn Kiếm (bản đồ)"},
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[105.84, 21.02], [105.86, 21.02], [105.86, 21.04], [105.84, 21.02]]],
    },
}

# How many pins begin under the live picture, or outside of the map.
COVERED_PINS = """
() => {
  const box = (element) => element.getBoundingClientRect();
  const [picture, map] = ['figure[data-alert]', 'section.city'].map((one) =>
    box(document.querySelector(one)));
  const meets = (a, b) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  return [...document.querySelectorAll('.pin.p1')].filter((pin) => {
    const at = box(pin.firstElementChild);
    return meets(at, picture) || !meets(at, map);
  }).length;
}
"""


# What stands in the way of the map's scale.
OVER_THE_SCALE = """
() => {
  const { left, right, top, bottom } =
    document.querySelector('.leaflet-control-scale-line').getBoundingClientRect();
  return ['.credit', 'figure[data-alert]'].filter((name) => {
    const other = document.querySelector(name).getBoundingClientRect();
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  });
}
"""


@pytest.fixture
def drill(tmp_path: Path, screens: Path) -> Iterator[Drill]:
    with drilling(tmp_path, screens) as running:
        yield running


def _let_in(browser: Browser, drill: Drill, wall: Seat) -> None:
    """The wall shows six digits, and a leader types them in the settings."""
    wall.page.goto(f"{drill.address}/wall")
    digits = wall.page.get_by_label("Mã mở màn hình").inner_text()
    with seat(browser, drill) as leader:
        page = leader.log_in("chi-huy").page
        page.locator(".user .name").click()
        page.get_by_role("link", name="Thiết lập").click()
        page.get_by_label("Mã trên màn hình").fill(digits)
        page.get_by_label("Tên màn hình").fill("Sảnh tầng 1")
        page.get_by_role("button", name="Mở màn hình").click()
        expect(page.get_by_text("Đã mở “Sảnh tầng 1” (máy 127.0.0.1)")).to_be_visible()
        assert violations(page) == []
    expect(wall.page.get_by_text("Phủ hình")).to_be_visible()


def test_a_wall_that_nobody_let_in_shows_digits_alone(browser: Browser, drill: Drill) -> None:
    drill.raise_alert()
    with seat(browser, drill) as wall:
        wall.page.goto(f"{drill.address}/wall")
        expect(wall.page.get_by_text("Màn hình lớn chưa được mở")).to_be_visible()
        digits = wall.page.get_by_label("Mã mở màn hình")
        expect(digits).to_have_text(re.compile(r"^\d{3} \d{3}$"))
        expect(wall.page.get_by_text("chỉ mở được trên chính máy chủ")).to_be_visible()
        assert wall.page.get_by_role("img", name="quét mã").count() == 0  # no QR of 127.0.0.1
        assert wall.page.locator("[data-alert]").count() == 0
        assert violations(wall.page) == []


def test_six_digits_open_the_wall_for_long(browser: Browser, drill: Drill) -> None:
    fire = drill.raise_alert()
    drill.see(cam_1="online", cam_2="online", cam_3="backoff")
    with seat(browser, drill) as wall:
        _let_in(browser, drill, wall)
        page = wall.page
        expect(page.locator(f"li[data-alert='{fire}']")).to_contain_text("Hàng Bài")
        expect(page.locator(f"li[data-alert='{fire}'] time")).to_have_text(re.compile(r"\d\d:\d\d"))
        expect(page.locator(".pin.p1.unanswered .pin-age")).to_have_text(re.compile(r"\d\d:\d\d"))
        expect(page.locator(".blind-area")).to_have_count(1)
        expect(page.get_by_text("Không có hình · Quảng An · từ")).to_be_visible()
        expect(page.get_by_text("66,6")).to_be_visible()
        expect(page.get_by_text("Cảnh báo 10 phút qua 1 / 10")).to_be_visible()
        assert page.get_by_role("button").count() == 0
        page.reload()
        expect(page.locator(f"li[data-alert='{fire}']")).to_be_visible()


def test_smoke_that_becomes_flame_is_a_fire_on_the_wall(browser: Browser, drill: Drill) -> None:
    episode = {"event_id": "episode", "rule_id": "smoke", "zone_id": None}
    smoke = drill.raise_alert("cam-1", "smoke", **episode)
    with seat(browser, drill) as wall:
        _let_in(browser, drill, wall)
        row = wall.page.locator(f"li[data-alert='{smoke}']")
        large = wall.page.locator(f"figure[data-alert='{smoke}']")
        expect(row).to_contain_text("Nghi cháy · khói")
        drill.raise_alert("cam-1", "fire", phase=EventPhase.UPDATED, **episode)
        expect(row).to_contain_text("Nghi cháy · lửa")
        expect(row).to_contain_text("có lửa")
        expect(large).to_contain_text("Nghi cháy · lửa")
        expect(wall.page.get_by_text("Nghi cháy · khói", exact=True)).to_have_count(0)


def test_a_wall_comes_back_by_itself(browser: Browser, drill: Drill) -> None:
    with seat(browser, drill) as wall:
        _let_in(browser, drill, wall)
        page = wall.page
        drill.cut()
        lost = page.get_by_role("alert").get_by_text("MẤT KẾT NỐI")
        expect(lost).to_be_visible()
        box = page.locator(".lost.large").bounding_box()
        assert box is not None
        assert box["width"] == 1920
        fire = drill.raise_alert()
        drill.come_back()
        expect(page.locator(f"li[data-alert='{fire}']")).to_be_visible()
        expect(lost).to_have_count(0)


IS_HIDDEN_OR_READ = """(one) => one.clientWidth > 90 ||
  one.getBoundingClientRect().top >= one.parentElement.getBoundingClientRect().bottom - 1"""


def test_every_open_p1_stays_on_the_wall_in_a_flood(browser: Browser, drill: Drill) -> None:
    for number in range(4):  # the fourth tells of the first one's fire: one row
        drill.raise_alert(f"cam-{1 + number % 3}")
    for number in range(9):
        drill.raise_alert(f"cam-{1 + number % 3}", "intrusion", priority=2)
    for kind in ("crowd", "smoke", "loitering", "line_crossing"):
        drill.raise_alert("cam-1", kind, priority=3)
    drill.see(cam_1="online", cam_2="backoff", cam_3="online")
    with seat(browser, drill, 768) as wall:
        _let_in(browser, drill, wall)
        page = wall.page
        expect(page.get_by_text("CẢNH BÁO DỒN DẬP")).to_be_visible()
        urgent = page.locator("li.p1")
        expect(urgent).to_have_count(3)
        for row in urgent.all():
            expect(row).to_be_in_viewport(ratio=1)
        assert violations(page) == []
        blind, today = page.locator("footer .blind"), page.locator("footer .today span")
        for name, others in (("Tràng Tiền", "online"), ("Quảng An", "backoff")):
            drill.see(cam_1=others, cam_2="backoff", cam_3=others)
            expect(blind).to_contain_text(name)
            for width in (1366, 1920):  # today's figures give way to what does not see
                page.set_viewport_size({"width": width, "height": 768})
                assert blind.evaluate("one => one.scrollWidth <= one.clientWidth"), width
                assert today.evaluate(IS_HIDDEN_OR_READ), (name, width)


# Of the names on the map those that are cut to less than can be read, or lie over another's mark.
CUT_NAMES = """() => {
  const pins = [...document.querySelectorAll('.pin')];
  const box = (one) => one.getBoundingClientRect();
  const meets = (a, b) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const named = pins.filter((pin) => pin.querySelector('.pin-words').checkVisibility());
  const cut = named.filter((pin) => {
    const [words, name] = ['.pin-words', 'b'].map((one) => pin.querySelector(one));
    return (name.scrollWidth > name.clientWidth && name.clientWidth < 72) ||
      pins.some((other) => other !== pin && meets(box(words), box(other.querySelector('svg'))));
  });
  return [pins.length, named.length > 4, cut.map((pin) => pin.textContent.trim())];
}"""


@pytest.mark.parametrize("height", [1080, 768])
def test_no_name_of_close_pins_is_cut_to_a_letter(
    browser: Browser, tmp_path: Path, screens: Path, height: int
) -> None:
    site = drill_site(DRAWN_MAP)
    cameras = tuple(
        site.cameras[0].model_copy(
            update={
                "id": f"cam-{number}", "name": f"Ngách {number} ngõ chợ Khâm Thiên",
                "lat": 21.02 + number // 4 * 0.0012, "lon": 105.84 + number % 4 * 0.001,
            }
        )
        for number in range(16)
    )  # fmt: skip
    close = site.model_copy(update={"cameras": cameras})
    with drilling(tmp_path, screens, close) as drill, seat(browser, drill, height) as wall:
        for camera in cameras:
            drill.raise_alert(camera.id)
        _let_in(browser, drill, wall)
        page = wall.page
        expect(page.locator(".pin.p1")).to_have_count(16)
        expect(page.locator("figure[data-alert]")).to_be_visible()
        page.wait_for_function(f"() => JSON.stringify(({CUT_NAMES})()) === '[16,true,[]]'")


@pytest.mark.parametrize("height", [1080, 768])
def test_nothing_covers_a_pin_of_a_burning_camera_or_the_scale(
    browser: Browser, tmp_path: Path, screens: Path, height: int
) -> None:
    site = drill_site(DRAWN_MAP)
    with drilling(tmp_path, screens, site) as drill, seat(browser, drill, height) as wall:
        for number in range(1, 4):
            drill.raise_alert(f"cam-{number}")
        _let_in(browser, drill, wall)
        page = wall.page
        pins = page.locator(".pin.p1")
        expect(pins).to_have_count(3)
        expect(page.locator("figure[data-alert]")).to_be_visible()
        page.wait_for_function(f"() => ({COVERED_PINS})() === 0")
        expect(page.get_by_text("Bản đồ vẽ minh họa")).to_be_visible()
        assert page.evaluate(OVER_THE_SCALE) == []


def test_a_site_with_its_own_map_shows_it_and_asks_nobody_else(
    browser: Browser, tmp_path: Path, screens: Path
) -> None:
    outlines = tmp_path / "wards.geojson"
    shapes = {"type": "FeatureCollection", "features": [WARD]}
    outlines.write_text(json.dumps(shapes), encoding="utf-8")
    with drilling(tmp_path, screens, drill_site(outlines)) as drill:
        drill.raise_alert()
        with seat(browser, drill) as wall:
            _let_in(browser, drill, wall)
            expect(wall.page.get_by_text("Phường Hoàn Kiếm (bản đồ)")).to_be_visible()
            assert f"{drill.address}/api/v1/map/wards.geojson" in wall.asked
            assert wall.outside() == []


def test_outlines_that_come_when_the_map_is_left_break_nothing(
    browser: Browser, tmp_path: Path, screens: Path
) -> None:
    outlines = tmp_path / "wards.geojson"
    shapes = {"type": "FeatureCollection", "features": [WARD]}
    outlines.write_text(json.dumps(shapes), encoding="utf-8")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    with drilling(tmp_path, screens, drill_site(outlines)) as drill, seat(browser, drill) as leader:
        leader.page.route("**/wards.geojson", hold)
        page = leader.log_in("chi-huy", "/map").page
        expect(page.get_by_role("region", name="Bản đồ").first).to_be_visible()
        while not held:
            page.wait_for_timeout(20)
        page.get_by_role("link", name="Lịch sử").click()
        expect(page.locator(".ground")).to_have_count(0)
        with page.expect_response("**/wards.geojson") as told:
            for route in held:
                route.continue_()
        told.value.finished()
        page.wait_for_timeout(200)  # what broke then is noted by the seat


def test_tiles_come_from_the_site_alone(browser: Browser, tmp_path: Path, screens: Path) -> None:
    tile = tmp_path / "tiles" / "15" / "0" / "0.png"
    tile.parent.mkdir(parents=True)
    tile.write_bytes(b"\x89PNG")
    site = drill_site(tmp_path / "tiles")
    with drilling(tmp_path, screens, site) as drill, seat(browser, drill) as wall:
        with wall.page.expect_request(re.compile(r"/api/v1/map/15/\d+/\d+\.png")):
            _let_in(browser, drill, wall)
        assert wall.outside() == []


def test_axe_finds_nothing_on_the_wall(browser: Browser, drill: Drill) -> None:
    drill.raise_alert()
    drill.see(cam_1="online", cam_2="stalled", cam_3="online")
    with seat(browser, drill) as wall:
        _let_in(browser, drill, wall)
        expect(wall.page.locator(".blind-area")).to_have_count(1)
        assert violations(wall.page) == []
