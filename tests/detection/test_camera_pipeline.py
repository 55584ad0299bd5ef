"""Looks in, events out: confirmation, episodes, zones, masks, hours, gaps, jumps of the clock."""

from collections.abc import Callable, Sequence
from itertools import count

import pytest

from thapcanh.config.camera import CameraConfig, ZoneConfig
from thapcanh.config.rules import Rule
from thapcanh.config.secret import SecretUrl
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.confirmation.stages import detected_often_enough
from thapcanh.detection.detections import Detection, detections_of
from thapcanh.detection.detectors.model_card import ModelIdentity
from thapcanh.detection.event import Event, EventPhase
from thapcanh.detection.region import Region
from thapcanh.detection.rules.fire import FireRule
from thapcanh.detection.rules.intrusion import IntrusionRule
from thapcanh.detection.rules.smoke import SmokeRule
from thapcanh.ingest.frame import Frame

MakeFrame = Callable[..., Frame]
MODEL = ModelIdentity(name="fake", sha256="f" * 64)
FIRE, SMOKE = FireRule(id="fire"), SmokeRule(id="smoke")
GATE = IntrusionRule(id="gate", zone="gate", min_confidence=0.4)
BOTTOM_HALF = ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0))
HERE: Region = (0.4, 0.4, 0.5, 0.6)
ELSEWHERE: Region = (0.8, 0.1, 0.9, 0.2)


def flame(region: Region = HERE, confidence: float = 0.5) -> Detection:
    return Detection(box=region, confidence=confidence, label="fire")


def smoke(region: Region = HERE, confidence: float = 0.5) -> Detection:
    return Detection(box=region, confidence=confidence, label="smoke")


def person(x: float = 0.5, feet: float = 0.8, confidence: float = 0.6) -> Detection:
    return Detection(
        box=(x - 0.05, feet - 0.3, x + 0.05, feet), confidence=confidence, label="person"
    )


class Film:
    """Shows a scene one look after the other; only N of M decides unless told otherwise."""

    def __init__(self, make_frame: MakeFrame, rules: Sequence[Rule], **camera: object) -> None:
        ids = map("id{}".format, count(1)).__next__
        spec = CameraConfig.model_validate(
            {
                "id": "gate",
                "name": "Gate",
                "source": SecretUrl("rtsp://camera/1"),
                "zones": (ZoneConfig(id="gate", name="Gate", polygon=BOTTOM_HALF),),
                **camera,
            }
        )
        self._make_frame = make_frame
        stages = (detected_often_enough,)
        self.scene = CameraPipeline(spec, rules, MODEL, ids, stages)
        self.at_s = 0.0

    def observe(self, *rows: Detection, step_s: float = 0.5, **frame: object) -> list[Event]:
        self.at_s += step_s
        picture = self._make_frame(self.at_s, **frame)
        return self.scene.observe(picture, detections_of(picture, rows))

    def looks(self, times: int, *rows: Detection, step_s: float = 0.5) -> list[Event]:
        return [event for _ in range(times) for event in self.observe(*rows, step_s=step_s)]


def phases(events: Sequence[Event]) -> list[EventPhase]:
    return [event.phase for event in events]


@pytest.fixture
def film(make_frame: MakeFrame) -> Callable[..., Film]:
    return lambda *rules, **camera: Film(make_frame, rules or (FIRE, SMOKE), **camera)


def test_a_fire_from_raised_to_cleared_is_one_event(film: Callable[..., Film]) -> None:
    shown = film(FIRE)
    assert shown.looks(2, flame()) == []
    (raised,) = shown.observe(flame())
    assert (raised.phase, raised.kind, raised.rule_id, raised.camera_id) == (
        EventPhase.RAISED,
        "fire",
        "fire",
        "gate",
    )
    assert raised.box == pytest.approx((0.4, 0.4, 0.1, 0.2), abs=1e-5)
    assert raised.reason == "3 of 5 looks"
    assert (raised.model_name, raised.model_sha256) == ("fake", "f" * 64)
    assert raised.at_s == 1.5
    later = shown.looks(40, flame())
    assert phases(later) == [EventPhase.UPDATED] * 2
    gone = shown.looks(60)
    assert phases(gone) == [EventPhase.CLEARED]
    assert gone[0].at_s == pytest.approx(21.5 + 20.0)
    assert {event.event_id for event in (raised, *later, *gone)} == {raised.event_id}
    ids = [event.id for event in (raised, *later, *gone)]
    assert len(set(ids)) == len(ids)


