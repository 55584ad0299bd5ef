"""A case made anew by a forger, its manifest made to fit: the seal of its log finds it."""

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.app.alert.cases import alert_with_files, printed, resealed, sha256, unzipped, verified
from tests.app.alert.test_history import MakeDesk
from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.store.action_log import entry_hash
from thapcanh.alerts.store.roles import Role


@pytest.fixture
def desk(desk_of: MakeDesk) -> Desk:
    """A leader's, who may take the originals away."""
    return desk_of("an", Role.LEADER)


def test_a_forged_log_extract_is_named_even_when_it_is_listed_anew(
    centre: Centre, desk: Desk, tmp_path: Path
) -> None:
    alert = alert_with_files(centre)
    desk.act(alert, "acknowledge")
    folder = unzipped(desk, alert, tmp_path)
    extract = folder / "action_log.json"
    extract.write_text(extract.read_text("utf-8").replace('"an"', '"chi"'), "utf-8")
    manifest = folder / "manifest.json"
    content = json.loads(manifest.read_text("utf-8"))
    for item in content["files"]:
        if item["name"] == extract.name:
            item["sha256"] = sha256(extract.read_bytes())
    manifest.write_text(json.dumps(content), "utf-8")
    code, words = verified(folder)
    assert code == 1
    assert "action_log.json: broken at entry" in words


@pytest.mark.parametrize("left_out", ["clip.mp4", "snapshot.jpg", "action_log.json"])
def test_a_file_left_out_and_the_manifest_resealed_is_named(
    centre: Centre, desk: Desk, tmp_path: Path, left_out: str
) -> None:
    folder = unzipped(desk, alert_with_files(centre), tmp_path)
    assert verified(folder) == (0, "")
    resealed(folder, left_out, None)
    code, words = verified(folder)
    assert code == 1
    assert left_out in words


def test_a_picture_exchanged_and_the_manifest_resealed_is_named(
    centre: Centre, desk: Desk, tmp_path: Path
) -> None:
    folder = unzipped(desk, alert_with_files(centre), tmp_path)
    resealed(folder, "snapshot.jpg", b"another picture")
    code, words = verified(folder)
    assert code == 1
    assert "snapshot.jpg" in words


@pytest.mark.parametrize("which", [0, 1, -1])
def test_a_log_entry_left_out_and_the_manifest_resealed_is_named(
    centre: Centre, desk: Desk, tmp_path: Path, which: int
) -> None:
    alert = alert_with_files(centre)
    desk.act(alert, "acknowledge")
    folder = unzipped(desk, alert, tmp_path)
    log = json.loads((folder / "action_log.json").read_text("utf-8"))
    del log["entries"][which]
    resealed(folder, "action_log.json", json.dumps(log).encode())
    code, words = verified(folder)
    assert code == 1
    assert "action_log.json" in words


def _forged(folder: Path) -> None:
    """Where the alert was, told otherwise."""
    content = json.loads((folder / "alert.json").read_text("utf-8"))
    content |= {"place": "Nơi khác", "lat": 21.5, "lon": 105.1}
    resealed(folder, "alert.json", json.dumps(content).encode())


def test_a_place_rewritten_in_the_alert_and_the_manifest_resealed_is_named(
    centre: Centre, desk: Desk, tmp_path: Path
) -> None:
    folder = unzipped(desk, alert_with_files(centre), tmp_path)
    seal = json.loads((folder / "manifest.json").read_text("utf-8"))["seal"]
    _forged(folder)
    code, words = verified(folder, "--seal", seal)
    assert (code, "alert.json is not as the log lists it" in words) == (1, True)


def test_every_file_of_a_case_is_in_its_seal(centre: Centre, desk: Desk, tmp_path: Path) -> None:
    case = unzipped(desk, alert_with_files(centre), tmp_path)
    seal = json.loads((case / "manifest.json").read_text("utf-8"))["seal"]
    files = sorted(path.name for path in case.iterdir())
    assert len(files) == 6
    for name in files:
        forged = tmp_path / f"forged-{name}"
        shutil.copytree(case, forged)
        resealed(forged, name, (case / name).read_bytes().rstrip() + b" ")
        if name == "manifest.json":  # its words, not its spaces
            content = json.loads((case / name).read_text("utf-8"))
            (forged / name).write_text(json.dumps(content | {"made_by": "khac"}), "utf-8")
        code, words = verified(forged, "--seal", seal)
        assert (code, name in words) == (1, True), (name, words)


@pytest.mark.parametrize("extra", ["more.jpg", ".hidden", "folder"])
def test_a_file_put_into_a_case_is_named(
    centre: Centre, desk: Desk, tmp_path: Path, extra: str
) -> None:
    folder = unzipped(desk, alert_with_files(centre), tmp_path)
    (folder / extra).mkdir() if extra == "folder" else (folder / extra).write_bytes(b"x")
    code, words = verified(folder)
    assert (code, f"{extra}: not_listed" in words) == (1, True)


def test_a_case_of_before_verifies_for_what_it_sealed_and_says_what_it_does_not(
    centre: Centre, desk: Desk, tmp_path: Path
) -> None:
    folder = unzipped(desk, alert_with_files(centre), tmp_path)
    seal = _as_made_before(folder)
    code, _ = verified(folder, "--seal", seal)
    assert code == 0
    said = printed(folder, "--seal", seal)
    for name in ("alert.json", "DOC-TRUOC.txt", "manifest.json"):
        assert re.search(rf"{name}.* is not in the seal", said), name
    resealed(folder, "snapshot.jpg", b"another picture")
    assert verified(folder, "--seal", seal)[0] == 1


def _as_made_before(folder: Path) -> str:
    """The case as it was made when its entry listed evidence alone; its seal."""
    log = json.loads((folder / "action_log.json").read_text("utf-8"))
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    entries, last = log["entries"][:-1], log["entries"][-1]
    evidence = sorted(
        (one["name"], one["sha256"]) for one in manifest["files"] if one["kind"] != "text"
    )
    details = {
        "entries": len(entries),
        "entries_sha256": _compact_sha256([one["hash"] for one in entries]),
        "case_files": len(evidence),
        "case_files_sha256": _compact_sha256(evidence),
    }
    last["details"] = json.dumps(details, sort_keys=True)
    last["hash"] = entry_hash(last, last["prev_hash"])
    resealed(folder, "action_log.json", json.dumps(log).encode())
    return str(last["hash"])


def _compact_sha256(value: object) -> str:
    return sha256(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def test_a_case_made_anew_is_found_by_the_seal_that_was_kept_elsewhere(
    centre: Centre, desk: Desk, tmp_path: Path
) -> None:
    folder = unzipped(desk, alert_with_files(centre), tmp_path)
    seal = json.loads((folder / "manifest.json").read_text("utf-8"))["seal"]
    assert verified(folder, "--seal", seal) == (0, "")
    code, words = verified(folder, "--seal", "0" * 64)
    assert code == 1
    assert "not with the one given" in words
