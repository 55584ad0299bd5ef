"""What nobody answered goes to the leader: a storm's worth of it in parts, the oldest first."""

from itertools import chain

import pytest
import sqlalchemy as sa

from tests.alerts.desk import NOW, Desk
from tests.alerts.queue.fake_events import fake_event, fake_message
from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.records import CameraFacts
from thapcanh.alerts.incidents import escalation
from thapcanh.alerts.incidents.incident_tables import incident
from thapcanh.alerts.lifecycle import transitions
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.log_tables import action_log
from thapcanh.alerts.store.roles import AlertAction

FIRES = 5
LATE = NOW + 1000.0


def _far_apart(camera_id: str) -> CameraFacts:
    return CameraFacts(name=camera_id, lat=20.0 + int(camera_id), lon=105.8)


def _burn(archive: Archive) -> None:
    """Fires far from each other, a second apart."""
    for number in range(FIRES):
        event = fake_event(
            id=f"m{number}", event_id=f"e{number}", camera_id=str(number),
            captured_at=NOW, inferred_at=NOW, priority=1,
        )  # fmt: skip
        now = NOW + number
        message = fake_message(number + 1, event)
        archive.take_in(message, queued_at=now, now=now, camera=_far_apart)


def _escalated(archive: Archive) -> list[str]:
    query = sa.select(incident.c.id).where(incident.c.escalated_at == LATE)
    with archive.database.reading() as connection:
        return list(connection.execute(query.order_by(incident.c.opened_at)).scalars())


def test_what_falls_due_together_is_escalated_in_parts(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(escalation, "MOST_AT_ONCE", 2)
    _burn(archive)
    with archive.database.reading() as connection:
        query = sa.select(incident.c.id, incident.c.version).order_by(incident.c.opened_at)
        before = {row.id: row.version for row in connection.execute(query)}
    assert len(before) == FIRES
    counts = []
    for part in range(4):
        counts.append(escalation.escalate_due(archive.database, LATE))
        assert _escalated(archive) == list(before)[: 2 * part + 2]
    assert counts == [2, 2, 1, 0]
    with archive.database.reading() as connection:
        after = {row.id: row.version for row in connection.execute(query)}
        lines = sa.select(action_log.c.object_id).where(action_log.c.action == "escalated")
        told = sorted(connection.execute(lines).scalars())
    assert after == {one: version + 1 for one, version in before.items()}
    assert told == sorted(before)
    assert archive.verify_chain().ok


def test_leases_that_run_out_together_are_freed_in_parts(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transitions, "MOST_AT_ONCE", 2)
    _burn(archive)
    held = [one.id for one in archive.alerts().items]
    for alert_id in held:
        Desk(archive, alert_id).do(AlertAction.ACKNOWLEDGE, idempotency_key=f"key-{alert_id}")
    freed = [archive.expire_leases(LATE) for _ in range(4)]
    assert [len(part) for part in freed] == [2, 2, 1, 0]
    assert sorted(chain.from_iterable(freed)) == sorted(held)


def test_leases_of_what_is_closed_held_up_every_writer_of_a_large_archive(
    archive: Archive,
) -> None:
    """They never end: an earlier program left them, and each second all of them were read."""
    _burn(archive)
    left = {"state": AlertState.CLOSED.value, "held_since": NOW, "lease_until": NOW}
    with archive.database.writing() as connection:
        connection.execute(sa.update(alert).values(left))
    with archive.database.writing():  # who needs the writer's turn as well does not get it
        assert archive.expire_leases(LATE) == []


def test_a_clock_that_is_put_back_holds_nothing_back(archive: Archive) -> None:
    """An hour back, nobody heard of what was not answered, and of what was held, for an hour."""
    _burn(archive)
    (held, *_) = [one.id for one in archive.alerts().items]
    Desk(archive, held).do(AlertAction.ACKNOWLEDGE, idempotency_key="key")
    put_back = NOW - 3600.0
    assert escalation.escalate_due(archive.database, NOW - 50.0) == 0  # clocks may differ so much
    assert archive.expire_leases(NOW - 50.0) == []
    assert escalation.escalate_due(archive.database, put_back) == FIRES
    assert escalation.escalate_due(archive.database, put_back) == 0
    assert archive.expire_leases(put_back) == [held]  # it begins again
    assert archive.expire_leases(put_back + 119.0) == []
    assert archive.expire_leases(put_back + 121.0) == [held]
    assert archive.verify_chain().ok
