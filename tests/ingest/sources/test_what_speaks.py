"""Each slip in an address, and each wrong server behind it, is told in a sentence of its own."""

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ingest.sources.http_camera import http_camera
from tests.ingest.sources.tls_camera import behind_tls, certificate
from tests.patience import PATIENCE_S
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest import errors
from thapcanh.ingest.sources.connection import OpenSettings
from thapcanh.ingest.sources.pinned_address import probe_only_there
from thapcanh.ingest.sources.probe import probe, render
from thapcanh.ingest.sources.registry import SCHEMES
from thapcanh.ingest.sources.scheme import tidied
from thapcanh.ingest.sources.what_speaks import named

Answer = Callable[[bytes, int], bytes]
QUICK = OpenSettings(open_timeout_s=1.5)


def _rtsp(request: bytes, status: str, *lines: str, body: str = "") -> bytes:
    found = re.search(rb"CSeq: *(\d+)", request)
    head = [f"RTSP/1.0 {status}", f"CSeq: {found[1].decode() if found else 1}", *lines]
    return "\r\n".join([*head, f"Content-Length: {len(body)}", "", body]).encode()


def _srtp(request: bytes, _: int) -> bytes:
    sdp = (
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/SAVP 96\r\n"
        "a=rtpmap:96 H264/90000\r\na=control:track1\r\n"
    )
    if request.startswith(b"DESCRIBE"):
        return _rtsp(request, "200 OK", "Content-Type: application/sdp", body=sdp)
    if request.startswith(b"SETUP"):
        return _rtsp(request, "461 Unsupported Transport")
    return _rtsp(request, "200 OK", "Public: DESCRIBE, SETUP, PLAY")


def _loop(request: bytes, port: int) -> bytes:
    other = "b" if request.split(b" ")[1].endswith(b"/a") else "a"
    return _rtsp(request, "302 Moved", f"Location: rtsp://127.0.0.1:{port}/{other}")


def _page(_: bytes, __: int) -> bytes:
    body = "<html><body>Login</body></html>"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + body).encode()


@contextmanager
def _server(answer: Answer) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = int(door.getsockname()[1])
        thread = threading.Thread(target=_accept, args=(door, answer, port), daemon=True)
        thread.start()
        yield port
        door.shutdown(socket.SHUT_RDWR)
        thread.join(PATIENCE_S)


def _accept(door: socket.socket, answer: Answer, port: int) -> None:
    while True:
        try:
            line, _ = door.accept()
        except OSError:
            return
        threading.Thread(target=_talk, args=(line, answer, port), daemon=True).start()


def _talk(line: socket.socket, answer: Answer, port: int) -> None:
    with line:
        try:
            while request := line.recv(65536):
                line.sendall(answer(request, port))
        except OSError:
            return


def _reason(address: str) -> str | None:
    report = probe(SecretUrl(address), open_with=lambda url: SCHEMES.open(url, QUICK))
    assert len(render(report).splitlines()) == 1
    return report.reason


@pytest.mark.parametrize(
    ("answer", "scheme", "reason"),
    [
        (_srtp, "rtsp", "srtp_only"),
        (_loop, "rtsp", "redirect_loop"),
        (_page, "rtsp", "web_page"),
        (_page, "http", "web_page"),
        (_srtp, "http", "other_protocol"),
        (_srtp, "rtsps", "no_tls"),
        (_page, "https", "no_tls"),
    ],
)
def test_what_speaks_there_instead_is_named(answer: Answer, scheme: str, reason: str) -> None:
    """They all were `the connection broke; check the network between here and the camera`."""
    with _server(answer) as port:
        assert _reason(f"{scheme}://127.0.0.1:{port}/a") == reason


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_tls_where_it_was_asked_in_clear_is_named(tmp_path: Path, scheme: str) -> None:
    with _server(_srtp) as port, behind_tls(port, certificate(tmp_path)) as door:
        assert _reason(f"{scheme}://127.0.0.1:{door}/a") == "needs_tls"


def test_a_circle_of_redirects_by_http_is_named(tmp_path: Path) -> None:
    with http_camera(tmp_path) as server:
        assert _reason(server.url("to/round").reveal()) == "redirect_loop"


def test_an_address_that_an_engineer_tries_on_the_screens_is_named_too() -> None:
    """Through the relay that the camera cannot lead away from."""
    with _server(_srtp) as port:
        report = probe_only_there(SecretUrl(f"rtsp://u:pass@127.0.0.1:{port}/a"))
    assert report.reason == "srtp_only"
    assert "pass" not in render(report)


@pytest.mark.parametrize("sign", ["/", "?", "#"])
@pytest.mark.parametrize("password", ["a{}b", "12{}34", "{}"])
def test_a_sign_in_a_password_that_ends_the_host_is_told_with_its_way_out(
    sign: str, password: str
) -> None:
    address = f"rtsp://admin:{password.format(sign)}@10.0.0.1:554/ch1"
    with pytest.raises(ValueError, match="written with %2F, %3F and %23"):
        SCHEMES.check(SecretUrl(address))
    report = probe(SecretUrl(address))
    assert report.reason == "address"
    assert "%2F" in (report.error or "")
    assert password.format(sign) + "@" not in (report.error or "")


@pytest.mark.parametrize(
    "right",
    [
        "rtsp://10.0.0.1:554/user=a@b",
        "rtsp://admin:a%2Fb@10.0.0.1/x?y=1",
        "rtsp://admin:a@b@10.0.0.1/x",
        "rtsp://localhost:8554/a@b",
        "rtsp://camera/x",
    ],
)
def test_an_address_that_is_right_passes(right: str) -> None:
    SCHEMES.check(SecretUrl(right))
    assert tidied(SecretUrl(right)).reveal() == right


def test_an_answer_that_says_nothing_more_is_left_as_it_was() -> None:
    asked = "rtsp://127.0.0.1/a"
    sdp = b"RTSP/1.0 200 OK\r\n\r\nm=video 0 RTP/AVP 96\r\nm=video 0 RTP/SAVP 97\r\n"
    for reply in (
        sdp,
        b"RTSP/1.0 401 No\r\n\r\n",
        b"RTSP/1.0 302 X\r\nLocation: rtsp://o/\r\n\r\n",
    ):
        assert named(reply, asked, asked) is None
    assert isinstance(named(b"HTTP/1.0 400 Bad\r\n\r\n", asked, asked), errors.OtherProtocol)
