"""Officers' commands, on SQLite and PostgreSQL: once, one winner, logged in the same commit."""

import dataclasses
import threading
from typing import Any

import pytest

from alerts.archive import (
    Alert,
    AlertCommand,
    Archive,
    CameraFacts,
    ChangeKind,
    CommandResult,
    User,
)
from alerts.errors import KeyReused
from alerts.fake_events import FIRST_AT, fake_message
from alerts.life import Outcome, State, Why
from alerts.roles import Action, Actor, Role, Scope
from detection.event import Phase

NOW = FIRST_AT + 1000
AN = Actor(username="an", name="Nguyễn Văn An", role=Role.OPERATOR)
CHI = Actor(username="chi", name="Trần Chi", role=Role.OPERATOR)
LE = Actor(username="le", name="Lê Bình", role=Role.LEADER)


def take(archive: Archive, seq: int, **changes: Any) -> None:
    archive.take_in(
        fake_message(seq, **changes),
        queued_at=NOW,
        now=NOW,
        camera=lambda _: CameraFacts(name="Cổng", agency="pc07", area="cua-nam"),
    )


@pytest.fixture
def alert(archive: Archive) -> Alert:
    take(archive, 1, priority=2)
    (alert,) = archive.alerts().items
    return alert


class Desk:
    """Gives commands on one alert, each with a key of its own unless one is named."""

    def __init__(self, archive: Archive, alert_id: str) -> None:
        self.archive = archive
        self.alert_id = alert_id
        self._keys = 0

    def order(self, action: Action, actor: Actor = AN, **changes: Any) -> AlertCommand:
        self._keys += 1
        base = AlertCommand(
            alert_id=self.alert_id,
            action=action,
            actor=actor,
            expected_version=self.alert().version,
            idempotency_key=f"key-{self._keys}",
        )
        return dataclasses.replace(base, **changes)

    def do(
        self, action: Action, actor: Actor = AN, now: float = NOW, **changes: Any
    ) -> CommandResult:
        return self.archive.command(self.order(action, actor, **changes), now)

    def alert(self) -> Alert:
        alert = self.archive.alert(self.alert_id)
        assert alert is not None
        return alert


@pytest.fixture
def desk(archive: Archive, alert: Alert) -> Desk:
    return Desk(archive, alert.id)


def test_from_new_to_closed(desk: Desk, archive: Archive) -> None:
    taken = desk.do(Action.ACKNOWLEDGE)
    assert (taken.outcome, taken.by, taken.alert) == (Outcome.DONE, "an", desk.alert())
    assert (desk.alert().state, desk.alert().owner, desk.alert().lease_until) == (
        State.ACKNOWLEDGED,
        "an",
        NOW + 600,
    )
    desk.do(Action.CONFIRM, note="thấy lửa")
    assert (desk.alert().state, desk.alert().verdict_by) == (State.CONFIRMED, "an")
    desk.do(Action.CLOSE, CHI, now=NOW + 60)
    closed = desk.alert()
    assert (closed.state, closed.closed_by, closed.closed_at) == (State.CLOSED, "chi", NOW + 60)
    assert closed.steps.acknowledged == closed.steps.verified == NOW
    assert closed.version == 4
    told = [change.kind for change in archive.changes_after(0).items]
    assert told == [
        ChangeKind.OPENED,
        ChangeKind.ACKNOWLEDGED,
        ChangeKind.CONFIRMED,
        ChangeKind.CLOSED,
    ]
    log = archive.log_of(closed.id)
    assert [(entry.actor, entry.action, entry.note) for entry in log] == [
        ("system", "opened", None),
        ("an", "acknowledge", None),
        ("an", "confirm", "thấy lửa"),
        ("chi", "close", None),
    ]
    assert archive.verify_chain().ok


def test_the_owners_name_is_shown(desk: Desk, archive: Archive) -> None:
    desk.do(Action.ACKNOWLEDGE)
    assert desk.alert().owner_name == "an"
    archive.save_user(
        User(username="an", name=AN.name, role=AN.role, locale="vi", password_hash="x")
    )
    assert desk.alert().owner_name == "Nguyễn Văn An"
    assert desk.do(Action.ACKNOWLEDGE, CHI).by_name == "Nguyễn Văn An"


def test_a_second_officer_is_told_who_has_it(desk: Desk) -> None:
    desk.do(Action.ACKNOWLEDGE)
    late = desk.do(Action.ACKNOWLEDGE, CHI, now=NOW + 5)
    assert (late.outcome, late.why, late.by, late.at) == (Outcome.ALREADY, Why.HELD, "an", NOW)
    assert desk.alert().owner == "an"


