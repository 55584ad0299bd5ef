"""One of two sites decides an incident; what the other one does is a proposal."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from uuid6 import uuid7

from tests.app.links.linked_sites import LinkedSite, awaited, two_sites
from tests.app.links.test_two_sites import rows_of_sites
from tests.app.web_api.centre import Desk

Pair = tuple[LinkedSite, Desk, LinkedSite, Desk]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    """The city and the ward, an officer at each."""
    with two_sites(tmp_path) as (city, ward), city.desk() as above, ward.desk("binh") as below:
        yield city, above, ward, below


def shown(desk: Desk, incident_id: str) -> dict[str, Any]:
    found: dict[str, Any] = desk.get(f"/api/v1/incidents/{incident_id}").json()
    return found


def act(desk: Desk, incident_id: str, action: str, **body: Any) -> Any:
    headers = {
        "X-CSRF-Token": desk.csrf,
        "Idempotency-Key": str(uuid7()),
        "If-Match": str(shown(desk, incident_id)["version"]),
    }
    path = f"/api/v1/incidents/{incident_id}/{action}"
    return desk.post(path, headers=headers, json=body or None)


def fire(pair: Pair) -> tuple[str, str]:
    """Raise a fire at the ward; return its incident at the city and at the ward."""
    city, above, ward, below = pair
    ward.centre.raise_alert("cam-1", priority=1)
    (row,) = awaited(lambda: rows_of_sites(city, above), "the row")
    return row["id"], ward.worklist(below)[0]["id"]


def test_the_ward_decides_and_the_city_proposes(pair: Pair) -> None:
    _, above, ward, below = pair
    at_city, at_ward = fire(pair)
    answer = act(above, at_city, "close", disposition="false_alarm", report="khói bếp")
    assert answer.status_code == 200, answer.text
    assert shown(above, at_city)["state"] == "open"
    awaited(lambda: "Thành phố đề nghị: kết thúc" in ward.notes(at_ward), "the proposal")
    assert shown(below, at_ward)["state"] == "open"
    assert act(below, at_ward, "assess", kind="fire", priority=1).status_code == 200
    awaited(lambda: shown(above, at_city)["state"] == "assessed", "the ward's verdict")
    (source,) = above.get(f"/api/v1/incidents/{at_city}/row").json()["sources"]
    assert source["verdict"] == "true"


def test_the_end_at_the_ward_is_the_end_at_the_city(pair: Pair) -> None:
    city, above, _, below = pair
    at_city, at_ward = fire(pair)
    points = ["sources", "unseen", "blind"]
    answer = act(
        below, at_ward, "close", disposition="nothing_found", report="không có gì", despite=points
    )
    assert answer.status_code == 200, answer.text
    awaited(lambda: shown(above, at_city)["state"] == "closed", "the end")
    assert city.incident(at_city).disposition == "nothing_found"


def test_help_lets_the_city_decide(pair: Pair) -> None:
    city, above, _, below = pair
    at_city, at_ward = fire(pair)
    assert act(below, at_ward, "help", words="cần xe thang").status_code == 200
    awaited(lambda: "xin chi viện. cần xe thang" in city.notes(at_city), "the call for help")
    assert act(below, at_ward, "assess", kind="explosion", priority=1).status_code == 200
    assert shown(below, at_ward)["kind"] == "fire"
    assert act(above, at_city, "assess", kind="explosion", priority=1).status_code == 200
    awaited(lambda: shown(below, at_ward)["kind"] == "explosion", "the city's decision")
    linked = below.get(f"/api/v1/incidents/{at_ward}/links").json()["items"][0]
    assert (linked["decides"], linked["we_decide"]) == ("upper", False)
    again = act(below, at_ward, "help", words="")
    assert (again.status_code, again.json()["error"]) == (409, "link_decides_already")


def test_without_a_line_each_works_alone_and_then_the_deciding_site_stands(pair: Pair) -> None:
    city, above, ward, _ = pair
    at_city, at_ward = fire(pair)
    awaited(lambda: not ward.link.waiting, "the receipts")
    ward.service.stop()  # the line is cut
    city.centre.clock.at += 60
    answer = act(above, at_city, "assess", kind="explosion", priority=1)
    assert answer.status_code == 200
    assert shown(above, at_city)["kind"] == "explosion"
    cut = act(above, at_city, "take_over", words="")
    assert (cut.status_code, cut.json()["error"]) == (409, "link_unreached")
    ward.kill()
    ward.begin()
    with Desk(ward.address) as desk:
        desk.log_in("binh")
        awaited(lambda: "lúc mất đường truyền" in ward.notes(at_ward), "what the city did")
        awaited(lambda: shown(above, at_city)["kind"] == "fire", "what the ward says")
        assert shown(desk, at_ward)["kind"] == "fire"
