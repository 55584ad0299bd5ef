"""A case folder proves itself offline, and what was altered is named."""

import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from alerts.action_log import entry_hash
from alerts.lifecycle.roles import DataFilter, Role
from alerts.message import EvidenceKind, EvidenceRef
from tests.app.api.alerts.test_history import MakeDesk
from tests.app.api.centre import Centre, Desk
from tests.app.api.exported import fetched, ordered


@pytest.fixture
def desk(desk_of: MakeDesk) -> Desk:
    """A leader's, who may take the originals away."""
    return desk_of("an", Role.LEADER)


def test_the_chain_of_an_alert_is_proven_and_a_change_is_named(centre: Centre, desk: Desk) -> None:
    alert = centre.raise_alert()
    desk.act(alert, "acknowledge", note="đã xem")
    good = desk.get(f"/api/v1/alerts/{alert}/chain").json()
    assert good["ok"]
    assert good["entries"] == 2
    assert (good["head_seq"], good["head_hash"]) == _head(centre)
    _tamper(centre, "UPDATE action_log SET note = 'khác' WHERE note IS NOT NULL")
    bad = desk.get(f"/api/v1/alerts/{alert}/chain").json()
    assert not bad["ok"]
    assert bad["why"] == "was changed"


def test_an_entry_taken_out_of_the_log_is_noticed(centre: Centre, desk: Desk) -> None:
    alert = centre.raise_alert()
    desk.act(alert, "acknowledge")
    centre.raise_alert("cam-2")
    _tamper(centre, "DELETE FROM action_log WHERE action = 'acknowledge'")
    bad = desk.get(f"/api/v1/alerts/{alert}/chain").json()
    assert (bad["ok"], bad["why"]) == (False, "missing")


def test_a_case_folder_is_proven_offline_and_a_changed_byte_is_named(
    centre: Centre, desk: Desk, tmp_path: Path
) -> None:
    alert = _alert_with_files(centre)
    desk.act(alert, "acknowledge")
    folder = _unzipped(desk, alert, tmp_path)
    names = {path.name for path in folder.iterdir()}
    assert names >= {"manifest.json", "alert.json", "action_log.json", "snapshot.jpg", "clip.mp4"}
    assert _verified(folder) == (0, "")
    log = json.loads((folder / "action_log.json").read_text("utf-8"))
    assert all(entry_hash(entry, entry["prev_hash"]) == entry["hash"] for entry in log["entries"])
    (folder / "clip.mp4").write_bytes(b"another film")
    code, words = _verified(folder)
    assert code == 1
    assert "clip.mp4: changed" in words


def test_a_forged_log_extract_is_named_even_when_it_is_listed_anew(
    centre: Centre, desk: Desk, tmp_path: Path
) -> None:
    alert = _alert_with_files(centre)
    desk.act(alert, "acknowledge")
    folder = _unzipped(desk, alert, tmp_path)
    extract = folder / "action_log.json"
    extract.write_text(extract.read_text("utf-8").replace('"an"', '"chi"'), "utf-8")
    manifest = folder / "manifest.json"
    content = json.loads(manifest.read_text("utf-8"))
    for item in content["files"]:
        if item["name"] == extract.name:
            item["sha256"] = _sha256(extract.read_bytes())
    manifest.write_text(json.dumps(content), "utf-8")
    code, words = _verified(folder)
    assert code == 1
    assert "action_log.json: broken at entry" in words


def _resealed(folder: Path, name: str, content: bytes | None) -> None:
    """A file changed or left out, and the manifest made to fit."""
    manifest = folder / "manifest.json"
    listed = json.loads(manifest.read_text("utf-8"))
    if content is None:
        (folder / name).unlink()
        listed["files"] = [item for item in listed["files"] if item["name"] != name]
    else:
        (folder / name).write_bytes(content)
        for item in listed["files"]:
            if item["name"] == name:
                item |= {"sha256": _sha256(content), "bytes": len(content)}
    manifest.write_text(json.dumps(listed), "utf-8")


@pytest.mark.parametrize("left_out", ["clip.mp4", "snapshot.jpg", "action_log.json"])
def test_a_file_left_out_and_the_manifest_resealed_is_named(
    centre: Centre, desk: Desk, tmp_path: Path, left_out: str
) -> None:
    folder = _unzipped(desk, _alert_with_files(centre), tmp_path)
    assert _verified(folder) == (0, "")
    _resealed(folder, left_out, None)
    code, words = _verified(folder)
    assert code == 1
    assert left_out in words


def test_a_picture_exchanged_and_the_manifest_resealed_is_named(
    centre: Centre, desk: Desk, tmp_path: Path
) -> None:
    folder = _unzipped(desk, _alert_with_files(centre), tmp_path)
    _resealed(folder, "snapshot.jpg", b"another picture")
    code, words = _verified(folder)
    assert code == 1
    assert "snapshot.jpg" in words


