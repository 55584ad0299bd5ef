"""A caller's link: one call, one phone, half an hour; what comes is made anew before it is kept."""

import asyncio
import http.client
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import av
import httpx
import numpy as np
import pytest
from PIL import Image

from tests.app.calls.test_calls import taken
from tests.app.web_api.centre import Centre, Desk
from thapcanh.alerts.calls.call_redaction import redact_older
from thapcanh.alerts.calls.caller_links import LASTS_S, MOST_OF_KIND, CallerItemKind
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.calls import media_child
from thapcanh.app.calls.sent_media import MadeMedia, OfStrangers

MakeDesk = Callable[..., Desk]
HERE = {"lat": 21.0285, "lon": 105.8542, "accuracy_m": 18.0}
API = "/api/v1/caller"


class Phone(httpx.Client):
    """A caller's phone: keeps its cookie, knows its link's code."""

    def __init__(self, address: str, url: str) -> None:
        super().__init__(base_url=address, trust_env=False, timeout=120)
        self._path = f"{API}/{url.rpartition('/')[2]}"

    def open(self) -> httpx.Response:
        return self.post(self._path)

    def tell(self, what: str, **body: Any) -> httpx.Response:
        return self.post(f"{self._path}/{what}", json=body)

    def upload(self, content: bytes, media_type: str = "image/jpeg") -> httpx.Response:
        headers = {"Content-Type": media_type}
        return self.post(f"{self._path}/media", content=content, headers=headers)


def ask(desk: Desk, method: str, path: str) -> httpx.Response:
    return desk.request(method, f"/api/v1/{path}", headers={"X-CSRF-Token": desk.csrf})


def seen(desk: Desk, call: str) -> dict[str, Any]:
    (link,) = desk.get(f"/api/v1/caller-links?call={call}").json()["items"]
    found: dict[str, Any] = link
    return found


def photo(comment: str = "BIMAT") -> bytes:
    """A photo that says where it was taken, by what, and more."""
    written = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = comment  # the maker
    exif[0x0112] = 6  # lies on its side
    exif.get_ifd(0x8825)[2] = (21.0, 1.0, 42.0)  # GPSLatitude
    Image.new("RGB", (64, 32), (200, 40, 10)).save(
        written, "JPEG", exif=exif, comment=comment.encode()
    )
    return written.getvalue()


