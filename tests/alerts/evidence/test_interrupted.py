"""Evidence over which a worker was killed: its alert says so after the restart, and only then."""

from collections.abc import Callable
from pathlib import Path

from tests.alerts.recording import EVENT, SHORT, FakeCamera, frame, kinds, spooled
from thapcanh.alerts.evidence.recorder import EventRecorder
from thapcanh.alerts.evidence.store_monitor import StoreIdentity
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.queue.message import Message
from thapcanh.alerts.queue.spool import OutboxItem, Spool
from thapcanh.detection.event import EventPhase

Until = Callable[..., None]
ENDED = "the worker ended before it had saved: "


def started_again(store: FolderStore, spool: Spool) -> list[Message]:
    """What a worker says of evidence that it finds owed."""
    before = len(spooled(spool))
    recorder = EventRecorder(store, spool, settings=SHORT)
    recorder.start()
    recorder.stop()
    return spooled(spool)[before:]


def test_a_film_that_was_being_made_is_told_as_lost_once(
    store: FolderStore, spool: Spool, until: Until
) -> None:
    camera = FakeCamera()
    camera.play_to(8.5)
    killed = EventRecorder(store, spool, settings=SHORT)
    killed.start()
    killed.accept(EVENT, frame(), camera)
    until(lambda: killed.delivery().delivered == 1 and killed.stats().films_open == 1)
    assert "snapshot" in kinds(spooled(spool)[1])
    (told,) = started_again(store, spool)
    assert told.evidence_error == ENDED + "film"
    assert (told.evidence_only, told.event.phase) == (True, EventPhase.UPDATED)
    assert (told.event.event_id, told.evidence) == (EVENT.event_id, ())
    assert started_again(store, spool) == []
    killed.stop()


def test_an_event_that_was_only_spooled_lacks_both(store: FolderStore, spool: Spool) -> None:
    spool.append_all([OutboxItem(event=EVENT, owes=("pictures", "film"))], 1.0)
    (told,) = started_again(store, spool)
    assert told.evidence_error == ENDED + "pictures, film"
    assert told.event.id != EVENT.id


def test_what_was_saved_or_waits_for_its_store_is_not_told_as_lost(
    store: FolderStore, spool: Spool, tmp_path: Path
) -> None:
    identity = StoreIdentity(store, tmp_path / "store-id")
    identity.expect("a-share-that-is-not-mounted")
    camera = FakeCamera()
    camera.play_to(20.0)
    recorder = EventRecorder(store, spool, settings=SHORT, identity=identity)
    recorder.start()
    recorder.accept(EVENT, frame(), camera)
    recorder.stop()
    assert recorder.delivery().waiting == 2
    came = started_again(store, spool)
    assert [message.evidence_error for message in came] == [None, None]
    assert "clip" in kinds(came[-1])
    assert spool.pending_evidence() == []
