"""The self-test message travels like any other and is valid on the wire."""

from pathlib import Path

from tests.alerts.queue.fake_events import fake_event
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import decode
from thapcanh.alerts.queue.self_test_event import self_test_event
from thapcanh.alerts.queue.spool import Spool

NOW = 1_800_000_000.0


def test_a_self_test_proves_the_path_from_spool_to_archive(
    tmp_path: Path, sqlite_archive: Archive
) -> None:
    spool = Spool(tmp_path / "spool.sqlite", "worker-1")
    seen = fake_event(1, camera_id="self_test", confidence=0.8)
    spool.append(self_test_event("worker-1", NOW), NOW)
    spool.append(self_test_event("worker-1", NOW, seen), NOW)
    for _, entry in spool.oldest():
        message = decode(entry)
        sqlite_archive.take_in(message, queued_at=NOW, now=NOW + 1, camera=lambda _: None)
    spool.close()
    assert sqlite_archive.last_proven() == NOW + 1
    assert sqlite_archive.alerts().items == ()
    assert sqlite_archive.changes_after(0).items == ()
