"""A place learns what is usual there, by class and hour; people's verdicts count most."""

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from thapcanh.detection.confirmation.habit_record import HabitsUnreadable, from_text, to_text
from thapcanh.detection.confirmation.habits import (
    DECAY_S,
    SPAN_S,
    HabitMap,
    Lesson,
    LessonKind,
    hour_of,
)

LAMP = (0.60, 0.20, 0.70, 0.32)
GATE = (0.10, 0.60, 0.22, 0.80)
WHOLE = (0.0, 0.0, 1.0, 0.7)
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


def _at(clock: str, day: int = 1) -> float:
    hours, minutes = (int(part) for part in clock.split(":"))
    return datetime(2026, 11, day, hours, minutes, tzinfo=UTC).timestamp() - 7 * HOUR


def _lived(
    habits: HabitMap,
    since: float,
    until: float,
    *,
    seen: tuple[float, float] | None = None,
    region: tuple[float, float, float, float] = LAMP,
    is_told: bool = False,
) -> None:
    """Every minute is watched; a candidate is there in the hours of `seen` (local, from, to)."""
    at = since
    while at <= until:
        habits.watch(at)
        clock = (at + 7 * HOUR) % DAY / HOUR
        if seen is not None and seen[0] <= clock < seen[1]:
            habits.see("fire", region, at, is_told=is_told)
        at += MINUTE


def _teach(
    habits: HabitMap,
    verdict: LessonKind,
    at: float,
    *,
    kind: str = "fire",
    region: tuple[float, float, float, float] = LAMP,
) -> None:
    number = habits.taught_to + 1
    lesson = Lesson(
        number=number, camera_id="gate", verdict=verdict, at=at, kind=kind, region=region
    )
    assert habits.take(lesson)


def _score(habits: HabitMap, region: tuple[float, float, float, float], at: float) -> float:
    score = habits.usual("fire", region, at).score
    assert score is not None
    return score


def test_a_new_map_knows_nothing_and_says_that_it_is_young() -> None:
    habit = HabitMap(_at("08:00")).usual("fire", LAMP, _at("08:00"))
    assert habit.score is None
    assert habit.is_young
    assert habit.reason == "habits: young, 0 min watched"


def test_it_learns_from_the_first_minutes() -> None:
    habits = HabitMap(_at("08:00"))
    _lived(habits, _at("08:00"), _at("08:21"), seen=(0, 24))
    habit = habits.usual("fire", LAMP, _at("08:21"))
    assert habit.score is not None
    assert habit.score > 0.3
    assert habit.reason.endswith("(young)")


def test_what_was_always_there_in_the_first_hour_is_usual_in_the_next() -> None:
    habits = HabitMap(_at("08:00"))
    _lived(habits, _at("08:00"), _at("09:05"), seen=(0, 24))
    assert _score(habits, LAMP, _at("09:05")) >= 0.6
    assert _score(habits, LAMP, _at("15:05")) >= 0.6  # no other hour was watched yet
    assert _score(habits, GATE, _at("09:05")) == 0.0


def test_a_sunset_is_usual_at_its_hour_and_nothing_is_usual_at_noon() -> None:
    habits = HabitMap(_at("00:00"))
    _lived(habits, _at("00:00"), _at("00:00", 8), seen=(17.5, 17.9))
    assert _score(habits, LAMP, _at("17:40", 8)) > 0.75
    assert _score(habits, LAMP, _at("12:00", 8)) < 0.05
    assert _score(habits, GATE, _at("17:40", 8)) == 0.0


def test_classes_and_sizes_are_learned_apart() -> None:
    habits = HabitMap(_at("08:00"))
    at = _at("08:00")
    while at < _at("10:00"):
        habits.watch(at)
        habits.see("smoke", WHOLE, at)
        at += MINUTE
    wide = habits.usual("smoke", WHOLE, at).score
    assert wide is not None
    assert wide > 0.6
    assert habits.usual("smoke", LAMP, at).score == 0.0, "a plume in usual haze is not usual"
    assert habits.usual("fire", LAMP, at).score == 0.0


def test_a_candidate_that_grows_out_of_its_usual_place_is_less_usual() -> None:
    habits = HabitMap(_at("08:00"))
    _lived(habits, _at("08:00"), _at("10:00"), seen=(0, 24))
    grown = (LAMP[0] - 0.2, LAMP[1], LAMP[2] + 0.1, LAMP[3] + 0.1)
    assert _score(habits, grown, _at("10:00")) < 0.5 * _score(habits, LAMP, _at("10:00"))


