"""What FastAPI works out late is worked out before somebody waits for it."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from thapcanh.app.centre.web import application

NOWHERE = {"type": "http", "method": "GET", "path": "/nowhere", "root_path": "", "headers": []}


def test_no_route_is_worked_out_at_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    application._api_routes.cache_clear()  # another test's app may have been asked
    app = application.new_app()
    application.add_api_routes(app)
    application.prepare_routes(app)
    made, adapt = list[object](), TypeAdapter.__init__

    def note(self: TypeAdapter[Any], *words: Any, **named: Any) -> None:
        made.append(words)
        adapt(self, *words, **named)

    monkeypatch.setattr(TypeAdapter, "__init__", note)
    for route in app.routes:
        route.matches(NOWHERE)
    assert made == []
    application._api_routes.cache_clear()
    again = application.new_app()
    application.add_api_routes(again)
    for route in again.routes:
        route.matches(NOWHERE)
    assert made, "this test sees what is worked out"
