"""The centre's rounds against a real archive and a queue that answers or does not."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.alerts.queue.fake_events import fake_event, fake_message
from tests.app.web_api.made_reports import reports_of
from tests.made_archives import archive_at
from thapcanh.alerts.queue.event_stream import StreamEntry
from thapcanh.alerts.queue.message import decode
from thapcanh.alerts.queue.queue import EventQueue, QueueDepth
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.queue.workers.worker_report import WorkerReport, silent_worker
from thapcanh.alerts.queue.workers.worker_status import ClockReading
from thapcanh.alerts.store.errors import GroupMissing, QueueUnreachable
from thapcanh.app.health.health_tasks import HealthTask, disks
from thapcanh.app.health.left_open import LeaderTerms
from thapcanh.app.process.disk_room import disk_of
from thapcanh.config.camera import CameraConfig
from thapcanh.config.problem import ConfigProblem, Weight
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import Site, SiteFacts
from thapcanh.detection.event import Event, EventPhase
from thapcanh.ingest.clock import SystemClock

START = 100_000.0


class SetClock(SystemClock):
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.at = START

    def utc(self) -> float:
        return self.at

    def monotonic(self) -> float:
        return self.at


class FakeQueue:
    """Says what a test lets it say."""

    def __init__(self, clock: SetClock) -> None:
        self._clock = clock
        self.full: str | None = None
        self.stream = SimpleNamespace(last_trouble=lambda: None, memory_trouble=lambda: self.full)
        self.is_down = False
        self.hangs_s = 0.0
        self.has_group = True
        self.ahead_s = 0.0
        self.silent_since: float | None = None

    def workers(self) -> list[WorkerReport]:
        self._clock.at += self.hangs_s
        if self.is_down:
            raise QueueUnreachable("refused")
        if self.silent_since is not None:
            return [silent_worker("worker-1", self.silent_since, ["gate"])]
        told = {"started_at": START, "spool": {"waiting": 0}, "cameras": [{"id": "gate"}]}
        return reports_of([{"worker": "worker-1", "reported_at": self._clock.at, **told}])

    def dead(self, count: int) -> list[StreamEntry]:
        return []

    def clock(self) -> ClockReading:
        return ClockReading(
            server=self._clock.at - self.ahead_s, ahead_s=self.ahead_s, within_s=0.0
        )

    def depth(self) -> QueueDepth:
        if not self.has_group:
            raise GroupMissing("no group")
        return QueueDepth(length=1, unread=0, pending=0)


@dataclasses.dataclass
class Configuration:
    """What is in force, as a test sets it."""

    site: Site
    problems: tuple[ConfigProblem, ...] = ()
    refused_since: float | None = None
    waiting: tuple[str, ...] = ()


class Round:
    """A watch with its parts, and a clock that a test moves."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self.clock = SetClock()
        self.queue = FakeQueue(self.clock)
        self.archive = archive_at(folder / "archive.sqlite")
        self.spool = Spool(folder / "centre.sqlite", "centre")
        camera = CameraConfig(id="gate", name="Cổng", source=SecretUrl("rtsp://h/a"))
        site = Site(site=SiteFacts(data_dir=folder), cameras=(camera,))
        self.configuration = Configuration(site)
        self.watch = HealthTask(
            cast(EventQueue, self.queue),
            self.archive,
            self.spool,
            self.configuration,
            clock=self.clock,
            **more,
        )

    def go(self, seconds: int) -> None:
        for _ in range(0, seconds, 2):
            self.watch.round()
            self.clock.at += 2.0

    def told(self) -> list[tuple[str, EventPhase]]:
        return [(event.rule_id, event.phase) for event in self.events()]

    def events(self) -> list[Event]:
        return [decode(entry).event for _, entry in self.spool.oldest(1000)]


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Round]:
    made = Round(tmp_path)
    yield made
    made.archive.close()
    made.spool.close()


def test_all_is_well_and_nothing_is_spooled(centre: Round) -> None:
    centre.go(120)
    assert centre.told() == []


def test_a_lost_worker_is_told_within_10_s(centre: Round) -> None:
    centre.go(20)
    centre.queue.silent_since = centre.clock.at - 8
    centre.go(10)
    assert centre.told() == [("worker_lost", EventPhase.RAISED)]


def test_a_queue_that_stood_still_does_not_declare_its_workers_lost(centre: Round) -> None:
    """Their statuses expired while nobody could report."""
    centre.go(20)
    centre.queue.is_down = True
    centre.go(14)
    centre.queue.is_down = False
    centre.queue.silent_since = centre.clock.at - 14
    centre.go(4)
    centre.queue.silent_since = None
    centre.go(30)
    assert centre.told() == [("queue_down", EventPhase.RAISED), ("queue_down", EventPhase.CLEARED)]


def test_a_frozen_queue_is_told_within_15_s_although_each_question_waits_5_s(
    centre: Round,
) -> None:
    centre.go(20)
    frozen_at = centre.clock.at
    centre.queue.is_down, centre.queue.hangs_s = True, 5.0
    centre.clock.at += 2.0  # the round came just before
    while centre.told() == []:
        centre.watch.round()
        at = centre.clock.at
        centre.clock.at += 1.0
    assert at - frozen_at <= 15.0
    assert centre.told() == [("queue_down", EventPhase.RAISED)]


def test_a_queue_without_its_group_is_no_lag(centre: Round) -> None:
    centre.queue.has_group = False
    centre.go(60)
    assert centre.told() == []


