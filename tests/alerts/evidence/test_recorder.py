"""The event first, whatever happens; its pictures and its film follow."""

import dataclasses
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import av
import pytest

from tests.alerts.queue.fake_events import fake_event
from tests.alerts.recording import EVENT, SHORT, FakeCamera, frame, kinds, spooled
from tests.patience import PATIENCE_S
from thapcanh.alerts.evidence.cases.case_folder import verify_case
from thapcanh.alerts.evidence.recorder import EventRecorder
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.queue.message import Message
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.store.errors import EvidenceFull, SpoolFull
from thapcanh.detection.event import Event, EventPhase
from thapcanh.ingest.clip_writer import ClipInfo, write_clip
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.privacy_mask import PrivacyMask

Until = Callable[..., None]


def test_pictures_and_film_follow_the_event_in_messages_of_their_own(
    store: FolderStore, spool: Spool, until: Until
) -> None:
    camera = FakeCamera()
    camera.play_to(8.5)
    recorder = EventRecorder(store, spool, settings=SHORT)
    recorder.start()
    recorder.accept(EVENT, frame(), camera)
    until(lambda: spool.depth().count == 2)
    raised, pictures = spooled(spool)
    assert (raised.event, raised.evidence, raised.evidence_error) == (EVENT, (), None)
    assert (pictures.evidence_only, pictures.event.event_id) == (True, EVENT.event_id)
    assert kinds(pictures) == ["snapshot", "snapshot_boxed", "clip_start", "manifest"]
    folder = store.path(store.folder_of(EVENT))
    assert verify_case(folder, pictures.evidence[-1].sha256).ok
    with av.open(str(folder / "clip_start.mp4")) as clip:
        assert clip.streams.video[0].frames >= 30
    camera.play_to(20.0)
    until(lambda: spool.depth().count == 3)
    recorder.stop()
    told = spooled(spool)[2]
    assert (told.evidence_only, told.event.phase, told.event.event_id) == (
        True,
        EventPhase.UPDATED,
        EVENT.event_id,
    )
    assert told.event.id != EVENT.id
    assert kinds(told) == ["clip", "manifest"]
    verdict = verify_case(folder, told.evidence[-1].sha256)
    assert (verdict.ok, verdict.files) == (True, 4)
    stats = recorder.stats()
    assert (stats.spooled, stats.films_made, stats.films_open) == (3, 1, 0)
    assert (stats.evidence_failures, stats.unspooled, stats.lost) == (0, 0, 0)


@pytest.mark.parametrize("camera", [None, FakeCamera([])])
def test_without_packets_the_event_goes_out_all_the_same(
    store: FolderStore, spool: Spool, camera: FakeCamera | None
) -> None:
    recorder = EventRecorder(store, spool, settings=SHORT)
    recorder.start()
    recorder.accept(EVENT, frame(), camera)
    recorder.stop()
    raised, *told = spooled(spool)
    assert (raised.event, raised.evidence) == (EVENT, ())
    assert [kinds(one) for one in told if one.evidence] == [
        ["snapshot", "snapshot_boxed", "manifest"]
    ]
    if camera is not None:
        (failed,) = [one for one in told if not one.evidence]
        assert failed.evidence_error is not None
        assert "no keyframe" in failed.evidence_error
        assert recorder.stats().films_failed == 1


