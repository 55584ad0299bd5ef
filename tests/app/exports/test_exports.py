"""What leaves the desk is blurred; a leader takes originals, for a purpose that is logged."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.app.exports.people import PICTURE
from tests.app.web_api.centre import Centre, Desk
from tests.app.web_api.exported import EXPORTS, PURPOSE, ended, fetched, ordered
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.site.site_paths import user_cache_dir

MakeDesk = Callable[..., Desk]


def alert_with_people(centre: Centre) -> tuple[str, str]:
    """An alert with a picture of people and a film that nobody can read; its picture's id."""
    alert = centre.raise_alert(
        evidence=(
            centre.file("e/snapshot.jpg", PICTURE.read_bytes(), EvidenceKind.SNAPSHOT),
            centre.file("e/clip.mp4", b"no film", EvidenceKind.CLIP),
            centre.file("e/manifest.json", b"{}", EvidenceKind.MANIFEST),
        )
    )
    records = centre.archive.evidence_of(alert)
    return alert, next(one.id for one in records if one.kind is EvidenceKind.SNAPSHOT)


def sharpness(jpeg: bytes) -> float:
    """Of the middle of the picture, where its people stand."""
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert picture is not None
    part = picture[420:850, 60:800].astype(np.float32)
    return float(np.median(np.abs(cv2.Laplacian(part, cv2.CV_32F))))


@pytest.mark.usefixtures("own_cache")
def test_a_case_is_blurred_and_proven_and_names_its_originals_and_what_is_left_out(
    centre: Centre, desk: Desk, tmp_path: Path
) -> None:
    facts = centre.site().site.model_copy(update={"cache_dir": user_cache_dir()})
    centre.site.replace(centre.site().model_copy(update={"site": facts}))
    alert, _ = alert_with_people(centre)
    answer = fetched(desk, what="case", alert=alert)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as case:
        case.extractall(tmp_path / "case")
    (folder,) = (tmp_path / "case").iterdir()
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    (copy,) = [one for one in manifest["files"] if one["kind"] == "blurred_copy"]
    assert copy["name"] == "snapshot.da-lam-mo.jpg"
    originals = {one.kind: one.sha256 for one in centre.archive.evidence_of(alert)}
    assert copy["derived_from"]["sha256"] == originals[EvidenceKind.SNAPSHOT]
    assert [one["sha256"] for one in manifest["not_copied"]] == [originals[EvidenceKind.CLIP]]
    assert (manifest["blurred"], manifest["purpose"]) == (True, None)
    assert not {"snapshot.jpg", "clip.mp4"} & {path.name for path in folder.iterdir()}
    hidden = (folder / copy["name"]).read_bytes()
    assert sharpness(hidden) < 1.5
    assert sharpness(PICTURE.read_bytes()) > 4.0
    assert "ĐÃ LÀM MỜ" in (folder / "DOC-TRUOC.txt").read_text("utf-8")
    assert verified(folder) == 0
    manifest["not_copied"][0]["sha256"] = "0" * 64
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    assert verified(folder) == 1


def verified(folder: Path) -> int:
    words = [sys.executable, "-m", "thapcanh", "verify", str(folder)]
    return subprocess.run(words, capture_output=True, check=False).returncode


def test_a_leader_takes_the_original_and_log_and_manifest_say_why(
    centre: Centre, desk_of: MakeDesk
) -> None:
    leader = desk_of("chi-huy", Role.LEADER)
    alert, picture = alert_with_people(centre)
    refused = leader.post(
        f"{EXPORTS}/unblurred",
        json={"what": "case", "alert": alert},
        headers={"X-CSRF-Token": leader.csrf},
    )
    assert (refused.status_code, refused.json()["error"]) == (422, "export_purpose")
    taken = fetched(leader, unblurred=True, what="evidence", evidence=picture)
    assert taken.content == PICTURE.read_bytes()
    assert 'filename="CB-' in taken.headers["content-disposition"]
    case = fetched(leader, unblurred=True, what="case", alert=alert)
    with zipfile.ZipFile(io.BytesIO(case.content)) as packed:
        (name,) = [one for one in packed.namelist() if one.endswith("/manifest.json")]
        manifest: dict[str, Any] = json.loads(packed.read(name))
    assert (manifest["blurred"], manifest["purpose"]) == (False, PURPOSE)
    assert manifest["made_by"] == "chi-huy"
    log = {one.action: one for one in centre.archive.log_of(alert)}
    for action in ("evidence_exported", "case_exported"):
        assert log[action].actor == "chi-huy"
        assert log[action].details["purpose"] == PURPOSE
        assert log[action].details["blurred"] is False
    assert centre.archive.verify_chain().ok


