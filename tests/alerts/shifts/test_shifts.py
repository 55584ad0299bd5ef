"""Shifts and hand-overs, on SQLite and PostgreSQL: each step, refusal, and line in the log."""

import threading
from typing import Any

import pytest

from tests.alerts.desk import AN, CHI, LE, NOW, Desk, take
from tests.patience import PATIENCE_S
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.alerts.shifts.shift_records import (
    Handover,
    HandoverOffer,
    ShiftRefusalReason,
    ShiftRefused,
)
from thapcanh.alerts.shifts.shifts import ShiftRepository
from thapcanh.alerts.store.roles import Actor, AlertAction, DataFilter, Role


@pytest.fixture
def book(archive: Archive) -> ShiftRepository:
    return ShiftRepository(archive.database)


def actions(archive: Archive, object_id: str) -> list[tuple[str, str]]:
    return [(entry.action, entry.actor) for entry in archive.log_of(object_id)]


def offer(book: ShiftRepository, actor: Actor = AN, **changes: Any) -> Handover:
    facts: dict[str, Any] = {"to_username": None, "note": None, "facts": {}}
    return book.offer(actor, HandoverOffer(**{**facts, **changes}), NOW + 10)


def refused(why: ShiftRefusalReason) -> Any:
    return pytest.raises(ShiftRefused, match=f"^{why.value}$")


def test_taking_a_shift_is_written_down(archive: Archive, book: ShiftRepository) -> None:
    mine = book.take(AN, True, NOW)
    assert book.on_duty() == [mine]
    (entry,) = archive.log_of(mine.id)
    assert (entry.action, entry.actor) == ("shift_taken", "an")
    assert entry.details["sound_heard"] is True


def test_taking_it_again_only_says_anew_whether_the_sound_is_heard(
    archive: Archive, book: ShiftRepository
) -> None:
    first = book.take(AN, None, NOW)
    again = book.take(AN, False, NOW + 5)
    assert (again.id, again.taken_at, again.sound_heard) == (first.id, NOW, False)
    assert book.take(AN, None, NOW + 6) == again
    assert actions(archive, first.id) == [("shift_taken", "an"), ("sound_tested", "an")]


