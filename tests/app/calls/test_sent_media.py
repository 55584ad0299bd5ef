"""Hostile files of strangers: they read nothing of the machine, and hold up nobody else."""

import io
import json
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.calls import caller_page_routes, media_child, sent_media
from app.web_api.errors import ApiError
from app.web_api.middleware import concurrency_limit
from app.web_api.middleware.body_size_limit import STRANGERS_FILES
from tests.app.calls.test_caller_links import Phone, ask, called, phone
from tests.app.web_api.centre import Desk
from tests.conftest import MakeFilm
from tests.patience import PATIENCE_S

__all__ = ["called", "phone"]  # fixtures


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


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Files that are not made anew before this is set."""
    released = threading.Event()

    def made(_: bytes) -> Any:
        assert released.wait(PATIENCE_S)
        raise ApiError(422, "caller_file_unreadable")

    monkeypatch.setattr(caller_page_routes, "reencoded", made)
    monkeypatch.setattr(concurrency_limit, "REFUSED_AFTER_S", (0.0, 0.0))
    yield released
    released.set()


def test_files_that_wait_to_be_made_anew_leave_threads_for_officers(
    desk: Desk, phone: Phone, stuck: threading.Event
) -> None:
    """Each held a thread for up to 90 s, and forty of them every thread of the centre."""
    phone.open()

    def shown(number: int) -> httpx.Response:
        transport = httpx.HTTPTransport(local_address=f"127.0.0.{2 + number // 2}")
        with httpx.Client(transport=transport, cookies=phone.cookies, timeout=120) as client:
            return client.post(phone.base_url.join(f"{phone._path}/media"), content=b"x")

    refused = 2
    with ThreadPoolExecutor(STRANGERS_FILES.at_once + refused) as pool:
        waiting: set[Future[httpx.Response]] = {
            pool.submit(shown, number) for number in range(STRANGERS_FILES.at_once + refused)
        }
        answers: list[httpx.Response] = []
        while len(answers) < refused:
            done, waiting = wait(waiting, PATIENCE_S, FIRST_COMPLETED)
            assert done, "all of them wait"
            answers += [one.result() for one in done]
        assert {(one.status_code, one.json()["error"]) for one in answers} == {(503, "busy")}
        assert desk.get("/api/v1/alerts").status_code == 200
        stuck.set()
        assert {one.result().status_code for one in waiting} == {422}
    assert phone.tell("text", text="vẫn gửi được").status_code == 201
    assert ask(desk, "GET", "alerts").status_code == 200


def test_an_empty_file_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []
    monkeypatch.setattr(sent_media, "start_child", started.append)
    with pytest.raises(ApiError, match="caller_file_unreadable"):
        sent_media.reencoded(b"")
    assert not started