def test_of_two_officers_racing_exactly_one_takes_it(desk: Desk, archive: Archive) -> None:
    officers = [dataclasses.replace(AN, username=f"officer-{n}") for n in range(6)]
    orders = [desk.order(Action.ACKNOWLEDGE, officer) for officer in officers]
    results: list[CommandResult] = []
    barrier = threading.Barrier(len(orders))

    def act(order: AlertCommand) -> None:
        barrier.wait()
        results.append(archive.command(order, NOW))

    threads = [threading.Thread(target=act, args=(order,)) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(result.outcome for result in results) == ["already"] * 5 + ["done"]
    owner = desk.alert().owner
    assert {result.by for result in results} == {owner}
    assert (desk.alert().version, archive.last_seq()) == (2, 2)


def test_a_command_sent_twice_is_done_once_and_answered_alike(desk: Desk, archive: Archive) -> None:
    order = desk.order(Action.ACKNOWLEDGE)
    first = archive.command(order, NOW)
    desk.do(Action.CONFIRM)
    again = archive.command(order, NOW + 99)
    assert again == dataclasses.replace(first, replayed=True)
    assert again.alert is not None
    assert again.alert.state is State.ACKNOWLEDGED  # as it was answered, not as it is now
    assert desk.alert().version == 3


def test_the_same_command_sent_at_once_by_many_is_done_once(desk: Desk, archive: Archive) -> None:
    order = desk.order(Action.ACKNOWLEDGE)
    results: list[CommandResult] = []
    threads = [
        threading.Thread(target=lambda: results.append(archive.command(order, NOW)))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {result.outcome for result in results} == {Outcome.DONE}
    assert sum(not result.replayed for result in results) == 1
    assert desk.alert().version == 2


@pytest.mark.parametrize(
    "change",
    [
        {"action": Action.CONFIRM},
        {"reason": "steam"},
        {"note": "x"},
        {"expected_version": 7},
        {"alert_id": "other"},
    ],
)
def test_a_key_with_another_body_is_refused(
    desk: Desk, archive: Archive, change: dict[str, Any]
) -> None:
    order = desk.order(Action.ACKNOWLEDGE)
    archive.command(order, NOW)
    with pytest.raises(KeyReused, match="key-1"):
        archive.command(dataclasses.replace(order, **change), NOW)


def test_two_people_may_use_the_same_key(desk: Desk) -> None:
    assert desk.do(Action.ACKNOWLEDGE, idempotency_key="same").outcome is Outcome.DONE
    assert desk.do(Action.ACKNOWLEDGE, CHI, idempotency_key="same").outcome is Outcome.ALREADY


def test_what_the_detector_changes_meanwhile_does_not_matter(desk: Desk, archive: Archive) -> None:
    order = desk.order(Action.ACKNOWLEDGE)
    take(archive, 2, priority=2)
    assert archive.command(order, NOW).outcome is Outcome.DONE


def test_what_another_officer_changed_meanwhile_does(desk: Desk, archive: Archive) -> None:
    desk.do(Action.ACKNOWLEDGE)
    seen = desk.order(Action.REOPEN, LE)
    desk.do(Action.CONFIRM)
    late = archive.command(seen, NOW)
    assert (late.outcome, late.alert) == (Outcome.STALE, desk.alert())


def test_conflicting_verdicts_name_who_and_when(desk: Desk) -> None:
    desk.do(Action.ACKNOWLEDGE)
    desk.do(Action.CONFIRM)
    other = desk.do(Action.REJECT, LE, reason="steam")
    assert (other.outcome, other.why, other.by, other.at) == (
        Outcome.CONFLICT,
        Why.VERDICT_GIVEN,
        "an",
        NOW,
    )


def test_what_is_outside_ones_scope_does_not_exist(desk: Desk, archive: Archive) -> None:
    stranger = dataclasses.replace(CHI, scope=Scope(agencies=frozenset({"evn"})))
    result = desk.do(Action.ACKNOWLEDGE, stranger)
    assert (result.outcome, result.alert) == (Outcome.NOT_FOUND, None)
    assert desk.do(Action.ACKNOWLEDGE, alert_id="nothing").outcome is Outcome.NOT_FOUND
    ours = dataclasses.replace(CHI, scope=Scope(agencies=frozenset({"pc07"})))
    assert desk.do(Action.ACKNOWLEDGE, ours).outcome is Outcome.DONE


def test_a_p1_is_rejected_by_two(archive: Archive) -> None:
    take(archive, 1, priority=1)
    desk = Desk(archive, archive.alerts().items[0].id)
    desk.do(Action.ACKNOWLEDGE)
    asked = desk.do(Action.REJECT, reason="welding")
    assert (asked.why, desk.alert().state) == (Why.AWAITS_COSIGN, State.ACKNOWLEDGED)
    assert (desk.alert().cosign_wanted_by, desk.alert().reject_reason) == ("an", "welding")
    signed = desk.do(Action.REJECT, LE)
    assert (signed.why, desk.alert().state) == (Why.COSIGNED, State.REJECTED)
    assert (desk.alert().cosign_wanted_by, desk.alert().reject_reason) == (None, "welding")
    assert [entry.reason for entry in archive.log_of(desk.alert_id)][2:] == ["welding"] * 2
    kinds = [change.kind for change in archive.changes_after(2).items]
    assert kinds == [ChangeKind.COSIGN_WANTED, ChangeKind.REJECTED]


def test_a_lease_that_runs_out_frees_the_alert_and_makes_it_speak(
    desk: Desk, archive: Archive
) -> None:
    desk.do(Action.ACKNOWLEDGE)
    assert archive.expire_leases(NOW + 599) == []
    assert archive.expire_leases(NOW + 600) == [desk.alert_id]
    assert archive.expire_leases(NOW + 601) == []
    freed = desk.alert()
    assert (freed.state, freed.owner, freed.escalated_at) == (State.NEW, None, NOW + 600)
    assert (freed.spoke_at, freed.spoke_reason) == (NOW + 600, "lease_expired")
    last = archive.changes_after(0).items[-1]
    assert (last.kind, last.alert.state) == (ChangeKind.LEASE_EXPIRED, State.NEW)
    entry = archive.log_of(desk.alert_id)[-1]
    assert (entry.actor, entry.details["held_by"]) == ("system", "an")
    assert desk.do(Action.ACKNOWLEDGE, CHI, now=NOW + 700).outcome is Outcome.DONE


def test_a_verdict_ends_the_lease(desk: Desk, archive: Archive) -> None:
    desk.do(Action.ACKNOWLEDGE)
    desk.do(Action.CONFIRM)
    assert archive.expire_leases(NOW + 1e6) == []


def test_after_a_rejection_the_place_is_quiet_until_it_grows(desk: Desk, archive: Archive) -> None:
    desk.do(Action.ACKNOWLEDGE)
    desk.do(Action.REJECT, reason="steam")
    take(archive, 2, priority=2)
    assert desk.alert().detections == 2
    assert len(archive.alerts().items) == 1
    take(archive, 3, priority=2, box=(0.4, 0.4, 0.3, 0.2))
    newest, old = archive.alerts().items
    assert (newest.state, newest.recurrence_of, newest.spoke_reason) == (
        State.NEW,
        desk.alert_id,
        "grew_after_rejection",
    )
    assert (old.id, old.state, old.condition) == (desk.alert_id, State.REJECTED, "cleared")
    take(archive, 4, priority=2, phase=Phase.CLEARED)
    newest, old = archive.alerts().items
    assert (newest.condition, old.detections) == ("cleared", 2)


def test_after_closing_a_new_event_opens_a_new_alert(desk: Desk, archive: Archive) -> None:
    for action in (Action.ACKNOWLEDGE, Action.CONFIRM, Action.CLOSE):
        desk.do(action)
    take(archive, 2, priority=2)  # the same event goes on
    assert len(archive.alerts().items) == 1
    take(archive, 3, priority=2, event_id="event-2")
    assert [alert.state for alert in archive.alerts().items] == [State.NEW, State.CLOSED]


def test_reopening_gives_the_episode_back_unless_a_newer_alert_has_it(
    desk: Desk, archive: Archive
) -> None:
    for action in (Action.ACKNOWLEDGE, Action.CONFIRM, Action.CLOSE):
        desk.do(action)
    assert desk.do(Action.REOPEN).outcome is Outcome.FORBIDDEN
    desk.do(Action.REOPEN, LE)
    assert (desk.alert().state, desk.alert().owner) == (State.ACKNOWLEDGED, "le")
    take(archive, 2, priority=2, event_id="event-2")
    assert len(archive.alerts().items) == 1
    desk.do(Action.CONFIRM, LE)
    desk.do(Action.CLOSE, LE)
    take(archive, 3, priority=2, event_id="event-3")
    desk.do(Action.REOPEN, LE)
    take(archive, 4, priority=2, event_id="event-4")
    newest, old = archive.alerts().items
    assert (newest.detections, old.detections) == (2, 2)


def test_an_edit_of_the_log_behind_our_back_is_found(archive: Archive, desk: Desk) -> None:
    desk.do(Action.ACKNOWLEDGE)
    desk.do(Action.CONFIRM)
    assert archive.verify_chain().entries == 3
    tamper(archive, "UPDATE action_log SET actor = 'chi' WHERE seq = 2")
    verdict = archive.verify_chain()
    assert (verdict.ok, verdict.broken_seq, verdict.why) == (False, 2, "was changed")


def test_a_removed_entry_is_found(archive: Archive, desk: Desk) -> None:
    desk.do(Action.ACKNOWLEDGE)
    desk.do(Action.CONFIRM)
    tamper(archive, "DELETE FROM action_log WHERE seq = 3")
    verdict = archive.verify_chain()
    assert (verdict.broken_seq, verdict.why) == (3, "missing at the end")


def tamper(archive: Archive, sql: str) -> None:
    with archive._db.writing() as connection:
        connection.exec_driver_sql(sql)