def test_two_at_once_make_one_shift(book: ShiftRepository) -> None:
    gate = threading.Barrier(2)

    def press() -> None:
        gate.wait(PATIENCE_S)
        book.take(AN, True, NOW)

    hands = [threading.Thread(target=press) for _ in range(2)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(PATIENCE_S)
    assert len(book.on_duty()) == 1


def test_who_is_not_on_duty_hands_nothing_over(book: ShiftRepository) -> None:
    with refused(ShiftRefusalReason.NOT_ON_DUTY):
        offer(book)


def test_a_handover_lists_what_is_open_and_is_accepted_by_name(
    archive: Archive, book: ShiftRepository
) -> None:
    take(archive, 1, priority=2)
    desk = Desk(archive, archive.alerts().items[0].id)
    desk.do(AlertAction.ACKNOWLEDGE)
    mine = book.take(AN, True, NOW)
    offered = offer(book, note="Chú ý cổng B", facts={"cameras_down": ["lake"]})
    assert offered.sheet["items_total"] == 1
    assert offered.sheet["items"][0]["owner"] == "an"
    assert offered.sheet["cameras_down"] == ["lake"]
    assert offered.sheet["log_head"]["seq"] == archive.verify_chain().entries - 2
    assert book.offered() == [offered]

    accepted = book.accept(CHI, offered.id, NOW + 20)
    assert accepted.outcome == "accepted"
    assert [shift.username for shift in book.on_duty()] == ["chi"]
    relieved = next(shift for shift in book.recent(10) if shift.id == mine.id)
    assert (relieved.ended_at, relieved.relieved_by) == (NOW + 20, "chi")
    assert actions(archive, offered.id) == [
        ("handover_offered", "an"),
        ("handover_accepted", "chi"),
    ]
    assert archive.verify_chain().ok


def test_an_unanswered_p1_stops_both_signatures(archive: Archive, book: ShiftRepository) -> None:
    book.take(AN, True, NOW)
    offered = offer(book)
    take(archive, 1, priority=1)
    with refused(ShiftRefusalReason.P1_UNANSWERED) as why:
        book.accept(CHI, offered.id, NOW + 20)
    assert [item.priority for item in why.value.blocking] == [1]
    with refused(ShiftRefusalReason.P1_UNANSWERED):
        offer(book)
    assert [shift.username for shift in book.on_duty()] == ["an"], "nothing was half done"
    assert [each.id for each in book.offered()] == [offered.id]
    Desk(archive, archive.alerts().items[0].id).do(AlertAction.ACKNOWLEDGE)
    assert book.accept(CHI, offered.id, NOW + 30).outcome == "accepted"


def test_a_p1_out_of_sight_stops_nobody(archive: Archive, book: ShiftRepository) -> None:
    take(archive, 1, priority=1)
    evn = DataFilter(agencies=frozenset({"evn"}))
    power = Actor(username="dien", name="Điện", role=Role.OPERATOR, scope=evn)
    book.take(power, None, NOW)
    offered = offer(book, power)
    assert offered.sheet["items"] == []


def test_nobody_relieves_themselves_or_takes_anothers(book: ShiftRepository) -> None:
    book.take(AN, True, NOW)
    offered = offer(book, to_username="chi")
    with refused(ShiftRefusalReason.OWN_HANDOVER):
        book.accept(AN, offered.id, NOW)
    with refused(ShiftRefusalReason.FOR_ANOTHER):
        book.accept(LE, offered.id, NOW)
    with refused(ShiftRefusalReason.FOR_ANOTHER):
        book.withdraw(CHI, offered.id, NOW)
    assert book.accept(CHI, offered.id, NOW + 1).to_username == "chi"


def test_a_second_offer_replaces_the_first(archive: Archive, book: ShiftRepository) -> None:
    book.take(AN, True, NOW)
    first, second = offer(book), offer(book, note="sửa lại")
    assert [each.id for each in book.offered()] == [second.id]
    with refused(ShiftRefusalReason.NO_SUCH_HANDOVER):
        book.accept(CHI, first.id, NOW)


def test_an_offer_taken_back_cannot_be_accepted(archive: Archive, book: ShiftRepository) -> None:
    book.take(AN, True, NOW)
    offered = offer(book)
    assert book.withdraw(AN, offered.id, NOW + 11).outcome == "withdrawn"
    with refused(ShiftRefusalReason.NO_SUCH_HANDOVER):
        book.accept(CHI, offered.id, NOW + 12)
    with refused(ShiftRefusalReason.NO_SUCH_HANDOVER):
        book.accept(CHI, "never", NOW + 12)
    assert [shift.username for shift in book.on_duty()] == ["an"]


def test_a_leader_ends_a_forgotten_shift_with_a_reason(
    archive: Archive, book: ShiftRepository
) -> None:
    mine = book.take(AN, True, NOW)
    offer(book)
    book.end(LE, mine.id, "Về không bàn giao", NOW + 60)
    assert book.on_duty() == []
    assert book.offered() == []
    assert archive.log_of(mine.id)[-1].note == "Về không bàn giao"
    with refused(ShiftRefusalReason.NO_SUCH_SHIFT):
        book.end(LE, mine.id, "lần nữa", NOW + 61)


def test_who_was_on_duty_in_a_period(book: ShiftRepository) -> None:
    mine = book.take(AN, True, NOW)
    book.end(LE, mine.id, "hết ca", NOW + 100)
    book.take(CHI, True, NOW + 50)

    def on(since: float, until: float) -> list[str]:
        return [shift.username for shift in book.between(since, until)]

    assert on(NOW, NOW + 50) == ["an"]
    assert on(NOW + 99, NOW + 200) == ["an", "chi"]
    assert on(NOW + 100, NOW + 200) == ["chi"]


def test_a_handover_hands_over_all_that_the_outgoing_officer_holds(
    archive: Archive, book: ShiftRepository
) -> None:
    for seq in range(1, 6):
        take(archive, seq, event_id=f"e{seq}", zone_id=f"z{seq}", priority=2)
    ids = [each.id for each in archive.alerts().items]
    for number, (each, officer) in enumerate(zip(ids, (AN, AN, AN, CHI, None), strict=True)):
        if officer is not None:
            Desk(archive, each).do(
                AlertAction.ACKNOWLEDGE, officer, now=NOW, idempotency_key=f"a{number}"
            )
    Desk(archive, ids[1]).do(AlertAction.CONFIRM, now=NOW, idempotency_key="c")
    Desk(archive, ids[2]).do(AlertAction.REJECT, now=NOW, reason="steam", idempotency_key="r")
    book.take(AN, True, NOW)
    offered = offer(book)
    book.accept(LE, offered.id, NOW + 20)
    owners = [each.owner for each in (archive.alert(one) for one in ids) if each is not None]
    assert owners == ["le", "le", "an", "chi", None]  # what is judged false is over
    taken, confirmed = archive.alert(ids[0]), archive.alert(ids[1])
    assert taken is not None
    assert confirmed is not None
    assert taken.lease_until == NOW + 20 + 600
    assert confirmed.lease_until is None
    assert [line.action for line in archive.log_of(ids[0])][-1] == "hand_over"
    (signed,) = [line for line in archive.log_of(offered.id) if line.action == "handover_accepted"]
    assert signed.details["alerts"] == 2
    assert archive.verify_chain().ok


def test_a_handover_gives_nobody_what_they_may_not_see(
    archive: Archive, book: ShiftRepository
) -> None:
    take(archive, 1, priority=2)
    (alert,) = archive.alerts().items
    Desk(archive, alert.id).do(AlertAction.ACKNOWLEDGE, now=NOW)
    book.take(AN, True, NOW)
    elsewhere = Actor(
        username="xa", name="Xa", role=Role.OPERATOR, scope=DataFilter(agencies=frozenset({"csgt"}))
    )
    book.accept(elsewhere, offer(book).id, NOW + 20)
    found = archive.alert(alert.id)
    assert found is not None
    assert found.owner == "an"


def test_a_fault_of_the_watch_is_a_technicians_and_keeps_no_officer_from_going_home(
    archive: Archive, book: ShiftRepository
) -> None:
    take(archive, 1, priority=1, kind=SystemKind.WORKER_LOST.value)
    book.take(AN, True, NOW)
    assert book.blocking(AN) == ([], 0)
    assert book.accept(CHI, offer(book).id, NOW + 20).outcome == "accepted"


def test_what_stands_against_signing_is_counted_whole(
    archive: Archive, book: ShiftRepository
) -> None:
    for seq in range(1, 70):
        take(archive, seq, event_id=f"e{seq}", camera_id=f"c{seq}", priority=1)
    take(archive, 70, event_id="e70", camera_id="c1", zone_id="z", priority=1)  # the same incident
    listed, total = book.blocking(AN)
    assert (len(listed), total) == (20, 69)
    book.take(AN, True, NOW)
    with refused(ShiftRefusalReason.P1_UNANSWERED) as caught:
        offer(book)
    assert caught.value.total == 69
