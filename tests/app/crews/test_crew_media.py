"""What a crew's phone shows: no photo that is none, and no film that is too long."""

import http.client
import json
from typing import Any

import pytest
import sqlalchemy as sa

from tests.app.calls.test_caller_links import photo
from tests.app.crews.conftest import LEADER
from tests.app.crews.crew_phone import Phone
from tests.app.incidents.test_incidents import act
from tests.app.web_api.centre import NOW, Centre, Desk
from thapcanh.alerts.crews.crew_tables import crew_file, crew_report
from thapcanh.alerts.evidence.keeping.legal_holds import LegalHoldRepository
from thapcanh.app.crews.crew_retention import crew_retention


@pytest.mark.parametrize("content", [b"<html><script>x</script></html>", b""], ids=str)
def test_a_photo_that_is_none_is_refused_by_name(
    phone: Phone, sent: dict[str, Any], content: bytes
) -> None:
    refused = phone.show(sent["id"], content)
    assert (refused.status_code, refused.json()["error"]) == (422, "caller_file_unreadable")


def test_five_gigabytes_are_refused_before_they_come(phone: Phone, sent: dict[str, Any]) -> None:
    answers = [_announced(phone, sent["id"], 5 << 30)]
    phone.cookies.clear()  # and of a phone whose session ended, a film that may come: log in first
    answers.append(_announced(phone, sent["id"], 5 << 20))
    assert answers == [(413, "too_large"), (401, "not_logged_in")]


def test_files_go_when_their_incident_is_long_over_and_stay_on_a_hold(
    centre: Centre, desk: Desk, phone: Phone, sent: dict[str, Any]
) -> None:
    assert phone.show(sent["id"], photo()).status_code == 201
    rule = crew_retention(centre.archive.database, centre.site, centre.clock)
    alert = centre.raise_alert()
    joined = act(desk, phone_incident(desk, sent), "join", type="alert", id=alert).json()
    holds = LegalHoldRepository(centre.archive.database)
    assert holds.place(alert, "điều tra", LEADER, NOW) is not None
    assert act(desk, joined, "step", step="controlled").status_code == 200
    ended: dict[str, Any] = {"disposition": "handled", "report": "xong"}
    ended["despite"] = ["sources", "units"]
    closed = act(desk, phone_incident(desk, sent), "close", **ended)
    assert closed.status_code == 200, closed.text
    for days, hold, left in ((364, True, 1), (366, True, 1), (366, False, 0)):
        centre.clock.at = NOW + days * 86_400
        if not hold:
            assert holds.release(alert, "xong", LEADER, centre.clock.at) is not None
        rule.run()
        with centre.archive.database.reading() as connection:
            assert len(connection.execute(sa.select(crew_file)).all()) == left
            (told,) = connection.execute(sa.select(crew_report)).all()
        assert (told.kind, told.media_type is None) == ("photo", left == 0)
    (line,) = [
        one for one in centre.archive.log_of(sent["id"]) if one.action == "crew_files_removed"
    ]
    assert line.details["files"] == 1
    assert centre.archive.verify_chain().ok


def phone_incident(desk: Desk, sent: dict[str, Any]) -> dict[str, Any]:
    """The incident as it is after what the phone told."""
    found: dict[str, Any] = desk.get(f"/api/v1/incidents/{sent['id']}").json()
    return found


def _announced(phone: Phone, incident: str, length: int) -> tuple[int, str]:
    """What is answered to the head of a request whose body has not begun."""
    url = phone.base_url
    connection = http.client.HTTPConnection(url.host, url.port or 80, timeout=60)
    cookies = "; ".join(f"{name}={value}" for name, value in phone.cookies.items())
    headers = {
        "Content-Length": str(length), "X-CSRF-Token": phone.csrf, "Idempotency-Key": "x",
        "Cookie": cookies,
    }  # fmt: skip
    path = f"/api/v1/crew/incidents/{incident}/media?told_at={NOW}&sent_at={NOW}"
    try:
        connection.putrequest("POST", path)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())["error"]
    finally:
        connection.close()
