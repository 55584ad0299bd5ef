"""The walk "A new rule" of CONTRIBUTING.md, walked: its file, dropped in, is a rule everywhere."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.alerts.queue.fake_events import FIRST_AT, fake_message
from tests.app.web_api.centre import Centre, Desk, serving
from tests.detection.rule_film import RuleFilm, car, person, told
from tests.made_archives import archive_at
from tests.walks import blocks
from tests.walks import dropped_in as dropped
from thapcanh.alerts.incidents.kinds import ClassGroup, IncidentKind, alert_kinds, kind_of_alert
from thapcanh.alerts.queue.message import encode
from thapcanh.alerts.queue.sender_check import SenderCheck, SenderKnowledge
from thapcanh.alerts.store.roles import Role
from thapcanh.app.centre.intake import allowed_labels
from thapcanh.app.reports.export_words import ExportVocabulary
from thapcanh.app.site.site_file import load_site
from thapcanh.app.web_api.language import Language
from thapcanh.config.load import Loaded
from thapcanh.detection import rules as folder
from thapcanh.detection.event import EventPhase
from thapcanh.detection.rules.registry import registry

KIND = "blocked_exit"
CAMERA = """
[[cameras]]
id = "gate"
name = "Gate"
source = "rtsp://camera/1"
[[cameras.zones]]
id = "yard"
name = "Yard"
polygon = [[0.0, 0.5], [1.0, 0.5], [1.0, 1.0], [0.0, 1.0]]
"""
SCENARIO = """
[[drills.scenarios]]
id = "stairs"
name = "Stairs"
video = "stairs.mp4"
kind = "blocked_exit"
"""


def _blocks(language: str) -> list[str]:
    return blocks("A new rule", language)


@pytest.fixture(params=["in the folder", "in a package from outside"])
def dropped_in(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    """The walk's file lies where the walk says; nothing else of the house is touched."""
    with dropped(
        "A new rule",
        KIND,
        folder,
        tmp_path / "room",
        forget=registry.cache_clear,
        as_package=request.param == "in a package from outside",
    ):
        yield


def _loaded(tmp_path: Path, extra: str = "") -> Loaded:
    path = tmp_path / "thapcanh.toml"
    path.write_text(CAMERA + _blocks("toml")[0] + extra, encoding="utf-8")
    return load_site(path, environ={})


def test_without_its_file_the_kind_is_unknown(tmp_path: Path) -> None:
    (problem,) = _loaded(tmp_path).problems
    assert "rules[0]: unknown kind of rule, expected 'fire', 'smoke'," in str(problem)


@pytest.mark.usefixtures("dropped_in")
def test_it_is_configured_and_drilled(tmp_path: Path) -> None:
    loaded = _loaded(tmp_path, SCENARIO)
    assert loaded.problems == ()
    site = loaded.site_or_raise()
    (rule,) = site.rules
    assert (rule.kind, rule.id, rule.model_dump()["looks"]) == (KIND, "stairs-b", 4)
    assert site.rules_of(site.cameras[0]) == (rule,)
    assert site.drills.scenarios[0].kind == KIND


@pytest.mark.usefixtures("dropped_in")
def test_its_mistakes_are_named(tmp_path: Path) -> None:
    (problem,) = _loaded(tmp_path, "colour = 1\n").problems
    assert str(problem) == "thapcanh.toml: rules[0].colour: unknown key"


@pytest.mark.usefixtures("dropped_in")
def test_it_raises_and_clears_an_event_of_its_kind(tmp_path: Path) -> None:
    site = _loaded(tmp_path).site_or_raise()
    film = RuleFilm(*site.rules, camera=site.cameras[0])
    assert film.looks(10, person()) == []
    assert told(film.looks(1.5, car())) == []
    (raised,) = told(film.looks(5, car()))
    assert (raised.kind, raised.rule_id, raised.priority) == (KIND, "stairs-b", 2)
    assert (raised.label, raised.reason) == ("car", "blocked in 4 looks")
    assert raised.track_id is not None
    (cleared,) = told(film.looks(30), EventPhase.CLEARED)
    assert cleared.event_id == raised.event_id


@pytest.mark.usefixtures("dropped_in")
def test_the_centre_takes_its_events_in_and_shows_an_alert(tmp_path: Path) -> None:
    site = _loaded(tmp_path).site_or_raise()
    check = SenderCheck(
        SenderKnowledge(
            is_camera=lambda camera: site.camera(camera) is not None,
            labels=lambda: allowed_labels(site),
            raised_by=lambda _: {},
            key_of=lambda _: None,
        )
    )
    for label, rule in (("car", "stairs-b"), ("truck", "stairs-c")):
        message = fake_message(1, kind=KIND, rule_id=rule, label=label, event_id=rule)
        assert check.checked(encode(message), message, FIRST_AT, FIRST_AT) is message
    archive = archive_at(tmp_path / "archive.sqlite")
    centre = Centre(archive=archive, folder=tmp_path)
    centre.add_user("an", Role.OPERATOR)
    with closing(archive), serving(centre) as served, Desk(served.address) as desk:
        number = centre.raise_alert(kind=KIND, label="car")
        shown = desk.log_in("an").get(f"/api/v1/alerts/{number}").json()
    assert shown["kind"] == KIND


@pytest.mark.usefixtures("dropped_in")
def test_exports_and_screens_have_its_words(tmp_path: Path) -> None:
    words = {language: ExportVocabulary(language)(f"kind.{KIND}") for language in Language}
    assert words == {Language.VI: "Chắn lối thoát nạn", Language.EN: "Emergency exit blocked"}
    archive = archive_at(tmp_path / "archive.sqlite")
    centre = Centre(archive=archive, folder=tmp_path)
    centre.add_user("an", Role.OPERATOR)
    with closing(archive), serving(centre) as served, Desk(served.address) as desk:
        kinds = desk.log_in("an").get("/api/v1/site").json()["kinds"]
    (shown,) = [each for each in kinds if each["kind"] == KIND]
    assert shown["name"] == {"vi": "Chắn lối thoát nạn", "en": "Emergency exit blocked"}


@pytest.mark.usefixtures("dropped_in")
def test_the_centre_publishes_its_settings_for_the_forms(tmp_path: Path) -> None:
    archive = archive_at(tmp_path / "archive.sqlite")
    centre = Centre(archive=archive, folder=tmp_path)
    centre.add_user("an", Role.TECHNICIAN)
    with closing(archive), serving(centre) as served, Desk(served.address) as desk:
        kinds = desk.log_in("an").get("/api/v1/site/rule-kinds").json()["items"]
    (shown,) = [each for each in kinds if each["kind"] == KIND]
    looks = shown["settings"]["properties"]["looks"]
    assert (looks["type"], looks["default"]) == ("integer", 3)
    assert (looks["minimum"], looks["maximum"]) == (1, 50)
    assert shown["setting_names"]["looks"] == {"vi": "Số lượt liên tiếp", "en": "Looks in a row"}
    assert "confirm.looks" not in shown["setting_names"]
    assert (shown["needs"], shown["priority"], shown["incident"]) == (["zone"], 2, "rescue")


@pytest.mark.usefixtures("dropped_in")
def test_its_alerts_are_an_incident_of_the_kind_that_it_names() -> None:
    assert kind_of_alert(KIND) is IncidentKind.RESCUE
    assert KIND in alert_kinds(ClassGroup.RESCUE)
