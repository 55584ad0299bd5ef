"""A flood's alerts are told before their incidents are opened; a crash in between loses none."""

from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from tests.alerts.desk import LE, NOW, Desk
from tests.alerts.queue.fake_events import fake_event, fake_message
from thapcanh.alerts.alert.records import CameraFacts, IngestResult
from thapcanh.alerts.incidents.following import open_for_messages
from thapcanh.alerts.incidents.incident_tables import incident, incident_member
from thapcanh.alerts.lifecycle import consumer as consumers
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.lifecycle.consumer import Consumer, ConsumerSettings
from thapcanh.alerts.lifecycle.unconfirmed_entries import LATEST_S, UnconfirmedEntries
from thapcanh.alerts.queue.event_stream import StreamEntry
from thapcanh.alerts.queue.message import Message, encode
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.store.errors import ArchiveRefused
from thapcanh.alerts.store.roles import AlertAction

FIRES = 6
TOGETHER = ConsumerSettings(together=2)


def _fire(number: int) -> Message:
    seen = fake_event(id=f"m{number}", event_id=f"e{number}", camera_id=f"camera-{number}")
    return fake_message(number, seen)


def _facts(camera_id: str) -> CameraFacts:
    number = int(camera_id.rpartition("-")[2])
    return CameraFacts(name=camera_id, lat=21.0 + number / 100, lon=105.8)  # a kilometre apart


def _incidents(archive: Archive) -> list[tuple[str, int]]:
    """State and number of members of each."""
    query = (
        sa.select(incident.c.state, sa.func.count())
        .join(incident_member, incident_member.c.incident_id == incident.c.id)
        .group_by(incident.c.id)
    )
    with archive.database.reading() as connection:
        return [(row[0], row[1]) for row in connection.execute(query)]


class _Told:
    """How many alerts were told, and how many incidents stood then."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.alerts = 0
        self.incidents: list[int] = []

    def __call__(self, stored: Sequence[IngestResult]) -> None:
        self.alerts += len(stored)
        self.incidents.append(len(_incidents(self._archive)))


def _consumer(queue: EventQueue, archive: Archive, told: _Told) -> Consumer:
    return Consumer(queue, archive, _facts, notify=told, settings=TOGETHER)


def test_alerts_of_a_flood_are_told_before_any_incident_is_opened(
    queue: EventQueue, sqlite_archive: Archive
) -> None:
    queue.add_all([encode(_fire(number)) for number in range(1, FIRES + 1)])
    told = _Told(sqlite_archive)
    consumer = _consumer(queue, sqlite_archive, told)
    for turn in range(1, FIRES // 2):
        consumer.turn()
        assert (told.alerts, queue.depth().pending) == (2 * turn, FIRES)
    consumer.turn()
    assert (told.alerts, told.incidents) == (FIRES, [0, 0, 0])
    while queue.depth().pending:
        consumer.turn()
    assert _incidents(sqlite_archive) == [("open", 1)] * FIRES
    assert queue.depth().pending == 0
    assert sqlite_archive.verify_chain().ok


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ArchiveRefused("not now")])
def test_a_crash_between_an_alert_and_its_incident_loses_no_incident(
    queue: EventQueue,
    sqlite_archive: Archive,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
) -> None:
    def crash(*_: object) -> None:
        raise error

    queue.add_all([encode(_fire(number)) for number in (1, 2)])
    told = _Told(sqlite_archive)
    with monkeypatch.context() as broken:
        broken.setattr(consumers, "open_for_messages", crash)
        with pytest.raises(type(error)):
            _consumer(queue, sqlite_archive, told).turn()
    assert (told.alerts, _incidents(sqlite_archive), queue.depth().pending) == (2, [], 2)
    again = _Told(sqlite_archive)
    _consumer(queue, sqlite_archive, again).turn()
    assert _incidents(sqlite_archive) == [("open", 1)] * 2
    assert (again.alerts, queue.depth().pending) == (0, 0)


def test_an_alert_that_is_confirmed_before_its_incident_is_open_has_it_assessed(
    archive: Archive,
) -> None:
    archive.take_in_all([(_fire(1), NOW)], now=NOW, camera=_facts, opens_incidents=False)
    (alert,) = archive.alerts().items
    desk = Desk(archive, alert.id)
    desk.do(AlertAction.ACKNOWLEDGE)
    assert _incidents(archive) == []
    desk.do(AlertAction.CONFIRM)
    assert _incidents(archive) == [("assessed", 1)]
    open_for_messages(archive.database, ["m1"], NOW)
    assert _incidents(archive) == [("assessed", 1)]


def test_an_alert_that_is_rejected_before_its_incident_is_open_has_one_when_it_is_opened_again(
    archive: Archive,
) -> None:
    """The entry that would have opened it was confirmed while the alert was over."""
    archive.take_in_all([(_fire(1), NOW)], now=NOW, camera=_facts, opens_incidents=False)
    (alert,) = archive.alerts().items
    desk = Desk(archive, alert.id)
    desk.do(AlertAction.ACKNOWLEDGE, LE)
    desk.do(AlertAction.REJECT, LE, reason="steam")
    open_for_messages(archive.database, ["m1"], NOW)
    assert _incidents(archive) == []
    desk.do(AlertAction.REOPEN, LE)
    assert _incidents(archive) == [("open", 1)]


def test_an_alert_that_another_camera_makes_urgent_has_its_incident_at_once(
    archive: Archive,
) -> None:
    """The entry that would open it may be confirmed long ago."""
    doubted = [
        fake_message(
            number,
            fake_event(
                id=f"m{number}", event_id=f"e{number}", camera_id=f"camera-{number}",
                kind="smoke", priority=2, belief=0.6, label="smoke",
            ),
        )
        for number in (1, 2)
    ]  # fmt: skip
    near = CameraFacts(name="Cổng", lat=21.0, lon=105.8)
    for one in doubted:
        archive.take_in_all([(one, NOW)], now=NOW, camera=lambda _: near, opens_incidents=False)
    assert sorted(alert.priority for alert in archive.alerts().items) == [1, 2]
    assert _incidents(archive) == [("open", 1)]


def test_an_incident_waits_no_longer_than_is_promised() -> None:
    entries = UnconfirmedEntries()
    taken = [
        IngestResult(duplicate=False, alert_id="a", reason="", change_seq=1, wants_incident=urgent)
        for urgent in (True, False)
    ]
    group = [StreamEntry(stream_id=f"{number}-0", fields={}) for number in (1, 2)]
    assert entries.add(group, taken, 10.0) == ["2-0"]
    assert entries.others(group) == group[1:]
    assert entries.due(10.0, 5, is_calm=True) == group[:1]
    assert entries.due(10.0 + LATEST_S - 0.1, 5, is_calm=False) == []
    assert entries.due(10.0 + LATEST_S, 5, is_calm=False) == group[:1]
    entries.remove(group[:1])
    assert not entries
