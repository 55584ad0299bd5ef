"""What is usual on a camera is shown to who sees the camera; a technician clears it."""

from collections.abc import Callable

import pytest

from tests.app.web_api.centre import NOW, Centre, Desk
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.alerts.suppression.habits import HabitRepository
from thapcanh.detection.confirmation.habit_record import to_text
from thapcanh.detection.confirmation.habits import SPAN_S, HabitMap

HABITS = "/api/v1/cameras/cam-1/habits"
LAMP = (0.5, 0.0, 0.6, 0.2)


@pytest.fixture
def learned(centre: Centre) -> HabitRepository:
    """A camera that was watched for two hours, with a lamp at the top."""
    habits = HabitMap(NOW - 7200)
    for second in range(0, 7200, 60):
        habits.watch(NOW - 7200 + second)
        habits.see("fire", LAMP, NOW - 7200 + second)
    habits.watch(NOW + SPAN_S)
    repository = HabitRepository(centre.archive.database)
    repository.store({"cam-1": to_text(habits)}, NOW)
    return repository


def test_the_map_is_shown_by_kind_and_hour(
    desk_of: Callable[..., Desk], learned: HabitRepository
) -> None:
    desk = desk_of("an", Role.OPERATOR, DataFilter(areas=frozenset({"hoan-kiem"})))
    shown = desk.get(f"{HABITS}?hour=8").json()
    assert (shown["hour"], shown["is_young"], shown["watched_h"]) == (
        8,
        True,
        pytest.approx(2, abs=0.1),
    )
    fire, smoke = shown["kinds"]["fire"], shown["kinds"]["smoke"]
    assert (len(fire), len(fire[0])) == (9, 16)
    assert fire[0][8] > 0.5
    assert max(max(row) for row in smoke) == 0.0
    assert desk.get(f"{HABITS}?hour=24").status_code == 422
    assert desk.get("/api/v1/cameras/cam-2/habits").status_code == 404
    assert desk.get("/api/v1/cameras/nothing/habits").status_code == 404


def test_a_camera_that_has_learned_nothing_says_so(desk_of: Callable[..., Desk]) -> None:
    shown = desk_of("an", Role.OPERATOR).get(HABITS).json()
    assert (shown["since"], shown["kinds"], shown["is_young"]) == (None, {}, True)


def test_a_technician_clears_it_by_name_and_nobody_else_does(
    desk_of: Callable[..., Desk], learned: HabitRepository
) -> None:
    assert desk_of("an", Role.LEADER).post(f"{HABITS}/clear").status_code == 403
    answer = desk_of("minh", Role.TECHNICIAN).post(f"{HABITS}/clear")
    assert answer.status_code == 200
    assert answer.json()["cleared_by"]["username"] == "minh"
    assert answer.json()["kinds"] == {}
    stored = learned.of("cam-1")
    assert stored is not None
    assert stored.record is None


def test_a_map_that_cannot_be_read_is_shown_as_none(
    desk_of: Callable[..., Desk], centre: Centre
) -> None:
    HabitRepository(centre.archive.database).store({"cam-1": "rubbish"}, NOW)
    assert desk_of("an", Role.OPERATOR).get(HABITS).json()["kinds"] == {}
