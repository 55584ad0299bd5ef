"""A camera that redirects leads nobody anywhere; one that does not is looked at as always."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.patience import PATIENCE_S
from tests.running_simulator import running_simulator
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.sources.pinned_address import RedirectGuard, RedirectRefused, probe_only_there

MakeFilm = Callable[..., Path]

GOOD = b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Base: rtsp://10.0.0.1/\r\n\r\n$\x00\x00\x04RTSP"
REDIRECTS = (
    b"RTSP/1.0 302 Found\r\nLocation: rtsp://127.0.0.1:6379/\r\n\r\n",
    b"RTSP/2.0\t 301 Moved\r\n\r\n",
    b"RTSP/ 0305 x\r\n",
    b"RTSP/1.0 +399\n",
    b"R\rTSP/1.0 \r\x0b3\r02 Found\n",
    b"RTSP/" + b"1" * 7000 + b" 302 Found\r\n",
    b"RTSP/" + b"1" * 9000,
)


def _passed(data: bytes, cuts: list[int]) -> bytes:
    """Data through a gate, in pieces that end at the cuts."""
    gate, passed, begin = RedirectGuard(), b"", 0
    for cut in [*sorted(cuts), len(data)]:
        passed += gate.passed(data[begin:cut])
        begin = cut
    return passed + gate.rest()


@settings(max_examples=60)
@given(cuts=st.lists(st.integers(0, len(GOOD)), max_size=8))
def test_what_does_not_redirect_passes_unchanged_in_whatever_pieces(cuts: list[int]) -> None:
    assert _passed(GOOD, cuts) == GOOD


@pytest.mark.parametrize("redirect", REDIRECTS)
def test_a_redirect_is_stopped_in_whatever_pieces(redirect: bytes) -> None:
    data = GOOD + redirect
    for size in (5, 64, len(data)):
        with pytest.raises(RedirectRefused):
            _passed(data, list(range(size, len(data), size)))


@pytest.fixture
def inner() -> Iterator[socket.socket]:
    """A door that nobody from outside may knock at."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(0.2)
        yield door


def test_a_camera_that_redirects_leads_nobody_to_another_door(inner: socket.socket) -> None:
    target = f"rtsp://127.0.0.1:{inner.getsockname()[1]}/secret"
    answer = f"RTSP/1.0 302 Found\r\nCSeq: 1\r\nLocation: {target}\r\n\r\n".encode()
    with socket.create_server(("127.0.0.1", 0)) as camera:

        def redirect() -> None:
            with camera.accept()[0] as caller:
                caller.recv(4096)
                caller.sendall(answer)
                caller.settimeout(20)
                while caller.recv(4096):
                    pass

        thread = threading.Thread(target=redirect)
        thread.start()
        port = camera.getsockname()[1]
        report = probe_only_there(SecretUrl(f"rtsp://u:hush@127.0.0.1:{port}/x"))
        thread.join(PATIENCE_S)
    assert not report.ok
    assert report.error is not None
    assert f"rtsp://u:<secret>@127.0.0.1:{port}/x" in report.error
    with pytest.raises(TimeoutError):
        inner.accept()


def test_a_camera_that_answers_is_looked_at_with_its_login(film: MakeFilm) -> None:
    plain = film("plain.mp4", codec="libx264")
    with running_simulator([f"plain={plain}"], user="viewer:hush", as_is=True) as running:
        report = probe_only_there(SecretUrl(running.url("plain", with_login=True)))
    assert report.ok, report.error
    assert report.codec == "h264"
    assert "hush" not in repr(report)


def test_where_nobody_listens_it_says_so() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as door:
        port = door.getsockname()[1]
    report = probe_only_there(SecretUrl(f"rtsp://127.0.0.1:{port}/x"))
    assert (report.ok, report.reason) == (False, "unreachable")
    assert "nothing listens" in str(report.error)
