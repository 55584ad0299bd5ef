"""A rule's trial over HTTP: who may, on which camera, and what is said where there is no film."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app.web_api.centre import Centre, Desk
from tests.ingest.fake_source import synthetic_packets
from tests.ingest.recording.recorded import BEGAN_S, RecordedCamera, many
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.config.storage import RecordingConfig

PATH = "/api/v1/rule-trials"


def begin(desk: Desk, camera: str = "cam-1", **rule: Any) -> httpx.Response:
    body = {"camera": camera, "rule": {"kind": "fire", **rule}}
    return desk.post(PATH, json=body, headers={"X-CSRF-Token": desk.csrf})


@pytest.fixture
def folder(centre: Centre, tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    keep(centre, RecordingConfig(dir=folder))
    return folder


def keep(centre: Centre, recording: RecordingConfig) -> None:
    facts = {"cache_dir": recording.dir and recording.dir.parent / "cache"}
    site = centre.site()
    known = site.site.model_copy(update=facts)
    centre.site.replace(site.model_copy(update={"recording": recording, "site": known}))


@pytest.fixture
def film(centre: Centre, folder: Path) -> Iterator[RecordedCamera]:
    """Camera cam-1 was recorded a minute before now."""
    centre.clock.at = BEGAN_S + 60.0
    camera = RecordedCamera(folder, "cam-1")
    camera.take(many(synthetic_packets(30), 13, 2.0))
    assert camera.journal.flush() is None
    yield camera
    camera.journal.close()


def test_without_film_it_says_why(
    centre: Centre, folder: Path, desk_of: Callable[..., Desk]
) -> None:
    desk = desk_of("kt", Role.TECHNICIAN)
    off = begin(desk)
    assert (off.status_code, off.json()["error"]) == (409, "trial_not_recorded")
    keep(centre, RecordingConfig(dir=folder, cameras="*"))
    assert begin(desk).json()["error"] == "trial_nothing"


@pytest.mark.parametrize(
    ("rule", "named"),
    [({"kind": "magic"}, "loại luật không có"), ({"kind": "intrusion", "zone": "sea"}, "'sea'")],
)
def test_a_wrong_rule_is_named(
    film: RecordedCamera, desk_of: Callable[..., Desk], rule: dict[str, str], named: str
) -> None:
    answer = begin(desk_of("kt", Role.TECHNICIAN), **rule)
    assert answer.status_code == 422
    assert named in answer.text


def test_another_agencys_camera_is_not_there(
    film: RecordedCamera, desk_of: Callable[..., Desk]
) -> None:
    desk = desk_of("kt", Role.TECHNICIAN, DataFilter(agencies=frozenset({"csgt"})))
    assert begin(desk).status_code == 404
    assert begin(desk, "nobody").status_code == 404


def test_it_runs_is_seen_by_its_owners_alone_and_is_cancelled(
    film: RecordedCamera, desk_of: Callable[..., Desk]
) -> None:
    desk = desk_of("kt", Role.TECHNICIAN)
    made = begin(desk)
    assert made.status_code == 201, made.text
    trial = made.json()
    assert (trial["state"], trial["camera"]) == ("running", "cam-1")
    assert trial["recorded_s"] == pytest.approx(20.0, abs=1.0)  # what is being written is not yet
    other = desk_of("khac", Role.TECHNICIAN, DataFilter(agencies=frozenset({"csgt"})))
    path = f"{PATH}/{trial['id']}"
    assert other.get(path).status_code == 404
    ended = desk.delete(path, headers={"X-CSRF-Token": desk.csrf}).json()
    assert ended["state"] == "cancelled"
    assert desk.get(f"{path}/pictures/1").status_code == 404
    assert desk.get(f"{PATH}/{'0' * 32}").status_code == 404
