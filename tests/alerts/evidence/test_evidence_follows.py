"""The event is sent at once whatever the evidence store does; its evidence follows by itself."""

import dataclasses
import errno
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.alerts.queue.fake_events import fake_event
from tests.alerts.recording import EVENT, SHORT, FakeCamera, frame, kinds, spooled
from tests.patience import PATIENCE_S
from thapcanh.alerts.evidence import forwarding as delivery
from thapcanh.alerts.evidence.cases.case_folder import verify_case
from thapcanh.alerts.evidence.recorder import EventRecorder
from thapcanh.alerts.evidence.staging import EvidenceStaging, StagingSettings, staging_beside
from thapcanh.alerts.evidence.store_monitor import StoreCondition, StoreIdentity
from thapcanh.alerts.evidence.stores import durable_files, folder
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.store.errors import EvidenceFull, EvidenceStoreWrong, EvidenceUnusable
from thapcanh.detection.event import EventPhase
from thapcanh.ingest.store_identity import STORE_ID_FILE

Until = Callable[..., None]


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    spool = Spool(tmp_path / "spool" / "worker-1.sqlite", "worker-1")
    yield spool
    spool.close()


class HangingStore(FolderStore):
    """A share whose one call does not return until it is thawed."""

    def __init__(self, root: Path, call: str) -> None:
        super().__init__(root)
        self.call = call
        self.thawed = threading.Event()
        self.asked = threading.Event()

    def hang(self, path: object, call: str) -> None:
        if call == self.call and str(self.root) in str(path) and not self.thawed.is_set():
            self.asked.set()
            self.thawed.wait(PATIENCE_S)


