"""A disk that is really full: a small tmpfs, filled to its last byte, and freed again."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.alerts.queue.fake_events import fake_event
from tests.alerts.recording import EVENT, SHORT, FakeCamera, frame, spooled
from tests.small_disk import disk_of, fill
from thapcanh.alerts.evidence import forwarding as delivery
from thapcanh.alerts.evidence.cases.case_folder import verify_case
from thapcanh.alerts.evidence.recorder import EventRecorder
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.queue.spool import Spool

Until = Callable[..., None]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disk_of(2, tmp_path) as disk:
        yield disk


def test_events_wait_in_memory_while_the_spools_disk_is_full(
    small_disk: Path, tmp_path: Path, until: Until
) -> None:
    spool = Spool(small_disk / "spool.sqlite", "worker-1")
    recorder = EventRecorder(FolderStore(tmp_path / "evidence"), spool)
    recorder.start()
    ballast = fill(small_disk)
    for seq in range(1, 40):
        recorder.accept(fake_event(seq), None, None)
    until(lambda: recorder.stats().unspooled > 0)
    ballast.unlink()
    until(lambda: recorder.stats().unspooled == 0 and recorder.stats().spooled == 39)
    assert recorder.stats().lost == 0
    recorder.stop()
    assert [message.producer_seq for message in spooled(spool)] == list(range(1, 40))
    assert [message.event.id for message in spooled(spool)][:2] == ["message-1", "message-2"]
    spool.close()


def test_evidence_that_finds_no_room_waits_until_there_is_some(
    small_disk: Path, tmp_path: Path, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "LATE_AFTER_S", 0.0)
    spool = Spool(tmp_path / "spool.sqlite", "worker-1")
    store = FolderStore(small_disk / "evidence")
    recorder = EventRecorder(store, spool, settings=SHORT)
    ballast = fill(small_disk)
    camera = FakeCamera()
    camera.play_to(9.0)
    recorder.start()
    recorder.accept(EVENT, frame(), camera)
    until(lambda: recorder.delivery().error is not None)
    until(lambda: spool.depth().count == 2)
    raised, late = spooled(spool)
    assert (raised.event, raised.evidence_error) == (EVENT, None)
    assert (late.evidence_only, late.evidence_error) == (True, "late: disk full")
    ballast.unlink()
    until(lambda: recorder.delivery().waiting == 0)
    camera.play_to(20.0)
    until(lambda: recorder.stats().films_made == 1 and recorder.delivery().waiting == 0)
    recorder.stop()
    assert verify_case(store.path(store.folder_of(EVENT))).ok
    spool.close()
