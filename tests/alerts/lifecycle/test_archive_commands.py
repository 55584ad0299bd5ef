"""Officers' commands, on SQLite and PostgreSQL: once, one winner, logged in the same commit."""

import dataclasses
import threading
from typing import Any

import pytest

from tests.alerts.desk import AN, CHI, LE, NOW, Desk, take
from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.alert.alert_state import AlertState, CommandOutcome, TransitionReason
from thapcanh.alerts.alert.records import Alert, AlertFilter, CommandRequest, CommandResult
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.change_kind import ChangeKind
from thapcanh.alerts.store.errors import KeyReused
from thapcanh.alerts.store.roles import AlertAction, DataFilter


@pytest.fixture
def alert(archive: Archive) -> Alert:
    take(archive, 1, priority=2)
    (alert,) = archive.alerts().items
    return alert


@pytest.fixture
def desk(archive: Archive, alert: Alert) -> Desk:
    return Desk(archive, alert.id)


def test_from_new_to_closed(desk: Desk, archive: Archive) -> None:
    taken = desk.do(AlertAction.ACKNOWLEDGE)
    assert (taken.outcome, taken.by, taken.alert) == (CommandOutcome.DONE, "an", desk.alert())
    assert (desk.alert().state, desk.alert().owner, desk.alert().lease_until) == (
        AlertState.ACKNOWLEDGED,
        "an",
        NOW + 600,
    )
    desk.do(AlertAction.CONFIRM, note="thấy lửa")
    assert (desk.alert().state, desk.alert().verdict_by) == (AlertState.CONFIRMED, "an")
    desk.do(AlertAction.CLOSE, CHI, now=NOW + 60)
    closed = desk.alert()
    assert (closed.state, closed.closed_by, closed.closed_at) == (
        AlertState.CLOSED,
        "chi",
        NOW + 60,
    )
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
    desk.do(AlertAction.ACKNOWLEDGE)
    assert desk.alert().owner_name == "an"
    archive.save_user(
        User(
            username="an", name=AN.name, roles=frozenset({AN.role}), locale="vi", password_hash="x"
        )
    )
    assert desk.alert().owner_name == "Nguyễn Văn An"
    assert desk.do(AlertAction.ACKNOWLEDGE, CHI).by_name == "Nguyễn Văn An"


def test_a_second_officer_is_told_who_has_it(desk: Desk) -> None:
    desk.do(AlertAction.ACKNOWLEDGE)
    late = desk.do(AlertAction.ACKNOWLEDGE, CHI, now=NOW + 5)
    assert (late.outcome, late.why, late.by, late.at) == (
        CommandOutcome.ALREADY,
        TransitionReason.HELD,
        "an",
        NOW,
    )
    assert desk.alert().owner == "an"


def test_of_two_officers_racing_exactly_one_takes_it(desk: Desk, archive: Archive) -> None:
    officers = [dataclasses.replace(AN, username=f"officer-{n}") for n in range(6)]
    orders = [desk.order(AlertAction.ACKNOWLEDGE, officer) for officer in officers]
    results: list[CommandResult] = []
    barrier = threading.Barrier(len(orders))

    def act(order: CommandRequest) -> None:
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
    order = desk.order(AlertAction.ACKNOWLEDGE)
    first = archive.command(order, NOW)
    desk.do(AlertAction.CONFIRM)
    again = archive.command(order, NOW + 99)
    assert again == dataclasses.replace(first, replayed=True)
    assert again.alert is not None
    assert again.alert.state is AlertState.ACKNOWLEDGED  # as it was answered, not as it is now
    assert desk.alert().version == 3


