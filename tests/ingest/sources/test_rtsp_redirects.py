"""A camera's login goes to its own host: a redirect elsewhere is refused, in every reader."""

import base64
import hashlib
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.sources.pinned_address import probe_only_there
from thapcanh.ingest.sources.probe import ProbeReport, probe, probe_camera
from thapcanh.ingest.sources.rtsp_answers import Challenge, challenge_of

LOGIN = "viewer:h%40sh"
PLAIN = base64.b64encode(b"viewer:h@sh").decode()
Answer = Callable[[str, str], str]
"""From the request and its URI to the reply's first line and headers."""


class Camera:
    """An RTSP server by a script, and all that it was told."""

    def __init__(self, answer: Answer) -> None:
        self.heard: list[str] = []
        self._answer = answer
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.door.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def url(self, path: str = "x", login: str = LOGIN) -> SecretUrl:
        return SecretUrl(f"rtsp://{login}@127.0.0.1:{self.port}/{path}")

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self.door.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        with line:
            while request := line.recv(4096).decode():
                self.heard.append(request)
                number = re.search(r"CSeq: (\d+)", request)
                assert number is not None
                status, *headers = self._answer(request, request.split()[1]).split("\n")
                whole = [f"RTSP/1.0 {status}", f"CSeq: {number[1]}", *headers, "", ""]
                line.sendall("\r\n".join(whole).encode())


@contextmanager
def cameras(*answers: Answer) -> Iterator[list[Camera]]:
    made = [Camera(one) for one in answers]
    try:
        yield made
    finally:
        for one in made:
            one.door.close()


def asks_basic(_: str, __: str) -> str:
    return '401 Unauthorized\nWWW-Authenticate: Basic realm="another"'


def leads_to(address: Callable[[], str]) -> Answer:
    def answer(request: str, _: str) -> str:
        is_options = request.startswith("OPTIONS")
        return "200 OK\nPublic: DESCRIBE" if is_options else f"302 Found\nLocation: {address()}"

    return answer


def _of_a_worker(url: SecretUrl) -> ProbeReport:
    return probe_camera(CameraConfig(id="gate", name="Cổng", source=url))


READERS = (probe, _of_a_worker, probe_only_there)


@pytest.mark.parametrize("read", READERS)
def test_a_static_redirect_does_not_carry_the_login_to_another_host(
    read: Callable[[SecretUrl], ProbeReport],
) -> None:
    """The other host asked for Basic, and was told the camera's password in clear."""
    with cameras(asks_basic) as (other,):
        target = f"rtsp://127.0.0.1:{other.port}/theirs"
        with cameras(leads_to(lambda: target)) as (camera,):
            report = read(camera.url())
    assert (report.ok, report.reason) == (False, "redirect")
    assert "redirects to another host" in (report.error or "")
    assert other.heard == []


@pytest.mark.parametrize("read", READERS)
def test_a_redirect_after_the_login_is_refused_too(
    read: Callable[[SecretUrl], ProbeReport],
) -> None:
    def answer(request: str, uri: str) -> str:
        found = "302 Found\nLocation: rtsp://camera.example/x"
        return found if PLAIN in request else asks_basic(request, uri)

    with cameras(answer) as (camera,):
        assert read(camera.url()).reason == "redirect"


def test_a_redirect_on_the_same_server_is_followed_with_the_login() -> None:
    def answer(request: str, uri: str) -> str:
        if uri.endswith("/x") and request.startswith("DESCRIBE"):
            return "301 Moved\nLocation: /inner/y"
        if uri.endswith("/y") and "Authorization" not in request:
            return asks_basic(request, uri)
        return "200 OK\nPublic: DESCRIBE" if request.startswith("OPTIONS") else "404 Not Found"

    with cameras(answer) as (camera,):
        report = probe(camera.url())
    assert report.reason == "not_found"
    assert any("/inner/y" in one and PLAIN in one for one in camera.heard)


@pytest.mark.parametrize("path", ["/x", "/x?turn={}"])
def test_a_circle_of_redirects_is_named(path: str) -> None:
    turns = iter(range(100))
    answer = leads_to(lambda: path.format(next(turns)))
    with cameras(answer) as (camera,):
        assert probe(camera.url()).reason == "redirect_loop"


def test_a_refused_password_is_tried_once_at_an_opening() -> None:
    """Cameras lock an account after a few wrong ones."""
    with cameras(asks_basic) as (camera,):
        report = probe(camera.url())
    assert report.reason == "unauthorized"
    assert sum("\r\nAuthorization" in one for one in camera.heard) == 1
    assert "h@sh" not in repr(report)


def test_a_digest_is_answered_as_rfc_2617_says() -> None:
    asked = (
        'RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Basic realm="b"\r\n'
        'WWW-Authenticate: Digest realm="testrealm@host.com", qop="auth,auth-int", '
        'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"\r\n'
    )
    challenge = challenge_of(asked)
    assert challenge is not None
    said = challenge.answer(("Mufasa", "Circle Of Life"), "GET", "/dir/index.html")
    fields = dict(re.findall(r'(\w+)="?([^",]*)', said.removeprefix("Digest ")))
    assert (fields["opaque"], fields["qop"]) == ("5ccc069c403ebaf9f0171e9517f40e41", "auth")
    first, second = "939e7578ed9e3c518a452acee763bce9", "39aff3a2bab6126f332b942af96d3366"
    middle = f"{fields['nonce']}:{fields['nc']}:{fields['cnonce']}:auth"
    whole = f"{first}:{middle}:{second}".encode()
    assert fields["response"] == hashlib.md5(whole, usedforsecurity=False).hexdigest()
    plain = Challenge(realm="r", nonce="n").answer(("u", "p"), "DESCRIBE", "rtsp://c/x")
    assert 'response="' in plain
    assert "qop" not in plain
    assert challenge_of("RTSP/1.0 401\nWWW-Authenticate: Digest algorithm=SHA-256, nonce=1") is None
