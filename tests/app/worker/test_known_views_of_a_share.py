"""A worker's cameras begin with what is known of their places, and leave it behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.worker.camera_lives import HOME, Machine
from tests.detection.detectors.fake_detector import FakeDetector
from thapcanh.app.worker.camera_share import AssignedShare, write_share
from thapcanh.app.worker.reference_view_store import DAY_S
from thapcanh.app.worker.watched_cameras import WatchedCameras
from thapcanh.config.camera import CameraConfig
from thapcanh.config.difference import difference
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import InferenceConfig, Site
from thapcanh.detection.inference.inference_loop import InferenceLoop
from thapcanh.ingest.clock import SystemClock


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(folder=tmp_path / "known-views")


@pytest.fixture
def site(machine: Machine) -> Site:
    """A camera that cannot be reached now, of which a view is known."""
    nowhere = "rtsp://127.0.0.1:1/gate"
    machine.life(HOME, source=nowhere)
    return Site(cameras=(CameraConfig(id="gate", name="Cổng", source=SecretUrl(nowhere)),))


@pytest.fixture
def share(tmp_path: Path) -> AssignedShare:
    write_share(tmp_path / "node-0.json", 1, ["gate"])
    return AssignedShare(tmp_path / "node-0.json")


@pytest.fixture
def cameras(machine: Machine, share: AssignedShare) -> Iterator[WatchedCameras]:
    detector = FakeDetector(lambda _: [])
    loop = InferenceLoop(detector, InferenceConfig(), lambda *_: None)
    machine.start_worker()
    watched = WatchedCameras(
        share, loop, detector.model, lambda: "event", SystemClock(), views=machine.keeper
    )
    loop.start()
    yield watched
    watched.stop()
    loop.stop()


def _knows(cameras: WatchedCameras) -> bool:
    camera = cameras.get("gate")
    return camera is not None and len(camera.known_views()) == 1


def test_a_workers_cameras_begin_with_what_is_known_and_leave_it_behind(
    machine: Machine, site: Site, share: AssignedShare, cameras: WatchedCameras, tmp_path: Path
) -> None:
    cameras.start(site)
    assert _knows(cameras)
    masks = (((0.0, 0.0), (0.1, 0.0), (0.1, 0.1)),)
    painted = Site(cameras=(site.cameras[0].model_copy(update={"privacy_masks": masks}),))
    cameras.apply(painted, difference(site, painted))
    assert _knows(cameras), "opened again, it is the same place"
    write_share(tmp_path / "node-0.json", 2, [])
    assert share.poll()
    machine.file().unlink()
    machine.now += DAY_S
    assert cameras.apply_share(painted) == {"gate"}
    assert machine.file().exists(), "another worker goes on with it"


def test_of_a_removed_camera_nothing_is_kept_and_of_one_that_only_left_the_share_it_is(
    machine: Machine, site: Site, share: AssignedShare, cameras: WatchedCameras, tmp_path: Path
) -> None:
    cameras.start(site)
    cameras.apply(Site(), difference(site, Site()))
    assert not machine.file().exists()
    cameras.apply(site, difference(Site(), site))
    machine.life(HOME, source=site.cameras[0].source.reveal())
    write_share(tmp_path / "node-0.json", 2, [])
    assert share.poll()
    assert cameras.apply_share(site) == {"gate"}
    cameras.apply(Site(), difference(site, Site()))  # a node is handed its own cameras alone
    assert machine.file().exists()
