"""The site that the documents' pictures show: nine simulated cameras of two drawn clips.

Its alerts carry a frame of those clips; names of places are made up for the purpose.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from tests.end_to_end.drill import Drill
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.app.cli.demo import DRAWN_MAP
from thapcanh.app.drills.synthetic_clip import synthetic_fire_clip, synthetic_quiet_clip
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import Agency, Area, CentreConfig, Site, SiteFacts

FIRE, QUIET = "fire", "quiet"
BURNING_AT_S = 14.0
CAMERAS = (
    ("Chợ tạm Ô Chợ Dừa", FIRE), ("Bãi xe Đền Lừ", QUIET), ("Kho hàng Bắc Sơn", FIRE),
    ("Ngách 8 Khâm Thiên", QUIET), ("Xưởng cơ khí 2", FIRE), ("Phố Trần Quang", QUIET),
    ("Sân trường Tràng An", QUIET), ("Nhà văn hoá tổ 4", FIRE), ("Đường trên cao km 3", QUIET),
)  # fmt: skip
PEOPLE = (
    ("an", "Nguyễn Thị An"), ("binh", "Lê Minh Quân"),
    ("chi-huy", "Trần Văn Hùng"), ("ky-thuat", "Phạm Thu Hà"),
)  # fmt: skip
ALERTS = (
    (3, "intrusion", 2, QUIET), (6, "crowd", 3, QUIET), (8, "intrusion", 2, QUIET),
    (7, "smoke", 1, FIRE), (4, "fire", 1, FIRE), (2, "smoke", 1, FIRE), (0, "fire", 1, FIRE),
)  # fmt: skip

Box = tuple[float, float, float, float]


def draw_clips(folder: Path) -> dict[str, Path]:
    """Draw the two clips."""
    clips = {name: folder / f"{name}.mp4" for name in (FIRE, QUIET)}
    synthetic_fire_clip(clips[FIRE])
    synthetic_quiet_clip(clips[QUIET])
    return clips


def pictured_site(address: Callable[[str], str], places: Path) -> Site:
    """Nine cameras around Hoàn Kiếm lake; `address` gives where each id is sent from."""
    cameras = tuple(
        CameraConfig(
            id=f"cam-{number + 1}",
            name=name,
            source=SecretUrl(address(f"cam-{number + 1}")),
            area="hoan-kiem",
            agency="pc07",
            lat=21.0262 + 0.0022 * (number // 3),
            lon=105.8488 + 0.0026 * (number % 3),
            bearing_deg=40.0 * number,
        )
        for number, (name, _) in enumerate(CAMERAS)
    )
    return Site(
        centre=CentreConfig(places_file=places),
        site=SiteFacts(name="Tháp Canh · bản chạy thử", map=DRAWN_MAP),
        agencies=(Agency(id="pc07", name="Cảnh sát PCCC", phone="114"),),
        areas=(Area(id="hoan-kiem", name="Phường Hoàn Kiếm"),),
        cameras=cameras,
    )


@dataclass
class Stage:
    """A running drill with people who have names, and the alerts that are raised in it."""

    drill: Drill
    clips: dict[str, Path]
    alerts: list[str] = field(default_factory=list)

    def prepare(self) -> None:
        """Name the people, let all cameras but one be seen, raise the alerts."""
        for username, name in PEOPLE:
            self._name(username, name)
        states = {f"cam_{number + 1}": "online" for number in range(len(CAMERAS))}
        self.drill.see(**(states | {"cam_6": "waiting"}))
        for camera, kind, priority, clip in ALERTS:
            self.alerts.append(self._raise(f"cam-{camera + 1}", kind, priority, clip))

    def _name(self, username: str, name: str) -> None:
        archive = self.drill.centre.archive
        user = archive.user(username)
        assert user is not None
        archive.save_user(replace(user, name=name))

    def _raise(self, camera: str, kind: str, priority: int, clip: str) -> str:
        pixels = frame_at(self.clips[clip], BURNING_AT_S)
        box: Box = flames_of(pixels) if clip == FIRE else (0.42, 0.5, 0.56, 0.86)
        centre = self.drill.centre
        centre.clock.utc()
        picture = centre.file(f"{centre.seq}.jpg", jpeg_of(pixels), EvidenceKind.SNAPSHOT)
        reason = "3 of 5 looks · inner change 15 · warmth 75" if priority == 1 else "3 of 5 looks"
        facts = {"priority": priority, "reason": reason, "box": box, "evidence": (picture,)}
        return centre.raise_alert(camera, kind, **facts)


def frame_at(clip: Path, at_s: float) -> NDArray[np.uint8]:
    """The first picture of a clip at or after a time."""
    with av.open(str(clip)) as container:
        for frame in container.decode(video=0):
            if (frame.time or 0.0) >= at_s:
                return np.asarray(frame.to_ndarray(format="rgb24"), dtype=np.uint8)
    raise ValueError(f"{clip} ends before {at_s} s")


def flames_of(pixels: NDArray[np.uint8]) -> Box:
    """Where the orange of drawn flames is, in shares of the picture."""
    red, green, blue = (pixels[..., channel].astype(int) for channel in range(3))
    rows, columns = np.nonzero((red > 190) & (green > 70) & (red - blue > 110))
    if len(rows) == 0:
        return (0.4, 0.4, 0.6, 0.7)
    height, width = pixels.shape[:2]
    left, right = np.percentile(columns, (2, 98)) / width
    top, bottom = np.percentile(rows, (2, 98)) / height
    return (float(left), float(top), float(right), float(bottom))


def jpeg_of(pixels: NDArray[np.uint8]) -> bytes:
    """The picture as a camera would send it."""
    out = io.BytesIO()
    with av.open(out, "w", format="mjpeg") as container:
        stream = container.add_stream("mjpeg", rate=1)
        assert isinstance(stream, VideoStream)
        stream.height, stream.width = pixels.shape[:2]
        stream.pix_fmt = "yuvj420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        container.mux(stream.encode(None))
    return out.getvalue()
