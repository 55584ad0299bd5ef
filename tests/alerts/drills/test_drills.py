"""A drill is answered like a real alert, never taken for one, not counted, not learned from."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from tests.alerts.desk import AN, LE, Desk
from tests.alerts.queue.fake_events import FIRST_AT, fake_event, fake_message
from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.deduplication import dedup_key
from thapcanh.alerts.alert.records import AlertFilter, CameraFacts
from thapcanh.alerts.drills.drill_store import DrillRepository, DrillRunning
from thapcanh.alerts.drills.drills import Drill, DrillAction, DrillAnswer, DrillOutcome, score
from thapcanh.alerts.evidence.snapshots import marked
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import decode, encode
from thapcanh.alerts.reports.reports import DayBounds, ReportPeriod, counted, desk_figures
from thapcanh.alerts.shifts.shifts import ShiftRepository
from thapcanh.alerts.store.roles import EVERYTHING, AlertAction, DataFilter
from thapcanh.detection.event import EventPhase

HERE = CameraFacts(name="Cổng", agency="pc07", area="cua-nam", lat=21.02, lon=105.85)
DRILL = Drill(
    id="drill-1",
    scenario_id="fire",
    scenario_name="Cháy",
    right_verdict=AlertState.CONFIRMED,
    camera_id="gate",
    camera_name="Cổng",
    area="cua-nam",
    agency="pc07",
    event_id="drilled",
    started_by="le",
    started_at=FIRST_AT,
)


def take(archive: Archive, seq: int, now: float = FIRST_AT, **changes: Any) -> str | None:
    message = fake_message(seq, **{"phase": EventPhase.RAISED, **changes})
    return archive.take_in(message, queued_at=now, now=now, camera=lambda _: HERE).alert_id


def answer(archive: Archive, alert_id: str | None, verdict: AlertAction, now: float) -> None:
    assert alert_id is not None
    desk = Desk(archive, alert_id)
    desk.do(AlertAction.ACKNOWLEDGE, AN, now)
    reason = "lights" if verdict is AlertAction.REJECT else None
    desk.do(verdict, LE if reason else AN, now + 20, reason=reason, idempotency_key=f"v{alert_id}")


def test_the_mark_travels_and_only_drills_carry_it() -> None:
    drill = fake_message(1, exercise=True)
    assert decode(encode(drill)) == drill
    assert "exercise" not in encode(fake_message(1))["data"]


def test_a_drill_and_a_real_fire_at_one_place_are_two_alerts(archive: Archive) -> None:
    real = take(archive, 1, event_id="real")
    drilled = take(archive, 2, event_id="drilled", exercise=True)
    again = take(archive, 3, event_id="real", phase=EventPhase.UPDATED)
    other = take(archive, 4, event_id="other-drill", exercise=True)
    assert again == real
    assert len({real, drilled, other}) == 3
    alerts = {alert.id: alert.exercise for alert in archive.alerts().items}
    assert alerts == {real: False, drilled: True, other: True}


def test_a_real_message_never_joins_a_drill_even_under_its_event_id(
    sqlite_archive: Archive,
) -> None:
    drilled = take(sqlite_archive, 1, event_id="same", exercise=True)
    real = take(sqlite_archive, 2, event_id="same")
    assert real is not None
    assert real != drilled
    found = sqlite_archive.alert(real)
    assert found is not None
    assert not found.exercise


def test_a_drill_under_the_id_of_a_real_event_does_not_touch_it(archive: Archive) -> None:
    real = take(archive, 1, event_id="same")
    assert real is not None
    assert take(archive, 2, event_id="same", exercise=True) is None
    assert take(archive, 3, event_id="same", exercise=True, phase=EventPhase.CLEARED) is None
    found = archive.alert(real)
    assert found is not None
    assert (found.condition, found.state) == ("active", AlertState.NEW)
    assert take(archive, 4, event_id="same", phase=EventPhase.CLEARED) == real


def test_drills_are_listed_alone_and_left_out_when_asked(sqlite_archive: Archive) -> None:
    real = take(sqlite_archive, 1, event_id="real")
    drilled = take(sqlite_archive, 2, event_id="drilled", exercise=True)
    only = sqlite_archive.alerts(AlertFilter(exercise=True)).items
    none = sqlite_archive.alerts(AlertFilter(exercise=False)).items
    assert [alert.id for alert in only] == [drilled]
    assert [alert.id for alert in none] == [real]


def test_the_log_of_a_drill_says_so(sqlite_archive: Archive) -> None:
    drilled = take(sqlite_archive, 1, exercise=True)
    assert drilled is not None
    assert sqlite_archive.log_of(drilled)[0].details["exercise"] is True


def test_a_rejected_drill_makes_no_place_quiet(sqlite_archive: Archive) -> None:
    answer(sqlite_archive, take(sqlite_archive, 1, exercise=True), AlertAction.REJECT, FIRST_AT + 5)
    real = take(sqlite_archive, 2, now=FIRST_AT + 60, event_id="real", captured_at=FIRST_AT + 60)
    assert real is not None
    found = sqlite_archive.alert(real)
    assert found is not None
    assert (found.state, found.spoke_reason) == (AlertState.NEW, "first")


def test_a_drill_near_by_agrees_with_nothing(archive: Archive) -> None:
    answer(archive, take(archive, 1, event_id="lamp"), AlertAction.REJECT, FIRST_AT + 5)
    take(archive, 2, now=FIRST_AT + 30, event_id="d", camera_id="yard", exercise=True,
         captured_at=FIRST_AT + 30)  # fmt: skip
    again = fake_message(3, event_id="lamp-2", phase=EventPhase.RAISED, captured_at=FIRST_AT + 40)
    taken = archive.take_in(
        again, queued_at=FIRST_AT + 40, now=FIRST_AT + 40, camera=lambda _: HERE
    )
    assert taken.reason == "quiet_place"


def test_no_figure_counts_a_drill(archive: Archive) -> None:
    answer(archive, take(archive, 1, exercise=True), AlertAction.REJECT, FIRST_AT + 5)
    period = ReportPeriod(since=0.0, until=FIRST_AT + 1000, scope=EVERYTHING)
    assert list(counted(archive.database, period)) == []
    days = DayBounds(today_from=0.0, week_from=0.0, prompt_s=15.0)
    figures = desk_figures(archive.database, days, EVERYTHING)
    assert (figures.acknowledged, figures.judged) == (0, 0)


def test_an_open_drill_keeps_nobody_from_handing_over(sqlite_archive: Archive) -> None:
    take(sqlite_archive, 1, exercise=True)
    book = ShiftRepository(sqlite_archive.database)
    assert book.blocking(AN) == ([], 0)
    (item,), _ = book.open_items(AN)
    assert item.exercise


def test_one_drill_at_a_time_and_the_log_says_who(sqlite_archive: Archive) -> None:
    book = DrillRepository(sqlite_archive.database)
    book.start(DRILL, LE)
    with pytest.raises(DrillRunning):
        book.start(dataclasses.replace(DRILL, id="drill-2", event_id="other"), LE)
    assert book.running() == DRILL
    assert book.end("drill-1", FIRST_AT + 120)
    assert not book.end("drill-1", FIRST_AT + 121, by=LE)
    assert book.running() is None
    lines = [(line.actor, line.action) for line in sqlite_archive.log_of("drill-1")]
    assert lines == [("le", "drill_started"), ("system", "drill_ended")]
    assert sqlite_archive.verify_chain().ok


def test_a_drill_is_scored_by_what_officers_did(archive: Archive) -> None:
    book = DrillRepository(archive.database)
    book.start(DRILL, LE)
    alert_id = take(archive, 1, event_id="drilled", exercise=True)
    answer(archive, alert_id, AlertAction.CONFIRM, FIRST_AT + 7)
    (found,) = book.scores(10, EVERYTHING)
    assert found.outcome is DrillOutcome.RIGHT
    assert (found.alert_id, found.acknowledged_by, found.verdict_by) == (alert_id, "an", "an")
    assert (found.acknowledged_after_s, found.verdict_after_s) == (7.0, 27.0)
    assert book.scores(10, DataFilter(agencies=frozenset({"csgt"}))) == []


@pytest.mark.parametrize(
    ("action", "ended", "failure", "outcome"),
    [
        ("confirm", None, None, DrillOutcome.RIGHT),
        ("reject", 100.0, None, DrillOutcome.WRONG),
        ("acknowledge", None, None, DrillOutcome.RUNNING),
        ("acknowledge", 100.0, None, DrillOutcome.MISSED),
        (None, 100.0, "no such file", DrillOutcome.FAILED),
    ],
)
def test_the_outcomes(
    action: str | None, ended: float | None, failure: str | None, outcome: DrillOutcome
) -> None:
    drill = dataclasses.replace(DRILL, ended_at=ended, failure=failure)
    deeds = (DrillAction(action=action, actor="an", at=10.0),) if action else ()
    done = DrillAnswer(alert_id="a", alert_number="n", raised_at=4.0, deeds=deeds)
    assert score(drill, done if action else None).outcome is outcome


def test_what_is_corrected_later_was_wrong_at_first() -> None:
    deeds = [
        DrillAction(action=each, actor="an", at=9.0)
        for each in ("reject", "acknowledge", "confirm")
    ]
    done = DrillAnswer(alert_id="a", alert_number="n", raised_at=4.0, deeds=tuple(deeds))
    assert score(DRILL, done).outcome is DrillOutcome.WRONG


def test_the_key_of_a_drill_is_no_cameras_key() -> None:
    assert dedup_key(fake_event(exercise=True)) != dedup_key(fake_event())
    named_so = fake_event(camera_id="exercise", rule_id="event-1", zone_id="gate", kind="crowd")
    assert dedup_key(named_so) != dedup_key(fake_event(exercise=True, kind="crowd"))


def test_a_drills_picture_says_so() -> None:
    picture = np.zeros((360, 640, 3), np.uint8)
    drawn = marked(picture)
    assert drawn[2, 320].tolist() != [0, 0, 0]
    assert picture.max() == 0


@pytest.mark.parametrize(
    ("reason", "ends"),
    [("lease_expired", False), ("shelf_ended", False), ("returned", True), ("area_doubled", True)],
)
def test_old_business_does_not_end_a_drill(archive: Archive, reason: str, *, ends: bool) -> None:
    real = take(archive, 1, event_id="real", priority=1)
    book = DrillRepository(archive.database)
    drill = dataclasses.replace(DRILL, started_at=FIRST_AT + 100)
    book.start(drill, LE)
    with archive.database.writing() as connection:
        spoke = sa.update(alert).where(alert.c.id == real)
        connection.execute(spoke.values(spoke_at=FIRST_AT + 200, spoke_reason=reason))
    assert book.standing(drill).real_alert is ends


def test_a_lapsed_lease_of_an_old_fire_leaves_the_drill_alone(archive: Archive) -> None:
    real = take(archive, 1, event_id="real", priority=1)
    assert real is not None
    Desk(archive, real).do(AlertAction.ACKNOWLEDGE, AN, FIRST_AT + 90)
    book = DrillRepository(archive.database)
    drill = dataclasses.replace(DRILL, started_at=FIRST_AT + 100)
    book.start(drill, LE)
    assert archive.expire_leases(FIRST_AT + 211) == [real]
    assert not book.standing(drill).real_alert
    take(archive, 2, now=FIRST_AT + 220, event_id="new fire", camera_id="yard", priority=1)
    assert book.standing(drill).real_alert
