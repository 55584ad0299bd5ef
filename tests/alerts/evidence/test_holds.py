"""Held evidence, and an open incident's, stays: too old, over the budget, on a full disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alerts.desk import LE, Desk
from tests.alerts.evidence.retention_cases import retention_of
from tests.alerts.queue.fake_events import FIRST_AT, fake_message
from tests.small_disk import disk_of
from thapcanh.alerts.alert.alert_state import CommandOutcome
from thapcanh.alerts.evidence.keeping.closed_cases import RetentionRepository
from thapcanh.alerts.evidence.keeping.legal_holds import LegalHoldRepository
from thapcanh.alerts.evidence.keeping.retention import EvidenceRetention, RetentionSettings
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.incidents.incident_state import (
    Disposition,
    IncidentAction,
    MemberType,
    OpenPoint,
)
from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.incidents.records import (
    IncidentFilter,
    IncidentPlace,
    IncidentRequest,
    NewIncident,
    NewMember,
)
from thapcanh.alerts.incidents.repository import IncidentRepository
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.store.roles import EVERYTHING, Actor, AlertAction, DataFilter, Role

LATE = FIRST_AT + 1000 * 86_400.0
GREEDY = RetentionSettings(budget_bytes=0, min_free_bytes=0)
FILM = b"film" * 25


def closed_case(
    archive: Archive,
    store: FolderStore,
    seq: int,
    *,
    rejected: bool = False,
    film: bytes = FILM,
    priority: int = 2,
) -> str:
    message = fake_message(
        seq, camera_id=f"camera-{seq}", event_id=f"event-{seq}", priority=priority
    )
    ref = store.save(store.folder_of(message.event), "clip.mp4", EvidenceKind.CLIP, film)
    told = fake_message(seq, message.event, evidence=(ref,))
    taken = archive.take_in(told, queued_at=FIRST_AT, now=FIRST_AT, camera=lambda _: None)
    assert taken.alert_id is not None
    desk = Desk(archive, taken.alert_id)
    desk.do(AlertAction.ACKNOWLEDGE, LE, FIRST_AT, idempotency_key=f"a{seq}")
    verdict = AlertAction.REJECT if rejected else AlertAction.CONFIRM
    reason = "lights" if rejected else None
    desk.do(verdict, LE, FIRST_AT, reason=reason, idempotency_key=f"v{seq}")
    desk.do(AlertAction.CLOSE, LE, FIRST_AT + seq, idempotency_key=f"c{seq}")
    return taken.alert_id


def there(archive: Archive, store: FolderStore, alert_id: str) -> bool:
    (file,) = archive.evidence_of(alert_id)
    on_disk = store.path(file.path).exists()
    assert on_disk == (file.deleted_at is None)
    return on_disk


def test_what_is_held_stays_and_goes_when_it_is_released(archive: Archive, tmp_path: Path) -> None:
    store, book = FolderStore(tmp_path / "evidence"), LegalHoldRepository(archive.database)
    held, other = closed_case(archive, store, 1), closed_case(archive, store, 2)
    placed = book.place(held, "Vụ án 12/2026", LE, LATE)
    assert placed is not None
    assert book.place(held, "twice", LE, LATE + 1) == placed == book.of(held)
    report = retention_of(archive, store, GREEDY).run(LATE)
    assert (report.deleted, report.short_bytes > 0) == (1, True)
    assert (there(archive, store, held), there(archive, store, other)) == (True, False)
    assert [each.hold for each in book.all_in_force(EVERYTHING, 10)] == [placed]
    ended = book.release(held, "Đã xử xong", LE, LATE + 2)
    assert ended is not None
    assert (ended.ended_by, ended.end_reason) == (LE.username, "Đã xử xong")
    assert book.release(held, "twice", LE, LATE + 3) is None
    assert retention_of(archive, store, GREEDY).run(LATE + 4).deleted == 1
    assert not there(archive, store, held)
    log = [(line.action, line.note) for line in archive.log_of(held)][-3:]
    assert log[:2] == [("evidence_held", "Vụ án 12/2026"), ("evidence_released", "Đã xử xong")]
    assert log[2][0] == "evidence_deleted"
    assert archive.verify_chain().ok


def test_what_is_out_of_sight_is_neither_held_nor_released(
    archive: Archive, tmp_path: Path
) -> None:
    store, book = FolderStore(tmp_path / "evidence"), LegalHoldRepository(archive.database)
    alert_id = closed_case(archive, store, 1)
    traffic = DataFilter(agencies=frozenset({"csgt"}))
    stranger = Actor(username="x", name="X", role=Role.LEADER, scope=traffic)
    assert book.place(alert_id, "mine", stranger, LATE) is None
    book.place(alert_id, "ours", LE, LATE)
    assert book.release(alert_id, "mine", stranger, LATE) is None
    assert book.all_in_force(traffic, 10) == []


def test_a_hold_placed_while_retention_runs_is_in_time(archive: Archive, tmp_path: Path) -> None:
    """The plan was made before; what it names is asked for again when its turn comes."""
    store, book = FolderStore(tmp_path / "evidence"), LegalHoldRepository(archive.database)
    first, second = closed_case(archive, store, 1), closed_case(archive, store, 2)

    class Slow(FolderStore):
        def delete(self, relative: str) -> int:
            book.place(second, "now", LE, LATE)  # nobody waits for the store
            return super().delete(relative)

    report = retention_of(archive, Slow(store.root), GREEDY).run(LATE)
    assert report.deleted == 1
    assert not there(archive, store, first)
    assert there(archive, store, second)


def test_many_old_cases_of_one_class_do_not_keep_the_other_waiting(
    sqlite_archive: Archive, tmp_path: Path
) -> None:
    store = FolderStore(tmp_path / "evidence")
    for seq in (1, 2, 3):
        closed_case(sqlite_archive, store, seq)
    rejected = closed_case(sqlite_archive, store, 4, rejected=True)
    told = RetentionRepository(sqlite_archive.database).closed_cases(2)
    assert rejected in [case.alert_id for case in told]
    retention = EvidenceRetention(
        RetentionRepository(sqlite_archive.database), store, RetentionSettings(min_free_bytes=0)
    )
    deleted = [retention.run(FIRST_AT + day * 86_400.0).deleted for day in range(32)]
    assert sum(deleted) == 1
    assert not there(sqlite_archive, store, rejected)


def test_evidence_of_an_open_incident_stays_until_that_is_closed(
    archive: Archive, tmp_path: Path
) -> None:
    store, incidents = FolderStore(tmp_path / "evidence"), IncidentRepository(archive.database)
    needed = closed_case(archive, store, 1, priority=1)  # opens an incident by itself
    other = closed_case(archive, store, 2)
    retention = retention_of(archive, store, GREEDY)
    report = retention.run(LATE)
    assert (report.deleted, report.short_bytes > 0) == (1, True)
    assert (there(archive, store, needed), there(archive, store, other)) == (True, False)
    (found,) = incidents.page(IncidentFilter()).items
    closing = IncidentRequest(
        incident_id=found.id,
        action=IncidentAction.CLOSE,
        actor=LE,
        expected_version=found.version,
        idempotency_key="end",
        disposition=Disposition.NOTHING_FOUND,
        note="out before a unit was sent",
        despite=(OpenPoint.UNSENT,),
    )
    assert archive.incident_command(closing, LATE).outcome is CommandOutcome.DONE
    assert retention.run(LATE).deleted == 1
    assert not there(archive, store, needed)


def test_an_incident_that_opens_while_a_case_goes_is_in_time(
    archive: Archive, tmp_path: Path
) -> None:
    store = FolderStore(tmp_path / "evidence")
    alert_id = closed_case(archive, store, 1)
    (listed,) = RetentionRepository(archive.database).closed_cases(10)
    member = NewMember(type=MemberType.ALERT, id=alert_id)
    opened = NewIncident(
        kind=IncidentKind.FIRE, priority=2, place=IncidentPlace(), at=LATE, member=member
    )
    IncidentRepository(archive.database).open(LE, opened, "key", LATE)
    assert RetentionRepository(archive.database).delete_case(listed, "age", LATE) is False
    assert there(archive, store, alert_id)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disk_of(4, tmp_path) as disk:
        yield disk


def test_a_full_disk_takes_the_oldest_closed_and_leaves_what_is_held(
    small_disk: Path, sqlite_archive: Archive
) -> None:
    store, book = (
        FolderStore(small_disk / "evidence"),
        LegalHoldRepository(sqlite_archive.database),
    )
    film = b"x" * 700_000
    cases = [closed_case(sqlite_archive, store, seq, film=film) for seq in range(1, 6)]
    book.place(cases[0], "case 1", LE, LATE)
    settings = RetentionSettings(
        confirmed_days=10_000, rejected_days=10_000, min_free_bytes=2_000_000
    )
    assert store.free_bytes() < 1_000_000
    report = retention_of(sqlite_archive, store, settings).run(LATE)
    left = [there(sqlite_archive, store, case) for case in cases]
    assert left == [True, False, False, True, True]
    assert (report.deleted, report.short_bytes) == (2, 0)
    assert store.free_bytes() >= 2_000_000
    for case in cases[3:]:
        book.place(case, "case 2", LE, LATE)
    greedier = RetentionSettings(confirmed_days=10_000, min_free_bytes=3_000_000)
    report = retention_of(sqlite_archive, store, greedier).run(LATE)
    assert report.deleted == 0
    assert report.short_bytes > 0  # an alarm, not a deletion
    assert [there(sqlite_archive, store, case) for case in cases] == left