def film() -> bytes:
    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as container:
        container.metadata["title"] = "BIMAT"
        stream = container.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(10):
            picture = np.full((48, 64, 3), 90, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return written.getvalue()


@pytest.fixture
def called(desk: Desk) -> dict[str, Any]:
    call: dict[str, Any] = taken(desk, words="cháy mà không biết ở đâu").json()
    return call


@pytest.fixture
def phone(desk: Desk, called: dict[str, Any], address: str) -> Iterator[Phone]:
    made = ask(desk, "POST", f"calls/{called['id']}/link")
    assert made.status_code == 201, made.text
    with Phone(address, made.json()["url"]) as phone:
        yield phone


def test_place_photo_and_words_arrive_in_the_call(
    desk: Desk, called: dict[str, Any], phone: Phone, centre: Centre
) -> None:
    opened = phone.open()
    assert opened.status_code == 200, opened.text
    assert opened.json()["live"].startswith("/phone/")
    assert phone.open().json()["live"] is None, "its code is told once"
    for what, body in (("position", HERE), ("text", {"text": "tầng 3, có trẻ em"})):
        assert phone.tell(what, **body).status_code == 201
    assert phone.upload(photo()).json()["kind"] == "photo"
    link = seen(desk, called["id"])
    position, text, picture = link["items"]
    assert (position["accuracy_m"], text["text"]) == (18.0, "tầng 3, có trẻ em")
    content = desk.get(picture["file"]).content
    assert b"BIMAT" not in content
    with Image.open(io.BytesIO(content)) as kept:
        assert dict(kept.getexif()) == {}
        assert kept.size == (32, 64), "it stands as it was taken"
    incident = desk.get(f"/api/v1/incidents/{called['incident']}").json()
    assert (incident["place"]["lat"], incident["place"]["lon"]) == (HERE["lat"], HERE["lon"])
    assert centre.archive.verify_chain().ok


def test_a_film_is_made_anew(desk: Desk, called: dict[str, Any], phone: Phone) -> None:
    phone.open()
    assert phone.upload(film(), "video/mp4").json()["kind"] == "video"
    (item,) = seen(desk, called["id"])["items"]
    answer = desk.get(item["file"])
    assert answer.headers["Content-Type"] == "video/mp4"
    assert b"BIMAT" not in answer.content
    with av.open(io.BytesIO(answer.content), "r") as kept:
        assert len(list(kept.decode(video=0))) == 10


def test_a_file_that_comes_again_for_a_lost_answer_is_kept_once(
    desk: Desk, called: dict[str, Any], phone: Phone
) -> None:
    phone.open()
    for content in (photo(), film(), photo(), film()):
        assert phone.upload(content).status_code == 201
    kinds = [item["kind"] for item in seen(desk, called["id"])["items"]]
    assert kinds == ["photo", "video"]


def test_who_guesses_a_code_waits_for_nobody_who_writes(centre: Centre, address: str) -> None:
    """Each guess took the one turn in which alerts are stored."""
    with centre.archive.database.writing(), Phone(address, "caller/0000") as guesser:
        assert guesser.open().json()["error"] == "link_over"


def test_a_second_phone_is_told_that_the_link_is_used(phone: Phone, address: str) -> None:
    phone.open()
    with Phone(address, phone._path) as other:
        for answer in (other.open(), other.tell("text", text="tôi đây"), other.upload(photo())):
            assert (answer.status_code, answer.json()["error"]) == (410, "link_used")
    assert phone.tell("text", text="vẫn là tôi").status_code == 201


@pytest.mark.parametrize(
    "content", [b"<html><script>alert(1)</script></html>", b"", b"\xff\xd8\xff\xe0 broken"], ids=str
)
def test_what_is_no_picture_is_refused_by_name(phone: Phone, content: bytes) -> None:
    phone.open()
    told = phone.upload(content)
    assert (told.status_code, told.json()["error"]) == (422, "caller_file_unreadable")


@pytest.mark.parametrize(("form", "made"), [("live webm", "done"), ("one picture", "unreadable")])
def test_a_browsers_recording_is_a_film_and_one_picture_is_none(form: str, made: str) -> None:
    """A recording of a page has no length in its head."""
    recorded = io.BytesIO()
    with av.open(recorded, "w", format="webm", options={"live": "1"}) as container:
        stream = container.add_stream("libvpx", rate=15)
        stream.width, stream.height = 128, 96
        for number in range(15 if form == "live webm" else 1):
            pixels = np.full((96, 128, 3), number * 9, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        container.mux(stream.encode(None))
    told = io.BytesIO()
    media_child.main(io.BytesIO(recorded.getvalue()), told)
    assert json.loads(told.getvalue())["phase"] == made


def test_a_file_over_the_limit_is_refused_before_it_came(phone: Phone) -> None:
    phone.open()
    line = http.client.HTTPConnection(phone.base_url.host, phone.base_url.port, timeout=60)
    line.putrequest("POST", f"{phone._path}/media")
    line.putheader("Content-Length", str(5 << 30))
    line.endheaders()
    line.send(b"0" * 1000)
    told = line.getresponse()
    assert (told.status, json.loads(told.read())["error"]) == (413, "too_large")
    line.close()


def test_a_link_ends_by_time_by_word_and_by_the_next(
    desk: Desk, called: dict[str, Any], phone: Phone, address: str, centre: Centre
) -> None:
    phone.open()
    again = ask(desk, "POST", f"calls/{called['id']}/link").json()
    assert phone.tell("text", text="a").json()["error"] == "link_over"
    with Phone(address, again["url"]) as next_phone:
        next_phone.open()
        assert ask(desk, "DELETE", f"caller-links/{again['id']}").status_code == 204
        assert next_phone.tell("text", text="a").json()["error"] == "link_over"
        assert ask(desk, "DELETE", f"caller-links/{again['id']}").status_code == 404
    last = ask(desk, "POST", f"calls/{called['id']}/link").json()
    with Phone(address, last["url"]) as late:
        late.open()
        centre.clock.at += LASTS_S + 1
        assert late.tell("text", text="a").json()["error"] == "link_over"
    with Phone(address, "/none") as stranger:
        assert stranger.open().status_code == 404


def test_a_place_that_cannot_be_and_too_much_are_refused(phone: Phone) -> None:
    phone.open()
    assert phone.tell("position", **(HERE | {"lat": 0.0, "lon": 0.0})).json()["error"] == (
        "caller_position_wrong"
    )
    most = MOST_OF_KIND[CallerItemKind.TEXT]
    sent = [phone.tell("text", text=str(number)).status_code for number in range(most + 1)]
    assert sent == [201] * most + [429]


def test_another_agency_sees_and_ends_none(desk_of: MakeDesk, address: str) -> None:
    pc07 = desk_of("cc", Role.OPERATOR, DataFilter(agencies=frozenset({"pc07"})))
    csgt = desk_of("gt", Role.OPERATOR, DataFilter(agencies=frozenset({"csgt"})))
    call = taken(pc07).json()["id"]
    made = ask(pc07, "POST", f"calls/{call}/link").json()
    with Phone(address, made["url"]) as phone:
        phone.open()
        phone.upload(photo())
    (item,) = seen(pc07, call)["items"]
    assert csgt.get(item["file"]).status_code == 404
    assert csgt.get(f"/api/v1/caller-links?call={call}").json()["items"] == []
    assert ask(csgt, "DELETE", f"caller-links/{made['id']}").status_code == 404
    assert ask(csgt, "POST", f"calls/{call}/link").status_code == 404


def test_pictures_and_words_go_with_who_called(
    desk: Desk, called: dict[str, Any], phone: Phone, centre: Centre
) -> None:
    phone.open()
    phone.upload(photo())
    phone.tell("text", text="tôi là Nam")
    taken(desk, kind="hoax", words="khác")
    headers = {"X-CSRF-Token": desk.csrf}
    leader = {"reason": "hết hạn lưu"}
    desk.post(f"/api/v1/calls/{called['id']}/redact", headers=headers, json=leader)
    items = seen(desk, called["id"])["items"]
    assert items, "an officer removes nothing"
    now = centre.clock.utc() + 1
    with centre.archive.database.writing() as connection:
        connection.exec_driver_sql("UPDATE incident SET closed_at = 1, state = 'closed'")
    redact_older(centre.archive.database, now, now)
    assert [(one["file"], one["text"]) for one in seen(desk, called["id"])["items"]] == [
        (None, None), (None, None),
    ]  # fmt: skip
    assert desk.get(f"/api/v1/caller-items/{items[0]['id']}/file").status_code == 404


def test_who_was_removed_tells_and_shows_nothing_more_by_the_link(
    desk_of: MakeDesk, called: dict[str, Any], phone: Phone
) -> None:
    """What came after the removal was kept, and nothing removed it."""
    leader = desk_of("cdlan", Role.LEADER)
    assert phone.open().json()["live"] is not None
    assert len(leader.get("/api/v1/phone-links").json()["items"]) == 1
    why, headers = {"reason": "theo yêu cầu"}, {"X-CSRF-Token": leader.csrf}
    done = leader.post(f"/api/v1/calls/{called['id']}/redact", headers=headers, json=why)
    assert done.status_code == 204
    late = phone.tell("text", text="tôi là Nam, ở số 5")
    assert (late.status_code, late.json()["error"]) == (404, "link_over")
    assert leader.get("/api/v1/phone-links").json()["items"] == []


def test_a_photo_that_is_made_anew_while_its_link_is_ended_is_not_kept(
    desk: Desk, called: dict[str, Any], phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended() -> None:
        assert ask(desk, "DELETE", f"caller-links/{seen(desk, called['id'])['id']}").is_success

    async def ended_meanwhile(*_: object) -> MadeMedia:
        await asyncio.to_thread(ended)
        return MadeMedia(kind=CallerItemKind.PHOTO, content=photo())

    phone.open()
    monkeypatch.setattr(OfStrangers, "made", ended_meanwhile)
    assert phone.upload(photo()).json()["error"] == "link_over"
    assert seen(desk, called["id"])["items"] == []


def test_a_photo_of_a_caller_of_whom_nothing_else_is_known_is_removed_by_age(
    desk: Desk, address: str, centre: Centre
) -> None:
    call = taken(desk, kind="hoax", caller=None).json()["id"]
    made = ask(desk, "POST", f"calls/{call}/link").json()
    with Phone(address, made["url"]) as phone:
        phone.open()
        phone.upload(photo())
    now = centre.clock.utc() + 1
    assert [redact_older(centre.archive.database, now, now) for _ in range(2)] == [1, 0]
    assert [one["file"] for one in seen(desk, call)["items"]] == [None]
