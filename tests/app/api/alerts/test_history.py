"""History: search without marks, filters, counts, exports within one's sight, case folders."""

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from alerts.action_log import entry_hash
from alerts.lifecycle.roles import DataFilter, Role
from alerts.message import EvidenceKind, EvidenceRef
from app.api.alerts import history_routes
from tests.app.api.centre import Centre, Desk

MakeDesk = Callable[..., Desk]
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def numbers(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


def named_camera(centre: Centre, name: str) -> None:
    """The first camera gets a name; alerts raised from now on carry it."""
    site = centre.site()
    first = site.cameras[0].model_copy(update={"name": name})
    centre.site.replace(site.model_copy(update={"cameras": (first, *site.cameras[1:])}))


@pytest.mark.parametrize("typed", ["hoà", "HÒA", "hoa", "dong da", "ĐỐNG", "đống hoà"])
def test_search_minds_neither_marks_nor_case(centre: Centre, desk: Desk, typed: str) -> None:
    named_camera(centre, "Đống Đa, phố Hoà Mã")
    wanted = centre.raise_alert("cam-1")
    centre.raise_alert("cam-2")
    assert numbers(desk.get("/api/v1/alerts", params={"q": typed})) == [wanted]


def test_search_finds_numbers_and_notes_and_takes_percent_as_a_letter(
    centre: Centre, desk: Desk
) -> None:
    first, second = centre.raise_alert("cam-1"), centre.raise_alert("cam-2")
    assert desk.act(first, "acknowledge").status_code == 200
    said = {"reason": "votive_paper", "note": "Đốt vàng mã 100% trước cửa"}
    assert desk.act(first, "reject", 2, **said).status_code == 200
    number = desk.get(f"/api/v1/alerts/{second}").json()["number"]
    assert numbers(desk.get("/api/v1/alerts", params={"q": "VANG MA"})) == [first]
    assert numbers(desk.get("/api/v1/alerts", params={"q": "100%"})) == [first]
    assert numbers(desk.get("/api/v1/alerts", params={"q": "%"})) == [first]
    assert numbers(desk.get("/api/v1/alerts", params={"q": number[-6:]})) == [second]


def test_filters_by_area_agency_outcome_and_reason(centre: Centre, desk: Desk) -> None:
    first, second = centre.raise_alert("cam-1"), centre.raise_alert("cam-2")
    desk.act(first, "acknowledge")
    desk.act(first, "reject", 2, reason="steam")

    def found(**query: str) -> list[str]:
        return numbers(desk.get("/api/v1/alerts", params=query))

    assert found(area="hoan-kiem") == [first]
    assert found(agency="csgt") == [second]
    assert found(outcome="rejected") == [first]
    assert found(outcome="none") == [second]
    assert found(outcome="confirmed") == []
    assert found(reject_reason="steam") == [first]
    assert found(reject_reason="fog") == []
    assert desk.get("/api/v1/alerts", params={"outcome": "maybe"}).status_code == 422


def test_the_count_stops_at_its_limit(
    centre: Centre, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        centre.raise_alert()
    assert desk.get("/api/v1/history/count").json() == {"count": 3, "more": False}
    monkeypatch.setattr(history_routes, "COUNT_UP_TO", 2)
    assert desk.get("/api/v1/history/count").json() == {"count": 2, "more": True}


def test_csv_holds_what_may_be_seen_with_bom_and_without_formulas(
    centre: Centre, desk_of: MakeDesk
) -> None:
    named_camera(centre, '=HYPERLINK("http://evil")')
    centre.raise_alert("cam-1")
    centre.raise_alert("cam-2")
    agency = desk_of("pc", Role.AGENCY, DataFilter(agencies=frozenset({"pc07"})))
    answer = agency.get("/api/v1/history/export.csv", headers={"Accept-Language": "vi"})
    assert answer.status_code == 200
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert "attachment" in answer.headers["content-disposition"]
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    (row,) = table
    assert row["Camera"].startswith("'=HYPERLINK")
    assert (row["Khu vực"], row["Đơn vị"]) == ("Hoàn Kiếm", "PCCC")
    assert row["Loại"] == "Nghi cháy · lửa"


def test_notes_are_exported_in_order_and_are_no_formulas(centre: Centre, desk: Desk) -> None:
    alert = centre.raise_alert()
    desk.act(alert, "acknowledge", note="-1+1")
    desk.act(alert, "reject", 2, reason="fog", note="sương mù")
    text = desk.get("/api/v1/history/export.csv", headers={"Accept-Language": "vi"}).content
    (row,) = csv.DictReader(io.StringIO(text.decode("utf-8-sig")))
    assert row["Ghi chú"] == "'-1+1 | sương mù"


def test_a_time_in_the_table_has_its_name_also_when_the_lease_ran_out(
    centre: Centre, desk: Desk
) -> None:
    alert = centre.raise_alert(priority=1)
    desk.act(alert, "acknowledge")
    centre.clock.at += 130
    assert centre.archive.expire_leases(centre.clock.at) == [alert]
    text = desk.get("/api/v1/history/export.csv", headers={"Accept-Language": "vi"}).content
    (row,) = csv.DictReader(io.StringIO(text.decode("utf-8-sig")))
    assert row["Lúc nhận"] != ""
    assert row["Người nhận"] == "Đồng chí an"
    assert row["Đang do ai xử lý"] == ""


def test_a_confirmed_fire_is_no_suspicion_in_the_table(centre: Centre, desk: Desk) -> None:
    alert = centre.raise_alert()
    desk.act(alert, "acknowledge")
    desk.act(alert, "confirm", 2)
    desk.act(alert, "close", 3)
    text = desk.get("/api/v1/history/export.csv", headers={"Accept-Language": "vi"}).content
    (row,) = csv.DictReader(io.StringIO(text.decode("utf-8-sig")))
    assert (row["Loại"], row["Trạng thái"]) == ("Cháy · lửa", "Đã đóng")


def test_xlsx_holds_texts_as_texts(centre: Centre, desk: Desk) -> None:
    named_camera(centre, "=1+1 <b>&")
    centre.raise_alert("cam-1")
    answer = desk.get("/api/v1/history/export.xlsx", headers={"Accept-Language": "en"})
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        assert book.testzip() is None
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 our own
        for name in book.namelist():
            ET.fromstring(book.read(name))  # noqa: S314 every part is well-formed
    cells = [cell for cell in sheet.iter(f"{SHEET}c") if "".join(cell.itertext()) == "=1+1 <b>&"]
    (cell,) = cells
    assert cell.get("t") == "inlineStr"
    assert not list(sheet.iter(f"{SHEET}f"))


def test_an_export_is_in_the_log_before_it_is_sent(centre: Centre, desk: Desk) -> None:
    centre.raise_alert()
    desk.get("/api/v1/history/export.csv", params={"kind": "fire"})
    (entry,) = centre.archive.log_of("history")
    assert (entry.action, entry.actor) == ("history_exported", "an")
    assert entry.details == {"form": "csv", "rows": 1, "filter": {"kinds": ["fire"]}}


def test_an_export_that_is_too_large_is_refused(
    centre: Centre, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre.raise_alert()
    centre.raise_alert()
    monkeypatch.setattr(history_routes, "MOST_ROWS", 1)
    answer = desk.get("/api/v1/history/export.csv")
    assert (answer.status_code, answer.json()["error"]) == (422, "export_too_large")
    assert centre.archive.log_of("history") == []


def test_a_viewer_takes_nothing_away(centre: Centre, desk_of: MakeDesk) -> None:
    alert = centre.raise_alert()
    viewer = desk_of("xem", Role.VIEWER)
    for path in ("history/export.csv", "history/export.xlsx", f"alerts/{alert}/case.zip"):
        assert viewer.get(f"/api/v1/{path}").status_code == 403


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
    for path in ("case.zip", "chain"):
        assert other.get(f"/api/v1/alerts/{alert}/{path}").status_code == 404


def _alert_with_files(centre: Centre) -> str:
    files = []
    for name, kind in (("snapshot.jpg", EvidenceKind.SNAPSHOT), ("clip.mp4", EvidenceKind.CLIP)):
        ref = centre.file(f"case/{name}", f"bytes of {name}".encode(), kind)
        sha256 = _sha256(f"bytes of {name}".encode())
        files.append(EvidenceRef(kind=kind, path=ref.path, sha256=sha256, bytes=ref.bytes))
    return centre.raise_alert(evidence=tuple(files))


def _unzipped(desk: Desk, alert: str, folder: Path) -> Path:
    answer = desk.get(f"/api/v1/alerts/{alert}/case.zip")
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
