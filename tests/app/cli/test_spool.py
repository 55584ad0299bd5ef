"""`thapcanh spool drain`: what a dead machine's disk holds arrives, once, with its evidence."""

from pathlib import Path

import pytest

from alerts.events.fake_events import fake_event
from alerts.events.queue import EventQueue
from alerts.events.spool import OutboxItem, Spool
from alerts.evidence.staging import EvidenceStaging, StagedPart, staging_beside
from alerts.message import EvidenceKind, Message, decode
from app import exit_codes
from app.cli.main import main
from detection.event import EventPhase
from tests.alerts.conftest import QueueServer, queue, queue_server

__all__ = ["queue", "queue_server"]  # fixtures of that room


def _config(folder: Path, url: str) -> Path:
    path = folder / "thapcanh.toml"
    path.write_text(
        f'[site]\ndata_dir = "{folder / "data"}"\n[queue]\nurl = "{url}"\n', encoding="utf-8"
    )
    return path


def _dead_machine(folder: Path) -> Path:
    """Its data folder: an event that nobody heard of, and its picture."""
    path = folder / "spool" / "worker-3.sqlite"
    event = fake_event(1)
    spool = Spool(path, "worker-3")
    spool.append(event, event.captured_at)
    spool.close()
    staging = EvidenceStaging(staging_beside(path), "worker-3")
    store = staging.stores[StagedPart.PICTURES]
    picture = store.save(store.folder_of(event), "snapshot.jpg", EvidenceKind.SNAPSHOT, b"jpeg")
    staging.add(
        OutboxItem(event=event, evidence=(picture,), evidence_only=True),
        StagedPart.PICTURES,
        event.captured_at,
    )
    return folder


def _queued(queue: EventQueue) -> list[Message]:
    queue.ensure_group()
    return [decode(delivery.fields) for delivery in queue.read_new("reader", 100)]


def test_events_and_evidence_of_a_dead_machine_arrive_once(
    tmp_path: Path,
    queue: EventQueue,
    queue_server: QueueServer,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = _config(tmp_path, queue_server.url)
    dead = _dead_machine(tmp_path / "disk")
    words = ["spool", "drain", str(dead), "-c", str(config)]
    queue.ensure_group()
    assert main(words) == exit_codes.OK
    assert capsys.readouterr().out == "worker-3: 3 events sent\n"
    messages = _queued(queue)
    assert {(one.source, one.producer_seq) for one in messages} == {
        ("worker-3", seq) for seq in (1, 2, 3)
    }
    assert sorted((one.event.phase, one.evidence_only) for one in messages) == [
        (EventPhase.CLEARED, False),
        (EventPhase.RAISED, False),
        (EventPhase.RAISED, True),
    ]  # evidence follows when the store has it, before or after the end
    (picture,) = next(one.evidence for one in messages if one.evidence_only)
    assert (tmp_path / "data" / "evidence" / picture.path).read_bytes() == b"jpeg"

    assert main(words) == exit_codes.OK  # a second time sends nothing
    assert capsys.readouterr().out == "worker-3: 0 events sent\n"
    assert _queued(queue) == []


def test_a_folder_without_a_spool_and_a_queue_that_is_away_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = _config(tmp_path, "redis://127.0.0.1:1/0")
    (tmp_path / "empty").mkdir()
    assert main(["spool", "drain", str(tmp_path / "empty"), "-c", str(config)]) != exit_codes.OK
    assert "no worker's spool here" in capsys.readouterr().err
    assert main(["spool", "drain", str(tmp_path / "none"), "-c", str(config)]) != exit_codes.OK
    assert str(tmp_path / "none") in capsys.readouterr().err
    dead = _dead_machine(tmp_path / "disk")
    assert main(["spool", "drain", str(dead), "-c", str(config)]) == exit_codes.FAILED
    assert "127.0.0.1:1" in capsys.readouterr().err


def test_what_a_running_worker_sends_by_itself_is_refused(
    tmp_path: Path,
    queue: EventQueue,
    queue_server: QueueServer,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = _config(tmp_path, queue_server.url)
    queue.report_worker("worker-3", {"worker": "worker-3"}, 60.0)
    own = _dead_machine(tmp_path / "data")
    assert main(["spool", "drain", str(own), "-c", str(config)]) != exit_codes.OK
    assert "worker-3 runs and sends this by itself" in capsys.readouterr().err
