"""HTTP sources against a real server on this machine: MJPEG, HLS, logins, and every refusal."""

import socket
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import pytest

from tests.ingest.sources.http_camera import PASSWORD, USER, HttpCamera, http_camera
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.decoding.decoder import Decoder
from thapcanh.ingest.errors import (
    CameraRefused,
    ConnectionBroken,
    Ended,
    NotFound,
    RedirectElsewhere,
    RedirectLoop,
    SourceError,
    Stalled,
    Unanswered,
    Unauthorized,
    Unreachable,
    WebPage,
)
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.sources.connection import OpenSettings
from thapcanh.ingest.sources.registry import open_source

MakeFilm = Callable[..., Path]
QUICK = OpenSettings(open_timeout_s=1.0, read_timeout_s=1.0, http_read_timeout_s=1.0)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpCamera]:
    with http_camera(tmp_path_factory.mktemp("served")) as made:
        yield made


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
    server: HttpCamera, path: str
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


def test_hls_plays_and_asks_to_be_paced(server: HttpCamera, film: MakeFilm) -> None:
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


def test_a_film_over_http_plays(server: HttpCamera, film: MakeFilm) -> None:
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
        ("page", "", WebPage, "a web page"),
    ],
)
def test_every_refusal_has_its_name(
    server: HttpCamera, path: str, login: str, error: type[SourceError], said: str
) -> None:
    with pytest.raises(error, match=said) as caught:
        open_source(server.url(path, login), QUICK)
    assert caught.value.shown == str(server.url(path, login))


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_a_mute_server_is_named(mute_port: int, scheme: str) -> None:
    with pytest.raises(Unanswered, match="nothing answers"):
        open_source(SecretUrl(f"{scheme}://127.0.0.1:{mute_port}/x"), QUICK)


@pytest.mark.parametrize("scheme", ["http", "https", "rtsp", "rtsps"])
def test_a_closed_port_and_an_unknown_name(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(Unreachable, match="nothing listens on that port"):
        open_source(SecretUrl(f"{scheme}://127.0.0.1:{port}/x"), QUICK)
    with pytest.raises(Unreachable, match=r"the name camera\.invalid is not known"):
        open_source(SecretUrl(f"{scheme}://camera.invalid/x"), QUICK)


def test_a_stall_and_an_end_in_the_middle(server: HttpCamera) -> None:
    packets, error = _read_to_the_end(server.url("stall/mjpeg"))
    assert isinstance(error, Stalled)
    assert len(packets) >= 4
    packets, error = _read_to_the_end(server.url("short/mjpeg"))
    assert isinstance(error, Ended | ConnectionBroken), "multipart has no end of its own"
    assert len(packets) >= 9


@pytest.mark.parametrize("path", ["basic/mjpeg", "nothing", "broken", "page"])
def test_the_password_is_nowhere_in_the_error_nor_printed(
    server: HttpCamera, path: str, capfd: pytest.CaptureFixture[str]
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


def test_a_redirect_within_the_camera_is_followed(server: HttpCamera) -> None:
    with open_source(server.url("to/itself", f"{USER}:{PASSWORD}@"), QUICK) as connection:
        assert next(iter(connection)).stream.codec == "mjpeg"


@pytest.mark.parametrize("place", ["another-host", "round"])
def test_a_redirect_to_another_host_or_without_end_is_refused(
    server: HttpCamera, place: str
) -> None:
    """As RTSP's: who sets up a camera must not be able to make us ask any host of the site."""
    with pytest.raises((RedirectElsewhere, RedirectLoop), match="redirects") as caught:
        open_source(server.url(f"to/{place}", f"{USER}:{PASSWORD}@"), QUICK)
    assert PASSWORD not in str(caught.value)
