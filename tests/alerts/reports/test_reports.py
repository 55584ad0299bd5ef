"""What a report reads: its period, in order, with log lines; through indexes, on both databases."""

from typing import Any

import pytest
import sqlalchemy as sa

from tests.alerts.desk import LE, NOW, Desk, take
from tests.alerts.queue.fake_events import FIRST_AT, fake_message
from thapcanh.alerts.alert.alert_tables import alert
from thapcanh.alerts.alert.history import count_up_to, filter_conditions
from thapcanh.alerts.alert.records import AlertFilter
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.reports.figures import CountedAlert
from thapcanh.alerts.reports.reports import (
    DayBounds,
    ReportPeriod,
    counted,
    desk_figures,
    lines_of,
    page_of,
)
from thapcanh.alerts.store.log_tables import action_log
from thapcanh.alerts.store.roles import EVERYTHING, AlertAction, DataFilter
from thapcanh.alerts.suppression.shelving import ShelvingRequest, ShelvingTarget
from thapcanh.alerts.suppression.shelvings import ShelvingRepository
from thapcanh.detection.event import EventPhase

MANY = 20_000
HOUR = 3600.0


def read(
    archive: Archive, since: float, until: float, scope: DataFilter = EVERYTHING
) -> list[CountedAlert]:
    return list(counted(archive.database, ReportPeriod(since=since, until=until, scope=scope)))


def fire(archive: Archive, seq: int, at: float) -> str:
    """An alert of its own, raised at a time."""
    own: dict[str, Any] = {"event_id": f"e{seq}", "zone_id": f"z{seq}", "phase": EventPhase.RAISED}
    take(archive, seq, captured_at=at, **own)
    return archive.alerts(AlertFilter(since=at, until=at + 0.001)).items[0].id


def test_the_period_holds_its_start_and_not_its_end(archive: Archive) -> None:
    for seq, at in enumerate((99.0, 100.0, 199.9, 200.0), 1):
        fire(archive, seq, FIRST_AT + at)
    found = read(archive, FIRST_AT + 100.0, FIRST_AT + 200.0)
    assert [row.raised_at - FIRST_AT for row in found] == pytest.approx([100.0, 199.9])


def test_the_first_acknowledgement_counts_and_a_lost_lease_is_heard(archive: Archive) -> None:
    desk = Desk(archive, fire(archive, 1, FIRST_AT))
    desk.do(AlertAction.ACKNOWLEDGE, now=NOW)
    archive.expire_leases(NOW + 121)
    desk.do(AlertAction.ACKNOWLEDGE, now=NOW + 200)
    (row,) = read(archive, FIRST_AT, FIRST_AT + 1)
    assert row.first_acknowledged_at == NOW
    assert row.spoke_at == (NOW + 121,)
    assert row.leases_lost == 1


def test_what_lies_on_a_shelf_is_heard_when_it_comes_back(archive: Archive) -> None:
    book = ShelvingRepository(archive.database)
    camera = fake_message(1).event.camera_id
    place = ShelvingTarget(camera_id=camera, camera_name="Cổng", agency="pc07", area="cua-nam")
    order = ShelvingRequest(
        name="Cổng",
        place=place,
        reason="lò bánh mì",
        until=NOW + 300,
        covers_p1=True,
        idempotency_key="k",
    )
    book.put(LE, order, NOW)
    desk = Desk(archive, fire(archive, 1, FIRST_AT))
    desk.do(AlertAction.ACKNOWLEDGE, now=NOW)
    archive.expire_leases(NOW + 121)
    (lying,) = read(archive, FIRST_AT, FIRST_AT + 1)
    assert (lying.opened_on_shelf, lying.spoke_at, lying.leases_lost) == (True, (), 1)
    book.end_due(NOW + 300)
    (back,) = read(archive, FIRST_AT, FIRST_AT + 1)
    assert back.spoke_at == (NOW + 300,)


def test_a_scope_sees_its_own(archive: Archive) -> None:
    fire(archive, 1, FIRST_AT)
    assert len(read(archive, FIRST_AT, FIRST_AT + 1, DataFilter(agencies=frozenset({"pc07"})))) == 1
    assert read(archive, FIRST_AT, FIRST_AT + 1, DataFilter(agencies=frozenset({"evn"}))) == []


