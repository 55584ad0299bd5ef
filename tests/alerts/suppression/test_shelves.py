"""Shelving, on SQLite and PostgreSQL: what is covered, what comes back, and who may."""

import dataclasses
from typing import Any

import pytest

from tests.alerts.desk import AN, LE, NOW, Desk, take
from tests.alerts.queue.fake_events import fake_message
from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.records import Alert, AlertFilter
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.system_events import SYSTEM_KINDS
from thapcanh.alerts.shifts.shifts import ShiftRepository
from thapcanh.alerts.store.change_kind import ChangeKind
from thapcanh.alerts.store.errors import KeyReused
from thapcanh.alerts.store.roles import EVERYTHING, AlertAction, DataFilter
from thapcanh.alerts.suppression.shelving import (
    Shelving,
    ShelvingRefusalReason,
    ShelvingRefused,
    ShelvingRequest,
    ShelvingTarget,
    covers,
)
from thapcanh.alerts.suppression.shelvings import ShelvingRepository

SEEN = fake_message(1).event
ORDER = ShelvingRequest(
    name="Cổng",
    place=ShelvingTarget(
        camera_id=SEEN.camera_id, camera_name="Cổng", agency="pc07", area="cua-nam"
    ),
    reason="lò bánh mì cạnh cổng",
    until=NOW + 3600,
    covers_p1=False,
    idempotency_key="k",
)
ALL_OF_IT = dataclasses.replace(ORDER, covers_p1=True)


@pytest.fixture
def book(archive: Archive) -> ShelvingRepository:
    return ShelvingRepository(archive.database)


def only(archive: Archive) -> Alert:
    (alert,) = archive.alerts().items
    return alert


def placed(**changes: Any) -> ShelvingRequest:
    return dataclasses.replace(ORDER, place=dataclasses.replace(ORDER.place, **changes))


def put(book: ShelvingRepository, order: ShelvingRequest = ORDER, **changes: Any) -> Shelving:
    wanted = dataclasses.replace(order, **changes)
    return book.put(LE if wanted.covers_p1 else AN, wanted, NOW)


def refused(why: ShelvingRefusalReason) -> Any:
    return pytest.raises(ShelvingRefused, match=f"^{why.value}$")


def test_what_is_shelved_waits_and_comes_back_by_itself(
    archive: Archive, book: ShelvingRepository
) -> None:
    take(archive, 1, priority=2)
    made = put(book)
    lying = only(archive)
    assert (lying.shelf_id, lying.shelved_until) == (made.id, NOW + 3600)
    assert (lying.state, lying.shelf_id is None) == (AlertState.NEW, False)
    assert (made.alerts, [each.id for each in book.in_force(EVERYTHING)]) == (1, [made.id])
    assert book.end_due(NOW + 3599) == 0
    assert book.end_due(NOW + 3600) == 1
    back = only(archive)
    assert (back.shelf_id, back.shelved_until, back.state) == (None, None, AlertState.NEW)
    assert (back.spoke_at, back.spoke_reason) == (NOW + 3600, "shelf_ended")
    assert [change.kind for change in archive.changes_after(0).items][-2:] == [
        ChangeKind.SHELVED,
        ChangeKind.UNSHELVED,
    ]
    acts = [(entry.actor, entry.action) for entry in archive.log_of(back.id)][-2:]
    assert acts == [("an", "shelved"), ("system", "unshelved")]
    assert [entry.action for entry in archive.log_of(made.id)] == ["shelf_set", "shelf_ended"]
    assert (book.in_force(EVERYTHING), book.ended(EVERYTHING, 9)[0].ended_by) == ([], None)


def test_lifting_gives_back_at_once(archive: Archive, book: ShelvingRepository) -> None:
    take(archive, 1, priority=2)
    made = put(book)
    ended = book.lift(AN, made.id, "lò đã tắt", NOW + 60)
    assert (ended.ended_at, ended.ended_by, ended.end_reason) == (NOW + 60, "an", "lò đã tắt")
    assert only(archive).spoke_reason == "shelf_lifted"
    assert book.lift(AN, made.id, "lần nữa", NOW + 61) == ended
    with refused(ShelvingRefusalReason.OVER):
        book.lift(LE, made.id, None, NOW + 61)


def test_shelving_makes_nobodys_command_stale(archive: Archive, book: ShelvingRepository) -> None:
    take(archive, 1, priority=2)
    desk = Desk(archive, only(archive).id)
    desk.do(AlertAction.ACKNOWLEDGE)
    seen = desk.alert().version
    put(book)
    confirmed = desk.do(AlertAction.CONFIRM, expected_version=seen)
    assert confirmed.outcome == "done"
    assert desk.alert().shelf_id is None  # what was judged lies on no shelf


@pytest.mark.parametrize(
    ("place", "priority", "covered"),
    [
        ({}, 2, True),
        ({"rule_id": "r"}, 2, True),
        ({"zone_id": "z"}, 2, True),
        ({"rule_id": "another"}, 2, False),
        ({"rule_id": "r", "zone_id": "another"}, 2, False),
        ({}, 1, False),
    ],
)
def test_a_shelf_covers_a_camera_or_a_rule_or_zone_of_it(
    place: dict[str, Any], priority: int, covered: bool
) -> None:
    facts = {name: getattr(ORDER.place, name) for name in ShelvingTarget.__dataclass_fields__}
    shelf = Shelving(
        **{**facts, **place},
        id="s",
        name="Cổng",
        reason="lò bánh mì",
        covers_p1=False,
        set_by="an",
        set_at=NOW,
        until=NOW + 1,
        ended_at=None,
        ended_by=None,
        end_reason=None,
    )
    assert covers(shelf, rule_id="r", zone_id="z", priority=priority, kind="fire") is covered


