"""A camera that tells of its contact: it is woken, and the rule's alert has its picture."""

import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from ipaddress import IPv4Network
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.detection.detectors.fake_detector import FakeDetector
from tests.ingest.onvif.event_camera import EventCamera, event_camera
from tests.patience import patient
from tests.reference_clips import SHORT
from thapcanh.alerts.queue.workers.worker_report import CameraWord
from thapcanh.app.camera_events.camera_events import CameraEvents
from thapcanh.app.camera_events.listener import ListenerSettings
from thapcanh.app.drills.synthetic_clip import synthetic_fire_clip
from thapcanh.app.worker.camera_share import WorkerShare
from thapcanh.app.worker.watched_cameras import WatchedCameras
from thapcanh.config.camera import CameraConfig, OnvifLink
from thapcanh.config.difference import difference
from thapcanh.config.secret import SecretUrl
from thapcanh.config.servers.networks import NetworksConfig
from thapcanh.config.site import InferenceConfig, Site
from thapcanh.detection.event import Event, EventPhase
from thapcanh.detection.inference.inference_loop import InferenceLoop
from thapcanh.detection.rules.camera_event import CameraEventRule
from thapcanh.ingest.backoff import Backoff
from thapcanh.ingest.camera.camera import Camera
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.onvif.event_topics import OnvifEventKind
from thapcanh.ingest.onvif.pull_point import Waits

INPUT = "tns1:Device/Trigger/DigitalInput"
MOTION = "tns1:RuleEngine/CellMotionDetector/Motion"
SOON = Backoff(first_s=0.05, longest_s=0.1)
FAST = ListenerSettings(
    retry=SOON, hopeless=SOON, ask_every_s=0.05, tick_s=0.05,
    waits=Waits(open_s=30.0, pull_s=1.0, answer_s=30.0),
)  # fmt: skip
RULE = CameraEventRule(
    id="panel", cameras=("gate",), events=(OnvifEventKind.DIGITAL_INPUT,), clear_after_s=1.0
)
Told = tuple[Event, Frame | None, Camera | None]


@pytest.fixture
def told() -> Iterator[EventCamera]:
    with event_camera() as running:
        yield running


def _site(source: object, teller: EventCamera, *rules: CameraEventRule, **link: Any) -> Site:
    where = OnvifLink(**({"service": teller.login.service, "events": True} | link))
    camera = CameraConfig(id="gate", name="Cổng", source=SecretUrl(str(source)), onvif=where)
    here = NetworksConfig(onvif=(IPv4Network("127.0.0.1/32"),))
    return Site(cameras=(camera,), rules=rules, networks=here)


class Running:
    """A worker's cameras with their events, and what became alerts."""

    def __init__(self) -> None:
        self.accepted: queue.SimpleQueue[Told] = queue.SimpleQueue()
        detector = FakeDetector(lambda _: [])
        self.loop = InferenceLoop(detector, InferenceConfig(), lambda *_: None)
        ids = count()
        self.cameras = WatchedCameras(
            WorkerShare(index=0, of=1), self.loop, detector.model, lambda: str(next(ids)),
            SystemClock(), events=CameraEvents(self._accept, settings=FAST),
        )  # fmt: skip

    def _accept(self, event: Event, frame: Frame | None, camera: Camera | None) -> None:
        self.accepted.put((event, frame, camera))

    def report(self) -> CameraWord:
        (found,) = self.cameras.report()
        return found

    def next(self) -> Told:
        return self.accepted.get(timeout=patient(10))


@pytest.fixture
def running() -> Iterator[Running]:
    made = Running()
    made.loop.start()
    yield made
    made.cameras.stop()
    made.loop.stop()


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "street.mp4"
    synthetic_fire_clip(path, shape=replace(SHORT, duration_s=20.0, width=160, height=90))
    return path


def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + patient(10)
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_contact_is_an_alert_with_the_cameras_picture_and_it_ends(
    running: Running, told: EventCamera, clip: Path
) -> None:
    running.cameras.start(_site(clip, told, RULE))
    _until(lambda: running.report()["events"] and running.report()["last_frame_at"])
    told.happen(INPUT, {"InputToken": "1"}, {"LogicalState": "true"})
    event, frame, camera = running.next()
    assert (event.phase, event.kind, event.rule_id) == (EventPhase.RAISED, "camera_event", "panel")
    assert event.label == "digital_input"
    assert frame is not None
    assert camera is running.cameras.get("gate")
    assert event.at_s == frame.at_s  # where the film is cut
    told.happen(INPUT, {"InputToken": "1"}, {"LogicalState": "false"})
    cleared, frame, _ = running.next()
    assert (cleared.phase, cleared.event_id) == (EventPhase.CLEARED, event.event_id)
    assert frame is None


def test_an_alert_goes_out_without_a_picture_where_none_comes(
    running: Running, told: EventCamera, tmp_path: Path
) -> None:
    running.cameras.start(_site(tmp_path / "none.mp4", told, RULE))
    told.happen(INPUT, {"InputToken": "1"}, {"LogicalState": "true"})
    event, frame, _ = running.next()
    assert (event.phase, frame) == (EventPhase.RAISED, None)


def test_motion_wakes_the_camera_and_raises_nothing(
    running: Running, told: EventCamera, clip: Path
) -> None:
    running.cameras.start(_site(clip, told))
    _until(lambda: running.report()["events"] and running.report()["last_frame_at"])
    told.happen(MOTION, {"Rule": "m"}, {"IsMotion": "true"})
    _until(lambda: running.report()["decoding_reason"] == "it told of motion")
    assert running.accepted.empty()


def test_the_report_says_whether_events_come_and_why_not(
    running: Running, told: EventCamera, clip: Path
) -> None:
    site = _site(clip, told, RULE)
    running.cameras.start(site)
    _until(lambda: running.report()["events"])
    assert running.report()["events_ruled"]
    elsewhere = site.model_copy(update={"networks": NetworksConfig()})
    running.cameras.apply(elsewhere, difference(site, elsewhere))
    report = running.report()
    assert report["events"] is False
    assert "[networks] onvif" in (report["events_detail"] or "")
    _until(lambda: not told.subscriptions)
    off = _site(clip, told, RULE, events=False)
    running.cameras.apply(off, difference(elsewhere, off))
    report = running.report()
    assert (report["events"], report["events_ruled"]) == (None, True)


def test_a_rule_that_changes_while_the_contact_is_closed_is_raised_again(
    running: Running, told: EventCamera, clip: Path
) -> None:
    site = _site(clip, told, RULE)
    running.cameras.start(site)
    told.happen(INPUT, {"InputToken": "1"}, {"LogicalState": "true"})
    first, _, _ = running.next()
    louder = _site(clip, told, RULE.model_copy(update={"priority": 1}))
    running.cameras.apply(louder, difference(site, louder))
    again, _, _ = running.next()
    assert (again.phase, again.priority) == (EventPhase.RAISED, 1)
    assert again.event_id != first.event_id
