"""What the status says of workers, cameras and the archive: a table of reports and findings."""

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.alerts.conftest import QueueServer, queue_binaries
from tests.alerts.queue.fake_events import FIRST_AT, fake_message
from thapcanh.alerts.health.status import OpenSystemAlert, SystemStatus, system_status
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.workers.worker_report import WorkerReport
from thapcanh.alerts.store.coordination.centres import ExpectedCentre, LivingCentre
from thapcanh.alerts.store.database import sqlite_url
from thapcanh.app.cli import status
from thapcanh.app.cli.main import main
from thapcanh.app.cli.status import (
    CENTRE_SILENT_S,
    Finding,
    archive_findings,
    centre_status_findings,
    centres_findings,
    judge,
    lines,
)
from thapcanh.app.site.site_file import load_in_force
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import Site
from thapcanh.detection.event import EventPhase


def site(*ids: str) -> Site:
    return Site(
        cameras=tuple(CameraConfig(id=i, name=i, source=SecretUrl("rtsp://h/a")) for i in ids)
    )


def worker(**cameras: str) -> Any:
    return {
        "worker": "worker-0",
        "lost": False,
        "looks": {"state": "looking", "looks": 7, "reason": "started"},
        "spool": {"waiting": 0},
        "queue": {"connected": True, "error": None},
        "cameras": [
            {"id": key, "state": state, "since": 0.0, "detail": "no answer"}
            for key, state in cameras.items()
        ],
    }


def bad(findings: list[Any]) -> list[str]:
    return [finding.text for finding in findings if finding.bad]


def test_all_is_well() -> None:
    assert bad(judge(site("a"), [worker(a="online")], 0.0)) == []


def test_a_dark_camera_is_named_with_its_reason() -> None:
    findings = bad(judge(site("a", "b"), [worker(a="online", b="backoff")], 0.0))
    assert findings[0] == "cameras: 1 of 2 online"
    assert findings[1].startswith("camera b: backoff since ")
    assert findings[1].endswith("no answer")


def test_a_camera_that_no_worker_watches_is_not_calm() -> None:
    assert "camera b: no worker watches it" in bad(judge(site("b"), [worker()], 0.0))


def test_cameras_that_run_but_stand_in_no_file_are_counted_and_named() -> None:
    ran = {f"c{number:02}": "online" for number in range(50)}
    running = worker(a="online", **ran, **{"phone-1": "online"})
    assert bad(judge(site("a"), [running], 0.0)) == [
        "cameras: 50 more run that stand in no configuration here: c00, c01, c02, c03, c04, …"
    ]
    two = bad(judge(site("a"), [worker(a="online", b="online", c="online")], 0.0))
    assert two == ["cameras: 2 more run that stand in no configuration here: b, c"]


def test_a_lost_worker_and_no_worker() -> None:
    lost = WorkerReport(worker="worker-0", lost=True, reported_at=100.0)
    assert "worker-0: lost, silent for 20 s" in bad(judge(site(), [lost], 120.0))
    assert "no worker reports: no camera is watched" in bad(judge(site(), [], 0.0))


def test_a_stalled_detector_and_an_unreachable_queue_are_told() -> None:
    stalled = worker(a="online")
    stalled["looks"] = {"state": "stalled", "looks": 7, "reason": "InferenceError: x"}
    assert bad(judge(site("a"), [stalled], 0.0)) == [
        "worker-0: stalled, 7 looks, 0 events spooled; InferenceError: x",
        "workers: 0 of 1 look",
    ]
    cut = worker(a="online")
    cut["queue"] = {"connected": False, "error": "queue redis://q: refused"}
    assert "queue redis://q: refused" in bad(judge(site("a"), [cut], 0.0))[0]


def test_a_worker_that_looks_was_counted_as_blind_for_another_trouble() -> None:
    """`0 of 2 look` stood beside `looking, 852 looks`."""
    cut, late, stalled = (worker(a="online") for _ in range(3))
    cut["queue"] = {"connected": False, "error": "queue redis://q: refused"}
    late["evidence"] = {"store": None, "error": "share: not mounted"}
    stalled["looks"] = {"state": "stalled", "looks": 7, "reason": "InferenceError: x"}
    findings = bad(judge(site("a"), [cut, late, stalled], 0.0))
    assert len(findings) == 4
    assert "workers: 2 of 3 look" in findings


