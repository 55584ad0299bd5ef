"""One advisory a front: raised once, told again when it grows, cleared when the front is gone."""

from thapcanh.alerts.weather.weather_advisory import (
    CLEAR_AFTER_S,
    HAZE,
    UPDATE_EVERY_S,
    WeatherAdvisories,
)
from thapcanh.alerts.weather.wide_weather import AreaReport, Front
from thapcanh.detection.event import EventPhase

NOW = 1_795_600_000.0


def _front(*numbers: int, lon: float = 105.85) -> Front:
    return Front(
        reports=tuple(
            AreaReport(
                camera_id=f"cam-{number}",
                position=(21.0 + number / 100, lon),
                kind="smoke",
                belief=0.3,
                first_seen_at=NOW,
                last_seen_at=NOW,
            )
            for number in numbers
        )
    )


NAMES = {f"cam-{number}": f"Camera {number}" for number in range(20)}


def test_a_front_is_told_once_from_its_middle_and_names_its_cameras() -> None:
    advisories = WeatherAdvisories()
    ((event, front),) = advisories.judge([_front(1, 2, 3)], NAMES, NOW)
    assert (event.phase, event.kind, event.priority) == (EventPhase.RAISED, HAZE, 2)
    assert event.camera_id == "cam-2"
    assert event.reason == "wide haze on 3 cameras: Camera 1, Camera 2, Camera 3"
    assert front == _front(1, 2, 3)
    assert advisories.judge([_front(1, 2, 3)], NAMES, NOW + 600) == []


def test_it_is_told_again_when_cameras_join_but_not_all_the_time() -> None:
    advisories = WeatherAdvisories()
    ((raised, _),) = advisories.judge([_front(1, 2, 3)], NAMES, NOW)
    assert advisories.judge([_front(1, 2, 3, 4)], NAMES, NOW + 5) == []
    ((event, _),) = advisories.judge([_front(1, 2, 3, 4, 5, 6)], NAMES, NOW + UPDATE_EVERY_S)
    assert (event.phase, event.event_id) == (EventPhase.UPDATED, raised.event_id)
    assert event.reason.startswith("wide haze on 6 cameras: Camera 1")
    assert event.reason.endswith("…")
    assert event.camera_id == raised.camera_id


def test_it_ends_when_the_front_has_been_gone_for_a_while() -> None:
    advisories = WeatherAdvisories()
    advisories.judge([_front(1, 2, 3)], NAMES, NOW)
    assert advisories.judge([], NAMES, NOW + 5) == []
    assert advisories.judge([_front(2, 3, 4)], NAMES, NOW + 10) == []
    assert advisories.judge([], NAMES, NOW + 15) == []
    ((event, front),) = advisories.judge([], NAMES, NOW + 15 + CLEAR_AFTER_S)
    assert (event.phase, front) == (EventPhase.CLEARED, None)
    assert advisories.judge([], NAMES, NOW + 999) == []


def test_two_fronts_are_two_advisories() -> None:
    advisories = WeatherAdvisories()
    told = advisories.judge([_front(1, 2, 3), _front(7, 8, 9)], NAMES, NOW)
    assert [event.camera_id for event, _ in told] == ["cam-2", "cam-8"]


def test_a_restart_tells_no_second_advisory() -> None:
    before = WeatherAdvisories()
    ((raised, _),) = before.judge([_front(1, 2, 3)], NAMES, NOW)
    after = WeatherAdvisories([raised])
    assert after.judge([_front(1, 2, 3)], NAMES, NOW + 5) == []
    ((event, _),) = after.judge([_front(1, 2, 3)], NAMES, NOW + UPDATE_EVERY_S)
    assert (event.phase, event.event_id) == (EventPhase.UPDATED, raised.event_id)
