"""Who sees a camera sees which of its places officers reject again and again."""

from collections.abc import Callable

from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.store.roles import DataFilter, Role


def test_a_lamp_that_was_rejected_three_times(desk_of: Callable[..., Desk], centre: Centre) -> None:
    desk = desk_of("an", Role.LEADER)
    assert desk.get("/api/v1/nuisances").json()["items"] == []
    for _ in range(3):
        alert = centre.raise_alert("cam-1", priority=2)
        desk.act(alert, "acknowledge")
        answer = desk.act(alert, "reject", version=2, reason="lights")
        assert answer.status_code == 200, answer.text
    (place,) = desk.get("/api/v1/nuisances", params={"days": 1}).json()["items"]
    assert (place["camera_id"], place["camera_name"]) == ("cam-1", "Camera cam-1")
    assert (place["rejections"], place["confirmed"], place["kinds"]) == (3, 0, ["fire"])
    assert place["reasons"] == [{"reason": "lights", "count": 3}]
    assert place["why_no_mask"] is None
    assert len(place["mask"]) == 4
    assert len(place["alert_ids"]) == 3
    elsewhere = desk_of("binh", Role.OPERATOR, DataFilter(areas=frozenset({"tay-ho"})))
    assert elsewhere.get("/api/v1/nuisances").json()["items"] == []
    assert desk.get("/api/v1/nuisances", params={"days": 0}).status_code == 422
