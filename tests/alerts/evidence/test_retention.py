"""Which evidence may go: never an open alert's; else by age, then the oldest closed for room."""

from pathlib import Path

import pytest

from tests.alerts.evidence.retention_cases import alert_with_files, close, retention_of
from tests.alerts.queue.fake_events import FIRST_AT
from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.records import ClosedCase
from thapcanh.alerts.evidence.keeping.closed_cases import RetentionRepository
from thapcanh.alerts.evidence.keeping.retention import (
    DiskRoom,
    EvidenceRetention,
    RetentionSettings,
    what_to_delete,
)
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.lifecycle.archive import Archive

DAY = 86_400.0
NOW = 1000 * DAY
SETTINGS = RetentionSettings(
    confirmed_days=100, rejected_days=10, budget_bytes=1000, min_free_bytes=500
)
CALM = DiskRoom(used_bytes=100, free_bytes=5000)


def case(
    name: str,
    days: float | None,
    *,
    rejected: bool = False,
    drill: bool = False,
    size: int = 100,
    lived: int | None = None,
) -> ClosedCase:
    return ClosedCase(
        exercise=drill,
        alert_id=name,
        verdict=AlertState.REJECTED if rejected else AlertState.CONFIRMED,
        closed_at=None if days is None else NOW - days * DAY,
        lived_days=int(days or 0) if lived is None else lived,
        bytes=size,
    )


OPEN = case("open", None, size=9000)


@pytest.mark.parametrize(
    ("cases", "room", "deleted", "short"),
    [
        ([], CALM, [], 0),
        ([case("a", 99.9), case("b", 9.9, rejected=True)], CALM, [], 0),
        ([case("a", 100.0)], CALM, [("a", "age")], 0),
        ([case("a", 10.0, rejected=True), case("b", 10.0)], CALM, [("a", "age")], 0),
        ([case("a", 10.0, drill=True), case("b", 10.0)], CALM, [("a", "age")], 0),
        # old by the date alone: the clock jumped, or the centre was off
        ([case("a", 465.0, lived=99), case("b", 375.0, rejected=True, lived=9)], CALM, [], 0),
        ([case("a", 465.0, lived=100)], CALM, [("a", "age")], 0),
        # over the budget: the oldest closed first, and no more than needed
        (
            [case("a", 5), case("b", 7), case("c", 1)],
            DiskRoom(used_bytes=1150, free_bytes=5000),
            [("b", "budget"), ("a", "budget")],
            0,
        ),
        (
            [case("a", 5), case("b", 7)],
            DiskRoom(used_bytes=1001, free_bytes=5000),
            [("b", "budget")],
            0,
        ),
        # the disk is nearly full
        ([case("a", 5), case("b", 7)], DiskRoom(used_bytes=10, free_bytes=450), [("b", "disk")], 0),
        # what is too old goes first and may be enough
        (
            [case("a", 7), case("b", 11, rejected=True)],
            DiskRoom(used_bytes=1050, free_bytes=5000),
            [("b", "age")],
            0,
        ),
        # never an open alert's, whatever the need: the rest is an alarm
        ([OPEN], DiskRoom(used_bytes=9000, free_bytes=0), [], 8000),
        ([OPEN, case("a", 1)], DiskRoom(used_bytes=9100, free_bytes=0), [("a", "budget")], 8000),
        ([], DiskRoom(used_bytes=0, free_bytes=100), [], 400),
    ],
)
def test_table(
    cases: list[ClosedCase], room: DiskRoom, deleted: list[tuple[str, str]], short: int
) -> None:
    plan = what_to_delete(cases, room, SETTINGS, NOW)
    assert [(each.case.alert_id, each.reason) for each in plan.deletions] == deleted
    assert plan.short_bytes == short


def test_a_run_deletes_the_oldest_closed_and_writes_it_down(
    archive: Archive, tmp_path: Path
) -> None:
    store = FolderStore(tmp_path / "evidence")
    old, young, still_open = (alert_with_files(archive, store, seq) for seq in (1, 2, 3))
    close(archive, old, FIRST_AT + 10)
    close(archive, young, FIRST_AT + 20)
    assert RetentionRepository(archive.database).evidence_bytes() == 300
    settings = RetentionSettings(budget_bytes=250, min_free_bytes=0)
    report = retention_of(archive, store, settings).run(FIRST_AT + 100)
    assert (report.deleted, report.freed_bytes, report.short_bytes, report.failures) == (
        1,
        100,
        0,
        (),
    )
    assert RetentionRepository(archive.database).evidence_bytes() == 200
    gone = archive.alert(old)
    assert gone is not None
    assert gone.clip is None
    (file,) = archive.evidence_of(old)
    assert file.deleted_at == FIRST_AT + 100
    assert not store.path(file.path).exists()
    entry = archive.log_of(old)[-1]
    assert (entry.action, entry.reason) == ("evidence_deleted", "budget")
    assert archive.verify_chain().ok
    for alert_id in (young, still_open):
        (file,) = archive.evidence_of(alert_id)
        assert store.path(file.path).exists()


def test_open_alerts_keep_their_evidence_on_the_fullest_disk(
    archive: Archive, tmp_path: Path
) -> None:
    store = FolderStore(tmp_path / "evidence")
    alert_id = alert_with_files(archive, store, 1)
    settings = RetentionSettings(budget_bytes=1, min_free_bytes=1 << 62)
    report = retention_of(archive, store, settings).run(FIRST_AT + 1e9)
    assert report.deleted == 0
    assert report.short_bytes > 0
    (file,) = archive.evidence_of(alert_id)
    assert store.path(file.path).exists()


def test_a_clock_that_jumps_makes_nothing_old(archive: Archive, tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "evidence")
    alert_id = alert_with_files(archive, store, 1)
    close(archive, alert_id, FIRST_AT)
    retention = EvidenceRetention(
        RetentionRepository(archive.database),
        store,
        RetentionSettings(confirmed_days=5, min_free_bytes=0),
    )
    moments = [FIRST_AT, FIRST_AT + 10 * 365 * DAY, FIRST_AT + 60, 0.0]
    moments += [FIRST_AT + days * DAY for days in (3650.1, 1, 2, 3, 4, 1)]
    assert [retention.run(moment).deleted for moment in moments] == [0] * len(moments)
    lived = [retention.run(FIRST_AT + days * DAY).deleted for days in (2, 3, 4, 5, 6)]
    assert lived == [0, 0, 0, 1, 0]


def test_what_a_wrong_clock_dated_long_ago_is_not_old(archive: Archive, tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "evidence")
    settings = RetentionSettings(confirmed_days=3, min_free_bytes=0)
    retention = retention_of(archive, store, settings)
    for days in range(9):
        retention.run(FIRST_AT + days * DAY)
    alert_id = alert_with_files(archive, store, 1)
    retention.run(5.0)
    close(archive, alert_id, 10.0)
    after = [retention.run(FIRST_AT + days * DAY).deleted for days in (9, 10, 11, 12)]
    assert after == [0, 0, 1, 0]
