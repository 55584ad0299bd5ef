"""A camera's own object boxes are a rule's input, and nothing goes missing without them."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from tests.detection.detectors.fake_detector import FakeDetector
from tests.ingest.onvif.metadata_camera import (
    MetadataCamera,
    described_object,
    document,
    metadata_camera,
)
from tests.patience import patient
from tests.reference_clips import SHORT
from thapcanh.app.drills.synthetic_clip import synthetic_fire_clip
from thapcanh.app.worker.camera_share import WorkerShare
from thapcanh.app.worker.watched_cameras import WatchedCameras
from thapcanh.config.camera import CameraConfig
from thapcanh.config.difference import difference
from thapcanh.config.rules import Rule
from thapcanh.config.site import InferenceConfig, Site
from thapcanh.detection.detections import Detection
from thapcanh.detection.event import Event, EventPhase
from thapcanh.detection.inference.inference_loop import InferenceLoop
from thapcanh.detection.rules.intrusion import IntrusionRule
from thapcanh.ingest.clock import SystemClock

RULE = IntrusionRule(id="nobody", cameras=("gate",), zone="yard")
YARD = {"id": "yard", "name": "Sân", "polygon": [[0.5, 0.0], [1.0, 0.0], [1.0, 1.0], [0.5, 1.0]]}
TOLD = document(described_object("Human", (0.4, 0.5, 0.8, -0.5), id="1"))
SEEN = Detection(box=(0.7, 0.25, 0.9, 0.75), confidence=0.8, label="person")
"""The same as the detector sees it."""


class Running:
    """A worker's cameras, and what its looks gave rise to."""

    def __init__(self, *seen: Detection) -> None:
        self.events: list[Event] = []
        detector = FakeDetector(lambda _: seen)
        self.loop = InferenceLoop(
            detector, InferenceConfig(), lambda _frame, _visible, events: self.events.extend(events)
        )
        ids = count()
        self.cameras = WatchedCameras(
            WorkerShare(index=0, of=1), self.loop, detector.model, lambda: str(next(ids)),
            SystemClock(),
        )  # fmt: skip
        self.loop.start()

    def stop(self) -> None:
        self.cameras.stop()
        self.loop.stop()

    def objects(self) -> tuple[bool | None, str | None]:
        (found,) = self.cameras.report()
        return found["objects"], found["objects_detail"]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "street.mp4"
    synthetic_fire_clip(path, shape=replace(SHORT, duration_s=20.0, width=160, height=90))
    return path


@pytest.fixture
def told() -> Iterator[MetadataCamera]:
    with metadata_camera(lambda: TOLD) as running:
        yield running


def _site(clip: Path, camera: MetadataCamera, *rules: Rule, metadata: str | None) -> Site:
    spec = CameraConfig.model_validate(
        {
            "id": "gate", "name": "Cổng", "source": str(clip), "main_source": camera.url,
            "metadata": metadata, "zones": [YARD],
        }
    )  # fmt: skip
    return Site(cameras=(spec,), rules=rules)


def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + patient(15)
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_the_camera_sees_raises_a_rule_and_says_who_saw_it(
    told: MetadataCamera, clip: Path
) -> None:
    running = Running()
    try:
        site = _site(clip, told, RULE, metadata="main_source")
        running.cameras.start(site)
        _until(lambda: running.events)
        event = running.events[0]
        assert (event.phase, event.kind, event.label) == (EventPhase.RAISED, "intrusion", "person")
        assert event.reason.endswith("seen by the camera itself")
        assert event.confidence == pytest.approx(0.9)
        assert running.objects() == (True, "its boxes come")
        off = _site(clip, told, RULE, metadata=None)
        running.cameras.apply(off, difference(site, off))
        assert running.objects() == (None, None)
        _until(lambda: any(one.startswith("TEARDOWN") for one in told.asked))
    finally:
        running.stop()


def test_a_camera_without_the_track_is_looked_at_and_says_why(
    told: MetadataCamera, clip: Path
) -> None:
    told.has_track = False
    running = Running(SEEN)
    try:
        running.cameras.start(_site(clip, told, RULE, metadata="main_source"))
        _until(lambda: running.events and running.objects()[0] is False)
        detail = running.objects()[1] or ""
        assert "there is no ONVIF metadata in this stream" in detail
        assert "seen by the camera itself" not in running.events[0].reason
    finally:
        running.stop()
