"""Messages into the archive, on SQLite and PostgreSQL: once each, in one transaction."""

import random
import threading
from typing import Any

import pytest

from tests.alerts.arrivals import NOW, only_alert, take, take_all
from tests.alerts.queue.fake_events import FIRST_AT, fake_event, fake_message
from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.deduplication import AlertCondition
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.change_kind import ChangeKind
from thapcanh.alerts.store.errors import SequenceReused
from thapcanh.detection.event import EventPhase


def test_a_raised_event_opens_an_alert_with_the_cameras_facts(archive: Archive) -> None:
    taken = take(archive, fake_message(1))
    alert = only_alert(archive)
    assert (taken.alert_id, taken.reason, taken.change_seq) == (alert.id, "first", 1)
    assert (alert.state, alert.condition, alert.priority, alert.version) == (
        AlertState.NEW,
        AlertCondition.ACTIVE,
        1,
        1,
    )
    assert (alert.camera_name, alert.place, alert.area, alert.agency) == (
        "Cổng chính",
        "12 Hàng Bài",
        "cua-nam",
        "pc07",
    )
    assert (alert.lat, alert.lon, alert.detections, alert.box) == (
        21.02,
        105.85,
        1,
        (0.4, 0.4, 0.1, 0.1),
    )
    assert alert.number == "CB-20270115-000001"
    assert (alert.steps.captured, alert.steps.queued, alert.steps.stored) == (
        FIRST_AT,
        NOW - 0.1,
        NOW,
    )
    assert alert.state is AlertState.NEW
    assert archive.alert(alert.id) == alert
    assert archive.alert("nothing") is None


def test_a_camera_that_nobody_knows_still_alarms(archive: Archive) -> None:
    archive.take_in(fake_message(1), queued_at=NOW, now=NOW, camera=lambda _: None)
    assert only_alert(archive).camera_name == "gate"


def test_the_same_message_again_changes_nothing(archive: Archive) -> None:
    take(archive, fake_message(1))
    before = (only_alert(archive), archive.last_seq(), archive.verify_chain())
    again = take(archive, fake_message(1), NOW + 50)
    assert (again.duplicate, again.change_seq) == (True, None)
    assert (only_alert(archive), archive.last_seq(), archive.verify_chain()) == before


def test_two_messages_that_claim_one_place_are_an_error(archive: Archive) -> None:
    take(archive, fake_message(1))
    with pytest.raises(SequenceReused):
        take(archive, fake_message(1, fake_event(1, id="another")))
    assert only_alert(archive).detections == 1


def test_sightings_fold_into_the_open_alert(archive: Archive) -> None:
    take_all(
        archive,
        fake_message(1, confidence=0.5),
        fake_message(2, confidence=0.9, box=(0.5, 0.5, 0.11, 0.1)),
        fake_message(3, confidence=0.7, event_id="event-2", kind="smoke", rule_id="smoke"),
    )
    alert = only_alert(archive)
    assert (alert.detections, alert.confidence, alert.last_seen_at) == (3, 0.9, FIRST_AT + 2)
    assert alert.kind == "fire"
    kinds = [change.kind for change in archive.changes_after(0).items]
    assert kinds == [ChangeKind.OPENED, ChangeKind.UPDATED, ChangeKind.UPDATED]


def test_smoke_that_turns_out_to_be_fire_is_a_fire(archive: Archive) -> None:
    take_all(
        archive,
        fake_message(1, kind="smoke", rule_id="smoke", priority=2),
        fake_message(2, kind="fire", event_id="event-2", phase=EventPhase.RAISED, priority=1),
    )
    alert = only_alert(archive)
    assert (alert.kind, alert.priority, alert.spoke_reason) == ("fire", 1, "priority_rose")


