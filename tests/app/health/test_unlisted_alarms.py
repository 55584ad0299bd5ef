"""A full disk stores no alarm: each of the system's is shown from memory until it can be stored."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.app.delivery.receiver import Receiver
from tests.app.delivery.served import log_of, served, target
from tests.app.delivery.served import until as delivered
from tests.app.health.test_health_rounds import Round
from tests.app.health.test_prometheus_text import of, read
from tests.app.web_api.anonymous import anonymous_get
from tests.app.web_api.centre import Centre, Desk, made_site, serving
from tests.app.web_api.heard import events_of
from tests.made_archives import archive_at
from tests.small_disk import disk_of, fill
from thapcanh.alerts.alert.records import CameraFacts
from thapcanh.alerts.delivery.outbox.deliveries import DeliveryRepository
from thapcanh.alerts.delivery.outbox.records import DeliveryState
from thapcanh.alerts.health.status import UnlistedAlarm, UnlistedAlarms, read_alarms
from thapcanh.alerts.lifecycle.archive_transport import ArchiveTransport
from thapcanh.alerts.queue.publisher import EventPublisher
from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.alerts.store.errors import ArchiveUnreachable, SpoolError
from thapcanh.alerts.store.roles import Role
from thapcanh.app.cli.status import unlisted_findings
from thapcanh.app.health.health_monitor import HealthCheck, HealthProblem, HealthVerdict
from thapcanh.app.web_api.app_state import SiteHolder
from thapcanh.config.servers.processes import MetricsConfig

BOUND_S = 20  # the problem must last 10 s, and a round takes 2 s


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disk_of(24, tmp_path) as disk:
        yield disk


@dataclass
class FullCentre:
    """The rounds of a centre whose spool and archive are on a disk without room."""

    disk: Path
    faults: list[HealthCheck] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.unlisted = UnlistedAlarms(self.disk / "run" / "alarms")
        self.round = Round(self.disk, unlisted=self.unlisted, outside=lambda _: self.faults)
        outlet = ArchiveTransport(self.round.archive, lambda name: CameraFacts(name=name))
        self.publisher = EventPublisher(self.round.spool, outlet)
        self.publisher.start()
        self.go(10)
        self.ballast = fill(self.disk)

    def go(self, seconds: int) -> None:
        for _ in range(0, seconds, 2):
            with suppress(SpoolError):
                self.round.watch.round()
            self.round.clock.at += 2.0

    def shown(self) -> list[str]:
        return [alarm.event.rule_id for alarm in self.unlisted()]

    def close(self) -> None:
        self.publisher.stop()
        self.round.archive.close()
        self.round.spool.close()


@pytest.fixture
def full(small_disk: Path) -> Iterator[FullCentre]:
    made = FullCentre(small_disk)
    yield made
    made.close()


def problem(kind: SystemKind) -> HealthCheck:
    trouble = HealthProblem(rule_id=f"rule_of_{kind}", kind=kind, raise_after_s=10.0)
    return HealthCheck(trouble=trouble, subject="centre", verdict=HealthVerdict.FAULT, reason="why")


def test_a_queue_that_is_down_is_shown_within_its_bound_on_a_full_disk(full: FullCentre) -> None:
    full.round.queue.is_down = True
    full.go(BOUND_S)
    assert "queue_down" in full.shown()
    alarms = read_alarms(full.disk / "run" / "alarms")
    (text,) = [each.text for each in unlisted_findings(alarms) if "queue_down" in each.text]
    assert text.startswith("not stored: queue_down queue since ")


def test_every_kind_of_system_alarm_is_shown_on_a_full_disk(full: FullCentre) -> None:
    full.faults = [problem(kind) for kind in SystemKind]
    full.go(BOUND_S)
    assert {alarm.event.kind for alarm in full.unlisted()} == set(SystemKind)


def test_what_is_stored_at_last_or_is_over_is_no_longer_shown_from_memory(
    full: FullCentre,
) -> None:
    full.faults = [problem(SystemKind.CLOCK_SKEW), problem(SystemKind.BACKUP_LATE)]
    full.go(BOUND_S)
    since = {alarm.event.rule_id: alarm.raised_at for alarm in full.unlisted()}
    full.faults[1] = replace(full.faults[1], verdict=HealthVerdict.FINE)
    full.go(40)
    assert "rule_of_backup_late" not in full.shown()
    again = {alarm.event.rule_id: alarm.raised_at for alarm in full.unlisted()}
    assert again["rule_of_clock_skew"] == since["rule_of_clock_skew"]
    full.ballast.unlink()

    def is_listed() -> bool:
        full.go(2)
        return full.shown() == []

    delivered(is_listed)
    listed = [event.rule_id for event in full.round.archive.active_events("centre")]
    assert "rule_of_clock_skew" in listed
    assert read_alarms(full.disk / "run" / "alarms") == []


def test_an_alarm_of_a_healthy_disk_is_never_shown_from_memory(tmp_path: Path) -> None:
    unlisted = UnlistedAlarms()
    made = Round(tmp_path, unlisted=unlisted)
    outlet = ArchiveTransport(made.archive, lambda name: CameraFacts(name=name))
    publisher = EventPublisher(made.spool, outlet)
    publisher.start()
    made.queue.is_down = True
    made.go(14)
    delivered(lambda: made.archive.active_events("centre"))
    made.go(10)
    assert unlisted() == ()
    publisher.stop()
    made.archive.close()
    made.spool.close()


TOKEN = "một-mã-dài-đủ-cho-máy-đọc"
SITE = made_site().model_copy(update={"metrics": MetricsConfig(token=SecretStr(TOKEN))})


@pytest.fixture
def shown(full: FullCentre, tmp_path: Path) -> Iterator[tuple[Centre, UnlistedAlarm]]:
    """A web face that shows what the full centre could not store: that its queue is down."""
    full.round.queue.is_down = True
    full.go(BOUND_S)
    (alarm,) = [each for each in full.unlisted() if each.event.rule_id == "queue_down"]
    archive = archive_at(tmp_path / "other.sqlite")
    cameras = [{"id": one.id, "state": "online"} for one in SITE.cameras]
    yield (
        Centre(
            archive=archive,
            folder=tmp_path,
            site=SiteHolder(SITE),
            workers=[{"worker": "worker-0", "lost": False, "cameras": cameras}],
            outside={"unlisted_alarms": full.unlisted},
        ),
        alarm,
    )
    archive.close()


def test_screens_readyz_and_metrics_show_what_a_full_disk_does_not_store(
    shown: tuple[Centre, UnlistedAlarm],
) -> None:
    centre, alarm = shown
    centre.add_user("an", Role.OPERATOR)
    with serving(centre) as at, Desk(at.address) as desk:
        assert anonymous_get(f"{at.address}/readyz").json()["status"] == "alarms_not_stored"
        headers = {b"Authorization": f"Bearer {TOKEN}".encode()}
        scraped = read(anonymous_get(f"{at.address}/metrics", headers=headers).content)
        assert of(scraped, "system_alerts", kind=alarm.event.kind) == 1
        with desk.log_in("an").stream("GET", "/api/v1/stream") as answer:
            beat = next(events_of(answer))
    facts = {"kind": alarm.event.kind, "subject": "queue", "reason": alarm.event.reason}
    assert any(facts.items() <= one.items() for one in beat.data["unlisted_alarms"])


@pytest.mark.parametrize("late", [None, 5])
def test_targets_get_once_what_a_full_disk_does_not_store_and_its_end(
    shown: tuple[Centre, UnlistedAlarm], full: FullCentre, late: int | None
) -> None:
    centre, alarm = shown
    receiver = Receiver()
    to = target(receiver, unanswered_after_s=late, kinds=("queue_lag", "fire"))
    of_it = f"alarm/{alarm.event.event_id}"

    def changes() -> list[str]:
        return [one["type"].split(".")[2] for one in receiver.taken if one["subject"] == of_it]

    with served(centre, to, unlisted=full.unlisted):
        delivered(changes)
        other = centre.raise_alert()
        delivered(lambda: late or any(one["subject"].endswith(other) for one in receiver.taken))
        full.unlisted.publish([])
        delivered(lambda: "closed" in changes())
    receiver.close()
    assert changes() == ["opened" if late is None else "unanswered", "closed"]


def test_a_target_gets_once_what_cannot_be_recorded_as_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = archive_at(tmp_path / "archive.sqlite")
    centre, receiver, failures = Centre(archive=archive, folder=tmp_path), Receiver(), list[int]()
    record = DeliveryRepository.record

    def full_disk(self: DeliveryRepository, tried: Any, now: float) -> Any:
        if len(failures) < 20:
            failures.append(len(tried))
            raise ArchiveUnreachable("database or disk is full")
        return record(self, tried, now)

    monkeypatch.setattr(DeliveryRepository, "record", full_disk)
    with served(centre, target(receiver)):
        centre.raise_alert()
        delivered(lambda: log_of(centre, state=DeliveryState.DELIVERED))
    assert len(receiver.taken) == len(receiver.unique())
    receiver.close()
    archive.close()
