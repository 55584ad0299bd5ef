"""Habit maps outlive their worker and their queue, and learn what officers say, each once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.alerts.conftest import QueueServer, queue, queue_server
from tests.alerts.queue.fake_events import FIRST_AT, fake_message
from tests.made_archives import archive_at
from thapcanh.alerts.alert.records import CameraFacts, CommandRequest
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.store.errors import QueueError
from thapcanh.alerts.store.roles import Actor, AlertAction, Role
from thapcanh.alerts.suppression.habits import HabitRepository
from thapcanh.app.suppression.habit_store import HabitStore
from thapcanh.app.suppression.habit_tasks import HabitTask
from thapcanh.detection.confirmation.habit_record import to_text
from thapcanh.detection.confirmation.habits import SPAN_S, HabitMap, Lesson, LessonKind

__all__ = ["queue", "queue_server"]  # fixtures of the alerts' tests

LAMP = (0.40, 0.40, 0.50, 0.50)
LEADER = Actor(username="lan", name="Lan", role=Role.LEADER)


@dataclass(kw_only=True)
class City:
    """A centre, a queue, and a worker that is started again and again."""

    archive: Archive
    queue: EventQueue
    now: float = FIRST_AT
    seq: int = 0
    keeper: HabitStore = field(init=False)
    rounds: HabitTask = field(init=False)

    def __post_init__(self) -> None:
        self.start_worker()
        self.rounds = HabitTask(self.archive.database, self.queue.habits, lambda: self.now)

    def start_worker(self) -> HabitMap:
        self.keeper = HabitStore(self.queue.habits, lambda: self.now)
        known = self.keeper.of("gate")
        self.keeper.tick()
        return known

    def live(self, spans: int, *, sees_lamp: bool = True) -> HabitMap:
        """The camera is watched for so many spans; then worker and centre exchange."""
        known = self.keeper.of("gate")
        for _ in range(spans * 5):
            known.watch(self.now)
            if sees_lamp:
                known.see("fire", LAMP, self.now)
            self.now += SPAN_S / 5
        known.watch(self.now)
        self.exchange()
        return known

    def exchange(self) -> None:
        self.keeper.tick()
        self.rounds.round()
        self.keeper.tick()

    def judged(self, action: AlertAction, **changes: Any) -> None:
        """A fire is told of at the lamp, and a leader judges it."""
        self.seq += 1
        message = fake_message(self.seq, event_id=f"e{self.seq}", captured_at=self.now, **changes)
        taken = self.archive.take_in(
            message, queued_at=self.now, now=self.now, camera=lambda _: CameraFacts(name="gate")
        )
        for one in (AlertAction.ACKNOWLEDGE, action):
            self.now += 1
            alert = self.archive.alert(str(taken.alert_id))
            assert alert is not None
            order = CommandRequest(
                alert_id=alert.id,
                action=one,
                actor=LEADER,
                expected_version=alert.version,
                idempotency_key=f"{one}-{self.seq}",
                reason="lights" if one is AlertAction.REJECT else None,
            )
            assert self.archive.command(order, self.now).outcome == "done"

    def score(self) -> float | None:
        return self.keeper.of("gate").usual("fire", LAMP, self.now).score


@pytest.fixture
def city(queue: EventQueue, tmp_path: Path) -> Iterator[City]:
    archive = archive_at(tmp_path / "archive.sqlite")
    yield City(archive=archive, queue=queue)
    archive.close()


def test_a_map_outlives_its_worker(city: City) -> None:
    city.live(12)
    before = city.score()
    city.start_worker()
    assert before is not None
    assert city.score() == pytest.approx(before, abs=0.01)


def test_a_map_outlives_the_queue_too(city: City, queue_server: QueueServer) -> None:
    city.live(12)
    before = city.score()
    queue_server.stop()
    queue_server.lose_data()
    city.keeper.tick()  # nothing answers: nothing happens
    queue_server.start()
    city.rounds.round()
    city.start_worker()
    assert city.score() == pytest.approx(before, abs=0.01)


def test_a_worker_that_starts_before_the_queue_has_its_maps_back_joins_them(
    city: City,
    queue_server: QueueServer,
) -> None:
    city.live(12)
    before = city.score()
    queue_server.stop()
    queue_server.lose_data()
    queue_server.start()
    city.start_worker()
    assert city.score() is None
    city.exchange()
    assert city.score() == pytest.approx(before, abs=0.01)


def test_a_rejection_reaches_the_map_once_also_over_restarts(city: City) -> None:
    city.live(1, sees_lamp=False)
    city.judged(AlertAction.REJECT)
    city.exchange()
    known = city.keeper.of("gate")
    assert known.counts.max() == pytest.approx(12.0, rel=0.01)
    city.exchange()
    city.start_worker()
    city.exchange()
    assert city.keeper.of("gate").counts.max() == pytest.approx(12.0, rel=0.01)


def test_a_confirmed_fire_is_forgotten_and_never_becomes_usual(city: City) -> None:
    city.live(12)
    assert city.score() == pytest.approx(0.67, abs=0.05)
    city.judged(AlertAction.CONFIRM)
    city.exchange()
    city.live(36)
    assert city.score() == 0.0


def test_a_drill_teaches_nothing(city: City) -> None:
    city.live(1, sees_lamp=False)
    city.judged(AlertAction.REJECT, exercise=True)
    city.exchange()
    assert city.keeper.of("gate").counts.max() == 0.0


def test_verdicts_that_were_given_while_the_worker_was_down_are_learned(city: City) -> None:
    city.live(1, sees_lamp=False)
    city.judged(AlertAction.REJECT)
    city.rounds.round()
    city.start_worker()
    assert city.keeper.of("gate").counts.max() == pytest.approx(12.0, rel=0.01)


def test_a_technician_clears_a_map_and_the_log_says_who(city: City) -> None:
    city.live(12)
    repository = HabitRepository(city.archive.database)
    technician = Actor(username="minh", name="Minh", role=Role.TECHNICIAN)
    repository.clear("gate", technician, city.now)
    city.exchange()
    assert city.score() is None
    stored = repository.of("gate")
    assert stored is not None
    assert (stored.cleared_by, stored.cleared_at) == ("minh", city.now)
    (line,) = city.archive.log_of("gate")
    assert (line.action, line.actor, line.role) == ("habits_cleared", "minh", "technician")
    city.start_worker()
    assert city.score() is None


def test_a_stored_map_that_cannot_be_read_is_begun_anew(city: City) -> None:
    city.queue.habits.store({"gate": "rubbish"})
    assert city.start_worker().counts.max() == 0.0
    city.live(12)
    assert city.score() is not None


def test_a_camera_that_moves_to_another_worker_takes_its_map_along(city: City) -> None:
    city.live(12)
    before = city.score()
    city.keeper.drop(["gate"])
    other = HabitStore(city.queue.habits, lambda: city.now)
    other.of("gate")
    other.tick()
    assert other.of("gate").usual("fire", LAMP, city.now).score == pytest.approx(before, abs=0.01)


def _recorded(city: City) -> str:
    """An hour of the lamp, by a recording."""
    habits = HabitMap(city.now - 3600)
    for minute in range(60):
        habits.watch(city.now - 3600 + 60 * minute)
        habits.see("fire", LAMP, city.now - 3600 + 60 * minute, log_odds=2.0)
    habits.watch(city.now)
    return to_text(habits)


def _spans(habits: HabitMap) -> float:
    return float(habits.counts.sum(axis=1).max())


def test_a_recording_reaches_a_running_camera_once_also_over_restarts(city: City) -> None:
    city.live(1, sees_lamp=False)
    city.queue.habits.add_recorded("gate", _recorded(city))
    city.exchange()
    score = city.keeper.of("gate").score("fire", LAMP, city.now, 2.0)
    assert score == city.score()
    assert score is not None
    assert score > 0.5
    assert city.queue.habits.recorded(["gate"]) == {}
    city.start_worker()
    city.exchange()
    assert _spans(city.keeper.of("gate")) == pytest.approx(12.0, rel=0.01)


def test_a_recording_of_a_camera_that_nobody_watches_yet_waits_for_its_worker(city: City) -> None:
    city.queue.habits.add_recorded("yard", _recorded(city))
    city.exchange()
    assert city.queue.habits.recorded(["yard"]).keys() == {"yard"}
    yard = city.keeper.of("yard")
    city.keeper.tick()
    assert _spans(yard) == pytest.approx(12.0, rel=0.01)


def test_a_recording_counts_once_while_the_queue_takes_no_map(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    city.live(1, sees_lamp=False)
    city.queue.habits.add_recorded("gate", _recorded(city))

    def refuse(*_: object) -> None:
        raise QueueError("full")

    with monkeypatch.context() as patch:
        patch.setattr(city.queue.habits, "store", refuse)
        city.keeper.tick()
        city.keeper.tick()
    city.keeper.tick()
    assert _spans(city.keeper.of("gate")) == pytest.approx(12.0, rel=0.01)
    assert city.queue.habits.recorded(["gate"]) == {}


def test_lessons_sent_twice_or_unreadable_change_nothing(city: City) -> None:
    exchange = city.queue.habits
    lesson = Lesson(
        number=5, camera_id="gate", verdict=LessonKind.REJECTED, at=1.0, kind="fire", region=LAMP
    )
    exchange.teach([lesson])
    exchange.teach([lesson])
    assert exchange.lessons_after(0) == [lesson]
    assert exchange.lessons_after(5) == []
    assert exchange.last_lesson() == 5