def test_nobody_else_gets_an_original_whatever_address_is_asked(
    centre: Centre, desk_of: MakeDesk
) -> None:
    alert, picture = alert_with_people(centre)
    leader = desk_of("chi-huy", Role.LEADER)
    order = ordered(leader, unblurred=True, what="evidence", evidence=picture)
    file = f"{EXPORTS}/{ended(leader, order)['id']}/file"
    viewer = desk_of("xem", Role.VIEWER)
    for role in (Role.OPERATOR, Role.TECHNICIAN, Role.AGENCY, Role.ADMIN, Role.AUDITOR):
        other = desk_of(f"{role.value}-b", role)
        refused = ordered(other, unblurred=True, what="case", alert=alert)
        assert (refused.status_code, refused.json()["error"]) == (403, "not_allowed"), role
        assert other.get(file).status_code == 404, role
        extra = ordered(other, what="case", alert=alert, unblurred_please=True)
        assert extra.status_code == 422
    assert viewer.get(file).status_code == 403
    assert ordered(viewer, what="case", alert=alert).status_code == 403
    foreign = desk_of("csgt", Role.LEADER, DataFilter(agencies=frozenset({"csgt"})))
    for wanted in (
        {"what": "case", "alert": alert},
        {"what": "evidence", "evidence": picture},
        {"what": "recording", "camera": "cam-1", "from": 1.0, "to": 2.0},
    ):
        assert ordered(foreign, unblurred=True, **wanted).status_code == 404, wanted
    assert {one.action for one in centre.archive.log_of(alert)} == {"opened"}


def test_whose_sight_was_narrowed_meanwhile_gets_nothing_that_was_ordered_before(
    centre: Centre, desk_of: MakeDesk
) -> None:
    leader = desk_of("chi-huy", Role.LEADER)
    alert, picture = alert_with_people(centre)
    orders = [
        ended(leader, ordered(leader, unblurred=True, **wanted))["id"]
        for wanted in (
            {"what": "case", "alert": alert},
            {"what": "record_html", "alert": alert},
            {"what": "evidence", "evidence": picture},
        )
    ]
    known = centre.archive.user("chi-huy")
    assert known is not None
    narrowed = replace(known, scope=DataFilter(agencies=frozenset({"csgt"})))
    centre.archive.save_user(narrowed)
    for export_id in orders:
        refused = leader.get(f"{EXPORTS}/{export_id}/file")
        assert (refused.status_code, refused.json()["error"]) == (404, "alert_not_found")
    assert {one.action for one in centre.archive.log_of(alert)} == {"opened"}


def test_an_export_ends_with_the_session_that_ordered_it(centre: Centre, desk_of: MakeDesk) -> None:
    leader = desk_of("chi-huy", Role.LEADER)
    _, picture = alert_with_people(centre)
    made = ended(leader, ordered(leader, unblurred=True, what="evidence", evidence=picture))
    assert made["state"] == "done"
    with Desk(str(leader.base_url)) as elsewhere:
        elsewhere.log_in("chi-huy")
        kept = ended(
            elsewhere, ordered(elsewhere, unblurred=True, what="evidence", evidence=picture)
        )
        own = {"X-CSRF-Token": leader.csrf}
        assert leader.delete("/api/v1/session", headers=own).status_code == 204
        states = [elsewhere.get(f"{EXPORTS}/{one['id']}").json()["state"] for one in (made, kept)]
    assert states == ["cancelled", "done"]


def test_without_a_model_it_is_said_in_one_sentence_and_nothing_leaves(
    centre: Centre, desk: Desk
) -> None:
    detector = centre.site().detector.model_copy(update={"weights": "missing.pt"})
    centre.site.replace(centre.site().model_copy(update={"detector": detector}))
    alert, picture = alert_with_people(centre)
    answer = fetched(desk, what="evidence", evidence=picture)
    assert (answer.status_code, answer.json()["error"]) == (409, "export_no_model")
    assert "chỉ huy" in answer.json()["detail"]
    assert "evidence_exported" not in {one.action for one in centre.archive.log_of(alert)}
