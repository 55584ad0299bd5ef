"""The film of an event: from before it until after it, sealed, told as an update."""

import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import av
import pytest

from tests.alerts.queue.fake_events import fake_event
from tests.alerts.recording import EVENT, SHORT, FakeCamera, frame, kinds, spooled
from tests.ingest.fake_source import synthetic_packets
from thapcanh.alerts.evidence.cases.case_folder import verify_case
from thapcanh.alerts.evidence.clips import ClipSettings
from thapcanh.alerts.evidence.recorder import EventRecorder, RecorderSettings
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.queue.spool import Spool
from thapcanh.ingest.clip_writer import ClipInfo, write_clip
from thapcanh.ingest.packets.held_packets import PreRoll
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.privacy_mask import PrivacyMask

Until = Callable[..., None]


def test_the_film_runs_from_before_the_event_until_after_it(
    store: FolderStore, spool: Spool, until: Until
) -> None:
    films: list[list[float]] = []

    def write(
        packets: Sequence[Packet], path: Path, *,
        around_s: float | None = None, mask: PrivacyMask | None = None,
    ) -> ClipInfo:  # fmt: skip
        assert around_s == EVENT.at_s
        films.append([packet.at_s for packet in packets])
        return write_clip(packets, path, around_s=around_s, mask=mask)

    camera = FakeCamera()
    camera.play_to(8.0)
    recorder = EventRecorder(store, spool, settings=SHORT, write=write)
    recorder.start()
    recorder.accept(EVENT, frame(), camera)
    until(lambda: spool.depth().count == 2)
    camera.play_to(20.0)
    until(lambda: spool.depth().count == 3)
    recorder.stop()
    start, whole = films
    assert (start[0], start[-1]) == (6.0, 8.0)
    assert (whole[0], whole[-1]) == (6.0, 11.0)
    assert whole == sorted(set(whole))
    assert len(whole) == 5 * 15 + 1
    (kept,) = store.root.rglob("manifest.json")
    film = json.loads(kept.read_text())["film"]
    assert film["before_s"] == pytest.approx(EVENT.at_s - 6.0, abs=0.001)  # from its keyframe
    assert film["duration_s"] == pytest.approx(5.0, abs=0.2)


def test_what_the_preroll_forgets_meanwhile_is_still_in_the_film(
    store: FolderStore, spool: Spool, until: Until
) -> None:
    camera = FakeCamera()
    camera.preroll = PreRoll(2.5, 1 << 30)
    camera.play_to(8.0)
    recorder = EventRecorder(store, spool, settings=SHORT)
    recorder.start()
    recorder.accept(EVENT, frame(), camera)
    until(lambda: recorder.stats().films_open == 1)
    camera.play_to(9.9)
    collected = recorder._films._films[0].packets
    until(lambda: collected[-1].at_s >= 9.8)
    camera.play_to(20.0)
    until(lambda: spool.depth().count == 3)
    recorder.stop()
    folder = store.path(store.folder_of(EVENT))
    with av.open(str(folder / "clip.mp4")) as clip:
        assert clip.streams.video[0].frames >= 4 * 15 - 2


def test_a_film_after_a_reconnect_shows_the_event(
    store: FolderStore, spool: Spool, until: Until
) -> None:
    """The longer stream before the camera came back must not stand in for the event's own."""
    before = synthetic_packets(60, fps=15, keyframe_every=15)  # to 4 s
    after = [
        dataclasses.replace(packet, at_s=packet.at_s + 5.0) for packet in synthetic_packets(30)
    ]
    camera = FakeCamera([*before, *after])
    camera.play_to(5.5)
    event = fake_event(at_s=5.4)
    recorder = EventRecorder(store, spool, settings=RecorderSettings(before_s=5.0, after_s=1.0))
    recorder.start()
    recorder.accept(event, frame(), camera)
    until(lambda: spool.depth().count == 2)
    camera.play_to(9.0)
    until(lambda: spool.depth().count == 3)
    recorder.stop()
    manifest = store.path(store.folder_of(event)) / "manifest.json"
    notes = " ".join(json.loads(manifest.read_text(encoding="utf-8"))["notes"])
    assert "from 0.4 s before" in notes, notes


def test_stopping_finishes_the_film_with_what_is_there(
    store: FolderStore, spool: Spool, until: Until
) -> None:
    camera = FakeCamera()
    camera.play_to(9.0)
    recorder = EventRecorder(store, spool, settings=SHORT)
    recorder.start()
    recorder.accept(EVENT, frame(), camera)
    recorder.stop()
    _, pictures, told = spooled(spool)
    assert kinds(pictures)[-1] == EvidenceKind.MANIFEST
    assert kinds(told) == ["clip", "manifest"]
    assert verify_case(store.path(store.folder_of(EVENT))).ok


def test_a_camera_that_falls_silent_ends_its_film_in_time(
    store: FolderStore, spool: Spool, until: Until
) -> None:
    camera = FakeCamera()
    camera.play_to(8.0)
    recorder = EventRecorder(store, spool, settings=RecorderSettings(before_s=1.0, after_s=0.0))
    recorder._films.settings = ClipSettings(
        before_s=1.0, after_s=1.0, grace_s=0.0, collect_every_s=0.05
    )
    recorder.start()
    recorder.accept(EVENT, frame(), camera)
    until(lambda: spool.depth().count == 3)
    recorder.stop()
    assert kinds(spooled(spool)[2]) == ["clip", "manifest"]


def test_too_many_films_at_once_are_not_begun_and_told(store: FolderStore, spool: Spool) -> None:
    camera = FakeCamera()
    camera.play_to(9.0)
    recorder = EventRecorder(store, spool, settings=dataclasses.replace(SHORT, max_films=2))
    recorder.start()
    for number in range(4):
        event = fake_event(1, id=f"m{number}", event_id=f"e{number}", at_s=8.0)
        recorder.accept(event, frame(), camera)
    recorder.stop()
    stats = recorder.stats()
    assert (stats.films_made, stats.films_refused) == (2, 2)
    messages = spooled(spool)
    assert sum("clip" in kinds(message) for message in messages) == 2
    errors = [message.evidence_error for message in messages if message.evidence_error]
    assert errors == ["clip: too many at once"] * 2
    assert stats.evidence_failures == 2
    assert spool.pending_evidence() == []


@pytest.mark.parametrize(
    ("codec", "start", "whole"),
    [
        ("libx265", True, ["clip", "clip_viewing", "manifest"]),
        ("mjpeg", False, ["clip", "manifest"]),
    ],
)
def test_other_codecs_get_a_film_that_browsers_play(
    store: FolderStore,
    spool: Spool,
    until: Until,
    *,
    codec: str,
    start: bool,
    whole: list[str],
) -> None:
    camera = FakeCamera(synthetic_packets(45, codec=codec))
    camera.play_to(0.5)
    recorder = EventRecorder(store, spool, settings=RecorderSettings(before_s=0.5, after_s=1.0))
    recorder.start()
    recorder.accept(fake_event(at_s=0.5), frame(), camera)
    until(lambda: spool.depth().count == 2)
    camera.play_to(3.0)
    until(lambda: spool.depth().count == 3)
    recorder.stop()
    _, pictures, told = spooled(spool)
    assert (EvidenceKind.CLIP_START in kinds(pictures)) is start
    assert kinds(told) == whole
    assert verify_case(store.path(store.folder_of(EVENT))).ok
