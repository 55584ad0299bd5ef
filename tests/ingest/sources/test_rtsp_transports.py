"""How an RTSP camera comes to play: by each transport alone, again where it refuses at first."""

import contextlib
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pytest

import thapcanh.ingest
from tests.patience import PATIENCE_S
from tests.running_simulator import RunningSimulator, running_simulator
from thapcanh.config.camera import Transport
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.errors import CameraRefused
from thapcanh.ingest.sources.connection import OpenSettings
from thapcanh.ingest.sources.pinned_address import probe_only_there
from thapcanh.ingest.sources.probe import ProbeReport, probe, render
from thapcanh.ingest.sources.registry import open_source
from thapcanh.ingest.sources.rtsp_transports import TransportMemory

MakeFilm = Callable[..., Path]
_SEQUENCE = re.compile(rb"CSeq: *(\d+)")


class _Camera:
    """A relay before the simulator that answers some SETUPs itself, and notes all of them."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.refusals: list[bytes] = []
        """Statuses of the next SETUPs that it has a transport for."""
        self.has_tcp = True
        self.asked: list[str] = []
        self.door = socket.create_server(("127.0.0.1", 0))
        self.url = SecretUrl(f"rtsp://127.0.0.1:{self.door.getsockname()[1]}/street")

    def serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self.door.accept()
                threading.Thread(target=self._talk, args=(caller,), daemon=True).start()

    def _talk(self, caller: socket.socket) -> None:
        camera = socket.create_connection(("127.0.0.1", self._port))
        threading.Thread(target=_pass_on, args=(camera, caller), daemon=True).start()
        with contextlib.suppress(OSError), caller, camera:
            while data := caller.recv(65536):
                status = self._refusal(data) if data.startswith(b"SETUP") else b""
                if not status:
                    camera.sendall(data)
                    continue
                number = _SEQUENCE.search(data)
                assert number is not None
                caller.sendall(b"RTSP/1.0 %b\r\nCSeq: %b\r\n\r\n" % (status, number[1]))

    def _refusal(self, asked: bytes) -> bytes:
        by_tcp = b"RTP/AVP/TCP" in asked
        self.asked.append("tcp" if by_tcp else "udp")
        if by_tcp and not self.has_tcp:
            return b"461 Unsupported Transport"
        return self.refusals.pop(0) if self.refusals else b""


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture(scope="module")
def street(film: MakeFilm) -> Iterator[RunningSimulator]:
    word = f"street={film('plain.mp4', codec='libx264')}"
    with running_simulator([word], as_is=True) as simulator:
        yield simulator


@pytest.fixture
def camera(street: RunningSimulator) -> Iterator[_Camera]:
    with _serving(street.port) as camera:
        yield camera


@contextmanager
def _serving(port: int) -> Iterator[_Camera]:
    camera = _Camera(port)
    thread = threading.Thread(target=camera.serve, daemon=True)
    thread.start()
    try:
        yield camera
    finally:
        camera.door.shutdown(socket.SHUT_RDWR)
        camera.door.close()
        thread.join(PATIENCE_S)


def _plays(camera: _Camera, transport: Transport = Transport.AUTO) -> Transport | None:
    settings = OpenSettings(transport=transport, open_timeout_s=PATIENCE_S)
    with open_source(camera.url, settings) as connection:
        assert len(list(islice(connection, 5))) == 5
        return connection.transport


@pytest.mark.parametrize("status", [b"453 Not Enough Bandwidth", b"454 No Session", b"503 Busy"])
@pytest.mark.parametrize("has_tcp", [False, True], ids=["after a 461", "one session at a time"])
def test_a_camera_that_held_a_closed_session_for_a_moment_was_refused(
    camera: _Camera, status: bytes, has_tcp: bool
) -> None:
    camera.has_tcp, camera.refusals = has_tcp, [status, status]
    assert _plays(camera) is (Transport.TCP if has_tcp else Transport.UDP)


def test_a_camera_with_a_settled_transport_was_refused_for_a_session_it_still_held(
    camera: _Camera,
) -> None:
    camera.refusals = [b"503 Busy"]
    assert _plays(camera, Transport.UDP) is Transport.UDP


def test_each_reconnect_asked_a_camera_for_tcp_that_had_refused_it(
    camera: _Camera, caplog: pytest.LogCaptureFixture
) -> None:
    camera.has_tcp = False
    with caplog.at_level("INFO"):
        assert _plays(camera) is Transport.UDP
        assert _plays(camera) is Transport.UDP
    assert camera.asked == ["tcp", "udp", "udp"]
    assert caplog.text.count("it has no TCP, trying UDP") == 1


def test_a_camera_that_lost_udp_and_has_tcp_is_watched_by_tcp(street: RunningSimulator) -> None:
    with _serving(street.port) as camera:
        camera.has_tcp = False
        assert _plays(camera) is Transport.UDP
        camera.has_tcp, camera.refusals = True, [b"461 Unsupported Transport"]
        assert _plays(camera) is Transport.TCP


def test_a_camera_that_refuses_for_good_is_named_and_not_asked_for_ever(camera: _Camera) -> None:
    camera.refusals = [b"453 Not Enough Bandwidth"] * 100
    with pytest.raises(CameraRefused, match="refused to play"):
        open_source(camera.url, OpenSettings(open_timeout_s=3.0))
    assert 1 < len(camera.asked) < 10


@pytest.mark.parametrize("look", [probe, probe_only_there])
def test_a_probe_did_not_say_by_which_transport_it_plays(
    camera: _Camera, look: Callable[[SecretUrl], ProbeReport]
) -> None:
    """That of the screens went through a relay for one connection: by UDP it never came to play."""
    camera.has_tcp, camera.refusals = False, [b"503 Busy"]
    report = look(camera.url)
    assert report.ok, report.error
    assert report.transport == "udp"
    assert re.search(r"comes by +udp", render(report))
    assert any("come by udp" in note for note in report.notes)


def test_the_memory_is_bounded_and_drops_the_oldest() -> None:
    memory = TransportMemory(most=2)
    urls = [SecretUrl(f"rtsp://10.0.0.{number}/a") for number in range(3)]
    assert all(memory.store(url, Transport.UDP) for url in urls)
    assert [memory.first(url) for url in urls] == [Transport.TCP, Transport.UDP, Transport.UDP]
    assert not memory.store(urls[2], Transport.UDP)


def test_whoever_plays_rtsp_asks_again_and_by_each_transport() -> None:
    """The next reader that calls `played_by` or libav for RTSP by itself is found."""
    room = Path(str(thapcanh.ingest.__file__)).parent
    texts = {path.relative_to(room).as_posix(): path.read_text() for path in room.rglob("*.py")}
    asks_libav = {name for name, text in texts.items() if '"rtsp_transport"' in text}
    assert asks_libav == {"sources/schemes/rtsp.py"}
    players = {name for name, text in texts.items() if "played_by(" in text}
    assert players
    assert {name for name in players if not re.search(r"\bopened\(", texts[name])} == set()
