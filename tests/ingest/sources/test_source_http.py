"""HTTP sources against a real server on this machine: MJPEG, HLS, logins, and every refusal."""

import base64
import hashlib
import re
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import pytest

from config.secret import SecretUrl
from ingest.decoding.decoder import Decoder
from ingest.errors import (
    CameraRefused,
    ConnectionBroken,
    Ended,
    NotFound,
    RedirectElsewhere,
    SourceError,
    Stalled,
    Unanswered,
    Unauthorized,
    Unreachable,
)
from ingest.packets.packet import Packet
from ingest.sources.connection import OpenSettings
from ingest.sources.fake_source import synthetic_packets
from ingest.sources.source import open_source

MakeFilm = Callable[..., Path]
QUICK = OpenSettings(open_timeout_s=1.0, read_timeout_s=1.0, http_read_timeout_s=1.0)
USER, PASSWORD = "viewer", "tr0ub4dor"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.pictures = [bytes(one.encoded) for one in synthetic_packets(20, codec="mjpeg")]
        self.over = threading.Event()

    def url(self, path: str, login: str = "") -> SecretUrl:
        return SecretUrl(f"http://{login}127.0.0.1:{self.server_port}/{path}")


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        path = self.path.lstrip("/")
        if path.startswith(("basic", "digest")) and not self._logged_in(path):
            return
        if path.endswith("mjpeg"):
            self._motion_jpeg(stall="stall" in path, count=10 if "short" in path else 400)
        elif path.startswith("to/"):
            self._redirect(path.removeprefix("to/"))
        elif path == "broken":
            self.send_error(500)
        elif (self.server.folder / path).is_file():
            self._send((self.server.folder / path).read_bytes(), "application/octet-stream")
        elif path == "page":
            self._send(b"<html><body>Login</body></html>" * 50, "text/html")
        else:
            self.send_error(404)

    def _logged_in(self, path: str) -> bool:
        sent = self.headers.get("Authorization", "")
        if path.startswith("basic"):
            good = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            challenge, ok = 'Basic realm="cam"', sent == good
        else:
            challenge, ok = 'Digest realm="cam", nonce="n1"', _digest_is_right(sent, self.path)
        if not ok:
            self.send_response(401)
            self.send_header("WWW-Authenticate", challenge)
            self.send_header("Content-Length", "0")
            self.end_headers()
        return ok

    def _redirect(self, place: str) -> None:
        port = self.server.server_port
        to = {"itself": "/short-mjpeg", "round": "/to/round"}.get(
            place, f"http://localhost:{port}/short-mjpeg"
        )
        self.send_response(302)
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _motion_jpeg(self, *, stall: bool, count: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=part")
        self.end_headers()
        for number in range(count):
            picture = self.server.pictures[number % 20]
            head = f"--part\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
            try:
                self.wfile.write(head.encode() + picture + b"\r\n")
            except OSError:
                return
            pause_s = 60.0 if stall and number == 5 else 0.05
            if self.server.over.wait(pause_s):
                return


def _digest_is_right(sent: str, path: str) -> bool:
    given = dict(re.findall(r'(\w+)="?([^",]*)"?', sent))

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - RFC 7616's own default

    own = md5(f"{USER}:cam:{PASSWORD}")
    return given.get("response") == md5(f"{own}:n1:{md5(f'GET:{path}')}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Server]:
    server = _Server(tmp_path_factory.mktemp("served"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    thread.join(5)
    server.server_close()


@pytest.fixture
def mute_port() -> Iterator[int]:
    """A port that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=8) as listening:
        yield listening.getsockname()[1]


def _read_to_the_end(url: SecretUrl) -> tuple[list[Packet], SourceError]:
    packets: list[Packet] = []
    with open_source(url, QUICK) as connection:
        try:
            for packet in connection:
                packets.append(packet)
        except SourceError as error:
            return packets, error
    raise AssertionError("a source never just stops")


@pytest.mark.parametrize("path", ["mjpeg", "basic/mjpeg", "digest/mjpeg"])
def test_motion_jpeg_plays_with_every_login_and_its_times_are_of_arrival(
    server: _Server, path: str
) -> None:
    began = time.monotonic()
    with open_source(server.url(path, f"{USER}:{PASSWORD}@"), QUICK) as connection:
        assert connection.live
        packets = [packet for packet, _ in zip(connection, range(10), strict=False)]
    took_s = time.monotonic() - began
    decoder = Decoder("a", lambda at_s: at_s)
    frames = [frame for packet in packets for frame in decoder.decode(packet, now=0.0)]
    assert len(frames) >= 9
    assert frames[0].width == 320
    assert 0.2 < packets[-1].at_s - packets[0].at_s <= took_s


def test_hls_plays_and_asks_to_be_paced(server: _Server, film: MakeFilm) -> None:
    source = film("plain.mp4")
    playlist = server.folder / "live.m3u8"
    options = {"hls_time": "1", "hls_list_size": "0"}
    with (
        av.open(str(source)) as film_in,
        av.open(str(playlist), "w", format="hls", options=options) as out,
    ):
        video = film_in.streams.video[0]
        copy = out.add_stream_from_template(video)
        for packet in film_in.demux(video):
            if packet.dts is not None:
                packet.stream = copy
                out.mux(packet)
    packets, error = _read_to_the_end(server.url("live.m3u8"))
    assert isinstance(error, Ended)
    assert len(packets) == 45
    assert packets[0].is_keyframe
    assert (packets[0].stream.codec, packets[0].stream.width) == ("h264", 320)
    with open_source(server.url("live.m3u8"), QUICK) as connection:
        assert not connection.live


def test_a_film_over_http_plays(server: _Server, film: MakeFilm) -> None:
    (server.folder / "film.mp4").write_bytes(film("plain.mp4").read_bytes())
    packets, error = _read_to_the_end(server.url("film.mp4"))
    assert isinstance(error, Ended)
    assert len(packets) == 45


@pytest.mark.parametrize(
    ("path", "login", "error", "said"),
    [
        ("basic/mjpeg", f"{USER}:wr0ng@", Unauthorized, "user or password refused"),
        ("digest/mjpeg", f"{USER}:wr0ng@", Unauthorized, "user or password refused"),
        ("basic/mjpeg", "", Unauthorized, "a login is needed"),
        ("nothing", "", NotFound, "no such stream"),
        ("broken", "", CameraRefused, "refused to play"),
        ("page", "", CameraRefused, "not with video"),
    ],
)
def test_every_refusal_has_its_name(
    server: _Server, path: str, login: str, error: type[SourceError], said: str
) -> None:
    with pytest.raises(error, match=said) as caught:
        open_source(server.url(path, login), QUICK)
    assert caught.value.shown == str(server.url(path, login))


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_a_mute_server_is_named_within_the_timeout(mute_port: int, scheme: str) -> None:
    began = time.monotonic()
    with pytest.raises(Unanswered, match="nothing answers"):
        open_source(SecretUrl(f"{scheme}://127.0.0.1:{mute_port}/x"), QUICK)
    assert time.monotonic() - began < 4.0


@pytest.mark.parametrize("scheme", ["http", "https", "rtsp", "rtsps"])
def test_a_closed_port_and_an_unknown_name(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(Unreachable, match="nothing listens on that port"):
        open_source(SecretUrl(f"{scheme}://127.0.0.1:{port}/x"), QUICK)
    with pytest.raises(Unreachable, match=r"the name camera\.invalid is not known"):
        open_source(SecretUrl(f"{scheme}://camera.invalid/x"), QUICK)


def test_a_stall_and_an_end_in_the_middle(server: _Server) -> None:
    packets, error = _read_to_the_end(server.url("stall/mjpeg"))
    assert isinstance(error, Stalled)
    assert len(packets) >= 4
    packets, error = _read_to_the_end(server.url("short/mjpeg"))
    assert isinstance(error, Ended | ConnectionBroken), "multipart has no end of its own"
    assert len(packets) >= 9


@pytest.mark.parametrize("path", ["basic/mjpeg", "nothing", "broken", "page"])
def test_the_password_is_nowhere_in_the_error_nor_printed(
    server: _Server, path: str, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = "hunter2-wrong"
    with pytest.raises(SourceError) as caught:
        open_source(server.url(path, f"{USER}:{secret}@"), QUICK)
    error = caught.value
    told = "".join(traceback.format_exception(error)) + str(error) + repr(error)
    assert error.__cause__ is None
    assert error.__context__ is None
    assert secret not in told
    printed = capfd.readouterr()
    assert secret not in printed.out + printed.err


def test_the_password_is_not_in_libavs_own_text_either_way(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    login = "u:hunter2@"
    for scheme in ("rtsp", "http"):
        with pytest.raises(Unreachable) as caught:
            open_source(SecretUrl(f"{scheme}://{login}127.0.0.1:{port}/x?token=abc123"), QUICK)
        assert "hunter2" not in "".join(traceback.format_exception(caught.value))
        assert "abc123" not in str(caught.value)
        assert "u:<secret>@" in str(caught.value)
    printed = capfd.readouterr()
    assert "hunter2" not in printed.out + printed.err


def test_a_redirect_within_the_camera_is_followed(server: _Server) -> None:
    with open_source(server.url("to/itself", f"{USER}:{PASSWORD}@"), QUICK) as connection:
        assert next(iter(connection)).stream.codec == "mjpeg"


@pytest.mark.parametrize("place", ["another-host", "round"])
def test_a_redirect_to_another_host_or_without_end_is_refused(server: _Server, place: str) -> None:
    """As RTSP's: who sets up a camera must not be able to make us ask any host of the site."""
    with pytest.raises(RedirectElsewhere, match="redirects") as caught:
        open_source(server.url(f"to/{place}", f"{USER}:{PASSWORD}@"), QUICK)
    assert PASSWORD not in str(caught.value)