def test_a_centre_that_fetches_nothing_is_not_calm() -> None:
    assert centre_status_findings(2.0) == []
    assert bad(centre_status_findings(CENTRE_SILENT_S)) == [
        "centre: has fetched no events for 30 s; see its log, or start it"
    ]
    assert bad(centre_status_findings(None)) == ["no centre has joined the queue: nothing is shown"]


def test_a_dead_standby_is_named_before_who_leads() -> None:
    living = [LivingCentre(name="a", leads=True)]
    expected = [
        ExpectedCentre(name="a", silent_s=1.0, ahead_s=0.0, within_s=0.1),
        ExpectedCentre(name="b", silent_s=90.0, ahead_s=0.0, within_s=0.1),
        ExpectedCentre(name="c", silent_s=1.0, ahead_s=-10_800.0, within_s=0.1),
    ]
    found = centres_findings(living, expected, is_shared=True)
    assert bad(found) == [
        "centre b: missing for 90 s; start it, or `thapcanh centre remove b`",
        "centre c: its clock is -10800 s from the archive's",
    ]
    assert found[-1].text == "centres: a leads"


def test_many_dark_cameras_are_counted_not_listed() -> None:
    findings = bad(judge(site(*(f"c{i}" for i in range(30))), [worker()], 0.0))
    assert findings[-1] == "… and 25 more cameras"


def test_no_worker_of_one_looks_is_marked() -> None:
    stalled = worker(a="online")
    stalled["looks"] = {"state": "stalled", "looks": 0, "reason": "why"}
    assert "workers: 0 of 1 look" in bad(judge(site("a"), [stalled], 0.0))
    assert "workers: 1 of 1 look" not in bad(judge(site("a"), [worker(a="online")], 0.0))


def test_the_first_line_names_a_full_or_frozen_evidence_store(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(status, "evidence_trouble", lambda *_: "the store is full")
    told = lines([Finding(text="queue: refused", bad=True), *judge(site(), [worker()], 0.0)])
    assert told[0].startswith("! evidence of worker-0: the store is full")


def test_the_first_line_names_a_full_data_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    full = SimpleNamespace(free=0, total=10**12, used=10**12)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    assert main(["status", "-c", str(_config(tmp_path, "files"))]) == 1
    first, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("! disk of ")
    assert first.endswith("it is full, and the reserve for alerts is given up: make room at once")


CALM = SystemStatus(troubles=(), unanswered_p1=0, last_proven=1000.0)


def trouble(kind: str, rule: str) -> OpenSystemAlert:
    return OpenSystemAlert(kind=kind, rule_id=rule, subject="centre", raised_at=0.0, reason="why")


def test_the_archives_word_on_the_watch() -> None:
    assert bad(archive_findings(CALM, 1300.0)) == []
    late = bad(archive_findings(CALM, 1661.0))
    assert len(late) == 1
    assert late[0].startswith("the way from workers to archive: proven ")
    troubled = SystemStatus(
        troubles=(trouble("queue_lag", "queue_down"), trouble("camera_offline", "camera_offline")),
        unanswered_p1=2,
        last_proven=None,
    )
    told = bad(archive_findings(troubled, 1300.0))
    assert told[0].startswith("queue_down centre since ")
    assert told[0].endswith(": why")
    assert told[1:] == [
        "the way from workers to archive: proven never",
        "alerts: 2 of priority 1 unanswered",
    ]


def test_ten_lines_and_what_is_wrong_first() -> None:
    good = [Finding(text=f"good {number}", bad=False) for number in range(9)]
    wrong = [Finding(text=f"bad {number}", bad=True) for number in range(12)]
    assert lines([*good, *wrong[:2]])[:3] == ["! bad 0", "! bad 1", "  good 0"]
    assert len(lines([*good, *wrong[:2]])) == 10
    many = lines([*good, *wrong])
    assert len(many) == 10
    assert many[-1] == "! … and 3 more: see the screens"


def test_what_is_asked_of_a_real_archive(tmp_path: Path) -> None:
    archive = Archive(sqlite_url(tmp_path / "archive.sqlite"))
    messages = [
        fake_message(1, event_id="fire", priority=1),
        fake_message(2, event_id="drill", priority=1, exercise=True),
        fake_message(3, event_id="dark", kind="disk_low", rule_id="disk_low", camera_id="centre"),
    ]
    for message in messages:
        archive.take_in(message, queued_at=FIRST_AT, now=FIRST_AT, camera=lambda _: None)
    standing = system_status(archive.database)
    archive.close()
    assert standing.unanswered_p1 == 1
    assert [each.rule_id for each in standing.troubles] == ["disk_low"]
    assert standing.last_proven is None


def test_the_newest_trouble_stands_before_older_ones(tmp_path: Path) -> None:
    archive = Archive(sqlite_url(tmp_path / "archive.sqlite"))
    for seq, rule in enumerate(("disk_low", "queue_lag"), start=1):
        message = fake_message(
            seq, event_id=rule, kind=rule, rule_id=rule, camera_id="centre",
            captured_at=FIRST_AT + seq, inferred_at=FIRST_AT + seq,
        )  # fmt: skip
        archive.take_in(message, queued_at=FIRST_AT, now=FIRST_AT, camera=lambda _: None)
    found = [each.rule_id for each in system_status(archive.database).troubles]
    archive.close()
    assert found == ["queue_lag", "disk_low"]


@pytest.mark.parametrize("source", ["files", "database"])
def test_where_nothing_runs_it_says_what_is_missing_and_makes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], source: str
) -> None:
    path = _config(tmp_path, source)
    assert main(["status", "-c", str(path)]) == 1
    said = capsys.readouterr().out
    assert "! queue: " in said
    assert "! archive: there is none" in said
    assert "hush" not in said
    assert not (tmp_path / "data").exists()


