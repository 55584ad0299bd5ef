"""`thapcanh spool drain`: what a dead machine's disk holds arrives, once, with its evidence."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.alerts.conftest import QueueServer, queue, queue_server
from tests.alerts.queue.fake_events import fake_event
from tests.made_archives import archive_at
from thapcanh.alerts.evidence.staging import EvidenceStaging, StagedPart, staging_beside
from thapcanh.alerts.queue.message import EvidenceKind, Message, decode
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.queue.spool import OutboxItem, Spool
from thapcanh.alerts.queue.spool_file import read_epoch
from thapcanh.app.cli import spool as spool_command
from thapcanh.app.cli.main import main
from thapcanh.app.process import exit_codes
from thapcanh.detection.event import EventPhase

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


@pytest.fixture
def config(tmp_path: Path, queue_server: QueueServer) -> Path:
    return _config(tmp_path, queue_server.url)


def _queued(queue: EventQueue) -> list[Message]:
    queue.ensure_group()
    return [decode(delivery.fields) for delivery in queue.read_new("reader", 100)]


def test_events_and_evidence_of_a_dead_machine_arrive_once(
    tmp_path: Path, config: Path, queue: EventQueue, capsys: pytest.CaptureFixture[str]
) -> None:
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
    tmp_path: Path, config: Path, queue: EventQueue, capsys: pytest.CaptureFixture[str]
) -> None:
    queue.report_worker("worker-3", {"worker": "worker-3"}, 60.0)
    own = _dead_machine(tmp_path / "data")
    assert main(["spool", "drain", str(own), "-c", str(config)]) != exit_codes.OK
    assert "worker-3 runs and sends this by itself" in capsys.readouterr().err


def _copy_of(worker: str, source: Path, folder: Path) -> Path:
    path = folder / "spool" / f"{worker}.sqlite"
    path.parent.mkdir(parents=True)
    for part in source.parent.glob(f"{source.name}*"):
        shutil.copy(part, path.with_name(part.name.replace(source.stem, worker)))
    return folder


def test_a_copy_of_a_living_workers_spool_is_refused_and_that_of_its_forerunner_is_not(
    tmp_path: Path, config: Path, queue: EventQueue, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both would give out the same numbers, and the worker's next events were dead letters."""
    dead = _dead_machine(tmp_path / "disk") / "spool" / "worker-3.sqlite"
    living = {"worker": "worker-3", "spool": {"epoch": read_epoch(dead)}}
    queue.report_worker("worker-3", living, 60.0)
    copy = _copy_of("worker-3", dead, tmp_path / "copy")
    assert main(["spool", "drain", str(copy), "-c", str(config)]) == exit_codes.FAILED
    assert "worker-3 runs and sends this by itself" in capsys.readouterr().err
    assert _queued(queue) == []
    queue.report_worker("worker-3", {"worker": "worker-3", "spool": {"epoch": 1}}, 60.0)
    assert main(["spool", "drain", str(copy), "-c", str(config)]) == exit_codes.OK
    assert len(_queued(queue)) == 2  # its evidence was not copied


def test_what_is_no_whole_spool_is_named_and_left_as_it_is_and_the_others_are_sent(
    tmp_path: Path, config: Path, queue: EventQueue, capsys: pytest.CaptureFixture[str]
) -> None:
    """A damaged one was set aside and begun again, and nothing was said; an archive was changed."""
    dead = _dead_machine(tmp_path / "disk")
    whole = dead / "spool" / "worker-3.sqlite"
    archive_at(dead / "spool" / "archive.sqlite").close()
    content = whole.read_bytes()
    (dead / "spool" / "worker-4.sqlite").write_bytes(content[: len(content) // 2])
    (dead / "spool" / "worker-5.sqlite").write_bytes(b"")
    (dead / "spool" / "worker-6.sqlite").write_bytes(b"a text" * 999)
    for name in ("centre", "drill", "signals"):
        Spool(dead / "spool" / f"{name}.sqlite", name).close()
    others = {p: p.read_bytes() for p in (dead / "spool").glob("*.sqlite") if p != whole}
    assert main(["spool", "drain", str(dead), "-c", str(config)]) == exit_codes.FAILED
    told = capsys.readouterr()
    assert told.out == "worker-3: 3 events sent\n"
    for name in ("archive", "worker-4", "worker-5", "worker-6"):
        assert f"{name}.sqlite" in told.err
    for name in ("centre", "drill", "signals"):
        assert f"{name}.sqlite" not in told.err
    assert {path: path.read_bytes() for path in others} == others
    assert not list((dead / "spool").glob("*damaged*"))
    assert {one.source for one in _queued(queue)} == {"worker-3"}


def test_a_spool_that_a_process_has_open_is_refused(
    tmp_path: Path, config: Path, queue: EventQueue, capsys: pytest.CaptureFixture[str]
) -> None:
    """A worker that the queue does not hear is alive all the same."""
    dead = _dead_machine(tmp_path / "disk")
    hold = "import sys; file = open(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    words = [sys.executable, "-c", hold, str(dead / "spool" / "worker-3.sqlite")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        assert main(["spool", "drain", str(dead), "-c", str(config)]) == exit_codes.FAILED
        assert f"process {worker.pid} has it open" in capsys.readouterr().err
        worker.communicate()
    assert _queued(queue) == []


def test_how_far_it_is_is_said_while_a_store_does_not_take_evidence(
    tmp_path: Path,
    config: Path,
    queue: EventQueue,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spool_command, "TELL_EVERY_S", 0.05)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "evidence").write_text("a file stands here")
    dead = _dead_machine(tmp_path / "disk")
    words = ["spool", "drain", str(dead), "-c", str(config), "--within", "1"]
    assert main(words) == exit_codes.FAILED
    told = capsys.readouterr()
    assert told.out == "worker-3: 2 events sent; evidence of 1 messages waits for the store\n"
    assert "evidence of 1 messages waits (evidence store" in told.err
    (tmp_path / "data" / "evidence").unlink()
    assert main(["spool", "drain", str(dead), "-c", str(config)]) == exit_codes.OK
    assert capsys.readouterr().out == "worker-3: 1 events sent\n"
    assert len(_queued(queue)) == 3
