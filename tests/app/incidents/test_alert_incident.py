"""The incident of an alert over HTTP: opened once, joined, and not told to other agencies."""

from collections.abc import Callable

import httpx

from tests.app.calls.test_calls import place_cameras
from tests.app.incidents.test_incidents import act, members
from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.store.roles import DataFilter, Role

MakeDesk = Callable[..., Desk]


def test_an_alert_opens_or_joins_an_incident(centre: Centre, desk: Desk, desk_of: MakeDesk) -> None:
    def ask(alert_id: str, by: Desk = desk) -> httpx.Response:
        return by.get(f"/api/v1/alerts/{alert_id}/incident")

    def open_for(alert_id: str, by: Desk = desk) -> httpx.Response:
        headers = {"X-CSRF-Token": by.csrf}
        return by.post(f"/api/v1/alerts/{alert_id}/incident", headers=headers)

    place_cameras(centre)
    alert = centre.raise_alert("cam-1", priority=3)
    assert ask(alert).json() == {"incident": None, "suggestions": []}
    found = open_for(alert).json()
    assert members(found) == [("alert", alert)]
    assert open_for(alert).json()["id"] == found["id"]
    assert ask(alert).json()["incident"]["id"] == found["id"]
    second = centre.raise_alert("cam-1", "smoke", priority=3)
    (near,) = ask(second).json()["suggestions"]
    assert (near["id"], near["number"]) == (found["id"], found["number"])
    joined = act(desk, found, "join", type="alert", id=second).json()
    assert ask(second).json()["incident"]["version"] == joined["version"]
    drill = centre.raise_alert("cam-1", "smoke", exercise=True)
    system = centre.raise_alert("cam-1", "camera_offline")
    for one in (drill, system):
        assert open_for(one).json()["error"] == "opens_no_incident"
    csgt = desk_of("gt", Role.OPERATOR, DataFilter(agencies=frozenset({"csgt"})))
    assert (ask(alert, csgt).status_code, open_for(alert, csgt).status_code) == (404, 404)
    assert open_for("no-such-alert").status_code == 404
    assert centre.archive.verify_chain().ok