def test_the_same_command_sent_at_once_by_many_is_done_once(desk: Desk, archive: Archive) -> None:
    order = desk.order(AlertAction.ACKNOWLEDGE)
    results: list[CommandResult] = []
    threads = [
        threading.Thread(target=lambda: results.append(archive.command(order, NOW)))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {result.outcome for result in results} == {CommandOutcome.DONE}
    assert sum(not result.replayed for result in results) == 1
    assert desk.alert().version == 2


@pytest.mark.parametrize(
    "change",
    [
        {"action": AlertAction.CONFIRM},
        {"reason": "steam"},
        {"note": "x"},
        {"expected_version": 7},
        {"alert_id": "other"},
    ],
)
def test_a_key_with_another_body_is_refused(
    desk: Desk, archive: Archive, change: dict[str, Any]
) -> None:
    order = desk.order(AlertAction.ACKNOWLEDGE)
    archive.command(order, NOW)
    with pytest.raises(KeyReused, match="key-1"):
        archive.command(dataclasses.replace(order, **change), NOW)


def test_two_people_may_use_the_same_key(desk: Desk) -> None:
    assert desk.do(AlertAction.ACKNOWLEDGE, idempotency_key="same").outcome is CommandOutcome.DONE
    assert (
        desk.do(AlertAction.ACKNOWLEDGE, CHI, idempotency_key="same").outcome
        is CommandOutcome.ALREADY
    )


def test_what_the_detector_changes_meanwhile_does_not_matter(desk: Desk, archive: Archive) -> None:
    order = desk.order(AlertAction.ACKNOWLEDGE)
    take(archive, 2, priority=2)
    assert archive.command(order, NOW).outcome is CommandOutcome.DONE


def test_what_another_officer_changed_meanwhile_does(desk: Desk, archive: Archive) -> None:
    desk.do(AlertAction.ACKNOWLEDGE)
    seen = desk.order(AlertAction.REOPEN, LE)
    desk.do(AlertAction.CONFIRM)
    late = archive.command(seen, NOW)
    assert (late.outcome, late.alert) == (CommandOutcome.STALE, desk.alert())


def test_conflicting_verdicts_name_who_and_when(desk: Desk) -> None:
    desk.do(AlertAction.ACKNOWLEDGE)
    desk.do(AlertAction.CONFIRM)
    other = desk.do(AlertAction.REJECT, LE, reason="steam")
    assert (other.outcome, other.why, other.by, other.at) == (
        CommandOutcome.CONFLICT,
        TransitionReason.VERDICT_GIVEN,
        "an",
        NOW,
    )


def test_what_is_outside_ones_scope_does_not_exist(desk: Desk, archive: Archive) -> None:
    stranger = dataclasses.replace(CHI, scope=DataFilter(agencies=frozenset({"evn"})))
    result = desk.do(AlertAction.ACKNOWLEDGE, stranger)
    assert (result.outcome, result.alert) == (CommandOutcome.NOT_FOUND, None)
    assert desk.do(AlertAction.ACKNOWLEDGE, alert_id="nothing").outcome is CommandOutcome.NOT_FOUND
    ours = dataclasses.replace(CHI, scope=DataFilter(agencies=frozenset({"pc07"})))
    assert desk.do(AlertAction.ACKNOWLEDGE, ours).outcome is CommandOutcome.DONE


def test_what_the_machine_adds_or_time_frees_makes_no_command_stale(
    archive: Archive, desk: Desk
) -> None:
    seen = desk.alert().version
    take(archive, 2, priority=1)  # it speaks again, as P1
    desk.do(AlertAction.NOTE, CHI, note="đã gọi phường")
    taken = desk.do(AlertAction.ACKNOWLEDGE, expected_version=seen)
    assert (taken.outcome, taken.why) == (CommandOutcome.DONE, TransitionReason.TAKEN)
    asked = desk.do(AlertAction.REJECT, reason="steam")
    assert asked.alert is not None
    archive.expire_leases(NOW + 121)
    cosigned = desk.do(AlertAction.REJECT, LE, now=NOW + 122, expected_version=asked.alert.version)
    assert (cosigned.outcome, cosigned.why) == (CommandOutcome.DONE, TransitionReason.COSIGNED)


def test_an_alert_goes_from_hand_to_hand(archive: Archive, desk: Desk) -> None:
    desk.do(AlertAction.ACKNOWLEDGE)
    desk.do(AlertAction.CLAIM, CHI, note="an đang nghe điện thoại", now=NOW + 10)
    assert (desk.alert().owner, desk.alert().lease_until) == ("chi", NOW + 610)
    desk.do(AlertAction.HAND_OVER, CHI, to="an", now=NOW + 20)
    assert desk.alert().owner == "an"
    assert [change.kind for change in archive.changes_after(0).items][-2:] == [
        ChangeKind.CLAIMED,
        ChangeKind.HANDED_OVER,
    ]
    claimed, handed = archive.log_of(desk.alert_id)[-2:]
    assert (claimed.action, claimed.details["held_by"]) == ("claim", "an")
    assert (handed.action, handed.details["holder"]) == ("hand_over", "an")


def test_the_same_key_hands_to_one_person_only(desk: Desk) -> None:
    desk.do(AlertAction.ACKNOWLEDGE)
    order = desk.order(AlertAction.HAND_OVER, to="chi")
    desk.archive.command(order, NOW)
    assert desk.archive.command(order, NOW + 1).replayed
    with pytest.raises(KeyReused):
        desk.archive.command(dataclasses.replace(order, to="le"), NOW + 2)


def test_a_note_is_in_the_log_and_in_the_search(archive: Archive, desk: Desk) -> None:
    desk.do(AlertAction.NOTE, note="chập điện ở cột số 7")
    entry = archive.log_of(desk.alert_id)[-1]
    assert (entry.action, entry.note) == ("note", "chập điện ở cột số 7")
    found = archive.alerts(AlertFilter(words=("cot", "so"))).items
    assert [alert.id for alert in found] == [desk.alert_id]


def test_68_alerts_taken_at_once_do_not_come_back_while_their_holder_works(
    archive: Archive,
) -> None:
    for seq in range(2, 70):
        take(archive, seq, event_id=f"e{seq}", zone_id=f"z{seq}", priority=1)
    ids = [each.id for each in archive.alerts(AlertFilter(limit=100)).items if each.priority == 1]
    assert len(ids) == 68
    for number, each in enumerate(ids):
        Desk(archive, each).do(AlertAction.ACKNOWLEDGE, now=NOW, idempotency_key=f"a{number}")
    for number, each in enumerate(ids):
        now = NOW + 7.0 * (number + 1)
        archive.expire_leases(now)
        command = {"reason": "welding", "idempotency_key": f"r{number}"}
        Desk(archive, each).do(AlertAction.REJECT, LE, now=now, **command)
        Desk(archive, ids[-1]).do(
            AlertAction.NOTE, now=now, note="xem", idempotency_key=f"n{number}"
        )  # the holder is at work
    lines = [line.action for each in ids for line in archive.log_of(each)]
    assert "lease_expired" not in lines


def test_a_lease_of_somebody_who_left_runs_out_whoever_else_works(
    archive: Archive, alert: Alert
) -> None:
    desk = Desk(archive, alert.id)
    desk.do(AlertAction.ACKNOWLEDGE, now=NOW)
    desk.do(AlertAction.NOTE, CHI, now=NOW + 599, note="xem")
    assert archive.expire_leases(NOW + 601) == [alert.id]
    assert desk.alert().state is AlertState.NEW
