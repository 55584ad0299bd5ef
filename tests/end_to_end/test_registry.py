"""A camera that is added over the API is watched, changed and removed, without a file."""

from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.running_site import Desk, RunningSite, eventually, start_site
from tests.running_simulator import RunningSimulator

pytestmark = pytest.mark.end_to_end

DATABASE = '[registry]\nsource = "database"\nnetworks = ["127.0.0.0/8"]'
ZONE = {"id": "yard", "name": "Sân", "polygon": [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9]]}


def test_a_camera_is_added_watched_changed_and_removed(
    simulator: RunningSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="  # of a test, as Fernet takes it
    monkeypatch.setenv("THAPCANH_CREDENTIALS_KEY", key)
    with start_site(tmp_path, {}, DATABASE) as site, site.desk() as desk:
        table = {
            "id": "quiet",
            "name": "Cổng",
            "source": simulator.url("quiet", with_login=True),
        }
        made = desk.http.post("/api/v1/registry/cameras", json=table)
        assert made.status_code == 201, made.text
        eventually(lambda: _is_online(desk), 60.0, "the camera is watched")
        headers = {"If-Match": str(made.json()["revision"])}
        path = "/api/v1/registry/cameras/quiet"
        changed = desk.http.patch(path, json={"zones": [ZONE]}, headers=headers)
        assert changed.status_code == 200, changed.text
        eventually(lambda: _applied(site) == 2, 10.0, "the worker has applied both changes")
        eventually(lambda: _zones(desk) == ["yard"], 10.0, "the centre shows the zone")
        assert _is_online(desk)
        view = tmp_path / "data" / "known-views" / "quiet.json"
        eventually(view.exists, 60.0, "how its place looks is kept")
        headers = {"If-Match": str(changed.json()["revision"])}
        removed = desk.http.delete(path, headers=headers)
        assert removed.status_code == 200, removed.text
        eventually(lambda: not view.exists(), 10.0, "of a removed camera nothing is kept")


def _is_online(desk: Desk) -> bool:
    items: list[dict[str, Any]] = desk.http.get("/api/v1/cameras").json()["items"]
    return [one["state"] for one in items] == ["online"]


def _applied(site: RunningSite) -> int:
    return site.log.read_text(encoding="utf-8").count("configuration applied")


def _zones(desk: Desk) -> list[str]:
    shapes = desk.http.get("/api/v1/cameras/quiet/shapes").json()
    return [zone["id"] for zone in shapes["zones"]]
