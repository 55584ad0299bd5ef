"""Drills over the web API: who may start one, what is told of it, and the mark in all exports."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.app.web_api.centre import Centre, Desk
from tests.app.web_api.exported import fetched
from tests.made_archives import archive_at
from thapcanh.alerts.drills.drill_store import DrillRepository
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter, Role
from thapcanh.app.cli.main import main


def ask(desk: Desk, path: str, **body: str) -> httpx.Response:
    return desk.post(f"/api/v1{path}", headers={"X-CSRF-Token": desk.csrf}, json=body or None)


def test_a_leader_starts_reads_and_ends_a_drill(
    centre: Centre, desk_of: Callable[..., Desk]
) -> None:
    leader = desk_of("le", Role.LEADER)
    names = leader.get("/api/v1/drills/scenarios").json()["items"]
    assert {each["id"] for each in names} >= {"made-fire", "made-lamps"}
    begun = ask(leader, "/drills", scenario="made-fire", camera="cam-1")
    assert begun.status_code == 201, begun.text
    drill = begun.json()
    assert (drill["outcome"], drill["right_verdict"]) == ("running", "confirmed")
    assert drill["started_by"]["username"] == "le"
    again = ask(leader, "/drills", scenario="made-fire", camera="cam-2")
    assert (again.status_code, again.json()["error"]) == (409, "drill_runs")
    running = DrillRepository(centre.archive.database).running()
    assert running is not None
    alert = centre.raise_alert("cam-1", exercise=True, event_id=running.event_id)
    leader.act(alert, "acknowledge")
    shown = leader.get("/api/v1/drills").json()
    assert shown["running"]["alert"] == alert
    assert shown["running"]["acknowledged_by"]["username"] == "le"
    ended = ask(leader, f"/drills/{drill['id']}/end").json()
    assert (ended["outcome"], ended["ended_by"]["username"]) == ("missed", "le")
    assert leader.get(f"/api/v1/alerts/{alert}").json()["state"] == "closed"
    assert ask(leader, f"/drills/{drill['id']}/end").json() == ended
    assert leader.get("/api/v1/drills").json()["running"] is None


def test_what_is_not_there_or_not_mine_cannot_be_drilled(
    centre: Centre, desk_of: Callable[..., Desk]
) -> None:
    traffic = DataFilter(agencies=frozenset({"csgt"}))
    leader = desk_of("le", Role.LEADER)
    other = desk_of("giang", Role.LEADER, scope=traffic)
    assert ask(leader, "/drills", scenario="nothing", camera="cam-1").status_code == 404
    assert ask(other, "/drills", scenario="made-fire", camera="cam-1").status_code == 404
    drill = ask(leader, "/drills", scenario="made-fire", camera="cam-1").json()
    assert other.get("/api/v1/drills").json() == {"running": None, "items": [], "more": False}
    assert ask(other, f"/drills/{drill['id']}/end").status_code == 404


def test_the_mark_stands_in_lists_and_exports(centre: Centre, desk: Desk) -> None:
    drill = centre.raise_alert("cam-1", exercise=True)
    real = centre.raise_alert("cam-1")
    listed = {each["id"]: each["exercise"] for each in desk.get("/api/v1/alerts").json()["items"]}
    assert listed == {drill: True, real: False}
    only = desk.get("/api/v1/alerts", params={"exercise": "true"}).json()["items"]
    assert [each["id"] for each in only] == [drill]
    table = desk.get("/api/v1/history/export.csv", headers={"Accept-Language": "vi"}).text
    marks = [line for line in table.splitlines() if "DIỄN TẬP" in line]
    assert len(marks) == 1
    case = fetched(desk, what="case", alert=drill)
    assert 'filename="DIEN-TAP-' in case.headers["content-disposition"]
    assert "DIỄN TẬP".encode() in _guide(case.content)
    assert "DIỄN TẬP".encode() not in _guide(fetched(desk, what="case", alert=real).content)


def _guide(packed: bytes) -> bytes:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(packed)) as case:
        return next(case.read(name) for name in case.namelist() if name.endswith("DOC-TRUOC.txt"))


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    text = '[site]\ndata_dir = "."\n[[cameras]]\nid = "cam-1"\nname = "A"\nsource = "rtsp://h/a"\n'
    path = tmp_path / "thapcanh.toml"
    path.write_text(text, encoding="utf-8")
    centre = Centre(archive=archive_at(tmp_path / "archive.sqlite"), folder=tmp_path)
    centre.add_user("le", Role.LEADER)
    centre.add_user("an", Role.OPERATOR)
    yield path
    centre.archive.close()


def test_the_same_from_the_command_line(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start = ["drill", "start", "made-fire", "cam-1", "-c", str(config)]
    unlike = ["drill", "start", "made-rain", "cam-1", "-c", str(config), "--by", "le"]
    elsewhere = ["drill", "start", "made-fire", "cam-9", "-c", str(config), "--by", "le"]
    for order, said in (
        ([*start, "--by", "an"], "'an' is no leader's account"),
        (start, "give --by"),
        (unlike, "no scenario 'made-rain'"),
        (elsewhere, "no camera 'cam-9'"),
    ):
        assert main(order) == 1
        assert said in capsys.readouterr().err
    assert main([*start, "--by", "le"]) == 0
    assert main([*start, "--by", "le"]) == 1
    capsys.readouterr()
    assert main(["drill", "scores", "-c", str(config)]) == 0
    assert "made-fire\tcam-1\trunning" in capsys.readouterr().out
    assert main(["drill", "end", "-c", str(config), "--by", "le"]) == 0
    assert main(["drill", "list", "-c", str(config)]) == 0
    assert "made-lamps\tfire\tP1\trejected" in capsys.readouterr().out
    archive = archive_at(config.parent / "archive.sqlite")
    (found,) = DrillRepository(archive.database).scores(5, EVERYTHING)
    archive.close()
    assert found.drill.ended_at is not None
    assert found.drill.ended_at <= time.time()