@pytest.mark.parametrize("which", [0, 1, -1])
def test_a_log_entry_left_out_and_the_manifest_resealed_is_named(
    centre: Centre, desk: Desk, tmp_path: Path, which: int
) -> None:
    alert = _alert_with_files(centre)
    desk.act(alert, "acknowledge")
    folder = _unzipped(desk, alert, tmp_path)
    log = json.loads((folder / "action_log.json").read_text("utf-8"))
    del log["entries"][which]
    _resealed(folder, "action_log.json", json.dumps(log).encode())
    code, words = _verified(folder)
    assert code == 1
    assert "action_log.json" in words


def test_a_case_made_anew_is_found_by_the_seal_that_was_kept_elsewhere(
    centre: Centre, desk: Desk, tmp_path: Path
) -> None:
    folder = _unzipped(desk, _alert_with_files(centre), tmp_path)
    seal = json.loads((folder / "manifest.json").read_text("utf-8"))["seal"]
    assert _verified(folder, "--seal", seal) == (0, "")
    code, words = _verified(folder, "--seal", "0" * 64)
    assert code == 1
    assert "not with the one given" in words


def test_what_was_altered_on_the_disk_is_neither_shown_nor_exported_in_silence(
    centre: Centre, desk: Desk, tmp_path: Path
) -> None:
    alert = _alert_with_files(centre)
    shown = desk.get(f"/api/v1/alerts/{alert}").json()["snapshot"]
    assert desk.get(shown).status_code == 200
    (centre.evidence_root / "case" / "snapshot.jpg").write_bytes(b"bytes of snapshot.jpG")
    refused = desk.get(shown)
    assert (refused.status_code, refused.json()["error"]) == (409, "evidence_changed")
    folder = _unzipped(desk, alert, tmp_path)
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["altered"] == ["snapshot.jpg"]
    code, words = _verified(folder)
    assert code == 1
    assert "snapshot.jpg: changed" in words


def test_the_case_folders_manifest_is_sealed_in_the_log(
    centre: Centre, desk: Desk, tmp_path: Path
) -> None:
    alert = _alert_with_files(centre)
    folder = _unzipped(desk, alert, tmp_path)
    entry = centre.archive.log_of(alert)[-1]
    assert entry.action == "case_exported"
    assert entry.details["manifest_sha256"] == _sha256((folder / "manifest.json").read_bytes())


def test_a_file_that_was_lost_on_the_disk_is_said_to_be_missing(
    centre: Centre, desk: Desk, tmp_path: Path
) -> None:
    alert = _alert_with_files(centre)
    (centre.evidence_root / "case" / "clip.mp4").unlink()
    code, words = _verified(_unzipped(desk, alert, tmp_path))
    assert code == 1
    assert "clip.mp4: missing" in words


def test_nobody_reaches_a_case_out_of_sight(centre: Centre, desk_of: MakeDesk) -> None:
    alert = centre.raise_alert("cam-1")
    other = desk_of("khac", Role.AGENCY, DataFilter(agencies=frozenset({"csgt"})))
    assert other.get(f"/api/v1/alerts/{alert}/chain").status_code == 404
    assert ordered(other, what="case", alert=alert).status_code == 404


def _alert_with_files(centre: Centre) -> str:
    files = []
    for name, kind in (("snapshot.jpg", EvidenceKind.SNAPSHOT), ("clip.mp4", EvidenceKind.CLIP)):
        ref = centre.file(f"case/{name}", f"bytes of {name}".encode(), kind)
        sha256 = _sha256(f"bytes of {name}".encode())
        files.append(EvidenceRef(kind=kind, path=ref.path, sha256=sha256, bytes=ref.bytes))
    return centre.raise_alert(evidence=tuple(files))


def _unzipped(desk: Desk, alert: str, folder: Path) -> Path:
    answer = fetched(desk, unblurred=True, what="case", alert=alert)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as case:
        assert case.testzip() is None
        case.extractall(folder)
    (made,) = {name.partition("/")[0] for name in case.namelist()}
    assert re.fullmatch(r"CB-\d{8}-\d{6}", made)
    return folder / made


def _verified(folder: Path, *options: str) -> tuple[int, str]:
    """What `thapcanh verify` says of the folder; nothing when all is well."""
    words = [sys.executable, "-m", "app", "verify", str(folder), *options]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout if done.returncode else done.stderr


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _head(centre: Centre) -> tuple[int, str]:
    verdict = centre.archive.verify_chain()
    assert verdict.ok
    return verdict.entries, verdict.last_hash


def _tamper(centre: Centre, statement: str) -> None:
    with centre.archive.database.writing() as connection:
        changed: Any = connection.execute(sa.text(statement))
        assert changed.rowcount == 1