def test_pages_neither_lose_nor_double_alerts_of_one_moment(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thapcanh.alerts.reports.reports._PAGE", 2)
    for seq in range(1, 6):
        fire(archive, seq, FIRST_AT)
    assert len(read(archive, FIRST_AT, FIRST_AT + 1)) == 5


def test_the_foots_figures(archive: Archive) -> None:
    prompt, late, _ = (Desk(archive, fire(archive, seq, NOW - 10 * seq)) for seq in (1, 2, 3))
    prompt.do(AlertAction.ACKNOWLEDGE, now=NOW)
    late.do(AlertAction.ACKNOWLEDGE, now=NOW, idempotency_key="another")
    prompt.do(AlertAction.CONFIRM, now=NOW + 5)
    days = DayBounds(today_from=NOW - HOUR, week_from=NOW - 7 * 24 * HOUR, prompt_s=15.0)
    found = desk_figures(archive.database, days, EVERYTHING)
    assert (found.acknowledged, found.within_15_s) == (2, 1)
    assert (found.judged, found.rejected) == (1, 0)
    tomorrow = DayBounds(today_from=NOW + 1, week_from=NOW + 1, prompt_s=15.0)
    nothing = desk_figures(archive.database, tomorrow, EVERYTHING)
    assert (nothing.acknowledged, nothing.judged) == (0, 0)


@pytest.fixture
def old(archive: Archive) -> Archive:
    """An archive with twenty thousand alerts, one each minute before `FIRST_AT`.

    They are put there beside the log, some of whose lines are made up too.
    """
    fire(archive, 1, FIRST_AT)
    with archive.database.altering() as connection:
        template = connection.execute(sa.select(alert)).one()._asdict()
        connection.execute(sa.insert(alert), [_older(template, n) for n in range(MANY)])
        line = connection.execute(sa.select(action_log)).first()
        assert line is not None
        lines = [{**line._asdict(), "seq": 10 + n, "object_id": f"old-{n}"} for n in range(MANY)]
        connection.execute(sa.insert(action_log), lines)
        connection.execute(sa.text("ANALYZE"))
    return archive


def _older(template: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        **template,
        "id": f"old-{number}",
        "number": f"CB-OLD-{number}",
        "dedup_key": f"old-{number}",
        "episode_open": False,
        "raised_at": FIRST_AT - 60.0 * (number + 1),
        "state": "closed",
        "words": f"cb-old-{number} cong",
    }


def test_an_old_archive_costs_a_question_about_a_day_nothing(old: Archive) -> None:
    """By the plan, not the clock: no question reads a table from end to end, or sorts it."""
    day = ReportPeriod(since=FIRST_AT - 24 * HOUR, until=FIRST_AT, scope=EVERYTHING)
    report = plan_of(old, page_of(day, (day.since, "")))
    assert "ix_alert_newest" in report
    assert not scans_whole(report, "alert")
    assert "ix_action_log_object" in plan_of(old, lines_of(["old-1", "old-2"]))
    assert len(read(old, day.since, day.until)) == 24 * 60

    wanted = AlertFilter(since=day.since, until=day.until, words=("cb-old-5",))
    found = sa.select(alert.c.id).where(*filter_conditions(wanted))
    searched = plan_of(old, newest_first(found))
    assert "ix_alert_newest" in searched
    assert not scans_whole(searched, "alert")
    assert count_up_to(old.database, wanted, 1000) == 1 + 10 + 100  # 5, 5x, 5xx of 1,440

    everything = plan_of(old, newest_first(sa.select(alert.c.id)))
    assert "ix_alert_newest" in everything
    assert "TEMP B-TREE" not in everything
    assert "Sort" not in everything


def newest_first(query: sa.Select[Any]) -> sa.Select[Any]:
    return query.order_by(alert.c.raised_at.desc(), alert.c.id.desc()).limit(51)


def plan_of(archive: Archive, query: sa.Select[Any]) -> str:
    """How the database would answer a query."""
    sqlite = archive.database.is_sqlite
    with archive.database.reading() as connection:
        compiled = query.compile(connection, compile_kwargs={"literal_binds": True})
        verb = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN"
        rows = connection.exec_driver_sql(f"{verb} {compiled}".replace("%", "%%")).all()
    return "\n".join(str(row[-1]) for row in rows)


def scans_whole(plan: str, table: str) -> bool:
    """Whether the plan reads a table from end to end."""
    lines = (line.strip() for line in plan.splitlines())
    return any(
        f"Seq Scan on {table}" in line or (line.startswith(f"SCAN {table}") and "INDEX" not in line)
        for line in lines
    )
