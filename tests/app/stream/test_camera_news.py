"""What the stream says of cameras that changed: the same as an answer to `/cameras?since`."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.app.stream.test_stream import watching
from tests.app.web_api.centre import NOW, Centre, Desk
from tests.app.web_api.heard import Heard, is_beat, until
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.cameras.camera_list import WITHOUT_FIGURES
from thapcanh.app.stream import change_source

CAMERAS = "/api/v1/cameras"


def _report(at: float, **states: str) -> dict[str, Any]:
    cameras = [
        {"id": one.replace("_", "-"), "state": state, "picture": "ok", "since": NOW}
        for one, state in states.items()
    ]
    return {"worker": "worker-0", "reported_at": at, "lost": False, "cameras": cameras}


def _is_news(heard: Heard) -> bool:
    return heard.name == "cameras"


def test_a_screen_is_told_what_it_would_ask_for(desk: Desk, centre: Centre) -> None:
    centre.workers.append(_report(NOW, cam_1="online", cam_2="online"))
    query = {"fields": ",".join(WITHOUT_FIGURES)}
    with watching(desk) as events:
        until(events, is_beat)  # of the feed, which knows the cameras as they are now
        version = desk.get(CAMERAS, params=query).json()["version"]
        centre.workers[0] = _report(NOW + 2, cam_1="online", cam_2="backoff")
        centre.clock.at += 3
        heard = until(events, lambda one: _is_news(one) and _says(one, "cam-2"))[-1]
        beat = next(events)
        asked = desk.get(CAMERAS, params={**query, "since": version}).json()
    news = heard.data
    assert version in news["after"]
    assert (news["items"], news["gone"]) == (asked["items"], asked["gone"])
    assert [(one["id"], one["state"]) for one in news["items"]] == [("cam-2", "backoff")]
    assert is_beat(beat)
    assert beat.data["cameras_version"] == news["version"] == asked["version"]


def test_nobody_is_told_of_cameras_they_may_not_see(
    desk_of: Callable[..., Desk], centre: Centre
) -> None:
    centre.workers.append(_report(NOW, cam_1="online", cam_2="online", cam_3="online"))
    ward = desk_of("ward", Role.VIEWER, DataFilter(areas=frozenset({"tay-ho"})))
    with watching(ward) as events:
        until(events, is_beat)
        centre.workers[0] = _report(NOW + 2, cam_1="backoff", cam_2="online", cam_3="online")
        centre.clock.at += 3
        first = until(events, _is_news)
        centre.workers[0] = _report(NOW + 4, cam_1="backoff", cam_2="backoff", cam_3="backoff")
        centre.clock.at += 3
        heard = until(events, lambda one: _is_news(one) and _says(one, "cam-2"))
    assert {one["id"] for each in heard if _is_news(each) for one in each.data["items"]} == {
        "cam-2"
    }
    assert not any("cam-1" in str(one.data) or "cam-3" in str(one.data) for one in first + heard)


def test_more_than_a_screen_is_told_at_once_must_be_asked_for(
    desk: Desk, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_source, "MOST_CAMERAS", 1)
    centre.workers.append(_report(NOW, cam_1="online", cam_2="online"))
    with watching(desk) as events:
        version = desk.get(CAMERAS).json()["version"]
        centre.workers[0] = _report(NOW + 2, cam_1="backoff", cam_2="backoff")
        centre.clock.at += 3
        heard = until(events, lambda one: is_beat(one) and _version(one) not in ("", version))
        asked = desk.get(CAMERAS, params={"since": version}).json()
    assert not any(map(_is_news, heard))
    assert [one["id"] for one in asked["items"]] == ["cam-1", "cam-2"]


def _says(heard: Heard, camera: str) -> bool:
    return camera in [one["id"] for one in heard.data["items"]]


def _version(heard: Heard) -> str:
    return str(heard.data["cameras_version"])
