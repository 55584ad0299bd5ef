"""A stretch leaves as films with seals, for a purpose that stands in the log before it is sent."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import httpx

from tests.app.recordings.test_recordings import HERE, recorded
from tests.app.web_api.centre import Centre, Desk
from tests.app.web_api.exported import PURPOSE, fetched
from tests.ingest.recording.recorded import BEGAN_S, RecordedCamera
from thapcanh.alerts.store.roles import Role
from thapcanh.ingest.packets.libav import open_container

__all__ = ["recorded"]


def export(
    desk: Desk, *, unblurred: bool = False, begins: float = BEGAN_S, **changes: Any
) -> httpx.Response:
    stretch: dict[str, Any] = {"from": begins, "to": BEGAN_S + 60.0, "purpose": PURPOSE}
    wanted = {"what": "recording", "camera": "cam-1"} | stretch | changes
    return fetched(desk, unblurred=unblurred, **wanted)


def test_films_are_sealed_and_the_log_vouches_for_the_manifest(
    desk_of: Callable[..., Desk], recorded: RecordedCamera, centre: Centre
) -> None:
    answer = export(desk_of("an", Role.LEADER, HERE), unblurred=True)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as taken:
        files = {name.partition("/")[2]: taken.read(name) for name in taken.namelist()}
    text = files.pop("manifest.json")
    manifest = json.loads(text)
    assert (manifest["made_by"], manifest["purpose"]) == ("an", "Vụ 12/2026")
    assert [gap["reason"] for gap in manifest["gaps"]] == ["camera_offline", "worker_stopped"]
    assert {one["name"]: one["sha256"] for one in manifest["files"]} == {
        name: hashlib.sha256(data).hexdigest() for name, data in files.items()
    }
    pictures = []
    for film in manifest["files"]:
        with open_container(io.BytesIO(files[film["name"]])) as container:
            pictures.append(sum(1 for _ in container.decode(video=0)))
    assert pictures == [390, 60]
    (line,) = centre.archive.log_of("recording:cam-1")
    assert line.action == "recording_exported"
    assert line.details["manifest_sha256"] == hashlib.sha256(text).hexdigest()
    assert line.details["purpose"] == "Vụ 12/2026"


def test_without_purpose_film_or_sense_nothing_leaves_and_nothing_is_logged(
    desk_of: Callable[..., Desk], recorded: RecordedCamera, centre: Centre
) -> None:
    desk = desk_of("an", Role.OPERATOR, HERE)
    refused = [
        export(desk, purpose=" "),
        export(desk, purpose="một\ndòng"),
        export(desk, to=BEGAN_S + 4000.0),
        export(desk, begins=BEGAN_S + 50.0),
    ]
    assert [(one.status_code, one.json()["error"]) for one in refused] == [
        (422, "invalid_input"), (422, "invalid_input"),
        (422, "recording_stretch"), (404, "recording_not_found"),
    ]  # fmt: skip
    assert list(centre.archive.log_of("recording:cam-1")) == []
