"""The judge of the storm finds what is wrong; a judge that cannot would prove nothing."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alerts.queue.fake_events import fake_event, fake_message
from tests.chaos.people import Seen
from tests.chaos.verdict import judge
from tests.made_archives import archive_at
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef
from thapcanh.detection.event import EventPhase

NOW = 1_800_000_100.0
Wanted = dict[str, tuple[str, str]]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    archive = archive_at(tmp_path / "archive.sqlite")
    yield archive
    archive.close()


@pytest.fixture
def wanted(archive: Archive) -> Wanted:
    """Three messages of one event, all of which came."""
    phases = {1: EventPhase.RAISED, 2: EventPhase.UPDATED, 3: EventPhase.CLEARED}
    for seq, phase in phases.items():
        message = fake_message(seq, phase=phase)
        archive.take_in(message, queued_at=NOW, now=NOW, camera=lambda _: None)
    return {f"message-{seq}": ("event-1", phase.value) for seq, phase in phases.items()}


def seen_all() -> Seen:
    seen = Seen()
    for seq in range(4):
        seen.note("change" if seq else "heartbeat", seq)
    return seen


def test_when_all_came_all_is_well(tmp_path: Path, wanted: Wanted) -> None:
    verdict = judge(tmp_path, wanted, [])
    assert verdict.ok, verdict
    line = json.loads(verdict.line(59.6, 7))
    assert line == {
        "seconds": 60, "kills": 7, "events": 3,
        "lost": 0, "doubled": 0, "stuck": 0, "gaps_unnoticed": 0,
        "late": 0, "without_files": 0,
    }  # fmt: skip


def test_a_message_that_never_came_is_lost(tmp_path: Path, wanted: Wanted) -> None:
    wanted["message-4"] = ("event-1", "updated")
    assert judge(tmp_path, wanted, []).lost == ["event message-4"]


def test_a_hole_that_nobody_made_is_a_loss(
    tmp_path: Path, archive: Archive, wanted: Wanted
) -> None:
    message = fake_message(6, phase=EventPhase.CLEARED)
    archive.take_in(message, queued_at=NOW, now=NOW, camera=lambda _: None)
    assert judge(tmp_path, wanted, []).lost == [
        "worker-1 4 is missing",
        "worker-1 5 is missing",
    ]


def test_a_hole_that_was_made_and_not_noticed(tmp_path: Path, wanted: Wanted) -> None:
    assert judge(tmp_path, wanted, [("hole-1", 3)]).gaps_unnoticed == ["hole-1 3"]


def test_a_change_that_the_screen_missed_without_a_word() -> None:
    seen = seen_all()
    assert seen.missed(3) == []
    seen.seqs.discard(2)
    assert seen.missed(3) == [2]
    seen.excused.append((1, 2))
    assert seen.missed(3) == []
    assert seen.missed(5) == [4, 5]
    assert Seen().missed(5) == [5], "a screen that never came on saw nothing"


def test_an_event_that_glows_after_its_end_is_stuck(tmp_path: Path, wanted: Wanted) -> None:
    with sqlite3.connect(tmp_path / "archive.sqlite") as database:
        database.execute("UPDATE episode_event SET active = 1")
    database.close()
    assert judge(tmp_path, wanted, []).stuck == ["active event-1"]


def test_two_unanswered_alerts_of_one_place_are_one_too_many(
    tmp_path: Path, archive: Archive, wanted: Wanted
) -> None:
    other = fake_event(1, id="other", event_id="event-2", camera_id="roof", phase=EventPhase.RAISED)
    message = fake_message(4, other)
    archive.take_in(message, queued_at=NOW, now=NOW, camera=lambda _: None)
    with sqlite3.connect(tmp_path / "archive.sqlite") as database:
        database.execute("UPDATE alert SET dedup_key = 'one', episode_open = 0")
    database.close()
    assert judge(tmp_path, wanted, []).doubled == ["unclosed alerts of one"]


def test_a_log_that_was_changed_is_found(tmp_path: Path, wanted: Wanted) -> None:
    with sqlite3.connect(tmp_path / "archive.sqlite") as database:
        database.execute("UPDATE action_log SET reason = 'x' WHERE seq = 1")
    database.close()
    assert judge(tmp_path, wanted, []).lost == ["action log entry 1: was changed"]


def test_missing_and_waiting_evidence_is_found(
    tmp_path: Path, archive: Archive, wanted: Wanted
) -> None:
    content = b"a picture"
    seal = hashlib.sha256(content).hexdigest()
    ref = EvidenceRef(
        kind=EvidenceKind.SNAPSHOT, path="e/snapshot.jpg", sha256=seal, bytes=len(content)
    )
    for seq, evidence in ((1, (ref,)), (2, ())):
        message = fake_message(
            seq, source="worker-0", id=f"w{seq}", event_id=f"fire-{seq}", phase=EventPhase.RAISED,
            zone_id=f"zone-{seq}", captured_at=NOW, inferred_at=NOW, evidence=evidence,
        )  # fmt: skip
        archive.take_in(message, queued_at=NOW, now=NOW, camera=lambda _: None)
    bare = "event fire-2 has no picture"
    assert judge(tmp_path, wanted, []).without_files == ["file e/snapshot.jpg", bare]
    picture = tmp_path / "evidence" / ref.path
    picture.parent.mkdir(parents=True)
    picture.write_bytes(content)
    assert judge(tmp_path, wanted, []).without_files == [bare]
    assert judge(tmp_path, wanted, [], died_at=[NOW + 1.0]).without_files == []
    waiting = tmp_path / "spool" / "worker-0.evidence" / "items" / "1.json"
    waiting.parent.mkdir(parents=True)
    waiting.touch()
    assert judge(tmp_path, wanted, [], died_at=[NOW + 1.0]).without_files != []
