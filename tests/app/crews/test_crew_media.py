"""What a crew's phone shows: no photo that is none, and no film that is too long."""

import http.client
import json
from typing import Any

import pytest

from tests.app.crews.crew_phone import Phone
from tests.app.web_api.centre import NOW


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
