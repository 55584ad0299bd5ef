"""A case folder proves itself offline, and what was altered is named."""

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.app.alert.cases import alert_with_files, sha256, unzipped, verified
from tests.app.alert.test_history import MakeDesk
from tests.app.web_api.centre import Centre, Desk
from tests.app.web_api.exported import ordered
from thapcanh.alerts.store.action_log import entry_hash
from thapcanh.alerts.store.roles import DataFilter, Role


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
    alert = alert_with_files(centre)
    desk.act(alert, "acknowledge")
    folder = unzipped(desk, alert, tmp_path)
    names = {path.name for path in folder.iterdir()}
    assert names >= {"manifest.json", "alert.json", "action_log.json", "snapshot.jpg", "clip.mp4"}
    assert verified(folder) == (0, "")
    log = json.loads((folder / "action_log.json").read_text("utf-8"))
    assert all(entry_hash(entry, entry["prev_hash"]) == entry["hash"] for entry in log["entries"])
    (folder / "clip.mp4").write_bytes(b"another film")
    code, words = verified(folder)
    assert code == 1
    assert "clip.mp4: changed" in words


def test_what_was_altered_on_the_disk_is_neither_shown_nor_exported_in_silence(
    centre: Centre, desk: Desk, tmp_path: Path
) -> None:
    alert = alert_with_files(centre)
    shown = desk.get(f"/api/v1/alerts/{alert}").json()["snapshot"]
    assert desk.get(shown).status_code == 200
    (centre.evidence_root / "case" / "snapshot.jpg").write_bytes(b"bytes of snapshot.jpG")
    refused = desk.get(shown)
    assert (refused.status_code, refused.json()["error"]) == (409, "evidence_changed")
    folder = unzipped(desk, alert, tmp_path)
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["altered"] == ["snapshot.jpg"]
    code, words = verified(folder)
    assert code == 1
    assert "snapshot.jpg: changed" in words


def test_the_case_folders_manifest_is_sealed_in_the_log(
    centre: Centre, desk: Desk, tmp_path: Path
) -> None:
    alert = alert_with_files(centre)
    folder = unzipped(desk, alert, tmp_path)
    entry = centre.archive.log_of(alert)[-1]
    assert entry.action == "case_exported"
    assert entry.details["manifest_sha256"] == sha256((folder / "manifest.json").read_bytes())


def test_a_file_that_was_lost_on_the_disk_is_said_to_be_missing(
    centre: Centre, desk: Desk, tmp_path: Path
) -> None:
    alert = alert_with_files(centre)
    (centre.evidence_root / "case" / "clip.mp4").unlink()
    code, words = verified(unzipped(desk, alert, tmp_path))
    assert code == 1
    assert "clip.mp4: missing" in words


def test_nobody_reaches_a_case_out_of_sight(centre: Centre, desk_of: MakeDesk) -> None:
    alert = centre.raise_alert("cam-1")
    other = desk_of("khac", Role.AGENCY, DataFilter(agencies=frozenset({"csgt"})))
    assert other.get(f"/api/v1/alerts/{alert}/chain").status_code == 404
    assert ordered(other, what="case", alert=alert).status_code == 404


def _head(centre: Centre) -> tuple[int, str]:
    verdict = centre.archive.verify_chain()
    assert verdict.ok
    return verdict.entries, verdict.last_hash


def _tamper(centre: Centre, statement: str) -> None:
    with centre.archive.database.writing() as connection:
        changed: Any = connection.execute(sa.text(statement))
        assert changed.rowcount == 1
