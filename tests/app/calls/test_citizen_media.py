"""Photos and films of citizens' messages: made anew, each once, seen with message and call."""

import http.client
import io
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.app.calls.test_caller_links import film, photo
from tests.app.calls.test_calls import taken
from tests.app.calls.test_citizen_messages import MARKET, URL, answer, waiting
from tests.app.signals.test_signals_api import token_of
from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.calls.call_redaction import redact_call, redact_older
from thapcanh.alerts.calls.caller_links import MOST_OF_KIND, CallerItemKind
from thapcanh.alerts.calls.citizen_message_store import CitizenMessageRepository
from thapcanh.alerts.store.roles import EVERYTHING, Actor, DataFilter, Role
from thapcanh.app.web_api.access.token_scopes import TokenScope

LEADER = Actor(username="cdlan", name="Lan", role=Role.LEADER, scope=EVERYTHING)
XMP = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><exif:GPSLatitude>21,1.7N</exif:GPSLatitude>"


class Gateway:
    """A program that brings messages of citizens, and what they show."""

    def __init__(
        self, centre: Centre, address: str, power: TokenScope, scope: DataFilter = EVERYTHING
    ) -> None:
        self.url = httpx.URL(address)
        self.headers = {"Authorization": f"Bearer {token_of(centre, power, scope=scope)}"}

    def tell(self, text: str | None = None) -> str:
        body = {"channel": "zalo", "text": text, "place": MARKET}
        return str(self._post(URL, json=body).json()["id"])

    def show(self, message: str, content: bytes) -> httpx.Response:
        return self._post(f"{URL}/{message}/media", content=content)

    def _post(self, path: str, **body: Any) -> httpx.Response:
        with httpx.Client(trust_env=False, timeout=120) as client:
            return client.post(self.url.join(path), headers=self.headers, **body)


@pytest.fixture
def gateway(centre: Centre, address: str) -> Gateway:
    return Gateway(centre, address, TokenScope.MESSAGES)


def media_of(desk: Desk, message: str) -> list[dict[str, Any]]:
    items = [item for event in waiting(desk) for item in event["items"]]
    return next(item["media"] for item in items if item["id"] == message)


def media_of_call(desk: Desk, call: str) -> list[dict[str, Any]]:
    media: list[dict[str, Any]] = desk.get(f"/api/v1/caller-links?call={call}").json()["media"]
    return media


def with_xmp(content: bytes) -> bytes:
    """A JPEG with one more segment APP1 behind its head."""
    segment = b"\xff\xe1" + (len(XMP) + 2).to_bytes(2, "big") + XMP
    return content[:2] + segment + content[2:]


def test_a_photo_is_made_anew_and_goes_with_its_message_into_the_incident(
    desk: Desk, gateway: Gateway, centre: Centre
) -> None:
    incident = taken(desk, kind="fire", place=MARKET).json()["incident"]
    message = gateway.tell("cháy ở chợ")
    content = with_xmp(photo())
    assert b"GPSLatitude" in content
    assert Image.open(io.BytesIO(content)).getexif().get_ifd(0x8825)
    shown = gateway.show(message, content)
    assert (shown.status_code, shown.json()["kind"]) == (201, "photo"), shown.text
    assert gateway.show(message, content).json() == shown.json()
    (one,) = media_of(desk, message)
    kept = desk.get(one["file"])
    assert kept.headers["Content-Type"] == "image/jpeg"
    for secret in (b"GPSLatitude", b"xmp", b"xap", b"BIMAT", b"Exif", b"\xff\xe1"):
        assert secret not in kept.content
    assert dict(Image.open(io.BytesIO(kept.content)).getexif()) == {}
    call = answer(desk, message, "take", incident=incident).json()["call"]
    assert [each["id"] for each in media_of_call(desk, call["id"])] == [one["id"]]
    assert gateway.show(message, film()).json()["kind"] == "video", "also what comes after"
    assert [each["kind"] for each in media_of_call(desk, call["id"])] == ["photo", "video"]
    assert centre.archive.verify_chain().ok


