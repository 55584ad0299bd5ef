"""Serving: the port, the signs of life, and a port that is taken."""

import socket
import threading

import pytest

from app.api.schema import openapi
from app.api.server import CannotListen, Listen, serve
from tests.app.api.conftest import Centre


def test_a_port_that_is_taken_is_one_clear_error(centre: Centre) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen, match=f"127.0.0.1:{port}: Address already in use"):
            serve(centre.app(), Listen(host="127.0.0.1", port=port), threading.Event())


def test_it_ticks_until_it_is_told_to_stop(centre: Centre) -> None:
    stop = threading.Event()
    ticks: list[None] = []

    def tick() -> None:
        ticks.append(None)
        if len(ticks) > 5:
            stop.set()

    serve(centre.app(), Listen(host="127.0.0.1", port=0), stop, on_tick=tick)
    assert len(ticks) == 6


def test_it_stops_even_when_told_before_it_began(centre: Centre) -> None:
    stop = threading.Event()
    stop.set()
    serve(centre.app(), Listen(host="127.0.0.1", port=0), stop)


def test_the_schema_needs_no_site_and_holds_the_contract() -> None:
    document = openapi()
    assert {
        "/healthz",
        "/api/v1/session",
        "/api/v1/alerts",
        "/api/v1/alerts/{alert_id}",
        "/api/v1/alerts/{alert_id}/acknowledge",
        "/api/v1/alerts/{alert_id}/confirm",
        "/api/v1/alerts/{alert_id}/reject",
        "/api/v1/alerts/{alert_id}/close",
        "/api/v1/alerts/{alert_id}/reopen",
        "/api/v1/alerts/{alert_id}/rendered",
        "/api/v1/stream",
        "/api/v1/evidence/{evidence_id}",
        "/api/v1/cameras",
        "/api/v1/workers",
    } <= set(document["paths"])
    alert = document["components"]["schemas"]["ShownAlert"]["properties"]
    assert alert["raised_at"] == {"type": "string", "format": "date-time", "title": "Raised At"}
    assert {"ShownChange", "Pulse", "Problem"} <= set(document["components"]["schemas"])
