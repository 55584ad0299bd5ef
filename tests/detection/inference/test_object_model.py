"""A second model runs only for cameras whose rules need it, after the first, at its own pace."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from tests.detection.conftest import AFTERNOON, StandingClock
from tests.detection.detectors.fake_detector import FakeDetector
from tests.detection.many_cameras import FLAME, LOOKS, Cameras, MakeFrame
from tests.detection.waiting import wait_for
from thapcanh.config.camera import CameraConfig, ZoneConfig
from thapcanh.config.rules import Confirmation, Rule
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import DetectorConfig, ObjectModelConfig
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.detections import Detection
from thapcanh.detection.detectors.model_card import ModelIdentity
from thapcanh.detection.errors import InferenceError
from thapcanh.detection.event import EventPhase
from thapcanh.detection.inference import object_model
from thapcanh.detection.inference.inference_health import CameraInferences, LoopState
from thapcanh.detection.inference.inference_loop import InferenceLoop
from thapcanh.detection.inference.object_model import ObjectModel, load_object_model
from thapcanh.detection.inference.scheduling import DeadlineScheduler
from thapcanh.detection.rules.fire import FireRule
from thapcanh.detection.rules.intrusion import IntrusionRule
from thapcanh.ingest.frame import Frame

DOG = Detection(box=(0.5, 0.5, 0.6, 0.7), confidence=0.8, label="dog")
PERSON = Detection(box=(0.2, 0.4, 0.3, 0.8), confidence=0.8, label="person")
YARD = ZoneConfig(id="yard", name="Yard", polygon=((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
AT_ONCE = Confirmation(looks=1, of=1)


class StrangersModel(FakeDetector):
    model = ModelIdentity(name="strangers", sha256="1" * 64)


def settings(*labels: str, interval_s: float = 0.01) -> DetectorConfig:
    things = ObjectModelConfig(weights="s.pt", labels=labels or ("dog",), interval_s=interval_s)
    return DetectorConfig(objects=things)


def dogs(*classes: str, hours: tuple[str, ...] = ()) -> Rule:
    return IntrusionRule(
        id="dogs", zone="yard", classes=classes or ("dog",), confirm=AT_ONCE, hours=hours
    )


def scene_of(model: ObjectModel, camera_id: str, *rules: Rule) -> CameraPipeline:
    camera = CameraConfig(
        id=camera_id, name=camera_id, source=SecretUrl("rtsp://camera/1"), zones=(YARD,)
    )
    ids = count()

    def new_id() -> str:
        return f"{next(ids)}"

    def first(some: object) -> CameraPipeline:
        return CameraPipeline(camera, some, FakeDetector.model, new_id, stages=())  # type: ignore[arg-type]

    return model.pipeline(camera, rules, new_id, first)


@pytest.fixture
def watching(cameras: Cameras) -> Iterator[Callable[..., InferenceLoop]]:
    """A loop with two cameras: `plain` has fire alone, `dogs` has a rule of the second model."""
    loops: list[InferenceLoop] = []

    def start(first: FakeDetector, things: FakeDetector | None, rule: Rule) -> InferenceLoop:
        model = ObjectModel(settings(), things, "")
        loop = InferenceLoop(first, LOOKS, cameras.take, objects=model)
        for camera_id, rules in (("plain", ()), ("dogs", (rule,))):
            scene = scene_of(model, camera_id, FireRule(id="fire"), *rules)
            loop.add(scene, cameras.newest(camera_id))
        loop.start()
        loops.append(loop)
        return loop

    yield start
    for loop in loops:
        assert loop.stop()


def see(loop: InferenceLoop, cameras: Cameras, camera_id: str, times: int = 1) -> None:
    counts = loop.counters_of(camera_id)
    assert counts is not None
    for look in range(counts.looks + 1, counts.looks + 1 + times):
        loop.notice(camera_id)
        wait_for(partial(_has_looked, counts, look))


def _has_looked(counts: CameraInferences, looks: int) -> bool:
    return counts.looks == looks


def test_a_rule_about_dogs_raises_by_the_second_model_on_its_camera_alone(
    cameras: Cameras, watching: Callable[..., InferenceLoop]
) -> None:
    things = StrangersModel(lambda _: [DOG])
    loop = watching(FakeDetector(lambda _: [FLAME]), things, dogs())
    see(loop, cameras, "plain", 3)
    assert things.frames_inferred == 0
    see(loop, cameras, "dogs")
    wait_for(lambda: len(cameras.handed) == 5)
    (frame, _, (fire,)), (same, _, (dog,)) = cameras.handed[3:]
    assert frame is same, "both models saw the very same picture"
    assert (fire.kind, fire.model_name) == ("fire", "fake")
    assert (dog.kind, dog.label, dog.rule_id) == ("intrusion", "dog", "dogs")
    assert (dog.model_name, dog.model_sha256) == ("strangers", "1" * 64)
    assert loop.health().objects.done == 1


def test_fire_is_watched_on_while_the_second_model_fails_and_its_fault_is_reported(
    cameras: Cameras, watching: Callable[..., InferenceLoop]
) -> None:
    def fail(_: Frame) -> list[Detection]:
        raise InferenceError("its driver is gone")

    loop = watching(FakeDetector(lambda _: [FLAME]), StrangersModel(fail), dogs())
    see(loop, cameras, "dogs", 5)
    wait_for(lambda: loop.health().objects.error != "")
    health = loop.health()
    assert (health.state, health.failed) == (LoopState.LOOKING, 0)
    assert health.objects.error == "its driver is gone"
    raised = [event for _, _, events in cameras.handed for event in events]
    assert [event.kind for event in raised if event.phase is EventPhase.RAISED] == ["fire"]


def test_without_its_weights_the_worker_watches_fire_and_says_what_is_blind(tmp_path: Path) -> None:
    absent = settings()
    model = load_object_model(absent, tmp_path)
    assert model is not None
    assert model.detector is None
    assert model.counts.error.startswith("weights s.pt: cannot be read")
    scene = scene_of(model, "a", FireRule(id="fire"), dogs("person"))
    assert scene.objects is None, "people are watched by the first model meanwhile"
    assert load_object_model(DetectorConfig(), tmp_path) is None


@pytest.mark.parametrize(("interval_s", "expected"), [(0.5, 8), (1.0, 4)])
def test_it_has_a_pace_of_its_own(make_frame: MakeFrame, interval_s: float, expected: int) -> None:
    things = StrangersModel(lambda _: [DOG])
    model = ObjectModel(settings(interval_s=interval_s), things, "")
    scene = scene_of(model, "a", dogs())
    assert scene.objects is not None
    for look in range(8):
        frame = make_frame(look * 0.5, camera_id="a")
        if model.is_due(scene, frame):
            found = model.detect([frame], FakeDetector(lambda _: []).detect([frame]))
            assert found is not None
            scene.objects.observe(frame, found[0])
    assert things.frames_inferred == expected


def test_it_rests_outside_its_rules_hours(make_frame: MakeFrame) -> None:
    model = ObjectModel(settings(), StrangersModel(lambda _: [DOG]), "")
    scene = scene_of(model, "a", dogs(hours=("22:00-05:00",)))
    assert not model.is_due(scene, make_frame(0.0, captured_at=AFTERNOON))
    assert model.is_due(scene, make_frame(0.0, captured_at=AFTERNOON + 8 * 3600))


def test_a_rule_of_two_models_gets_both_their_classes(make_frame: MakeFrame) -> None:
    cat = Detection(box=(0.7, 0.5, 0.8, 0.7), confidence=0.9, label="cat")
    model = ObjectModel(settings("dog"), StrangersModel(lambda _: [DOG, cat]), "")
    frame = make_frame()
    (whole,) = FakeDetector(lambda _: [PERSON, FLAME]).detect([frame])
    found = model.detect([frame], [whole])
    assert found is not None
    assert sorted(found[0].label) == ["dog", "fire", "person"], "a class that is no label stays out"


def test_it_waits_for_fire_and_says_so_when_it_never_has_time(make_frame: MakeFrame) -> None:
    model = ObjectModel(settings(), StrangersModel(lambda _: [DOG]), "")
    scene = scene_of(model, "a", dogs())
    for at_s in range(int(object_model.BLIND_S)):
        assert not model.is_due(scene, make_frame(float(at_s), camera_id="a"), lambda _: False)
    assert (model.counts.dropped, model.counts.error) == (int(object_model.BLIND_S), "")
    model.is_due(scene, make_frame(object_model.BLIND_S, camera_id="a"), lambda _: False)
    assert model.counts.error == "no time for a for 30 s"
    model.discard("a")
    assert model.counts.error == ""


def test_the_overdue_run_while_no_camera_is_near_its_deadline(clock: StandingClock) -> None:
    schedule = DeadlineScheduler(interval_s=0.5, deadline_s=5.0)
    schedule.add("a", 0.0)
    schedule.ready("a", 0.0)
    assert not schedule.has_time(1.0)
    assert not schedule.has_time(1.0, waited_s=4.0)
    assert schedule.has_time(1.0, waited_s=5.0)
    assert not schedule.has_time(4.0, waited_s=60.0), "a camera comes near its own deadline"


def test_without_a_rule_that_needs_it_nothing_is_added(make_frame: MakeFrame) -> None:
    model = ObjectModel(settings(), StrangersModel(lambda _: [DOG]), "")
    scene = scene_of(model, "a", FireRule(id="fire"), dogs("person"))
    assert scene.objects is None
    assert not model.is_due(scene, make_frame())