def hang_in(store: HangingStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the operating system's calls below the store's root block, one kind of them."""

    def wrap(owner: object, name: str, call: str) -> None:
        real = getattr(owner, name)

        def called(path: object, *what: object, **how: object) -> object:
            target = what[0] if call == "replace" else path
            if isinstance(target, int):
                target = os.readlink(f"/proc/self/fd/{target}")
            store.hang(target, call)
            return real(path, *what, **how)

        monkeypatch.setattr(owner, name, called)

    wrap(Path, "open", "open")
    wrap(Path, "stat", "stat")
    wrap(Path, "mkdir", "mkdir")
    wrap(Path, "replace", "replace")
    wrap(os, "fsync", "fsync")
    wrap(shutil, "disk_usage", "statvfs")


@pytest.mark.parametrize("call", ["open", "stat", "mkdir", "replace", "fsync", "statvfs"])
def test_a_hung_evidence_share_holds_no_event_back(
    tmp_path: Path, spool: Spool, until: Until, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    store = HangingStore(tmp_path / "evidence", call)
    hang_in(store, monkeypatch)
    recorder = EventRecorder(store, spool, settings=SHORT)
    camera = FakeCamera()
    camera.play_to(9.0)
    recorder.start()
    recorder.accept(EVENT, frame(), camera)
    until(lambda: spool.depth().count == 1, timeout_s=5.0)
    until(store.asked.is_set)
    recorder.accept(fake_event(2, event_id="second", phase=EventPhase.RAISED), frame(), camera)
    until(lambda: sum(not one.evidence_only for one in spooled(spool)) == 2)
    until(lambda: recorder.delivery().waiting == 2)
    assert all(not one.evidence for one in spooled(spool))
    store.thawed.set()
    until(lambda: recorder.delivery().waiting == 0)
    recorder.stop()
    assert verify_case(store.path(store.folder_of(EVENT))).ok


def test_evidence_that_is_late_is_said_on_the_alert_and_taken_back_when_it_comes(
    tmp_path: Path, spool: Spool, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "LATE_AFTER_S", 0.0)
    store = HangingStore(tmp_path / "evidence", "open")
    hang_in(store, monkeypatch)
    recorder = EventRecorder(store, spool, settings=SHORT)
    recorder.start()
    recorder.accept(EVENT, frame(), None)
    until(lambda: any(one.evidence_error for one in spooled(spool)))
    raised, late = spooled(spool)
    assert (raised.event, raised.evidence_error) == (EVENT, None)
    assert late.evidence_only
    assert late.evidence_error == "late: the evidence store does not answer"
    assert recorder.delivery().late == 1
    store.thawed.set()
    until(lambda: recorder.delivery().waiting == 0)
    recorder.stop()
    *_, came = spooled(spool)
    assert (came.evidence_only, came.evidence_error) == (True, None)
    assert kinds(came) == ["snapshot", "snapshot_boxed", "manifest"]


@pytest.mark.parametrize("number", [errno.EIO, errno.EROFS, errno.ESTALE, errno.ENOSPC])
def test_a_share_that_fails_gets_the_files_when_it_is_well_again(
    tmp_path: Path, spool: Spool, until: Until, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Turned read-only, with read errors, stale, or full: nothing is lost and nothing waits."""
    is_ill = threading.Event()
    is_ill.set()

    def moved(source: Path, place: Path, ref: EvidenceRef) -> None:
        if is_ill.is_set():
            raise OSError(number, os.strerror(number))
        durable_files.move(source, place, ref)

    monkeypatch.setattr(folder, "move", moved)
    store = FolderStore(tmp_path / "evidence")
    recorder = EventRecorder(store, spool, settings=SHORT)
    recorder.start()
    recorder.accept(EVENT, frame(), None)
    until(lambda: recorder.delivery().error is not None)
    assert [one.event for one in spooled(spool) if not one.evidence_only] == [EVENT]
    is_ill.clear()
    until(lambda: recorder.delivery().waiting == 0)
    recorder.stop()
    assert recorder.delivery().error is None
    assert verify_case(store.path(store.folder_of(EVENT))).ok


def test_what_waits_for_the_store_survives_the_worker(tmp_path: Path, spool: Spool) -> None:
    unmounted = tmp_path / "evidence"
    identity = StoreIdentity(FolderStore(unmounted), tmp_path / "store-id")
    identity.expect("the-share")
    store = FolderStore(unmounted)
    recorder = EventRecorder(store, spool, settings=SHORT, identity=identity)
    recorder.start()
    recorder.accept(EVENT, frame(), None)
    recorder.stop()
    assert recorder.delivery().waiting == 1
    assert not unmounted.exists()
    unmounted.mkdir()
    (unmounted / STORE_ID_FILE).write_text("the-share\n", encoding="ascii")
    again = EventRecorder(store, spool, settings=SHORT, identity=identity)
    again.start()
    again.stop()
    assert again.delivery().waiting == 0
    *_, came = spooled(spool)
    assert kinds(came) == ["snapshot", "snapshot_boxed", "manifest"]
    assert verify_case(store.path(store.folder_of(EVENT))).ok


@pytest.mark.parametrize("found", [None, "another"])
def test_an_unmounted_or_wrong_share_is_refused(tmp_path: Path, found: str | None) -> None:
    root = tmp_path / "evidence"
    identity = StoreIdentity(FolderStore(root), tmp_path / "store-id")
    first = identity.check()
    back = identity.check()
    assert back == dataclasses.replace(first, room=back.room)
    if found is None:
        (root / STORE_ID_FILE).unlink()
    else:
        (root / STORE_ID_FILE).write_text(found, encoding="ascii")
    with pytest.raises(EvidenceStoreWrong, match="remove"):
        identity.check()
    identity.expect(found or first.store_id)
    if found is not None:
        assert identity.check().store_id == found


def test_two_that_begin_a_store_at_once_agree(tmp_path: Path) -> None:
    identities = [
        StoreIdentity(FolderStore(tmp_path / "store"), tmp_path / f"id-{n}") for n in range(8)
    ]
    found: list[StoreCondition] = []
    threads = [
        threading.Thread(target=lambda one=one: found.append(one.check())) for one in identities
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({one.store_id for one in found}) == 1
    assert sorted(path.name for path in (tmp_path / "store").iterdir()) == [STORE_ID_FILE]


def test_files_between_two_disks_keep_their_seal(
    tmp_path: Path, spool: Spool, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, refused = Path.replace, list[Path]()

    def within_a_disk(self: Path, target: Path) -> Path:
        if self.parent == target.parent:
            return replace(self, target)
        refused.append(target)
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(Path, "replace", within_a_disk)
    store = FolderStore(tmp_path / "evidence")
    recorder = EventRecorder(store, spool, settings=SHORT)
    recorder.start()
    recorder.accept(EVENT, frame(), None)
    until(lambda: spool.depth().count == 2)
    recorder.stop()
    assert verify_case(store.path(store.folder_of(EVENT))).ok
    left = [one for one in staging_beside(spool.path).rglob("*") if one.is_file()]
    assert left == []
    assert len(refused) == 3


def test_waiting_files_that_were_changed_are_told_and_given_up(
    tmp_path: Path, spool: Spool, until: Until
) -> None:
    store = FolderStore(tmp_path / "evidence")
    identity = StoreIdentity(store, tmp_path / "store-id")
    identity.expect("not mounted yet")
    recorder = EventRecorder(store, spool, settings=SHORT, identity=identity)
    recorder.start()
    recorder.accept(EVENT, frame(), None)
    until(lambda: recorder.delivery().error is not None)
    for path in staging_beside(spool.path).rglob("snapshot.jpg"):
        path.unlink()
    store.root.mkdir(exist_ok=True)
    (store.root / STORE_ID_FILE).write_text("not mounted yet", encoding="ascii")
    until(lambda: recorder.delivery().waiting == 0)
    recorder.stop()
    *_, told = spooled(spool)
    assert told.evidence == ()
    assert told.evidence_error is not None
    assert told.evidence_error.startswith("gone from the worker's disk")


def test_no_more_waits_than_there_is_room_for(tmp_path: Path) -> None:
    full = EvidenceStaging(tmp_path / "a", "w", settings=StagingSettings(max_bytes=0))
    with pytest.raises(EvidenceFull, match="wait for the evidence store"):
        full.require_room()
    low = EvidenceStaging(tmp_path / "b", "w", settings=StagingSettings(min_free_bytes=1 << 60))
    with pytest.raises(EvidenceFull, match="own disk"):
        low.require_room()


def test_a_store_is_not_overwritten(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "evidence")
    other = FolderStore(tmp_path / "other")
    ref = other.save("case", "snapshot.jpg", EvidenceKind.SNAPSHOT, b"one")
    store.save("case", "snapshot.jpg", EvidenceKind.SNAPSHOT, b"two")
    with pytest.raises(EvidenceUnusable, match="never changed"):
        store.put(other.path(ref.path), ref)
    assert store.path(ref.path).read_bytes() == b"two"
