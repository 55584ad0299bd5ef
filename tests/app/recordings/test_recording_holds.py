"""A stretch that is held: by whom, why, in the log, and never deleted until it is released."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.app.web_api.centre import NOW, Centre, Desk
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.config.storage import RecordingConfig
from thapcanh.ingest.recording.retention import holds_of

HOLDS = "/api/v1/recordings/cam-1/holds"
LETTER = {"from": NOW - 3600, "to": NOW - 1800, "reason": "CV 12/PC02"}


@pytest.fixture
def folder(centre: Centre, tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    site = centre.site()
    centre.site.replace(site.model_copy(update={"recording": RecordingConfig(dir=folder)}))
    return folder


def post(desk: Desk, path: str, **body: object) -> httpx.Response:
    return desk.post(path, json=body, headers={"X-CSRF-Token": desk.csrf})


def test_a_hold_is_placed_told_logged_and_released(
    desk_of: Callable[..., Desk], folder: Path, centre: Centre
) -> None:
    desk = desk_of("binh", Role.LEADER)
    placed = post(desk, HOLDS, **LETTER)
    assert placed.status_code == 201, placed.text
    (held,) = holds_of(folder)
    assert (held.camera_id, held.from_s, held.to_s) == ("cam-1", NOW - 3600, NOW - 1800)
    assert desk.get(HOLDS).json()["items"] == [placed.json()]
    assert placed.json()["by"]["username"] == "binh"
    release = f"{HOLDS}/{held.hold_id}/release"
    assert post(desk, release).status_code == 422  # without a reason
    assert post(desk, release, reason="xong").status_code == 204
    assert holds_of(folder) == []
    again = post(desk, release, reason="xong")
    assert (again.status_code, again.json()["error"]) == (404, "recording_hold_not_found")
    log = centre.archive.log_of("recording:cam-1")
    assert [(line.action, line.reason) for line in log] == [
        ("recording_held", "CV 12/PC02"), ("recording_released", "xong"),
    ]  # fmt: skip


def test_what_is_wrong_is_said_and_other_cameras_are_out_of_reach(
    desk_of: Callable[..., Desk], folder: Path
) -> None:
    desk = desk_of("binh", Role.LEADER, DataFilter(areas=frozenset({"tay-ho"})))
    assert post(desk, HOLDS, **LETTER).json()["error"] == "camera_not_found"
    own = HOLDS.replace("cam-1", "cam-2")
    backward = post(desk, own, **LETTER | {"to": NOW - 7200})
    assert (backward.status_code, backward.json()["error"]) == (422, "recording_hold_stretch")
    assert post(desk, own, **LETTER).status_code == 201
    (held,) = holds_of(folder)
    other = post(desk, f"{HOLDS}/{held.hold_id}/release", reason="xong")
    assert other.status_code == 404
    (folder / "holds" / "broken.json").write_text("{", encoding="utf-8")
    answer = desk.get(own)
    assert (answer.status_code, answer.json()["error"]) == (503, "recordings_unavailable")
