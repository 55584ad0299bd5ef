"""A camera at work with a scripted source, for the tests of this folder."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.ingest.fake_source import synthetic_packets
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.camera.camera import Camera, CameraSettings
from thapcanh.ingest.camera.lifecycle import LifecycleSettings
from thapcanh.ingest.clock import Clock, SystemClock
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.sources.connection import OpenSource

URL = "rtsp://viewer:s3cret@10.0.0.5/1"
PACKETS = synthetic_packets(30, fps=10, keyframe_every=10)
QUICK = CameraSettings(life=LifecycleSettings(backoff_first_s=0.01, backoff_max_s=0.02))


@contextmanager
def watching(
    source: OpenSource,
    *,
    clock: Clock | None = None,
    on_frame: Callable[[Frame], None] | None = None,
    settings: CameraSettings = QUICK,
    url: str = URL,
) -> Iterator[Camera]:
    spec = CameraConfig(id="gate", name="Cổng", source=SecretUrl(url))
    camera = Camera(
        spec,
        clock=clock or SystemClock(),
        open_source=source,
        on_frame=on_frame,
        settings=settings,
    )
    camera.start()
    try:
        yield camera
    finally:
        assert camera.stop()