def test_what_is_no_picture_too_large_or_too_much_is_refused_by_name(
    desk: Desk, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = gateway.tell()
    for content in (b"<html><script>alert(1)</script></html>", b""):
        told = gateway.show(message, content)
        assert (told.status_code, told.json()["error"]) == (422, "caller_file_unreadable")
    assert _announced(gateway, message, 5 << 30) == (413, "too_large")
    monkeypatch.setitem(MOST_OF_KIND, CallerItemKind.PHOTO, 1)
    assert gateway.show(message, photo("A")).status_code == 201
    told = gateway.show(message, photo("B"))
    assert (told.status_code, told.json()["error"]) == (409, "message_quota")
    assert gateway.show(message, photo("A")).status_code == 201
    assert len(media_of(desk, message)) == 1


def _announced(gateway: Gateway, message: str, length: int) -> tuple[int, str]:
    """What is answered to the head of a request whose body has only begun."""
    line = http.client.HTTPConnection(gateway.url.host, gateway.url.port, timeout=60)
    line.putrequest("POST", f"{URL}/{message}/media")
    line.putheader("Authorization", gateway.headers["Authorization"])
    line.putheader("Content-Length", str(length))
    line.endheaders()
    line.send(b"0" * 1000)
    told = line.getresponse()
    said = told.status, str(json.loads(told.read())["error"])
    line.close()
    return said


def test_messages_of_another_token_get_nothing_and_other_powers_and_people_bring_nothing(
    desk: Desk, gateway: Gateway, centre: Centre, address: str
) -> None:
    message = gateway.tell()
    other = Gateway(centre, address, TokenScope.MESSAGES)
    assert other.show(message, photo()).json()["error"] == "message_not_found"
    assert gateway.show("none", photo()).status_code == 404
    reader = Gateway(centre, address, TokenScope.READ)
    assert reader.show(message, photo()).status_code == 403
    headers = {"X-CSRF-Token": desk.csrf}
    told = desk.post(f"{URL}/{message}/media", content=photo(), headers=headers)
    assert (told.status_code, told.json()["error"]) == (404, "message_not_found")
    assert media_of(desk, message) == []


def test_another_agency_sees_no_picture(
    centre: Centre, address: str, desk: Desk, desk_of: Callable[..., Desk]
) -> None:
    scope = DataFilter(agencies=frozenset({"pc07"}))
    gateway = Gateway(centre, address, TokenScope.MESSAGES, scope)
    message = gateway.tell()
    gateway.show(message, photo())
    (one,) = media_of(desk, message)
    call = answer(desk, message, "take", kind="fire").json()["call"]["id"]
    csgt = desk_of("gt", Role.OPERATOR, DataFilter(agencies=frozenset({"csgt"})))
    assert csgt.get(one["file"]).status_code == 404
    assert media_of_call(csgt, call) == []
    assert len(media_of_call(desk, call)) == 1


@pytest.mark.parametrize("how", ["leader", "call's age", "message's age"])
def test_a_photo_alone_is_removed_with_who_wrote(
    desk: Desk, gateway: Gateway, centre: Centre, how: str
) -> None:
    message = gateway.tell()
    gateway.show(message, photo())
    (one,) = media_of(desk, message)
    call = answer(desk, message, "take", kind="hoax").json()["call"]["id"]
    database, now = centre.archive.database, centre.clock.utc() + 1
    if how == "leader":
        assert redact_call(database, LEADER, call, "hết hạn lưu", now)
    elif how == "call's age":
        assert [redact_older(database, now, now) for _ in range(2)] == [1, 0]
    else:
        messages = CitizenMessageRepository(database)
        assert [messages.redact_older(now) for _ in range(2)] == [1, 0]
    assert [each["file"] for each in media_of_call(desk, call)] == [None]
    assert desk.get(one["file"]).status_code == 404
    assert centre.archive.verify_chain().ok
    assert gateway.show(message, photo()).status_code == 201, "it is told as kept"
    assert [each["file"] for each in media_of_call(desk, call)] == [None]
