"""No answer without an id tells of what is foreign, whatever it is packed in."""

import io
import json
import re
import zipfile

import pytest

from tests.app.web_api.access.sight import BY_ID, WHOLE, Sight, ask, foreign_in, sight
from tests.app.web_api.centre import Desk
from tests.app.web_api.heard import events_of, is_beat
from thapcanh.app.web_api.prefix import PREFIX

__all__ = ["sight"]  # a fixture


@pytest.mark.parametrize("who", ["agency", "area"])
@pytest.mark.parametrize(("method", "path"), WHOLE)
def test_no_answer_tells_of_what_is_foreign(sight: Sight, who: str, method: str, path: str) -> None:
    desk = sight.desks[who]
    if path.endswith("/stream"):
        content = _streamed(desk)
        assert sight.mine.alert in content.decode()
    else:
        body = {"camera": sight.foreign.camera} if method != "GET" else None
        content = ask(desk, method, re.sub(r"{\w+(:path)?}", "nothing", path), json=body).content
    for thing in (sight.foreign, sight.unowned):
        assert foreign_in(content, thing) == []


def test_a_foreign_camera_is_not_tried(sight: Sight) -> None:
    for camera in (sight.foreign.camera, sight.unowned.camera):
        answer = ask(sight.desks["agency"], "POST", f"{PREFIX}/probe", json={"camera": camera})
        assert answer.json()["error"] == "camera_not_found"


def test_the_walk_would_find_a_leak(sight: Sight) -> None:
    assert BY_ID
    assert WHOLE
    leak = json.dumps({"items": [{"id": sight.foreign.alert}]}).encode()
    assert foreign_in(leak, sight.foreign) == [sight.foreign.alert]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as folder:
        folder.writestr("sheet.xml", f"<c>{sight.foreign.number}</c>")
    assert foreign_in(packed.getvalue(), sight.foreign) == [sight.foreign.number]


def _streamed(desk: Desk) -> bytes:
    """All that a new screen is sent up to its first two heartbeats."""
    with desk.stream("GET", f"{PREFIX}/stream", headers={"Last-Event-ID": "0"}) as answer:
        heard, beats = [], 0
        for event in events_of(answer):
            heard.append(event)
            beats += is_beat(event)
            if beats == 2:
                break
    return repr(heard).encode()
