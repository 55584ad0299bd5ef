"""The street map at an alert: drawn from the site's own archive, or said to be missing."""

import io
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Playwright, expect

from tests.end_to_end.chromium import SOFTWARE_GL, launched
from tests.end_to_end.drill import drill_site, drilling, seat
from thapcanh.app.cli.demo import DRAWN_MAP

pytestmark = pytest.mark.end_to_end

A_ROAD = (0x43, 0x51, 0x5E)  # `major` of app/web/src/map/street-style.ts
NO_WEBGL = """
const asked = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return kind.startsWith('webgl') ? null : asked.call(this, kind, ...rest);
};
"""


@pytest.fixture
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium that draws WebGL without a graphics card."""
    with launched(playwright, *SOFTWARE_GL) as browser:
        yield browser


def test_streets_are_drawn_from_the_site_alone_and_their_lack_is_said(
    browser: Browser, tmp_path: Path, screens: Path
) -> None:
    with drilling(tmp_path, screens, drill_site(DRAWN_MAP)) as drill:
        drill.raise_alert()
        with seat(browser, drill) as desk:
            page = desk.log_in("an").page
            expect(page.get_by_text("Bản đồ vẽ minh họa")).to_be_visible()
            streets = page.locator(".place-map")
            expect(streets.locator("canvas.maplibregl-canvas")).to_be_visible()
            for _ in range(60):
                if _road_pixels(streets) > 100:
                    break
                page.wait_for_timeout(250)
            assert _road_pixels(streets) > 100
            asked = [url for url in desk.asked if ".pmtiles" in url]
            assert asked
            assert all(url.startswith(f"{drill.address}/api/v1/map/") for url in asked)
            assert desk.outside() == []
        drill.see(cam_1="backoff", cam_2="online", cam_3="online")
        with seat(browser, drill) as old:
            old.page.add_init_script(NO_WEBGL)
            page = old.log_in("binh").page
            expect(page.get_by_text("trình duyệt không có WebGL")).to_be_visible()
            expect(page.locator(".place-map .pin.p1")).to_be_visible()
            assert page.locator("canvas.maplibregl-canvas").count() == 0
            _reads_the_pin_above_the_cross(page.locator(".place-map"))


def _reads_the_pin_above_the_cross(shown: Locator) -> None:
    """A camera that burns goes blind: its cross lay over the number of its alert."""
    expect(shown.locator(".blind-camera")).to_have_count(1)
    cross, pin = (
        int(shown.locator(one).evaluate("mark => getComputedStyle(mark).zIndex"))
        for one in (".blind-camera", ".pin-anchor")
    )
    assert cross < pin


def _road_pixels(shown: Locator) -> int:
    """How many pixels have just the colour of a main road."""
    with av.open(io.BytesIO(shown.screenshot()), "r") as picture:
        pixels = next(picture.decode(video=0)).to_ndarray(format="rgb24")
    return int(np.all(pixels == np.array(A_ROAD, dtype=np.uint8), axis=2).sum())
