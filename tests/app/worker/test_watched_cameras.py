"""Which worker watches which camera, and how a camera is watched for what its rules need."""

import queue
import threading
from itertools import count
from pathlib import Path

import pytest

from tests.alerts.conftest import until
from tests.detection.answering import Saying
from tests.detection.detectors.fake_detector import FakeDetector
from tests.detection.made_lights import POLE as POLYGON
from tests.detection.made_lights import arc, write
from tests.patience import PATIENCE_S
from tests.reference_clips import SHORT
from thapcanh.alerts.queue.exchanges.call_exchange import NearCall
from thapcanh.app.drills.synthetic_clip import synthetic_fire_clip
from thapcanh.app.process import exit_codes
from thapcanh.app.process.heartbeat import ProcessStart
from thapcanh.app.worker.camera_share import WorkerShare
from thapcanh.app.worker.run_worker import run_worker
from thapcanh.app.worker.watched_cameras import CALLED, WatchedCameras
from thapcanh.config.camera import CameraConfig, ZoneConfig
from thapcanh.config.difference import difference
from thapcanh.config.rules import Rule
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import InferenceConfig, Site
from thapcanh.detection.detections import Detection, Detections
from thapcanh.detection.event import Event
from thapcanh.detection.inference.inference_loop import FIRST_RANK, InferenceLoop
from thapcanh.detection.rules.arc import ArcRule
from thapcanh.detection.rules.fire import FireRule
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.frame import Frame


def test_every_camera_has_exactly_one_worker_and_the_shares_are_even() -> None:
    places = [WorkerShare(index=index, of=4) for index in range(4)]
    cameras = [f"camera-{number}" for number in range(2000)]
    shares = [[camera for camera in cameras if place.has(camera)] for place in places]
    assert sorted(camera for share in shares for camera in share) == sorted(cameras)
    assert all(400 < len(share) < 600 for share in shares)


def test_one_more_worker_takes_cameras_and_moves_no_other() -> None:
    cameras = [f"camera-{number}" for number in range(500)]
    before = {c: i for c in cameras for i in range(3) if WorkerShare(index=i, of=3).has(c)}
    after = {c: i for c in cameras for i in range(4) if WorkerShare(index=i, of=4).has(c)}
    assert all(after[camera] in (before[camera], 3) for camera in cameras)


@pytest.mark.parametrize(("index", "of"), [(2, 2), (-1, 2), (0, 0)])
def test_a_worker_that_no_share_belongs_to_does_not_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], index: int, of: int
) -> None:
    place = WorkerShare(index=index, of=of)
    code = run_worker(tmp_path / "none.toml", place, ProcessStart(None), threading.Event())
    assert code == exit_codes.MISUSED
    assert f"--index {index} --of {of}" in capsys.readouterr().err


POLE = ZoneConfig(id="pole", name="Pole", polygon=POLYGON)
CALLS = {"pole": NearCall(call="113-0042", left_s=600.0, corroborates=True)}
ARC = ArcRule(id="pole-12", zone="pole")


def site(clip: Path, *rules: Rule) -> Site:
    camera = CameraConfig(id="pole", name="Pole", source=SecretUrl(str(clip)), zones=(POLE,))
    return Site(cameras=(camera,), rules=rules)


def test_a_camera_with_a_pole_is_decoded_whole_and_its_flashes_become_an_event(
    tmp_path: Path,
) -> None:
    clip = write(tmp_path / "arcs.mp4", arc(0.8, 1.6, 2.9), 5.0)
    raised: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def on_look(_: Frame, __: Detections, events: list[Event]) -> None:
        for event in events:
            raised.put(event)

    detector = FakeDetector(lambda _: [])
    loop = InferenceLoop(detector, InferenceConfig(), on_look)
    ids = count()
    cameras = WatchedCameras(
        WorkerShare(index=0, of=1), loop, detector.model, lambda: str(next(ids)), SystemClock()
    )
    loop.start()
    cameras.start(site(clip, ARC))
    try:
        assert raised.get(timeout=PATIENCE_S).kind == "arc"
        (report,) = cameras.report()
        assert report["decoding"] == "always"
        without = site(clip, FireRule(id="fire"))
        cameras.apply(without, difference(site(clip, ARC), without))
        (report,) = cameras.report()
        assert report["decoding"] != "always"  # it may sleep again
        figures = cameras.figures()
        assert sum(figures["states"].values()) == 1
        assert figures["sums"]["decode_s"] > 0  # also of the camera that was stopped
        assert figures["sums"]["packets"] > report["packets"]
    finally:
        cameras.stop()
        loop.stop()


def test_the_second_witness_is_asked_about_what_a_camera_shows(tmp_path: Path) -> None:
    clip = tmp_path / "fire.mp4"
    synthetic_fire_clip(clip, shape=SHORT)
    witness = Saying(None)
    flame = Detection(label="fire", confidence=0.9, box=(0.66, 0.5, 0.8, 0.77))  # where it burns
    detector = FakeDetector(lambda _: [flame])
    loop = InferenceLoop(detector, InferenceConfig(), lambda *_: None, witness=witness)
    cameras = WatchedCameras(
        WorkerShare(index=0, of=1),
        loop,
        detector.model,
        lambda: "event",
        SystemClock(),
        has_witness=True,
    )
    loop.start()
    cameras.start(site(clip, FireRule(id="fire")))
    try:
        until(lambda: bool(witness.asked))
        assert (witness.asked[0].frame.camera_id, witness.asked[0].kind) == ("pole", "fire")
    finally:
        cameras.stop()
        loop.stop()


def test_a_camera_that_somebody_called_near_is_awake_and_first(tmp_path: Path) -> None:
    clip = tmp_path / "quiet.mp4"
    synthetic_fire_clip(clip, shape=SHORT)
    loop = InferenceLoop(FakeDetector(lambda _: []), InferenceConfig(), lambda *_: None)
    cameras = WatchedCameras(
        WorkerShare(index=0, of=1), loop, FakeDetector(lambda _: []).model, str, SystemClock()
    )
    loop.start()
    cameras.start(site(clip, FireRule(id="fire", priority=3)))
    try:
        until(lambda: heard(cameras, CALLS, loop) == (FIRST_RANK, CALLED))
        until(lambda: heard(cameras, {}, loop)[0] == 3)
    finally:
        cameras.stop()
        loop.stop()


def heard(
    cameras: WatchedCameras, calls: dict[str, NearCall], loop: InferenceLoop
) -> tuple[int | None, str | None]:
    """Tell the cameras again, as every second; the camera's rank and why it is awake."""
    cameras.set_calls(calls)
    return loop.rank_of("pole"), cameras.report()[0]["decoding_reason"]
