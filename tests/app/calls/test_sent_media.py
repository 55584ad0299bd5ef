"""Hostile files of strangers: they read nothing of the machine, and hold up nobody else."""

import io
import json
import shutil
import socket
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from tests.app.calls.test_caller_links import Phone, ask, called, phone, photo
from tests.app.calls.test_calls import taken
from tests.app.web_api.centre import NOW, Centre, Desk, serving
from tests.conftest import MakeFilm
from tests.patience import PATIENCE_S, eventually
from thapcanh.alerts.calls.call_store import CallRepository
from thapcanh.alerts.calls.caller_links import CallerLinkRepository
from thapcanh.alerts.incidents.calls import CallKind, NewCall
from thapcanh.alerts.incidents.records import IncidentPlace
from thapcanh.alerts.store.roles import Actor, Role
from thapcanh.app.calls import media_child, sent_media
from thapcanh.app.calls.sent_media import OfStrangers
from thapcanh.app.process.admission import FILES_OF_CALLERS, DoorBudget
from thapcanh.app.web_api.middleware import concurrency_limit
from thapcanh.ingest import child_process
from thapcanh.ingest.child_process import start_child

__all__ = ["called", "phone"]  # fixtures

MAKES = sent_media._COMMAND


@pytest.mark.parametrize(
    "playlist",
    [
        "ffconcat version 1.0\nfile evidence.mp4\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nevidence.mp4\n#EXT-X-ENDLIST\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
        "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    ],
    ids=["ffconcat", "hls", "sdp"],
)
def test_a_playlist_reads_no_other_file_of_the_machine(
    playlist: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, film: MakeFilm
) -> None:
    """A caller's `ffconcat` was given the centre's own films, made anew as the caller's."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(film("film.mp4"), "evidence.mp4")
    read, told = list[object](), io.BytesIO()

    def copied(source: object, _: object) -> int:
        read.append(source)
        return 0

    monkeypatch.setattr(media_child, "_copied", copied)
    media_child.main(io.BytesIO(playlist.encode()), told)
    assert json.loads(told.getvalue())["phase"] == "unreadable"
    assert not read


SLEEPS = (sys.executable, "-c", "import sys, time; sys.stdin.buffer.read(); time.sleep(600)")


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files whose process comes to no end."""
    monkeypatch.setattr(sent_media, "_COMMAND", SLEEPS)
    monkeypatch.setattr(concurrency_limit, "REFUSED_AFTER_S", (0.0, 0.0))


@contextmanager
def _sent(phone: Phone, path: str, length: int, content: bytes) -> Iterator[socket.socket]:
    """A photo on its way, from a connection of its own."""
    url, cookies = phone.base_url, "; ".join(f"{k}={v}" for k, v in phone.cookies.items())
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\n"
        f"Cookie: {cookies}\r\nContent-Length: {length}\r\n\r\n"
    )
    assert url.port is not None
    with socket.create_connection((url.host, url.port), timeout=PATIENCE_S) as line:
        line.sendall(head.encode() + content)
        yield line


def _media(phone: Phone) -> str:
    return f"{phone._path}/media"


def test_trickled_photos_of_nobodys_link_close_no_citizens_door(phone: Phone) -> None:
    """Six of three addresses closed it for two minutes: the code was looked at afterwards."""
    phone.open()
    with ExitStack() as stack:
        lines = [
            stack.enter_context(_sent(phone, "/api/v1/caller/nobodys/media", 5_000_000, b"x"))
            for _ in range(6)
        ]
        assert {line.recv(12)[9:12] for line in lines} == {b"404"}
        assert phone.upload(photo()).status_code == 201


def test_a_slow_photo_holds_its_own_senders_share_alone(
    desk: Desk, phone: Phone, address: str
) -> None:
    phone.open()
    with ExitStack() as stack:
        for _ in range(FILES_OF_CALLERS.shares[0]):
            stack.enter_context(_sent(phone, _media(phone), 5_000_000, b"x"))
        call = taken(desk, words="người khác").json()
        other = stack.enter_context(
            Phone(address, ask(desk, "POST", f"calls/{call['id']}/link").json()["url"])
        )
        other.open()
        assert other.upload(photo()).status_code == 201


@pytest.fixture
def making(centre: Centre) -> Iterator[tuple[str, OfStrangers]]:
    with serving(centre) as served:
        yield served.address, served.app.state.here.part(OfStrangers)


@contextmanager
def _phone_at(centre: Centre, address: str) -> Iterator[Phone]:
    """A caller's phone with a new link, opened."""
    leader = Actor(username="an", name="an", role=Role.LEADER)
    new = NewCall(
        kind=CallKind.FIRE, line="114", caller=None, place=IncidentPlace(), said=None,
        agency=None, area=None,
    )  # fmt: skip
    call = CallRepository(centre.archive.database).add(leader, new, NOW).call
    made = CallerLinkRepository(centre.archive.database).make(leader, call.id, NOW)
    assert isinstance(made, tuple)
    with Phone(address, f"/caller/{made[1]}") as phone:
        assert phone.open().status_code == 200
        yield phone


