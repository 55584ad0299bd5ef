"""Calls of an exchange over HTTP: noted once, told to the screens, taken by one, written down."""

import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.app.calls.test_calls import nearby, searched, taken
from tests.app.signals.test_signals_api import token_of
from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.calls.incoming_call_store import IncomingCallRepository
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter, Role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.config.site import Area

MakeDesk = Callable[..., Desk]
URL = "/api/v1/incoming-calls"
NUMBER = "0912345678"


class Exchange:
    """A telephone exchange as our webhook meets it."""

    def __init__(self, centre: Centre, address: str, scope: DataFilter = EVERYTHING) -> None:
        token = token_of(centre, TokenScope.TELEPHONE, scope=scope)
        self._url, self._headers = address + URL, {"Authorization": f"Bearer {token}"}

    def tell(self, event: str, call_id: str = "a-1", **facts: Any) -> httpx.Response:
        body = {"call_id": call_id, "event": event, "caller": "+84 912 345 678", "line": "114"}
        with httpx.Client(trust_env=False, timeout=60) as client:
            return client.post(self._url, headers=self._headers, json=body | facts)


@pytest.fixture
def exchange(centre: Centre, address: str) -> Exchange:
    return Exchange(centre, address)


def waiting(desk: Desk) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = desk.get(URL).json()["items"]
    return items


def take(desk: Desk, incoming_id: str) -> httpx.Response:
    return desk.post(f"{URL}/{incoming_id}/take", headers={"X-CSRF-Token": desk.csrf})


def test_a_call_rings_is_taken_by_one_and_written_down(
    desk: Desk, desk_of: MakeDesk, exchange: Exchange, centre: Centre
) -> None:
    told = exchange.tell("began")
    assert (told.status_code, told.json()["state"]) == (202, "ringing")
    assert exchange.tell("began").json() == told.json()
    (call,) = waiting(desk)
    assert (call["caller"], call["line"], call["taken_by"]) == (NUMBER, "114", None)
    assert (call["repeated"], call["hoaxes"]) == (False, 0)
    assert take(desk, call["id"]).json()["taken_by"]["username"] == "an"
    binh = desk_of("binh", Role.OPERATOR)
    refused = take(binh, call["id"])
    assert (refused.status_code, refused.json()["error"]) == (409, "incoming_call_held")
    exchange.tell("answered")
    assert waiting(binh)[0]["state"] == "answered"
    written = taken(desk, caller=NUMBER, line="114", incoming=call["id"])
    assert written.status_code == 201
    assert waiting(desk) == []
    assert take(binh, call["id"]).json()["error"] == "incoming_call_written"
    assert exchange.tell("ended").json()["state"] == "ended"
    assert centre.archive.verify_chain().ok


def test_a_missed_call_stays_until_somebody_wrote_it_down(desk: Desk, exchange: Exchange) -> None:
    exchange.tell("began")
    exchange.tell("ended")
    (call,) = waiting(desk)
    assert call["state"] == "missed"
    taken(desk, kind="hang_up", incoming=call["id"])
    assert waiting(desk) == []


def test_repeated_and_hoax_callers_are_said(desk: Desk, exchange: Exchange) -> None:
    taken(desk, kind="hoax", caller=NUMBER)
    exchange.tell("began")
    (call,) = waiting(desk)
    assert (call["repeated"], call["hoaxes"]) == (True, 1)


def test_the_stream_tells_of_it_without_the_number(
    desk: Desk, exchange: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with desk.stream("GET", "/api/v1/stream") as stream:
        lines = stream.iter_lines()
        assert next(lines).startswith("retry")
        exchange.tell("began")
        for line in lines:
            if line == "event: incoming_call":
                break
        told = next(lines)
    assert '"line":"114"' in told
    assert NUMBER[1:] not in told + caplog.text


def test_numbers_are_masked_for_who_is_not_on_duty(
    desk: Desk, desk_of: MakeDesk, exchange: Exchange
) -> None:
    written = taken(desk, caller=NUMBER, words="cháy kho giấy").json()
    viewer = desk_of("xem", Role.VIEWER)
    assert viewer.get(URL).status_code == 403
    shown = viewer.get("/api/v1/calls").json()["items"][0]
    assert shown["caller"] == "•••• 78"
    detail = viewer.get(f"/api/v1/incidents/{written['incident']}/detail")
    assert NUMBER not in detail.text
    assert searched(viewer, "912345").json()["items"] == []
    assert len(searched(viewer, "kho giay").json()["items"]) == 1
    assert nearby(viewer, caller=NUMBER).json()["earlier"] == []
    assert len(searched(desk, "912345").json()["items"]) == 1


def test_another_agencys_calls_ring_elsewhere(
    centre: Centre, address: str, desk: Desk, desk_of: MakeDesk
) -> None:
    pc07 = DataFilter(agencies=frozenset({"pc07"}))
    Exchange(centre, address, pc07).tell("began")
    (call,) = waiting(desk)
    csgt = desk_of("gt", Role.OPERATOR, DataFilter(agencies=frozenset({"csgt"})))
    assert waiting(csgt) == []
    assert take(csgt, call["id"]).status_code == 404
    taken(csgt, incoming=call["id"])
    assert len(waiting(desk)) == 1


def test_calls_of_a_token_of_an_area_are_of_that_area(centre: Centre, address: str) -> None:
    areas = (Area(id="quan", name="Quận"), Area(id="phuong", name="Phường", parent="quan"))
    centre.site.replace(centre.site().model_copy(update={"areas": areas}))
    scope = DataFilter(areas=frozenset({"quan"}))
    told = Exchange(centre, address, scope).tell("began")
    assert told.status_code == 202
    both = DataFilter(areas=frozenset({"quan", "elsewhere"}))
    Exchange(centre, address, both).tell("began", "a-2")
    calls = IncomingCallRepository(centre.archive.database).waiting(EVERYTHING, centre.clock.utc())
    assert {one.exchange_call_id: one.area for one in calls} == {"a-1": "quan", "a-2": None}


def test_what_rings_stands_before_what_is_over(desk: Desk, exchange: Exchange) -> None:
    exchange.tell("began")
    for number in range(3):
        exchange.tell("ended", f"over-{number}")
    assert [one["state"] == "ringing" for one in waiting(desk)] == [True, False, False, False]


@pytest.mark.parametrize(
    "facts",
    [
        {"event": "exploded"},
        {"call_id": ""},
        {"call_id": "a\0b"},
        {"caller": "0" * 101},
        {"line": "911"},
        {"at": "yesterday"},
        {"more": 1},
    ],
)
def test_what_is_no_notice_is_refused(
    exchange: Exchange, desk: Desk, facts: dict[str, Any]
) -> None:
    told = exchange.tell(**{"event": "began", **facts})
    assert (told.status_code, told.json()["error"]) == (422, "invalid_input")
    assert waiting(desk) == []


def test_a_withheld_number_and_a_wrong_clock(desk: Desk, exchange: Exchange) -> None:
    exchange.tell("began", caller="anonymous", at="2031-01-01T00:00:00Z")
    (call,) = waiting(desk)
    assert call["caller"] is None
    assert not call["began_at"].startswith("2031")


def test_people_make_no_call_ring(desk: Desk) -> None:
    body = {"call_id": "a", "event": "began"}
    told = desk.post(URL, headers={"X-CSRF-Token": desk.csrf}, json=body)
    assert (told.status_code, told.json()["error"]) == (403, "not_allowed")
