"""Retention, legal hold and backup's index, where evidence is in S3-compatible storage."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alerts.desk import LE
from tests.alerts.evidence.retention_cases import retention_of
from tests.alerts.evidence.s3_server import S3Server
from tests.alerts.evidence.test_holds import GREEDY, LATE, closed_case
from thapcanh.alerts.evidence.keeping.legal_holds import LegalHoldRepository
from thapcanh.alerts.evidence.keeping.retention import DiskRoom, RetentionSettings, what_to_delete
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.evidence.stores.s3 import S3Store
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import EvidenceRef
from thapcanh.alerts.store.errors import EvidenceMissing
from thapcanh.app.cli.backup import INDEX, missing_evidence


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with S3Server.started() as started:
        yield started


@pytest.fixture
def store(server: S3Server) -> S3Store:
    return S3Store(server.settings(server.new_bucket()))


def uploaded(archive: Archive, store: S3Store, folder: Path, seq: int) -> str:
    """A closed case whose film is in the bucket."""
    local = FolderStore(folder)
    alert_id = closed_case(archive, local, seq)
    for one in archive.evidence_of(alert_id):
        ref = EvidenceRef(kind=one.kind, path=one.path, sha256=one.sha256, bytes=one.bytes)
        store.put(local.path(one.path), ref)
    return alert_id


def is_there(archive: Archive, store: S3Store, alert_id: str) -> bool:
    (file,) = archive.evidence_of(alert_id)
    try:
        store.find(file.path)
    except EvidenceMissing:
        assert file.deleted_at is not None
        return False
    assert file.deleted_at is None
    return True


def test_what_is_held_stays_in_the_bucket_until_it_is_released(
    sqlite_archive: Archive, store: S3Store, tmp_path: Path
) -> None:
    archive, book = sqlite_archive, LegalHoldRepository(sqlite_archive.database)
    held, other = (uploaded(archive, store, tmp_path / "local", seq) for seq in (1, 2))
    book.place(held, "Vụ án 12/2026", LE, LATE)
    report = retention_of(archive, store, GREEDY).run(LATE)
    assert (report.deleted, report.freed_bytes, report.failures) == (1, 100, ())
    assert (is_there(archive, store, held), is_there(archive, store, other)) == (True, False)
    book.release(held, "Đã xử xong", LE, LATE + 2)
    assert retention_of(archive, store, GREEDY).run(LATE + 4).deleted == 1
    assert not is_there(archive, store, held)
    assert archive.verify_chain().ok


def test_a_store_that_cannot_tell_its_room_is_bounded_by_its_budget_alone() -> None:
    settings = RetentionSettings(budget_bytes=100, min_free_bytes=10**12)
    plan = what_to_delete([], DiskRoom(used_bytes=160, free_bytes=None), settings, LATE)
    assert plan.short_bytes == 60
    plan = what_to_delete([], DiskRoom(used_bytes=60, free_bytes=None), settings, LATE)
    assert plan.short_bytes == 0


def test_a_restore_names_what_the_bucket_has_not_or_has_changed(
    server: S3Server, tmp_path: Path
) -> None:
    bucket = server.new_bucket()
    store = S3Store(server.settings(bucket))
    seal = hashlib.sha256(b"film").hexdigest()
    names = ("whole", "changed", "missing", "../outside")
    lines = [json.dumps({"path": name, "sha256": seal, "bytes": 4}) for name in names]
    (tmp_path / INDEX).write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name, content in (("whole", b"film"), ("changed", b"fi1m")):
        server.client.put_object(Bucket=bucket, Key=f"site/a/{name}", Body=content)
    assert missing_evidence(tmp_path, store) == [
        "changed: changed",
        "missing: missing",
        "../outside: missing",
    ]
    gone = S3Store(server.settings("never-made"))
    assert all("no such bucket" in line for line in missing_evidence(tmp_path, gone)[:3])