def test_an_episode_that_becomes_a_fire_makes_its_alert_one_and_is_heard(
    archive: Archive,
) -> None:
    smoke: dict[str, Any] = {"kind": "smoke", "rule_id": "smoke", "label": "smoke"}
    take_all(
        archive,
        fake_message(1, **smoke),
        fake_message(2, **{**smoke, "kind": "fire", "label": "fire"}, phase=EventPhase.UPDATED),
        fake_message(3, **smoke, phase=EventPhase.UPDATED),
    )
    alert = only_alert(archive)
    assert (alert.kind, alert.label, alert.spoke_reason) == ("fire", "fire", "worse_kind")
    kinds = [change.kind for change in archive.changes_after(0).items]
    assert kinds == [ChangeKind.OPENED, ChangeKind.SPOKE, ChangeKind.UPDATED]


def test_an_alert_is_cleared_when_all_its_events_are(archive: Archive) -> None:
    smoke: dict[str, Any] = {"event_id": "event-2", "kind": "smoke", "rule_id": "smoke"}
    take_all(archive, fake_message(1), fake_message(2, **smoke))
    take(archive, fake_message(3, phase=EventPhase.CLEARED))
    assert only_alert(archive).condition is AlertCondition.ACTIVE
    take(archive, fake_message(4, **smoke, phase=EventPhase.CLEARED))
    alert = only_alert(archive)
    assert (alert.condition, alert.cleared_at) == (AlertCondition.CLEARED, FIRST_AT + 3)
    assert (alert.state, alert.priority) == (AlertState.NEW, 1)  # a P1 is latched
    assert [change.kind for change in archive.changes_after(3).items] == [
        ChangeKind.UPDATED,
        ChangeKind.CLEARED,
    ]


def test_a_p2_that_cleared_no_longer_demands_an_answer(archive: Archive) -> None:
    take_all(
        archive, fake_message(1, priority=2), fake_message(2, phase=EventPhase.CLEARED, priority=2)
    )
    assert only_alert(archive).condition is AlertCondition.CLEARED


def test_growth_and_return_speak(archive: Archive) -> None:
    take_all(
        archive,
        fake_message(1),
        fake_message(2, box=(0.4, 0.4, 0.2, 0.1)),
        fake_message(3, phase=EventPhase.CLEARED),
        fake_message(4, event_id="event-2", phase=EventPhase.RAISED, captured_at=FIRST_AT + 500),
    )
    told = [(change.kind, change.reason) for change in archive.changes_after(0).items]
    assert told == [
        (ChangeKind.OPENED, "first"),
        (ChangeKind.SPOKE, "area_doubled"),
        (ChangeKind.CLEARED, "cleared"),
        (ChangeKind.SPOKE, "returned"),
    ]
    assert only_alert(archive).condition is AlertCondition.ACTIVE


def test_clearing_what_never_was_is_kept_and_touches_no_alert(archive: Archive) -> None:
    taken = take(archive, fake_message(1, phase=EventPhase.CLEARED))
    assert (taken.alert_id, taken.reason) == (None, "nothing_to_clear")
    assert archive.alerts().items == ()


def test_raised_after_its_own_clearing_is_shown_and_cleared(archive: Archive) -> None:
    take_all(archive, fake_message(2, phase=EventPhase.CLEARED), fake_message(1))
    alert = only_alert(archive)
    assert alert.condition is AlertCondition.CLEARED
    assert alert.state is AlertState.NEW


@pytest.mark.parametrize("order", [random.Random(seed).sample(range(4), 4) for seed in range(6)])
def test_any_order_of_arrival_ends_in_one_alert_that_is_cleared(
    archive: Archive, order: list[int]
) -> None:
    messages = [
        fake_message(1),
        fake_message(2),
        fake_message(3),
        fake_message(4, phase=EventPhase.CLEARED),
    ]
    take_all(archive, *[messages[place] for place in order], *messages)
    alert = only_alert(archive)
    assert alert.condition is AlertCondition.CLEARED
    assert archive.gaps(NOW + 1000) == []


