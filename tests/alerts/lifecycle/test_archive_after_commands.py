"""What commands do to leases, episodes and the log, on SQLite and PostgreSQL."""

import pytest

from tests.alerts.desk import CHI, LE, NOW, Desk, take
from thapcanh.alerts.alert.alert_state import AlertState, CommandOutcome, TransitionReason
from thapcanh.alerts.alert.records import Alert
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.change_kind import ChangeKind
from thapcanh.alerts.store.roles import AlertAction
from thapcanh.detection.event import EventPhase


@pytest.fixture
def alert(archive: Archive) -> Alert:
    take(archive, 1, priority=2)
    (alert,) = archive.alerts().items
    return alert


@pytest.fixture
def desk(archive: Archive, alert: Alert) -> Desk:
    return Desk(archive, alert.id)


def test_after_a_rejection_the_place_is_quiet_until_it_grows(desk: Desk, archive: Archive) -> None:
    desk.do(AlertAction.ACKNOWLEDGE)
    desk.do(AlertAction.REJECT, reason="steam")
    take(archive, 2, priority=2)
    assert desk.alert().detections == 2
    assert len(archive.alerts().items) == 1
    take(archive, 3, priority=2, box=(0.4, 0.4, 0.3, 0.2))
    newest, old = archive.alerts().items
    assert (newest.state, newest.recurrence_of, newest.spoke_reason) == (
        AlertState.NEW,
        desk.alert_id,
        "grew_after_rejection",
    )
    assert (old.id, old.state, old.condition) == (desk.alert_id, AlertState.REJECTED, "cleared")
    take(archive, 4, priority=2, phase=EventPhase.CLEARED)
    newest, old = archive.alerts().items
    assert (newest.condition, old.detections) == ("cleared", 2)


def test_what_was_rejected_while_doubted_speaks_again_when_it_rises(
    desk: Desk, archive: Archive
) -> None:
    desk.do(AlertAction.ACKNOWLEDGE)
    desk.do(AlertAction.REJECT, reason="fog")
    take(archive, 2, priority=1, belief=0.8)
    newest, old = archive.alerts().items
    assert (newest.spoke_reason, newest.priority) == ("grew_after_rejection", 1)
    assert old.state is AlertState.REJECTED


def test_after_closing_a_new_event_opens_a_new_alert(desk: Desk, archive: Archive) -> None:
    for action in (AlertAction.ACKNOWLEDGE, AlertAction.CONFIRM, AlertAction.CLOSE):
        desk.do(action)
    take(archive, 2, priority=2)  # the same event goes on
    assert len(archive.alerts().items) == 1
    take(archive, 3, priority=2, event_id="event-2")
    assert [alert.state for alert in archive.alerts().items] == [AlertState.NEW, AlertState.CLOSED]


def test_reopening_gives_the_episode_back_unless_a_newer_alert_has_it(
    desk: Desk, archive: Archive
) -> None:
    for action in (AlertAction.ACKNOWLEDGE, AlertAction.CONFIRM, AlertAction.CLOSE):
        desk.do(action)
    assert desk.do(AlertAction.REOPEN).outcome is CommandOutcome.FORBIDDEN
    desk.do(AlertAction.REOPEN, LE)
    assert (desk.alert().state, desk.alert().owner) == (AlertState.ACKNOWLEDGED, "le")
    take(archive, 2, priority=2, event_id="event-2")
    assert len(archive.alerts().items) == 1
    desk.do(AlertAction.CONFIRM, LE)
    desk.do(AlertAction.CLOSE, LE)
    take(archive, 3, priority=2, event_id="event-3")
    desk.do(AlertAction.REOPEN, LE)
    take(archive, 4, priority=2, event_id="event-4")
    newest, old = archive.alerts().items
    assert (newest.detections, old.detections) == (2, 2)


def test_an_edit_of_the_log_behind_our_back_is_found(archive: Archive, desk: Desk) -> None:
    desk.do(AlertAction.ACKNOWLEDGE)
    desk.do(AlertAction.CONFIRM)
    assert archive.verify_chain().entries == 6  # three acts, and the seals of what each wrote
    tamper(archive, "UPDATE action_log SET actor = 'chi' WHERE seq = 2")
    verdict = archive.verify_chain()
    assert (verdict.ok, verdict.broken_seq, verdict.why) == (False, 2, "was changed")


def test_a_removed_entry_is_found(archive: Archive, desk: Desk) -> None:
    desk.do(AlertAction.ACKNOWLEDGE)
    desk.do(AlertAction.CONFIRM)
    tamper(archive, "DELETE FROM action_log WHERE seq = 6")
    verdict = archive.verify_chain()
    assert (verdict.broken_seq, verdict.why) == (6, "missing at the end")


def tamper(archive: Archive, sql: str) -> None:
    with archive._db.writing() as connection:
        connection.exec_driver_sql(sql)


def test_a_p1_is_rejected_by_two(archive: Archive) -> None:
    take(archive, 1, priority=1)
    desk = Desk(archive, archive.alerts().items[0].id)
    desk.do(AlertAction.ACKNOWLEDGE)
    asked = desk.do(AlertAction.REJECT, reason="welding")
    assert (asked.why, desk.alert().state) == (
        TransitionReason.AWAITS_COSIGN,
        AlertState.ACKNOWLEDGED,
    )
    assert (desk.alert().cosign_wanted_by, desk.alert().reject_reason) == ("an", "welding")
    signed = desk.do(AlertAction.REJECT, LE)
    assert (signed.why, desk.alert().state) == (TransitionReason.COSIGNED, AlertState.REJECTED)
    assert (desk.alert().cosign_wanted_by, desk.alert().reject_reason) == (None, "welding")
    assert [entry.reason for entry in archive.log_of(desk.alert_id)][2:] == ["welding"] * 2
    kinds = [change.kind for change in archive.changes_after(3).items]
    assert kinds == [ChangeKind.COSIGN_WANTED, ChangeKind.REJECTED]


def test_a_lease_that_runs_out_frees_the_alert_and_makes_it_speak(
    desk: Desk, archive: Archive
) -> None:
    desk.do(AlertAction.ACKNOWLEDGE)
    assert archive.expire_leases(NOW + 599) == []
    assert archive.expire_leases(NOW + 600) == [desk.alert_id]
    assert archive.expire_leases(NOW + 601) == []
    freed = desk.alert()
    assert (freed.state, freed.owner, freed.escalated_at) == (AlertState.NEW, None, NOW + 600)
    assert (freed.spoke_at, freed.spoke_reason) == (NOW + 600, "lease_expired")
    last = archive.changes_after(0).items[-1]
    assert (last.kind, last.alert.state) == (ChangeKind.LEASE_EXPIRED, AlertState.NEW)
    entry = archive.log_of(desk.alert_id)[-1]
    assert (entry.actor, entry.details["held_by"]) == ("system", "an")
    assert desk.do(AlertAction.ACKNOWLEDGE, CHI, now=NOW + 700).outcome is CommandOutcome.DONE


def test_a_verdict_ends_the_lease(desk: Desk, archive: Archive) -> None:
    desk.do(AlertAction.ACKNOWLEDGE)
    desk.do(AlertAction.CONFIRM)
    assert archive.expire_leases(NOW + 1e6) == []
