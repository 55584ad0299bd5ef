"""A centre's part that puts drills on, over a real archive, with a film of a second."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

from tests.patience import PATIENCE_S
from thapcanh.alerts.alert.records import CameraFacts
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.lifecycle.archive_transport import ArchiveTransport
from thapcanh.alerts.queue.spool import Spool
from thapcanh.app.drills.runner import SOURCE, DrillPaths, DrillRunner
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import DrillScenario, DrillsConfig, Site, SiteFacts
from thapcanh.config.storage import EvidenceConfig

WITHIN_S = PATIENCE_S


def short_film(path: Path) -> Path:
    """A grey second with a square that grows, as a camera would send it."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for number in range(20):
            pixels = np.full((120, 160, 3), 60, dtype=np.uint8)
            pixels[60 : 62 + number, 60 : 62 + number] = (240, 120, 30)
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def site_of(folder: Path) -> Site:
    """One camera, and one film to practise on."""
    video = folder / "film.mp4"
    scenario = DrillScenario(id="square", name="Ô vuông cháy", video=video, at_s=1.0)
    broken = DrillScenario(id="broken", name="Hỏng", video=folder / "gone.mp4")
    camera = CameraConfig(
        id="gate", name="Cổng", source=SecretUrl("rtsp://127.0.0.1:1/gate"), agency="pc07"
    )
    return Site(
        site=SiteFacts(data_dir=folder / "data", cache_dir=folder / "cache"),
        evidence=EvidenceConfig(before_s=1.0, after_s=1.0),
        drills=DrillsConfig(limit_s=60.0, scenarios=(scenario, broken)),
        cameras=(camera,),
    )


def facts(_: str) -> CameraFacts:
    """What the site says of its camera."""
    return CameraFacts(name="Cổng", agency="pc07", lat=21.02, lon=105.85)


@dataclass
class Stage:
    """The runner, and what is behind it."""

    archive: Archive
    site: Site
    folder: Path
    rung: list[int] = field(default_factory=list)

    @contextmanager
    def running(self) -> Iterator[DrillRunner]:
        """One life of the centre."""
        spool = Spool(self.folder / "drill.sqlite", SOURCE)
        runner = DrillRunner(
            self.archive,
            ArchiveTransport(self.archive, facts, notify=lambda _: self.rung.append(1)),
            DrillPaths(
                store=FolderStore(self.folder / "evidence"),
                spool=spool,
                cache_dir=self.folder / "cache",
            ),
            lambda: self.site,
            notify=lambda: self.rung.append(1),
        )
        runner.start()
        try:
            yield runner
        finally:
            runner.stop()
            spool.close()


def until(runner: DrillRunner, holds: Callable[[], object]) -> None:
    """Rounds, as the centre makes them, until something holds."""
    give_up = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < give_up
        runner.round()
        time.sleep(0.02)