@pytest.mark.parametrize(
    ("event", "with_frame"),
    [
        (fake_event(2, phase=EventPhase.UPDATED), True),
        (fake_event(2, phase=EventPhase.CLEARED), True),
        (fake_event(1, kind="camera_offline"), False),
    ],
)
def test_messages_without_pictures_are_only_spooled(
    store: FolderStore, spool: Spool, event: Event, with_frame: bool
) -> None:
    recorder = EventRecorder(store, spool)
    recorder.start()
    recorder.accept(event, frame() if with_frame else None, None)
    recorder.stop()
    (message,) = spooled(spool)
    assert (message.event, message.evidence, message.evidence_error) == (event, (), None)


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (EvidenceFull("no room for snapshot.jpg"), "disk full"),
        (RuntimeError("a fault of ours"), "unexpected RuntimeError"),
    ],
)
def test_evidence_that_fails_never_holds_the_event_back(
    store: FolderStore,
    spool: Spool,
    monkeypatch: pytest.MonkeyPatch,
    *,
    failure: Exception,
    error: str,
) -> None:
    def save(*what: Any, **how: Any) -> Any:
        raise failure

    monkeypatch.setattr(FolderStore, "save", save)
    recorder = EventRecorder(store, spool, settings=SHORT)
    recorder.start()
    recorder.accept(EVENT, frame(), None)
    recorder.accept(fake_event(2), None, None)
    recorder.stop()
    told = spooled(spool)
    first, second = (one for one in told if not one.evidence_only)
    assert (first.event.id, second.event.id) == ("message-1", "message-2")
    assert (first.evidence_error, second.evidence_error) == (None, None)
    (failed,) = (one for one in told if one.evidence_only)
    assert failed.evidence_error is not None
    assert error in failed.evidence_error
    assert recorder.stats().evidence_failures == 1
    assert recorder.stats().without_evidence == 1


def test_an_event_whose_names_are_no_folders_goes_out(store: FolderStore, spool: Spool) -> None:
    recorder = EventRecorder(store, spool)
    recorder.start()
    recorder.accept(dataclasses.replace(EVENT, camera_id="../gate"), frame(), FakeCamera())
    recorder.stop()
    raised, *failed = spooled(spool)
    assert (raised.evidence, raised.evidence_error, raised.evidence_only) == ((), None, False)
    assert [(each.evidence, each.evidence_only) for each in failed] == [((), True)] * 2
    assert all(each.evidence_error is not None for each in failed), "pictures and film"


def test_events_keep_their_order_while_the_spool_has_no_room(
    store: FolderStore, spool: Spool, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_room = threading.Event()
    append = spool.append_all

    def append_when_there_is_room(*what: Any, **how: Any) -> list[Message]:
        if not has_room.is_set():
            raise SpoolFull("no room")
        return append(*what, **how)

    monkeypatch.setattr(spool, "append_all", append_when_there_is_room)
    recorder = EventRecorder(store, spool)
    recorder.start()
    for seq in range(1, 6):
        recorder.accept(fake_event(seq, phase=EventPhase.UPDATED), None, None)
    until(lambda: recorder.stats().unspooled == 5)
    has_room.set()
    until(lambda: spool.depth().count == 5)
    recorder.stop()
    assert [message.event.id for message in spooled(spool)] == [f"message-{n}" for n in range(1, 6)]


def test_when_the_pictures_are_behind_events_go_out_without(
    store: FolderStore, spool: Spool, until: Until
) -> None:
    go_on = threading.Event()

    def slow(
        packets: Sequence[Packet], path: Path, *,
        around_s: float | None = None, mask: PrivacyMask | None = None,
    ) -> ClipInfo:  # fmt: skip
        go_on.wait(PATIENCE_S)
        return write_clip(packets, path, around_s=around_s, mask=mask)

    camera = FakeCamera()
    camera.play_to(9.0)
    settings = dataclasses.replace(SHORT, max_waiting=1)
    recorder = EventRecorder(store, spool, settings=settings, write=slow)
    recorder.start()
    recorder.accept(EVENT, frame(), camera)
    until(lambda: recorder.stats().waiting == 0)
    for seq in (2, 3):
        event = fake_event(seq, event_id=f"event-{seq}", phase=EventPhase.RAISED)
        recorder.accept(event, frame(), None)
    until(lambda: spool.depth().count == 3)
    *_, bare = spooled(spool)
    assert (bare.event.id, bare.evidence_error) == ("message-3", "recorder behind")
    go_on.set()
    recorder.stop()
    assert recorder.stats().without_evidence == 1


def test_accepting_only_hands_over(store: FolderStore, spool: Spool) -> None:
    """The looks' thread only hands over: it neither encodes nor waits for the disk."""
    recorder = EventRecorder(store, spool, settings=SHORT)
    pictures = [frame() for _ in range(50)]
    for picture in pictures:
        recorder.accept(EVENT, picture, None)
    assert recorder.stats().waiting == 50
    assert spool.depth().count == 0
    assert [path for path in store.root.rglob("*") if path.is_file()] == []
