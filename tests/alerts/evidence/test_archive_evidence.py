"""Evidence and sequence numbers in the archive, on SQLite and PostgreSQL."""

from dataclasses import replace

from tests.alerts.arrivals import NOW, only_alert, take, take_all
from tests.alerts.queue.fake_events import FIRST_AT, fake_event, fake_message
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef, Message
from thapcanh.detection.event import EventPhase


def ref(name: str, kind: EvidenceKind, seal: str = "a", size: int = 10) -> EvidenceRef:
    return EvidenceRef(kind=kind, path=f"case/{name}", sha256=seal * 64, bytes=size)


def test_evidence_is_bound_to_the_alert_and_the_best_is_shown(archive: Archive) -> None:
    first = (
        ref("snapshot.jpg", EvidenceKind.SNAPSHOT),
        ref("snapshot_boxed.jpg", EvidenceKind.SNAPSHOT_BOXED),
        ref("clip_start.mp4", EvidenceKind.CLIP_START),
        ref("manifest.json", EvidenceKind.MANIFEST, "b", 100),
    )
    take(archive, fake_message(1, evidence=first))
    alert = only_alert(archive)
    files = {each.kind: each for each in archive.evidence_of(alert.id)}
    assert (alert.snapshot, alert.snapshot_boxed, alert.clip) == (
        files[EvidenceKind.SNAPSHOT].id,
        files[EvidenceKind.SNAPSHOT_BOXED].id,
        files[EvidenceKind.CLIP_START].id,
    )
    film = (
        ref("clip.mp4", EvidenceKind.CLIP, "c"),
        ref("manifest.json", EvidenceKind.MANIFEST, "d", 150),
    )
    taken = take(archive, evidence_message(2, film))
    assert (taken.alert_id, taken.reason) == (alert.id, "evidence")
    after = only_alert(archive)
    files = {each.kind: each for each in archive.evidence_of(alert.id)}
    assert (after.clip, after.detections, after.last_seen_at) == (
        files[EvidenceKind.CLIP].id,
        1,
        FIRST_AT,
    )
    assert files[EvidenceKind.MANIFEST].sha256 == "d" * 64
    assert len(files) == 5
    assert archive.evidence(files[EvidenceKind.CLIP].id) == files[EvidenceKind.CLIP]
    assert archive.evidence("nothing") is None
    sealed = archive.log_of(alert.id)[-1]
    assert sealed.details["files"] == {"case/clip.mp4": "c" * 64, "case/manifest.json": "d" * 64}


def evidence_message(seq: int, evidence: tuple[EvidenceRef, ...]) -> Message:
    base = fake_message(seq, fake_event(1, id=f"message-{seq}", phase=EventPhase.UPDATED))
    return Message(
        event=base.event,
        source=base.source,
        producer_epoch=1,
        producer_seq=seq,
        spooled_at=NOW,
        evidence=evidence,
        evidence_only=True,
    )


def test_evidence_that_arrives_before_its_event_waits_for_it(archive: Archive) -> None:
    taken = take(archive, evidence_message(2, (ref("clip.mp4", EvidenceKind.CLIP),)))
    assert taken.alert_id is None
    take(archive, fake_message(1))
    assert only_alert(archive).clip is not None


def test_a_sealed_file_cannot_be_told_anew(archive: Archive) -> None:
    take(archive, fake_message(1, evidence=(ref("clip.mp4", EvidenceKind.CLIP, "a"),)))
    take(archive, evidence_message(2, (ref("clip.mp4", EvidenceKind.CLIP, "b"),)))
    (file,) = archive.evidence_of(only_alert(archive).id)
    assert file.sha256 == "a" * 64


def strangers(seq: int, *evidence: EvidenceRef) -> Message:
    event = fake_event(1, id=f"lie-{seq}", event_id="event-2", camera_id="yard")
    return replace(fake_message(seq, event, source="stranger"), evidence=evidence)


def test_another_events_message_writes_over_no_seal(archive: Archive) -> None:
    """A longer manifest was sealed in place of the true one, whoever told of it."""
    true = (ref("manifest.json", EvidenceKind.MANIFEST, "a", 100),)
    take(archive, fake_message(1, evidence=true))
    (mine,) = archive.alerts().items
    lie = (
        ref("film.mp4", EvidenceKind.CLIP, "e"),
        ref("manifest.json", EvidenceKind.MANIFEST, "f", 200),
    )
    theirs = take(archive, strangers(1, *lie)).alert_id
    (file,) = archive.evidence_of(mine.id)
    assert file.sha256 == "a" * 64
    assert theirs is not None
    assert archive.log_of(theirs)[-1].details["files"] == {"case/film.mp4": "e" * 64}


def test_a_manifest_is_sealed_again_only_as_its_film_joins(archive: Archive) -> None:
    first = (
        ref("clip.mp4", EvidenceKind.CLIP, "c"),
        ref("manifest.json", EvidenceKind.MANIFEST, "d", 150),
    )
    take(archive, fake_message(1, evidence=first))
    alert = only_alert(archive)
    again: tuple[tuple[EvidenceRef, ...], ...] = ((), (ref("clip.mp4", EvidenceKind.CLIP, "c"),))
    for seq, also in enumerate(again, start=2):
        longer = ref("manifest.json", EvidenceKind.MANIFEST, "e", 200 + seq)
        take(archive, evidence_message(seq, (*also, longer)))
        seals = {each.kind: each.sha256 for each in archive.evidence_of(alert.id)}
        assert seals[EvidenceKind.MANIFEST] == "d" * 64
        files = archive.log_of(alert.id)[-1].details["files"]
        assert files == {one.path: one.sha256 for one in also}


def test_missing_messages_are_gaps_until_they_come(archive: Archive) -> None:
    take_all(archive, *[fake_message(seq) for seq in (1, 5, 8)])
    assert spans(archive) == [(2, 4), (6, 7)]
    assert archive.gaps(NOW, older_than_s=60) == []  # noticed just now
    take_all(archive, fake_message(3), fake_message(6))
    assert spans(archive) == [(2, 2), (4, 4), (7, 7)]
    take_all(archive, *[fake_message(seq) for seq in (2, 4, 7)])
    assert spans(archive) == []


def spans(archive: Archive) -> list[tuple[int, int]]:
    return sorted((gap.first_seq, gap.last_seq) for gap in archive.gaps(NOW + 1000))


def test_a_worker_met_for_the_first_time_has_no_gap_but_a_new_spool_has(archive: Archive) -> None:
    take(archive, fake_message(40))
    assert spans(archive) == []
    new_spool = Message(
        event=fake_event(41, id="after"),
        source="worker-1",
        producer_epoch=2,
        producer_seq=3,
        spooled_at=NOW,
    )
    take(archive, new_spool)
    assert spans(archive) == [(1, 2)]