def test_fire_and_smoke_at_one_place_are_one_alert(film: Callable[..., Film]) -> None:
    shown = film()
    assert phases(shown.looks(3, smoke())) == [EventPhase.RAISED]
    events = shown.looks(3, smoke(), flame())
    assert [(event.phase, event.kind, event.reason) for event in events] == [
        (EventPhase.UPDATED, "smoke", "fire too"),
        (EventPhase.UPDATED, "fire", "fire follows smoke · believed: as it stands"),
    ]
    assert {event.rule_id for event in events} == {SMOKE.id}
    later = shown.looks(80, smoke())
    assert {event.kind for event in later} == {"fire"}, "for good"


def test_a_flame_that_jumps_about_is_one_place(film: Callable[..., Film]) -> None:
    boxes = [(0.4, 0.4, 0.5, 0.6), (0.47, 0.3, 0.55, 0.45), (0.38, 0.5, 0.44, 0.62)]
    shown = film(FIRE)
    events = [event for box in boxes for event in shown.observe(flame(box))]
    assert phases(events) == [EventPhase.RAISED]


def test_single_looks_at_different_places_raise_nothing(film: Callable[..., Film]) -> None:
    shown = film(FIRE)
    for x in (0.0, 0.3, 0.6, 0.9):
        assert shown.observe(flame((x, 0.1, x + 0.05, 0.15))) == []


def test_a_second_fire_speaks_when_the_first_is_old_news(film: Callable[..., Film]) -> None:
    shown = film(FIRE)
    first = shown.looks(3, flame())
    shown.looks(140, flame())
    second = [e for e in shown.looks(5, flame(), flame(ELSEWHERE)) if e.phase is EventPhase.RAISED]
    assert len(second) == 1
    assert second[0].event_id != first[0].event_id


def test_a_fire_that_spreads_within_the_minute_is_one_alert(film: Callable[..., Film]) -> None:
    shown = film(FIRE)
    shown.looks(3, flame())
    shown.looks(20, flame(), flame(ELSEWHERE))
    later = shown.looks(200, flame(ELSEWHERE))
    assert set(phases(later)) == {EventPhase.UPDATED}
    assert phases(shown.looks(5, flame((0.1, 0.8, 0.15, 0.9)))) == [EventPhase.RAISED]


def test_a_place_that_returns_is_a_new_event(film: Callable[..., Film]) -> None:
    shown = film(FIRE)
    (raised,) = shown.looks(3, flame())
    assert phases(shown.looks(60)) == [EventPhase.CLEARED]
    (back,) = shown.looks(3, flame())
    assert back.phase is EventPhase.RAISED
    assert back.event_id != raised.event_id


def test_hysteresis_keeps_a_weak_flame_alive_but_raises_none(film: Callable[..., Film]) -> None:
    weak = flame(confidence=0.18)
    assert film(FIRE).looks(7, weak) == []  # with the eighth it is faint, but there for long
    shown = film(FIRE)
    shown.looks(3, flame())
    assert EventPhase.CLEARED not in phases(shown.looks(120, weak))


def test_masks_and_minimum_size(film: Callable[..., Film]) -> None:
    mask = ((0.3, 0.3), (0.6, 0.3), (0.6, 0.7), (0.3, 0.7))
    assert film(FIRE, masks=(mask,)).looks(10, flame()) == []
    assert phases(film(FIRE, masks=(mask,)).looks(3, flame(ELSEWHERE))) == [EventPhase.RAISED]
    picky = FIRE.model_copy(update={"min_area": 0.05})
    assert film(picky).looks(10, flame()) == []
    assert phases(film(picky).looks(3, flame((0.2, 0.2, 0.5, 0.5)))) == [EventPhase.RAISED]


def test_fire_in_a_zone_is_a_matter_of_overlap(film: Callable[..., Film]) -> None:
    zoned = FIRE.model_copy(update={"zone": "gate"})
    assert film(zoned).looks(5, flame((0.4, 0.2, 0.5, 0.55))) == []
    (raised,) = film(zoned).looks(3, flame((0.4, 0.3, 0.5, 0.7)))
    assert raised.zone_id == "gate"


@pytest.mark.parametrize(("feet", "expected"), [(0.51, True), (0.5, True), (0.49, False)])
def test_people_stand_where_their_feet_are(
    film: Callable[..., Film], feet: float, expected: bool
) -> None:
    assert bool(film(GATE).looks(3, person(feet=feet))) is expected


def test_a_walker_is_one_intrusion_with_his_track(film: Callable[..., Film]) -> None:
    shown = film(GATE)
    events = [
        event for number in range(12) for event in shown.observe(person(x=0.1 + 0.06 * number))
    ]
    assert phases(events) == [EventPhase.RAISED]
    assert events[0].track_id is not None
    assert events[0].label == "person"


