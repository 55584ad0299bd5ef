"""What is foreign is not there: every endpoint with an id, asked of another's by one's own."""

import re

import pytest

from tests.app.web_api.access.sight import (
    BODIES,
    BY_ID,
    NO_CAMERA_ANSWERS,
    RECORDINGS,
    STRETCH,
    Sight,
    ask,
    foreign_in,
    sight,
)
from thapcanh.app.web_api.prefix import PREFIX

__all__ = ["sight"]  # a fixture


@pytest.mark.parametrize("who", ["agency", "area"])
@pytest.mark.parametrize(("method", "path"), BY_ID)
def test_what_is_foreign_is_not_there(sight: Sight, who: str, method: str, path: str) -> None:
    desk = sight.desks[who]
    for thing in (sight.foreign, sight.unowned):
        known = BODIES.get(path.removeprefix(PREFIX), BODIES.get(path.rpartition("/")[2]))
        body = known if method != "GET" else None
        params = STRETCH if path.startswith(RECORDINGS) else None
        answer = ask(desk, method, thing.address(path), json=body, params=params)
        assert answer.status_code == 404, answer.text
        if path.startswith(RECORDINGS):
            assert answer.json()["error"] == "camera_not_found"
        assert foreign_in(answer.content, thing) == []
    # Nothing is recorded or made here, and a crew has what it was sent to (`tests/app/crews`).
    is_there = not re.search(r"{(viewer|shelf|link|drill|picture)_id}|/recordings/|/crew/", path)
    if is_there and not path.endswith(NO_CAMERA_ANSWERS):
        assert ask(desk, method, sight.mine.address(path)).status_code != 404
