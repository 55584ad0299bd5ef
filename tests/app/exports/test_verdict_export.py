"""Verdicts leave as crops with a table: judged ones only, people hidden, and in the log."""

import csv
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest
import sqlalchemy as sa

from tests.alerts.desk import LE, Desk
from tests.alerts.queue.fake_events import FIRST_AT, fake_message
from tests.detection.detectors.fake_detector import FakeDetector
from tests.made_archives import archive_at
from thapcanh.alerts.evidence.snapshots import jpeg
from thapcanh.alerts.evidence.stores.folder import FolderStore
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.store.log_tables import action_log
from thapcanh.alerts.store.roles import AlertAction
from thapcanh.app.cli.main import main
from thapcanh.app.exports import verdict_export
from thapcanh.app.exports.verdict_export import CROPS, TABLE
from thapcanh.app.process import exit_codes
from thapcanh.detection.confirmation.witness_crops import INPUT_PX
from thapcanh.detection.detections import Detection

PERSON = Detection(box=(0.0, 0.0, 0.5, 1.0), confidence=0.9, label="person")


def _picture() -> np.ndarray:
    """Stripes on the left half, where somebody stands; orange on the right."""
    picture = np.full((240, 320, 3), (20, 140, 250), np.uint8)
    picture[:, :160] = np.where(np.arange(160)[None, :, None] % 4 < 2, 255, 0)
    return picture


def _checked(
    archive: Archive, store: FolderStore, seq: int, verdict: AlertAction | None, kind: str = "fire"
) -> None:
    message = fake_message(seq, camera_id=f"camera-{seq}", event_id=f"event-{seq}", kind=kind)
    content = jpeg(_picture())
    ref = store.save(store.folder_of(message.event), "snapshot.jpg", EvidenceKind.SNAPSHOT, content)
    told = fake_message(seq, message.event, evidence=(ref,))
    taken = archive.take_in(told, queued_at=FIRST_AT, now=FIRST_AT, camera=lambda _: None)
    assert taken.alert_id is not None
    if verdict is None:
        return
    desk = Desk(archive, taken.alert_id)
    desk.do(AlertAction.ACKNOWLEDGE, LE, FIRST_AT, idempotency_key=f"a{seq}")
    reason = "lights" if verdict is AlertAction.REJECT else None
    desk.do(verdict, LE, FIRST_AT, reason=reason, idempotency_key=f"v{seq}")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    data = tmp_path / "data"
    evidence = data / "evidence"
    store = FolderStore(evidence)
    with closing(archive_at(data / "archive.sqlite")) as archive:
        _checked(archive, store, 1, AlertAction.CONFIRM)
        _checked(archive, store, 2, AlertAction.REJECT)
        _checked(archive, store, 3, None)
        _checked(archive, store, 4, AlertAction.REJECT, kind="intrusion")
        _checked(archive, store, 5, AlertAction.REJECT)
    for path in evidence.rglob("*"):
        if path.is_file() and "event-5" in str(path):
            path.write_bytes(b"changed")
    config = tmp_path / "thapcanh.toml"
    config.write_text(f'[site]\ndata_dir = "{data}"\n', encoding="utf-8")
    seen = FakeDetector(lambda _: [PERSON])
    monkeypatch.setattr(seen, "labels", ("person", "car", "motorcycle"))
    monkeypatch.setattr(verdict_export, "load_detector", lambda *_: seen)
    return tmp_path


def test_verdicts_leave_as_crops_with_people_hidden_and_stand_in_the_log(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = site / "out"
    assert main(["verdicts", "export", str(out), "-c", str(site / "thapcanh.toml")]) == 0
    said = capsys.readouterr().out
    assert "1 confirmed, 1 rejected, 1 without a picture" in said
    with (out / TABLE).open(encoding="utf-8", newline="") as file:
        rows = {row["camera"]: row for row in csv.DictReader(file)}
    assert {camera: row["verdict"] for camera, row in rows.items()} == {
        "camera-1": "confirmed",
        "camera-2": "rejected",
    }
    assert rows["camera-2"]["reason"] == "lights"
    crops = [cv2.imread(str(out / row[name])) for row in rows.values() for name in CROPS]
    assert all(one is not None and one.shape == (INPUT_PX, INPUT_PX, 3) for one in crops)
    whole = crops[2]
    assert whole is not None
    assert np.abs(np.diff(whole[120:140, 10:110].astype(int), axis=1)).max() < 40  # no stripe left
    with (
        closing(archive_at(site / "data" / "archive.sqlite")) as archive,
        archive.database.reading() as connection,
    ):
        actions = connection.execute(sa.select(action_log.c.action)).scalars().all()
    assert actions.count("verdicts_exported") == 1


def test_a_folder_that_is_there_is_left_alone(site: Path) -> None:
    (site / "out").mkdir()
    code = main(["verdicts", "export", str(site / "out"), "-c", str(site / "thapcanh.toml")])
    assert code == exit_codes.MISUSED
    assert list((site / "out").iterdir()) == []


def test_nothing_leaves_where_people_cannot_be_hidden(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdict_export, "can_be_hidden", lambda _: False)
    code = main(["verdicts", "export", str(site / "out"), "-c", str(site / "thapcanh.toml")])
    assert code != exit_codes.OK
    assert not (site / "out").exists()