def test_many_looks_in_a_span_count_once() -> None:
    habits = HabitMap(_at("08:00"))
    for second in range(int(SPAN_S)):
        habits.watch(_at("08:00") + second)
        habits.see("fire", LAMP, _at("08:00") + second)
    habits.watch(_at("08:05"))
    assert habits.counts.max() == pytest.approx(1.0, abs=0.01)


def test_counts_fade_over_two_weeks() -> None:
    habits = HabitMap(_at("08:00"))
    _lived(habits, _at("08:00"), _at("09:00"), seen=(0, 24))
    before = float(habits.counts.max())
    habits.watch(_at("09:00") + DECAY_S)
    assert float(habits.counts.max()) == pytest.approx(before / np.e, rel=0.02)


def test_a_fire_told_as_p1_teaches_nothing_by_itself() -> None:
    habits = HabitMap(_at("08:00"))
    _lived(habits, _at("08:00"), _at("20:00"), seen=(0, 24), is_told=True)
    assert _score(habits, LAMP, _at("20:00")) == 0.0


def test_a_fire_that_burns_for_days_never_becomes_usual_once_confirmed() -> None:
    habits = HabitMap(_at("00:00"))
    _lived(habits, _at("00:00"), _at("06:00"), seen=(0, 24))
    assert _score(habits, LAMP, _at("06:00")) > 0.6
    _teach(habits, LessonKind.CONFIRMED, _at("06:00"), kind="fire", region=LAMP)
    _lived(habits, _at("06:01"), _at("06:00", 4), seen=(0, 24))
    assert _score(habits, LAMP, _at("06:00", 4)) == 0.0
    smoke = habits.usual("smoke", LAMP, _at("06:00", 4)).score
    assert smoke == 0.0


def test_a_rejection_counts_more_than_half_an_hour_of_sightings() -> None:
    habits = HabitMap(_at("00:00"))
    _lived(habits, _at("00:00"), _at("20:00"))
    _teach(habits, LessonKind.REJECTED, _at("19:30"), kind="fire", region=LAMP)
    assert _score(habits, LAMP, _at("19:30", 2)) > 0.6
    assert _score(habits, LAMP, _at("08:00", 2)) < 0.25
    _teach(habits, LessonKind.REJECTED, _at("19:30", 2), kind="fire", region=LAMP)
    assert _score(habits, LAMP, _at("19:30", 3)) > 0.75


def test_the_newest_verdict_counts() -> None:
    habits = HabitMap(_at("00:00"))
    _teach(habits, LessonKind.CONFIRMED, _at("01:00"), kind="fire", region=LAMP)
    _teach(habits, LessonKind.REJECTED, _at("02:00"), kind="fire", region=LAMP)
    _lived(habits, _at("02:00"), _at("04:00"), seen=(0, 24))
    assert _score(habits, LAMP, _at("04:00")) > 0.6


def test_a_lesson_is_taken_once() -> None:
    habits = HabitMap(_at("00:00"))
    lesson = Lesson(
        number=7, camera_id="gate", verdict=LessonKind.REJECTED, at=0.0, kind="fire", region=LAMP
    )
    assert habits.take(lesson)
    before = habits.counts.copy()
    assert not habits.take(lesson)
    assert np.array_equal(habits.counts, before)


def test_a_technician_clears_the_map_of_a_camera_that_was_turned() -> None:
    habits = HabitMap(_at("00:00"))
    _lived(habits, _at("00:00"), _at("06:00"), seen=(0, 24))
    _teach(habits, LessonKind.CLEARED, _at("06:00"))
    assert habits.usual("fire", LAMP, _at("06:00")).score is None
    assert habits.since == _at("06:00")


def test_a_place_where_a_fire_was_confirmed_learns_from_no_recording() -> None:
    habits, recorded = HabitMap(_at("08:00")), HabitMap(_at("05:00"))
    _teach(habits, LessonKind.CONFIRMED, _at("08:00"), region=LAMP)
    _lived(recorded, _at("05:00"), _at("08:00"), seen=(0, 24))
    habits.join(recorded)
    assert _score(habits, LAMP, _at("08:05")) == 0.0
    assert habits.score("fire", LAMP, _at("08:05"), 0.0) is None


def test_a_rejection_holds_for_what_is_as_large_however_sure() -> None:
    habits = HabitMap(_at("00:00"))
    _lived(habits, _at("00:00"), _at("20:00"))
    _teach(habits, LessonKind.REJECTED, _at("19:30"), kind="fire", region=LAMP)
    at = _at("19:30", 2)
    assert habits.score("fire", LAMP, at, 5.0) == pytest.approx(_score(habits, LAMP, at))
    twice = (LAMP[0] - 0.1, LAMP[1], LAMP[2], LAMP[3] + 0.1)
    assert habits.score("fire", twice, at, 5.0) is None
    assert habits.score("smoke", LAMP, at, -5.0) is None


