"""Stores that fail, hang or are full while evidence is deleted: nothing is lost, nobody waits."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.alerts.evidence.retention_cases import alert_with_files, close
from tests.alerts.queue.fake_events import FIRST_AT
from tests.patience import PATIENCE_S
from thapcanh.alerts.evidence.keeping.closed_cases import RetentionRepository
from thapcanh.alerts.evidence.keeping.retention import EvidenceRetention, RetentionSettings
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.store.errors import ArchiveUnreachable, EvidenceFailed

DAY = 86_400.0


@pytest.fixture
def closed(sqlite_archive: Archive, tmp_path: Path) -> tuple[RetentionRepository, FolderStore, str]:
    """A closed case that is to go, and its one file."""
    store = FolderStore(tmp_path / "evidence")
    alert_id = alert_with_files(sqlite_archive, store, 1)
    close(sqlite_archive, alert_id, FIRST_AT)
    (file,) = sqlite_archive.evidence_of(alert_id)
    return RetentionRepository(sqlite_archive.database), store, file.path


GREEDY = RetentionSettings(budget_bytes=0, min_free_bytes=0)
Closed = tuple[RetentionRepository, FolderStore, str]


def test_a_crash_between_writing_it_down_and_deleting_is_mended(closed: Closed) -> None:
    records, store, path = closed
    assert records.delete_case(records.closed_cases(10)[0], "age", FIRST_AT)
    assert records.evidence_bytes() == 100  # its room is not free yet
    report = EvidenceRetention(records, store, GREEDY).run(FIRST_AT + 1)
    assert (report.deleted, report.freed_bytes) == (0, 100)
    assert not store.path(path).exists()
    assert (records.evidence_bytes(), records.going_paths(10)) == (0, [])


def test_a_file_that_was_gone_before_is_written_down_as_gone(closed: Closed) -> None:
    records, store, path = closed
    store.delete(path)
    report = EvidenceRetention(records, store, GREEDY).run(FIRST_AT + 1)
    assert (report.deleted, report.freed_bytes, report.failures) == (1, 0, ())
    assert records.evidence_bytes() == 0


def test_files_that_cannot_be_deleted_are_reported_and_tried_again(closed: Closed) -> None:
    records, store, path = closed
    store.delete(path)
    store.path(path).mkdir(parents=True)  # something stands where the file was
    retention = EvidenceRetention(records, store, GREEDY)
    for _ in range(2):
        report = retention.run(FIRST_AT + 1)
        assert len(report.failures) == 1
        assert (records.evidence_bytes(), records.going_paths(10)) == (100, [path])
    store.path(path).rmdir()
    assert retention.run(FIRST_AT + 1).failures == ()
    assert records.evidence_bytes() == 0


def test_a_store_that_refuses_to_delete_costs_no_further_case(
    sqlite_archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FolderStore(tmp_path / "evidence")
    alerts = [alert_with_files(sqlite_archive, store, number) for number in (1, 2, 3)]
    for alert_id in alerts:
        close(sqlite_archive, alert_id, FIRST_AT)

    def refused(path: str) -> int:
        raise EvidenceFailed(f"{path}: not allowed")

    monkeypatch.setattr(store, "delete", refused)
    records = RetentionRepository(sqlite_archive.database)
    for free_bytes, settings in (
        (None, RetentionSettings(budget_bytes=250, min_free_bytes=0)),
        (50, RetentionSettings(budget_bytes=1000, min_free_bytes=100)),
    ):
        monkeypatch.setattr(store, "free_bytes", lambda free=free_bytes: free)
        for _ in range(3):
            EvidenceRetention(records, store, settings).run(FIRST_AT + 1)
        kept = [sqlite_archive.evidence_of(one)[0].deleted_at is None for one in alerts]
        assert (kept, records.evidence_bytes()) == ([False, True, True], 300)


def test_nobody_waits_for_a_store_that_hangs(
    closed: Closed, sqlite_archive: Archive, tmp_path: Path
) -> None:
    records, store, path = closed
    began, go_on = threading.Event(), threading.Event()

    class Hanging(FolderStore):
        def delete(self, relative: str) -> int:
            began.set()
            assert go_on.wait(PATIENCE_S)
            return super().delete(relative)

    run = EvidenceRetention(records, Hanging(store.root), GREEDY).run
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run, FIRST_AT + 1)
        assert began.wait(PATIENCE_S)
        alert_with_files(sqlite_archive, store, 2)  # an event comes in
        go_on.set()
        assert running.result(PATIENCE_S).freed_bytes == 100
    assert not store.path(path).exists()


def test_a_store_that_answers_no_more_is_not_asked_for_every_file(
    sqlite_archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FolderStore(tmp_path / "evidence")
    for number in (1, 2, 3):
        close(sqlite_archive, alert_with_files(sqlite_archive, store, number), FIRST_AT)
    records = RetentionRepository(sqlite_archive.database)
    asked: list[str] = []
    seconds = iter((0.0, 0.1, 1.0, 11.0, 12.0, 22.0))  # refused at once, then a dead store

    def delete(path: str) -> int:
        asked.append(path)
        raise EvidenceFailed("the store does not answer")

    monkeypatch.setattr(store, "delete", delete)
    monkeypatch.setattr(
        "thapcanh.alerts.evidence.keeping.retention.time.monotonic", lambda: next(seconds)
    )
    report = EvidenceRetention(records, store, GREEDY).run(FIRST_AT + 1)
    assert (report.deleted, len(report.failures), len(asked)) == (2, 2, 2)
    report = EvidenceRetention(records, store, GREEDY).run(FIRST_AT + 2)
    assert (report.deleted, len(report.failures), len(asked)) == (0, 1, 3)


def test_a_disk_without_room_for_a_word_gets_room_first(
    closed: Closed, monkeypatch: pytest.MonkeyPatch
) -> None:
    records, store, path = closed
    write = records.delete_case

    def full(*given: Any) -> bool:
        if store.path(path).exists():
            raise ArchiveUnreachable("archive: database or disk is full")
        return write(*given)

    monkeypatch.setattr(records, "delete_case", full)
    monkeypatch.setattr(store, "free_bytes", lambda: 1 << 40)
    assert EvidenceRetention(records, store, GREEDY).run(FIRST_AT + 1).deleted == 0
    assert store.path(path).exists()  # the archive has another trouble
    monkeypatch.setattr(store, "free_bytes", lambda: 4096)
    report = EvidenceRetention(records, store, GREEDY).run(FIRST_AT + 1)
    assert (report.deleted, report.failures) == (1, ())
    assert (records.evidence_bytes(), records.going_paths(10)) == (0, [])


def test_a_day_that_cannot_be_written_down_keeps_no_room_from_being_made(
    closed: Closed, monkeypatch: pytest.MonkeyPatch
) -> None:
    records, store, _ = closed

    def full(_: float) -> None:
        raise ArchiveUnreachable("archive: database or disk is full")

    monkeypatch.setattr(records, "note_day", full)
    report = EvidenceRetention(records, store, GREEDY).run(FIRST_AT + 1)
    assert (report.deleted, report.freed_bytes) == (1, 100)