def test_cameras_that_stand_in_the_database_are_asked_for_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It said "0 of 0 online", and nothing was wrong, while all of them were dark."""
    files = _config(tmp_path, "files").rename(tmp_path / "files.toml")
    server = QueueServer(next(iter(queue_binaries().values())), tmp_path / "queue")
    server.start()
    try:
        path = _config(tmp_path, "database", server.url)
        assert main(["cameras", "import", str(files), "-c", str(path)]) == 0
        capsys.readouterr()
        assert main(["status", "-c", str(path)]) == 1
    finally:
        server.kill()
    said = capsys.readouterr().out
    assert "! cameras: 0 of 1 online" in said
    assert "! camera a: no worker watches it" in said
    assert not (tmp_path / "data" / "run").exists()


def test_a_trouble_is_said_since_its_own_beginning_not_since_an_earlier_one(
    tmp_path: Path,
) -> None:
    """An alert that nobody answered takes in the next loss of the same worker."""
    archive = Archive(sqlite_url(tmp_path / "archive.sqlite"))
    facts: dict[str, Any] = {"kind": "worker_lost", "rule_id": "worker_lost"}
    facts["camera_id"] = "worker-0"
    first = [(1, "raised", 1000.0, "one"), (2, "cleared", 1010.0, "one")]
    second = [(3, "raised", 1060.0, "two"), (4, "updated", 1070.0, "two")]
    for seq, phase, at, event_id in [*first, *second]:
        message = fake_message(
            seq, event_id=event_id, phase=EventPhase(phase), captured_at=at, inferred_at=at, **facts
        )
        archive.take_in(message, queued_at=at, now=at, camera=lambda _: None)
    assert len(archive.alerts().items) == 1
    (trouble,) = system_status(archive.database).troubles
    assert trouble.raised_at == 1060.0
    archive.close()


def _config(folder: Path, source: str, queue: str = "redis://:hush@127.0.0.1:1/0") -> Path:
    """A site of one camera; with a registry in the database the camera must be there."""
    camera = '[[cameras]]\nid = "a"\nname = "A"\nsource = "rtsp://h/a"\n'
    path = folder / "thapcanh.toml"
    path.write_text(
        f'[site]\ndata_dir = "data"\n[queue]\nurl = "{queue}"\n[registry]\nsource = "{source}"\n'
        + (camera if source == "files" else ""),
        encoding="utf-8",
    )
    return path


def test_a_broken_file_stands_first_and_what_is_in_force_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "thapcanh.toml"
    camera = '[[cameras]]\nid = "{}"\nname = "x"\nsource = "rtsp://h/a"\n'
    config.write_text(camera.format("gate") + camera.format("yard"), encoding="utf-8")
    load_in_force(config)
    config.write_text("[[cameras", encoding="utf-8")
    assert main(["status", "-c", str(config)]) == 1
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("! configuration: the last good one is in force")
    assert "is not TOML" in told[1]
