"""The system's own troubles as alerts: no picture, no verdict needed, and a technician may act."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.alerts.conftest import until
from tests.alerts.desk import AN, LE, NOW, Desk, take
from tests.alerts.queue.fake_events import FIRST_AT, fake_event, fake_message
from thapcanh.alerts.alert.alert_state import AlertState, CommandOutcome, TransitionReason
from thapcanh.alerts.alert.deduplication import AlertCondition
from thapcanh.alerts.alert.records import Alert
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.lifecycle.archive_transport import ArchiveTransport
from thapcanh.alerts.queue.publisher import EventPublisher
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.queue.system_events import SystemKind, followed, is_system, system_event
from thapcanh.alerts.store.errors import AlertsError
from thapcanh.alerts.store.roles import Actor, AlertAction, Role
from thapcanh.detection.event import Event, EventPhase

TECHNICIAN = Actor(username="tu", name="Trần Tú", role=Role.TECHNICIAN)
VIEWER = Actor(username="vy", name="Vy", role=Role.VIEWER)


def offline(now: float = FIRST_AT) -> Event:
    return system_event(
        SystemKind.CAMERA_OFFLINE, "gate", "camera_offline", priority=3, reason="why", now=now
    )


def only(archive: Archive) -> Alert:
    (alert,) = archive.alerts().items
    return alert


@pytest.fixture
def desk(sqlite_archive: Archive) -> Desk:
    take(sqlite_archive, 1, **dataclasses.asdict(offline()))
    return Desk(sqlite_archive, only(sqlite_archive).id)


def test_it_is_an_alert_without_pictures(desk: Desk) -> None:
    alert = desk.alert()
    assert (alert.kind, alert.state, alert.condition) == ("camera_offline", "new", "active")
    assert (alert.snapshot, alert.clip, alert.evidence_error) == (None, None, None)
    assert is_system(alert.kind)
    assert not is_system("fire")


@pytest.mark.parametrize("actor", [AN, LE, TECHNICIAN])
def test_who_answers_may_close_it_without_a_verdict(desk: Desk, actor: Actor) -> None:
    assert desk.do(AlertAction.ACKNOWLEDGE, actor).outcome is CommandOutcome.DONE
    result = desk.do(AlertAction.CLOSE, actor)
    assert (result.outcome, desk.alert().state) == (CommandOutcome.DONE, AlertState.CLOSED)
    assert desk.alert().lease_until is None
    assert desk.archive.expire_leases(NOW + 1e6) == []


def test_a_viewer_may_not(desk: Desk) -> None:
    assert desk.do(AlertAction.CLOSE, VIEWER).outcome is CommandOutcome.FORBIDDEN


def test_a_technician_has_no_say_in_a_fire(sqlite_archive: Archive) -> None:
    take(sqlite_archive, 1)
    desk = Desk(sqlite_archive, only(sqlite_archive).id)
    for action in AlertAction:
        assert desk.do(action, TECHNICIAN).outcome is CommandOutcome.FORBIDDEN
    assert desk.do(AlertAction.CLOSE, AN).why is TransitionReason.NO_VERDICT


def test_it_folds_clears_and_recurs_after_closing(desk: Desk) -> None:
    first = offline()
    take(
        desk.archive,
        2,
        **dataclasses.asdict(followed(first, EventPhase.UPDATED, "x", FIRST_AT + 9)),
    )
    second = offline(FIRST_AT + 60)
    take(desk.archive, 3, **dataclasses.asdict(second))
    assert only(desk.archive).detections == 3, "the same camera is one alert"
    desk.do(AlertAction.CLOSE, TECHNICIAN)
    take(desk.archive, 4, **dataclasses.asdict(offline(FIRST_AT + 600)))
    assert len(desk.archive.alerts().items) == 2


def test_what_a_lost_worker_left_open_can_be_cleared_for_it(archive: Archive) -> None:
    take(archive, 1)
    take(archive, 2)
    take(archive, 3, event_id="over", phase=EventPhase.RAISED, camera_id="roof")
    take(archive, 4, event_id="over", phase=EventPhase.CLEARED, camera_id="roof")
    assert archive.active_events("another") == []
    (left,) = archive.active_events("worker-1")
    assert left == fake_event(2), "the newest message, whole"
    ended = followed(left, EventPhase.CLEARED, "worker_lost", NOW)
    message = dataclasses.replace(fake_message(1, ended), source="centre")
    archive.take_in(message, queued_at=NOW, now=NOW, camera=lambda _: None)
    assert archive.active_events("worker-1") == []
    conditions = {alert.camera_id: alert.condition for alert in archive.alerts().items}
    assert conditions == {"gate": AlertCondition.CLEARED, "roof": AlertCondition.CLEARED}


def test_when_it_was_last_proven_by_worker(sqlite_archive: Archive) -> None:
    take(sqlite_archive, 1, kind="self_test", camera_id="worker-1")
    assert sqlite_archive.proven_since(NOW - 1) == {"worker-1": NOW}
    assert sqlite_archive.proven_since(NOW + 1) == {}


@pytest.fixture
def centre_spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path / "centre.sqlite", "centre")
    yield spool
    spool.close()


def test_the_centres_own_events_reach_the_archive_without_the_queue(
    sqlite_archive: Archive, centre_spool: Spool
) -> None:
    rung: list[object] = []
    outlet = ArchiveTransport(sqlite_archive, lambda _: None, notify=rung.append)
    publisher = EventPublisher(centre_spool, outlet)
    centre_spool.append(offline(), NOW)
    publisher.start()
    until(lambda: bool(sqlite_archive.alerts().items))
    until(lambda: centre_spool.depth().count == 0)
    publisher.stop()
    assert len(rung) == 1
    entry = centre_spool.append(offline(), NOW)
    assert entry.producer_seq == 2


def test_an_event_of_the_centre_that_comes_twice_is_stored_once(
    sqlite_archive: Archive, centre_spool: Spool
) -> None:
    rung: list[object] = []
    outlet = ArchiveTransport(sqlite_archive, lambda _: None, notify=rung.append)
    centre_spool.append(offline(), NOW)
    ((_, entry),) = centre_spool.oldest()
    assert outlet.add(entry) == outlet.add(entry)
    assert len(rung) == 1
    assert only(sqlite_archive).detections == 1
    assert outlet.has(["a", "b"]) == [True, True]


def test_many_events_of_the_centre_are_one_transaction_and_a_bad_one_holds_up_none_before_it(
    sqlite_archive: Archive, centre_spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[int] = []
    take_in_all = sqlite_archive.take_in_all

    def counted(messages: Any, **how: Any) -> Any:
        batches.append(len(messages))
        return take_in_all(messages, **how)

    monkeypatch.setattr(sqlite_archive, "take_in_all", counted)
    rung: list[object] = []
    outlet = ArchiveTransport(sqlite_archive, lambda _: None, notify=rung.append)
    for name in ("a", "b", "c", "d"):
        centre_spool.append(dataclasses.replace(offline(), event_id=name, camera_id=name), NOW)
    first, second, third, fourth = (entry for _, entry in centre_spool.oldest())
    assert len(outlet.add_all([first, second])) == 2
    assert (batches, len(rung)) == ([2], 2)
    assert len(outlet.add_all([third, {"body": "no message"}, fourth])) == 1
    assert (len(rung), len(sqlite_archive.alerts().items)) == (3, 3)
    with pytest.raises(AlertsError):
        outlet.add_all([{"body": "no message"}, fourth])