def test_a_film_is_given_up_when_its_caller_hangs_up(
    centre: Centre, making: tuple[str, OfStrangers], monkeypatch: pytest.MonkeyPatch, stuck: None
) -> None:
    """One caller's films burned the one turn for eight minutes after he hung up."""
    address, media = making
    started: list[Any] = []

    def noted(*arguments: Any) -> Any:
        started.append(start_child(*arguments))
        return started[-1]

    monkeypatch.setattr(child_process, "start_child", noted)
    with _phone_at(centre, address) as caller, _phone_at(centre, address) as other:
        with _sent(caller, _media(caller), 4, b"film"):
            assert eventually(lambda: started)
            assert len(media._admission) == 1
        assert eventually(lambda: len(media._admission) == 0)
        assert started[0].poll() is not None
        monkeypatch.setattr(sent_media, "_COMMAND", MAKES)
        assert other.upload(photo()).status_code == 201
        assert caller.upload(photo()).status_code == 201  # no seconds were spent


def test_who_hangs_up_before_his_turn_has_none(
    centre: Centre, making: tuple[str, OfStrangers], monkeypatch: pytest.MonkeyPatch, stuck: None
) -> None:
    address, media = making
    with _phone_at(centre, address) as first, _phone_at(centre, address) as second:
        with _sent(first, _media(first), 4, b"film"):
            assert eventually(lambda: len(media._admission) == 1)
            with _sent(second, _media(second), 4, b"film"):
                assert eventually(lambda: media._turns._waiting)
            assert eventually(lambda: not media._turns._waiting)
        monkeypatch.setattr(sent_media, "_COMMAND", MAKES)
        assert second.upload(photo()).status_code == 201


def test_what_unreadable_films_took_is_charged_to_who_sent_them(
    centre: Centre, making: tuple[str, OfStrangers], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The quota counted only what was kept, and an unreadable film is never kept."""
    address, media = making
    burns = "import time\nwhile time.process_time() < 0.3: pass"
    monkeypatch.setattr(sent_media, "_COMMAND", (sys.executable, "-c", burns))
    few = DoorBudget(places=1, shares=(1,), seconds=(sent_media._CPU_S + 0.2,))
    media._admission.budget = few
    with _phone_at(centre, address) as caller, _phone_at(centre, address) as other:
        assert caller.upload(b"film").status_code == 422
        refused = caller.upload(b"film")
        assert (refused.status_code, refused.json()["error"]) == (429, "media_seconds")
        monkeypatch.setattr(sent_media, "_COMMAND", MAKES)
        assert other.upload(photo()).status_code == 201


def test_files_that_wait_to_be_made_anew_take_no_thread_of_officers(
    centre: Centre, making: tuple[str, OfStrangers], stuck: None
) -> None:
    """Each held a thread for up to 90 s, and forty of them every thread of the centre."""
    address, media = making
    centre.add_user("an", Role.OPERATOR)
    with ExitStack() as stack:
        for _ in range(8):
            phone = stack.enter_context(_phone_at(centre, address))
            stack.enter_context(_sent(phone, _media(phone), 4, b"film"))
        assert eventually(lambda: len(media._turns._waiting) == 7)
        desk = stack.enter_context(Desk(address)).log_in("an")
        assert desk.get("/api/v1/alerts").status_code == 200


def test_a_vast_picture_is_judged_by_its_head(monkeypatch: pytest.MonkeyPatch) -> None:
    """455 KB of 156 megapixels took 70 s: Pillow refuses only twice its limit."""
    decoded: list[object] = []
    monkeypatch.setattr(Image.Image, "convert", lambda *_: decoded.append(1))
    monkeypatch.setattr(media_child, "_film", lambda _: decoded.append(2))
    told, size = io.BytesIO(), (12_500).to_bytes(4, "big")
    head = b"IHDR" + size + size + b"\x08\x02\x00\x00\x00"
    picture = b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + head
    picture += zlib.crc32(head).to_bytes(4, "big")
    idat = b"IDAT" + zlib.compress(bytes(1 << 16))
    picture += (len(idat) - 4).to_bytes(4, "big") + idat + zlib.crc32(idat).to_bytes(4, "big")
    media_child.main(io.BytesIO(picture), told)
    assert json.loads(told.getvalue()) == {"phase": "unreadable"}
    assert decoded == []


def test_a_film_of_vast_pictures_is_not_decoded() -> None:
    written = io.BytesIO()
    with av.open(written, "w", format="mov") as container:
        stream = container.add_stream("png", rate=5)
        stream.width, stream.height, stream.pix_fmt = 9000, 4000, "gray"
        for _ in range(3):
            picture = np.zeros((4000, 9000), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="gray")))
        container.mux(stream.encode(None))
    told = io.BytesIO()
    media_child.main(io.BytesIO(written.getvalue()), told)
    assert json.loads(told.getvalue()) == {"phase": "unreadable"}


def test_an_empty_file_starts_no_process(
    centre: Centre, making: tuple[str, OfStrangers], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    monkeypatch.setattr(child_process, "start_child", started.append)
    with _phone_at(centre, making[0]) as phone:
        assert phone.upload(b"").json()["error"] == "caller_file_unreadable"
    assert not started
