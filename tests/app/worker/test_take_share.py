"""A worker whose share changes: what came is started before what left is stopped."""

from pathlib import Path

from tests.detection.detectors.fake_detector import FakeDetector
from thapcanh.app.worker.camera_share import AssignedShare, write_share
from thapcanh.app.worker.watched_cameras import WatchedCameras
from thapcanh.config.camera import CameraConfig
from thapcanh.config.difference import difference
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import InferenceConfig, Site
from thapcanh.detection.inference.inference_loop import InferenceLoop
from thapcanh.ingest.clock import SystemClock


def _site(*names: str) -> Site:
    nowhere = "rtsp://127.0.0.1:1/{}"
    return Site(
        cameras=tuple(
            CameraConfig(id=name, name=name, source=SecretUrl(nowhere.format(name)))
            for name in names
        )
    )


def _watched(cameras: WatchedCameras) -> set[str]:
    return {one["id"] for one in cameras.report()}


def test_cameras_come_and_leave_with_the_share(tmp_path: Path) -> None:
    path = tmp_path / "node-0.json"
    write_share(path, 1, ["gate", "yard"])
    share = AssignedShare(path)
    detector = FakeDetector(lambda _: [])
    loop = InferenceLoop(detector, InferenceConfig(), lambda *_: None)
    cameras = WatchedCameras(share, loop, detector.model, lambda: "event", SystemClock())
    site = _site("gate", "yard", "roof")
    loop.start()
    cameras.start(site)
    try:
        assert _watched(cameras) == {"gate", "yard"}
        write_share(path, 2, ["yard", "roof"])
        assert share.poll()
        assert cameras.apply_share(site) == {"gate"}
        assert _watched(cameras) == {"yard", "roof"}
        more = _site("gate", "yard", "roof", "shed")
        cameras.apply(more, difference(site, more))  # another worker's, until the share says so
        assert _watched(cameras) == {"yard", "roof"}
        write_share(path, 3, ["shed"])
        assert share.poll()
        assert cameras.apply_share(more) == {"yard", "roof"}
        assert _watched(cameras) == {"shed"}
    finally:
        cameras.stop()
        loop.stop()
