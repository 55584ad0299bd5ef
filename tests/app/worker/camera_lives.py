"""Workers that come and go on one data folder, each with a camera that sees a drawn street."""

import threading
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from tests.alerts.conftest import until
from tests.ingest import made_views as made
from tests.ingest.fake_clock import FakeClock
from tests.ingest.fake_source import (
    FakeSource,
    Picture,
    PlaybackScript,
    synthetic_packets,
)
from tests.patience import PATIENCE_S
from thapcanh.app.worker.reference_view_store import ReferenceViewStore
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.camera.camera import Camera
from thapcanh.ingest.camera.picture_health import PictureCondition
from thapcanh.ingest.packets.packet import Packet

HOME, ELSEWHERE = 1, 9  # seeds of two streets
SOURCE = "rtsp://viewer:s3cret@10.0.0.5/1?token=t0ken"
SECONDS = 40


@lru_cache
def film(street: int) -> list[Packet]:
    """A picture a second."""

    def picture(_: int) -> Picture:
        return np.repeat(made.seen(made.street(street))[:, :, None], 3, axis=2)

    return synthetic_packets(SECONDS, fps=1, keyframe_every=10, picture=picture)


@dataclass(kw_only=True)
class Machine:
    """One data folder, and workers that come and go on it."""

    folder: Path
    now: float = 1_800_000_000.0
    keeper: ReferenceViewStore = field(init=False)

    def __post_init__(self) -> None:
        self.start_worker()

    def start_worker(self) -> None:
        self.keeper = ReferenceViewStore(
            self.folder, lambda: self.now, lambda: self.now, disk_s=PATIENCE_S
        )

    def file(self, camera_id: str = "gate") -> Path:
        return self.folder / f"{camera_id}.json"

    def camera(
        self, street: int, *, source: str = SOURCE, camera_id: str = "gate", ptz: bool = False
    ) -> "Running":
        spec = CameraConfig(id=camera_id, name="Cổng", source=SecretUrl(source), ptz=ptz)
        clock, hold = FakeClock(), threading.Event()
        script = PlaybackScript(packets=film(street), live=True, hold=hold)
        camera = Camera(
            spec,
            clock=clock,
            open_source=FakeSource([script]),
            on_frame=lambda _: clock.advance(1.0),
        )
        self.keeper.recall(camera)
        return Running(camera=camera, hold=hold)

    def life(self, street: int, *, source: str = SOURCE, ptz: bool = False) -> PictureCondition:
        """A worker starts, its camera sees a street for some time, and the worker ends in order."""
        self.start_worker()
        running = self.camera(street, source=source, ptz=ptz)
        running.watch()
        self.keeper.leave([running.camera])
        return running.camera.health().picture


@dataclass(kw_only=True)
class Running:
    camera: Camera
    hold: threading.Event

    def watch(self) -> None:
        """See the film, and stop."""
        self.camera.start()
        until(lambda: self.camera.health().frames_decoded == SECONDS)
        self.hold.set()
        assert self.camera.stop()