def test_only_the_rules_own_classes_intrude(film: Callable[..., Film]) -> None:
    car = Detection(box=(0.3, 0.5, 0.6, 0.9), confidence=0.9, label="car")
    assert film(GATE).looks(5, car) == []
    both = GATE.model_copy(update={"classes": ("person", "car")})
    assert phases(film(both).looks(3, car)) == [EventPhase.RAISED]


def test_a_walker_lost_for_a_look_is_still_confirmed(film: Callable[..., Film]) -> None:
    shown = film(GATE)
    events = shown.observe(person(0.3)) + shown.observe() + shown.observe(person(0.4))
    events += shown.observe() + shown.observe(person(0.5))
    assert phases(events) == [EventPhase.RAISED]


def test_hours_are_those_of_the_camera_picture(film: Callable[..., Film]) -> None:
    night = GATE.model_copy(update={"hours": ("22:00-05:00",)})
    shown = film(night)
    assert shown.looks(5, person()) == []  # it is afternoon
    evening = 1_760_000_400.0 + 6 * 3600
    events = [event for _ in range(3) for event in shown.observe(person(), captured_at=evening)]
    assert phases(events) == [EventPhase.RAISED]


def test_a_reconnect_in_the_middle_of_a_dwell_starts_it_anew(film: Callable[..., Film]) -> None:
    shown = film(GATE)
    assert shown.looks(2, person()) == []
    assert shown.observe(person(), step_s=45.0) == []
    assert phases(shown.looks(2, person())) == [EventPhase.RAISED]


def test_a_reconnect_in_the_middle_of_a_fire_neither_clears_nor_repeats_it(
    film: Callable[..., Film],
) -> None:
    shown = film(FIRE)
    shown.looks(3, flame())
    assert shown.observe(step_s=600.0) == []
    events = shown.observe(flame()) + shown.looks(5, flame())
    assert EventPhase.RAISED not in phases(events)
    assert EventPhase.CLEARED not in phases(events)


def test_a_clock_that_jumps_back_forgets_half_confirmed_places(
    film: Callable[..., Film],
) -> None:
    shown = film(FIRE)
    shown.looks(2, flame())
    shown.at_s -= 100.0
    assert shown.looks(2, flame()) == []
    assert phases(shown.looks(1, flame())) == [EventPhase.RAISED]


def test_a_clock_that_jumps_back_keeps_what_was_raised(film: Callable[..., Film]) -> None:
    shown = film(FIRE, GATE)
    (raised,) = shown.looks(3, flame())
    shown.at_s -= 100.0
    events = shown.looks(10, flame())
    assert {event.event_id for event in events} <= {raised.event_id}
    assert EventPhase.RAISED not in phases(events)


def test_rare_looks_still_confirm(film: Callable[..., Film]) -> None:
    """Under load a camera is looked at every 5 s; 3 of 5 in 10 s would then be impossible."""
    shown = film(FIRE)
    shown.looks(4, step_s=5.0)
    assert phases(shown.looks(3, flame(), step_s=5.0)) == [EventPhase.RAISED]


def test_the_same_looks_give_the_same_events(film: Callable[..., Film]) -> None:
    def events() -> list[Event]:
        shown = film()
        return shown.looks(30, flame(), smoke(ELSEWHERE)) + shown.looks(50)

    assert events() == events()


def test_a_call_shortens_the_waiting_and_is_named_while_it_counts(
    film: Callable[..., Film],
) -> None:
    shown = film(FIRE, GATE)
    shown.scene.record_call("113-0042")
    assert shown.observe(flame(), person()) == []
    (raised,) = shown.observe(flame(), person())  # the walker waits as ever
    assert (raised.kind, raised.call) == ("fire", "113-0042")
    assert raised.reason == "corroborated by call 113-0042 · 2 of 5 looks"
    (walker,) = shown.observe(flame(), person())
    assert (walker.kind, walker.call, "call" in walker.reason) == ("intrusion", None, False)
    shown.scene.record_call(None, is_near=False)
    (later,) = shown.looks(20, flame(), person())[:1]
    assert (later.call, "call" in later.reason) == (None, False)


def test_a_call_that_is_far_changes_nothing_but_the_order_of_looks(
    film: Callable[..., Film],
) -> None:
    shown = film(FIRE)
    shown.scene.record_call(None)
    assert shown.scene.is_called
    assert shown.looks(2, flame()) == []
    (raised,) = shown.observe(flame())
    assert raised.call is None