def test_a_self_test_proves_the_path_and_opens_nothing(archive: Archive) -> None:
    assert archive.last_proven() is None
    taken = take(archive, fake_message(1, kind="self_test"), NOW + 7)
    assert taken.reason == "self_test"
    assert archive.alerts().items == ()
    assert archive.last_proven() == NOW + 7


def test_many_threads_at_once_make_one_alert_and_changes_without_holes(archive: Archive) -> None:
    """Readers, meanwhile, never see a later change before an earlier one."""
    done = threading.Event()
    seen: list[int] = []
    faults: list[str] = []

    def read() -> None:
        while not done.is_set() or archive.last_seq() > (seen[-1] if seen else 0):
            new = [change.seq for change in archive.changes_after(seen[-1] if seen else 0).items]
            seen.extend(new)

    def write(worker: int) -> None:
        for seq in range(1, 11):
            message = fake_message(
                seq,
                source=f"worker-{worker}",
                id=f"message-{worker}-{seq}",
                event_id=f"event-{worker}",
                phase=EventPhase.UPDATED,
            )
            if take(archive, message).duplicate:
                faults.append(message.event.id)

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for thread in [reader, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    assert faults == []
    assert only_alert(archive).detections == 40
    assert seen == [1, *range(3, 42)]  # 2 is of the incident that the alert opened
    assert archive.verify_chain().ok


def test_alert_numbers_count_anew_each_local_day(archive: Archive) -> None:
    evening, midnight = 1_800_032_399.0, 1_800_032_400.0  # 23:59:59 and 00:00:00 in Hà Nội
    for seq, (camera, now) in enumerate([("a", evening), ("b", evening), ("c", midnight)], start=1):
        take(archive, fake_message(seq, camera_id=camera, event_id=camera), now)
    numbers = sorted(alert.number for alert in archive.alerts().items)
    assert numbers == ["CB-20270115-000001", "CB-20270115-000002", "CB-20270116-000001"]


@pytest.mark.parametrize("step", ["pushed", "rendered"])
def test_steps_keep_their_first_time(archive: Archive, step: str) -> None:
    take(archive, fake_message(1))
    alert_id = only_alert(archive).id
    for at in (NOW + 1, NOW + 9):
        if step == "pushed":
            archive.mark_pushed([alert_id], at)
        else:
            archive.mark_rendered(alert_id, at)
    assert getattr(only_alert(archive).steps, step) == NOW + 1


def test_a_doubted_event_opens_p3_and_speaks_when_it_rises(archive: Archive) -> None:
    doubted: dict[str, Any] = {
        "priority": 3,
        "belief": 0.3,
        "reasons": (("wide", -2.0), ("sureness", 1.15)),
    }
    take(archive, fake_message(1, **doubted))
    alert = only_alert(archive)
    assert (alert.priority, alert.belief, alert.is_doubted) == (3, 0.3, True)
    assert alert.reasons == doubted["reasons"]
    take(archive, fake_message(2, priority=3, belief=0.2, reasons=(("wide", -2.5),)))
    assert only_alert(archive).belief == 0.3  # the strongest so far
    risen = take(archive, fake_message(3, priority=1, belief=0.8, reasons=(("flame", 3.0),)))
    alert = only_alert(archive)
    assert (risen.reason, alert.spoke_reason) == ("priority_rose", "priority_rose")
    assert (alert.priority, alert.belief, alert.is_doubted) == (1, 0.8, False)
    assert alert.reasons == (("flame", 3.0),)
    take(archive, fake_message(4, priority=3, belief=0.3))
    assert only_alert(archive).priority == 1  # it never falls


def test_a_worker_that_tells_no_belief_is_heard_as_ever(archive: Archive) -> None:
    take(archive, fake_message(1))
    alert = only_alert(archive)
    assert (alert.priority, alert.belief, alert.is_doubted, alert.reasons) == (1, None, False, ())