@pytest.mark.parametrize("kind", sorted(SYSTEM_KINDS))
def test_a_shelf_of_a_camera_never_swallows_its_own_loss_of_picture(
    archive: Archive, book: ShelvingRepository, kind: str
) -> None:
    put(book, ALL_OF_IT)
    take(archive, 1, priority=2, kind=kind)
    assert only(archive).shelf_id is None
    with_rule = placed(rule_id=SEEN.rule_id)
    made = put(book, with_rule, idempotency_key="rule")
    assert only(archive).shelf_id == made.id  # the fault itself may be laid aside


def test_urgent_alerts_beside_a_confirmed_fire_are_shelved_when_asked_twice(
    archive: Archive, book: ShelvingRepository
) -> None:
    take(archive, 1, priority=1)
    desk = Desk(archive, only(archive).id)
    desk.do(AlertAction.ACKNOWLEDGE)
    assert put(book).covers_p1 is False  # what stays loud needs no second question
    desk.do(AlertAction.CONFIRM)
    with refused(ShelvingRefusalReason.CONFIRMED_OPEN):
        put(book, placed(rule_id="smoke"), covers_p1=True, idempotency_key="k2")
    twice = {"covers_p1": True, "despite_confirmed": True}
    assert put(book, placed(rule_id="smoke"), **twice, idempotency_key="k2").covers_p1


def test_a_p1_lies_on_a_leaders_shelf_only(archive: Archive, book: ShelvingRepository) -> None:
    take(archive, 1, priority=1)
    put(book)
    assert only(archive).shelf_id is None
    with refused(ShelvingRefusalReason.NEEDS_LEADER):
        book.put(AN, dataclasses.replace(ALL_OF_IT, idempotency_key="k2"), NOW)
    with refused(ShelvingRefusalReason.ALREADY_SHELVED):
        put(book, ALL_OF_IT, idempotency_key="k2")
    book.lift(AN, book.in_force(EVERYTHING)[0].id, None, NOW)
    assert ShiftRepository(archive.database).blocking(AN) != ([], 0)
    made = put(book, ALL_OF_IT, idempotency_key="k3")
    assert only(archive).shelf_id == made.id
    assert ShiftRepository(archive.database).blocking(AN) == ([], 0)
    with refused(ShelvingRefusalReason.NEEDS_LEADER):
        book.lift(AN, made.id, None, NOW)


def test_new_alerts_open_on_the_shelf_and_leave_it_when_they_grow_to_p1(
    archive: Archive, book: ShelvingRepository
) -> None:
    made = put(book)
    take(archive, 1, priority=2)
    assert only(archive).shelf_id == made.id
    assert [one.id for one in archive.alerts(AlertFilter(shelved=True)).items] == [only(archive).id]
    (opened,) = archive.log_of(only(archive).id)
    assert opened.details["shelf"] == made.id
    take(archive, 2, priority=1)
    assert (only(archive).shelf_id, only(archive).state) == (None, AlertState.NEW)
    assert archive.alerts(AlertFilter(shelved=True)).items == ()
    assert len(archive.alerts(AlertFilter(shelved=False)).items) == 1


def test_drills_lie_on_no_shelf(archive: Archive, book: ShelvingRepository) -> None:
    take(archive, 1, priority=2, exercise=True)
    put(book)
    assert only(archive).shelf_id is None


def test_from_one_shelf_to_the_other_that_covers_it(
    archive: Archive, book: ShelvingRepository
) -> None:
    take(archive, 1, priority=2)
    first = put(book)
    put(book, placed(camera_id="another"), idempotency_key="k3")
    second = put(book, placed(rule_id=SEEN.rule_id), idempotency_key="k2", until=NOW + 7200)
    book.end_due(NOW + 3600)
    assert (only(archive).shelf_id, only(archive).shelved_until) == (second.id, NOW + 7200)
    assert first.id != second.id


def test_a_key_shelves_once(archive: Archive, book: ShelvingRepository) -> None:
    first = put(book)
    assert put(book).id == first.id
    assert len(book.in_force(EVERYTHING)) == 1
    with pytest.raises(KeyReused):
        put(book, reason="khác")


def test_shelves_are_seen_and_lifted_within_ones_scope(
    archive: Archive, book: ShelvingRepository
) -> None:
    made = put(book)
    csgt = DataFilter(agencies=frozenset({"csgt"}))
    assert book.in_force(csgt) == []
    with refused(ShelvingRefusalReason.NO_SUCH_SHELF):
        book.lift(dataclasses.replace(AN, scope=csgt), made.id, None, NOW)
    assert book.in_force(DataFilter(areas=frozenset({"cua-nam"}))) != []


def test_a_doubted_alert_leaves_its_shelf_when_it_rises_to_p1(
    archive: Archive, book: ShelvingRepository
) -> None:
    take(archive, 1, priority=3, belief=0.3)
    made = put(book)
    assert only(archive).shelf_id == made.id
    take(archive, 2, priority=3, belief=0.3)
    assert only(archive).shelf_id == made.id
    take(archive, 3, priority=1, belief=0.8)
    heard = only(archive)
    assert (heard.shelf_id, heard.priority) == (None, 1)
    assert heard.spoke_reason == "priority_rose"
