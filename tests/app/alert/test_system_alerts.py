"""The watch's own troubles on the screens: without a picture, and answered by a technician too."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.store.roles import Role

TROUBLE: dict[str, Any] = {
    "kind": "worker_lost",
    "rule_id": "worker_lost",
    "zone_id": None,
    "box": (0.0, 0.0, 0.0, 0.0),
    "confidence": 1.0,
    "label": "worker_lost",
    "track_id": None,
    "model_name": "system",
}


def test_it_is_shown_without_pictures(desk: Desk, centre: Centre) -> None:
    alert_id = centre.raise_alert("worker-0", **TROUBLE)
    (shown,) = desk.get("/api/v1/alerts").json()["items"]
    assert (shown["id"], shown["kind"], shown["camera"]) == (alert_id, "worker_lost", "worker-0")
    assert [shown[name] for name in ("snapshot", "snapshot_boxed", "clip", "lat")] == [None] * 4
    assert desk.get(f"/api/v1/alerts/{alert_id}").json()["evidence"] == []


@pytest.mark.parametrize("role", [Role.TECHNICIAN, Role.OPERATOR, Role.LEADER])
def test_it_is_taken_and_closed_without_a_verdict(
    centre: Centre, desk_of: Callable[..., Desk], role: Role
) -> None:
    desk, alert_id = desk_of("tu", role), centre.raise_alert("worker-0", **TROUBLE)
    assert desk.act(alert_id, "acknowledge", 1).status_code == 200
    closed = desk.act(alert_id, "close", 2, note="đã khởi động lại")
    assert (closed.status_code, closed.json()["state"]) == (200, "closed")


def test_a_technician_does_not_answer_for_a_fire(
    centre: Centre, desk_of: Callable[..., Desk]
) -> None:
    desk, alert_id = desk_of("tu", Role.TECHNICIAN), centre.raise_alert("cam-1", "fire")
    for action in ("acknowledge", "confirm", "close", "reopen"):
        assert desk.act(alert_id, action, 1).status_code == 403, action
    assert desk.get(f"/api/v1/alerts/{alert_id}").json()["state"] == "new"