def test_what_a_worker_left_open_is_cleared_once_after_minutes_of_silence(centre: Round) -> None:
    message = fake_message(1, captured_at=START - 50, inferred_at=START - 50)
    centre.archive.take_in(message, queued_at=START, now=START, camera=lambda _: None)
    centre.queue.silent_since = START
    centre.go(290)
    assert centre.told() == [("worker_lost", EventPhase.RAISED)]
    centre.go(60)
    ended = [event for event in centre.events() if event.event_id == "event-1"]
    assert [(event.phase, event.reason) for event in ended] == [(EventPhase.CLEARED, "worker_lost")]
    assert ended[0].captured_at > START + 290


def test_a_centre_that_starts_again_knows_what_it_had_raised(centre: Round, tmp_path: Path) -> None:
    centre.queue.silent_since = START
    centre.go(20)
    centre.archive.close()
    centre.spool.close()
    again = Round(tmp_path)
    again.clock.at = START + 100
    again.go(30)
    assert again.told() == [("worker_lost", EventPhase.RAISED), ("worker_lost", EventPhase.CLEARED)]
    raised, cleared = again.events()
    assert raised.event_id == cleared.event_id
    again.archive.close()
    again.spool.close()


def test_a_gap_in_the_archive_is_told(centre: Round) -> None:
    for seq in (1, 4):
        event = dataclasses.replace(fake_event(seq), event_id=f"e{seq}")
        message = fake_message(seq, event)
        centre.archive.take_in(message, queued_at=START, now=START, camera=lambda _: None)
    centre.go(58)
    assert centre.told() == []
    centre.go(10)
    assert centre.told() == [("event_gap", EventPhase.RAISED)]
    assert centre.events()[0].reason == "2 events are missing"


@pytest.mark.parametrize(
    ("file", "path", "shown"),
    [
        ("cameras.d/ward.toml", "cameras[0]", "cameras.d/ward.toml cameras[0]"),
        ("/etc/thapcanh/cameras.d/ward.toml", "", "cameras.d/ward.toml"),
        ("/etc/thapcanh/thapcanh.toml", "", "thapcanh.toml"),
    ],
)
def test_a_broken_file_is_named_with_its_folder_and_no_longer_path(
    centre: Round, file: str, path: str, shown: str
) -> None:
    weight = Weight.SET_ASIDE
    problem = ConfigProblem(file=file, path=path, message="is not TOML", weight=weight)
    centre.configuration.problems = (problem,)
    centre.go(10)
    assert centre.events()[0].reason == f"1 problems in the configuration: {shown}"


def test_a_camera_that_the_configuration_sets_aside_is_told_and_cleared(centre: Round) -> None:
    problem = ConfigProblem(
        file="thapcanh.toml",
        path="cameras[2].source",
        message="no address",
        weight=Weight.SET_ASIDE,
    )
    centre.configuration.problems = (problem,)
    centre.go(10)
    centre.configuration.problems = ()
    centre.go(4)
    assert centre.told() == [
        ("config_problem", EventPhase.RAISED),
        ("config_problem", EventPhase.CLEARED),
    ]
    assert centre.events()[0].reason.endswith("configuration: thapcanh.toml cameras[2].source")


def test_only_other_machines_disks_are_added(tmp_path: Path) -> None:
    own = disk_of(tmp_path)
    here = {"worker": "worker-1", "disk": own}
    there = {"worker": "worker-2", "disk": {"host": "elsewhere", "free": 1, "total": 2}}
    found = disks(tmp_path, reports_of([here, there, {"worker": "worker-3", "lost": True}]))
    assert found.keys() == {"centre", "worker-2"}
    assert found["worker-2"] == (1, 2)


class Terms:
    """Who leads, as a test decides."""

    leads = True

    def __init__(self) -> None:
        self.term = 1

    def start(self) -> None: ...

    def stop(self) -> None: ...


def test_a_centre_that_begins_to_lead_goes_on_with_what_another_raised(tmp_path: Path) -> None:
    """Its own spool knows nothing of that, and knows what the other one has cleared since."""
    made, terms = Round(tmp_path), Terms()
    left: list[Event] = []
    made.watch = HealthTask(
        cast(EventQueue, made.queue),
        made.archive,
        made.spool,
        made.configuration,
        clock=made.clock,
        terms=LeaderTerms(terms, lambda: left, is_shared=True),
    )
    made.go(20)
    made.queue.silent_since = START
    made.go(20)
    (raised,) = (event for event in made.events() if event.rule_id == "worker_lost")
    terms.term = 2  # another led meanwhile, and raised one of its own when the first was over
    other = dataclasses.replace(raised, id="another", event_id="another")
    left = [other]
    made.queue.silent_since = None
    made.go(40)
    told = [(event.event_id, event.phase) for event in made.events()]
    assert (other.event_id, EventPhase.CLEARED) in told
    assert (raised.event_id, EventPhase.CLEARED) not in told
    made.archive.close()
    made.spool.close()


def test_the_last_good_configuration_in_force_is_an_alarm_of_the_centre(centre: Round) -> None:
    problem = ConfigProblem(file="site.toml", path="", message="no TOML", weight=Weight.FATAL)
    centre.configuration.problems, centre.configuration.refused_since = (problem,), START
    centre.go(10)
    (raised,) = centre.events()
    assert raised.reason == "the last good configuration is in force, not applied: site.toml"


def test_a_queue_that_only_a_restart_applies_is_an_alarm_of_the_centre(centre: Round) -> None:
    """A worker that died could not start again beside the others, and nothing had said so."""
    for waiting in (("looks",), ("looks", "site", "queue"), ()):
        centre.configuration.waiting = waiting
        centre.go(10)
    raised, cleared = centre.events()
    assert raised.reason == "only a restart of all applies: site, queue"
    assert raised.captured_at > START + 10, "other sections part nobody"
    assert cleared.phase is EventPhase.CLEARED