def test_a_map_from_before_there_were_bounds_is_as_usual_as_it_was() -> None:
    habits = HabitMap(_at("08:00"))
    _lived(habits, _at("08:00"), _at("10:00"), seen=(0, 24))
    stated = json.loads(to_text(habits))
    del stated["surest"], stated["largest"]
    old = from_text(json.dumps(stated))
    assert old.score("fire", LAMP, _at("10:00"), 3.0) == pytest.approx(
        _score(habits, LAMP, _at("10:00")), abs=0.01
    )
    assert old.score("smoke", LAMP, _at("10:00"), 3.0) is None


def test_what_was_learned_before_a_restart_is_joined() -> None:
    before, after = HabitMap(_at("00:00")), HabitMap(_at("06:10"))
    _lived(before, _at("00:00"), _at("06:00"), seen=(0, 24))
    _teach(before, LessonKind.CONFIRMED, _at("05:00"), region=GATE)
    after.join(before)
    assert after.since == _at("00:00")
    assert after.taught_to == 1
    assert _score(after, LAMP, _at("06:10")) > 0.6
    assert after.free_until.max() > 0


def test_blindness_teaches_nothing() -> None:
    """A camera that was not looked at does not learn that nothing was there."""
    habits = HabitMap(_at("08:00"))
    habits.watch(_at("08:00"))
    habits.watch(_at("20:00"))
    assert habits.watched.sum() == pytest.approx(1.0, abs=0.05)


def test_a_clock_that_goes_back_changes_nothing() -> None:
    habits = HabitMap(_at("08:00"))
    _lived(habits, _at("08:00"), _at("09:00"), seen=(0, 24))
    before = habits.counts.copy()
    assert not habits.watch(_at("07:00"))
    habits.see("fire", GATE, _at("07:00"))
    assert np.array_equal(habits.counts, before)


@pytest.mark.parametrize("region", [(0, 0, 0, 0), (1, 1, 1, 1), (-0.2, 0.5, 0.1, 1.4), WHOLE])
def test_any_box_has_a_place(region: tuple[float, float, float, float]) -> None:
    habits = HabitMap(_at("08:00"))
    _lived(habits, _at("08:00"), _at("10:00"), seen=(0, 24), region=region)
    assert _score(habits, region, _at("10:00")) > 0.5


def test_the_hour_is_the_local_one() -> None:
    assert hour_of(datetime(2026, 11, 1, 17, 0, tzinfo=UTC).timestamp()) == 0


def test_the_record_keeps_all_and_stays_small() -> None:
    habits = HabitMap(_at("00:00"))
    _lived(habits, _at("00:00"), _at("00:00", 3), seen=(17.5, 18.5))
    _teach(habits, LessonKind.CONFIRMED, _at("01:00", 2), kind="smoke", region=GATE)
    habits.taught_to = 1_795_600_000_123_456
    text = to_text(habits)
    again = from_text(text)
    assert len(text) < 2000
    assert again.taught_to == habits.taught_to
    assert again.since == habits.since
    assert again.learned_to == habits.learned_to
    assert np.allclose(again.counts, habits.counts, rtol=1e-2)
    assert np.array_equal(again.free_until, np.round(habits.free_until))
    assert np.allclose(again.bounds.surest, habits.bounds.surest, atol=0.01)
    assert np.allclose(again.bounds.largest, habits.bounds.largest, rtol=1e-2)
    assert again.usual("fire", LAMP, _at("18:00", 3)).score == pytest.approx(
        habits.usual("fire", LAMP, _at("18:00", 3)).score, abs=0.01
    )


def test_a_full_record_is_bounded() -> None:
    habits = HabitMap(_at("00:00"))
    habits.counts[:] = np.random.default_rng(1).uniform(0, 500, habits.counts.shape)
    assert len(to_text(habits)) < 40_000


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "not a habit map"),
        ("[]", "not a habit map"),
        ('{"version": 9}', "version 9"),
        (to_text(HabitMap(0.0)).replace('"counts":"', '"counts":"AAAA'), "not a habit map"),
        (to_text(HabitMap(0.0)).replace('"free":[]', '"free":[[99,1,2]]'), "not a habit map"),
    ],
)
def test_a_record_that_cannot_be_read_is_named(text: str, shown: str) -> None:
    with pytest.raises(HabitsUnreadable, match=shown):
        from_text(text)
