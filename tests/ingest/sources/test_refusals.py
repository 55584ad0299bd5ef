"""What a camera or a file does that is told by its name: transports, logins, playlists, sizes."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pytest

from tests.ingest.changed_rtsp import changed_replies
from tests.patience import PATIENCE_S
from tests.running_simulator import RunningSimulator, running_simulator
from thapcanh.config.camera import Transport
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.errors import TransportRefused, Unauthorized, Unsupported
from thapcanh.ingest.packets import libav
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.sources import libav_connection
from thapcanh.ingest.sources.connection import OpenSettings
from thapcanh.ingest.sources.registry import open_source
from thapcanh.ingest.sources.rtsp_answers import challenges

MakeFilm = Callable[..., Path]


@pytest.fixture(scope="module")
def street(film: MakeFilm) -> Iterator[RunningSimulator]:
    word = f"street={film('plain.mp4', codec='libx264')}"
    with running_simulator([word], as_is=True) as simulator:
        yield simulator


@contextmanager
def _only_udp(port: int) -> Iterator[int]:
    """A camera that answers SETUP by TCP as RFC 2326 has it: 461 Unsupported Transport."""
    with changed_replies(
        port,
        {},
        asked={b"RTP/AVP/TCP;unicast;interleaved=0-1": b"RTP/AVP/XYZ;unicast;interleaved=0-1"},
    ) as changed:
        yield changed


def _packets(port: int, transport: Transport) -> list[Packet]:
    url = SecretUrl(f"rtsp://127.0.0.1:{port}/street")
    with open_source(url, OpenSettings(transport=transport)) as connection:
        return list(islice(connection, 20))


@pytest.mark.parametrize("transport", [Transport.AUTO, Transport.UDP])
def test_a_camera_that_offers_only_udp_is_watched_by_udp(
    street: RunningSimulator, transport: Transport
) -> None:
    with _only_udp(street.port) as port:
        assert len(_packets(port, transport)) == 20


def test_tcp_alone_is_refused_by_name_and_not_as_a_broken_network(
    street: RunningSimulator,
) -> None:
    with _only_udp(street.port) as port, pytest.raises(TransportRefused, match="transport"):
        _packets(port, Transport.TCP)


def test_where_there_is_tcp_auto_takes_it(street: RunningSimulator) -> None:
    with changed_replies(street.port, {}, asked={b"client_port": b"client_none"}) as port:
        assert len(_packets(port, Transport.AUTO)) == 20


@contextmanager
def _asks_for(*challenge: str) -> Iterator[int]:
    """A camera that refuses every request with these challenges."""
    lines = "".join(f"WWW-Authenticate: {one}\r\n" for one in challenge)
    with socket.create_server(("127.0.0.1", 0)) as door:

        def serve() -> None:
            while True:
                try:
                    line, _ = door.accept()
                except OSError:
                    return
                with line:
                    number = 0
                    while line.recv(4096):
                        number += 1
                        answer = f"RTSP/1.0 401 Unauthorized\r\nCSeq: {number}\r\n{lines}\r\n"
                        line.sendall(answer.encode())

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield int(door.getsockname()[1])
        finally:
            door.shutdown(socket.SHUT_RDWR)
            thread.join(PATIENCE_S)


SHA = 'Digest realm="cam", nonce="n1", algorithm=SHA-256, qop="auth"'
MD5 = 'Digest realm="cam", nonce="n1"'


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ((SHA,), "by Digest SHA-256 only"),
        (("Bearer",), "by Bearer only"),
        ((MD5,), "user or password refused"),
        ((SHA, MD5), "user or password refused"),
        ((SHA, 'Basic realm="cam"'), "user or password refused"),
    ],
)
def test_a_login_that_cannot_be_answered_is_no_wrong_password(
    asked: tuple[str, ...], said: str
) -> None:
    with _asks_for(*asked) as port, pytest.raises(Unauthorized, match=said) as caught:
        open_source(SecretUrl(f"rtsp://viewer:s3cret@127.0.0.1:{port}/x"))
    assert "s3cret" not in str(caught.value)


def test_challenges_are_read_however_they_are_written() -> None:
    reply = (
        "RTSP/1.0 401 No\nwww-authenticate: digest realm=x, Algorithm=sha-512-256\n"
        'WWW-Authenticate:Digest realm="a, algorithm"\nWWW-Authenticate: Basic\n'
    )
    assert challenges(reply) == ["digest sha-512-256", "Digest MD5", "Basic"]
    assert challenges("RTSP/1.0 200 OK\n") == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ffconcat", "ffconcat version 1.0\nfile '{film}'\n"),
        ("a.mp4", "ffconcat version 1.0\nfile '{film}'\n"),
        ("a.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{film}\n#EXT-X-ENDLIST\n"),
        ("a.mpd", "<?xml version='1.0'?><MPD></MPD>"),
        ("a.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=video 5000 RTP/AVP 96\n"),
    ],
)
def test_a_playlist_is_refused_by_name_whatever_the_file_is_called(
    film: MakeFilm, tmp_path: Path, name: str, text: str
) -> None:
    path = tmp_path / name
    path.write_text(text.format(film=film("plain.mp4")), encoding="utf-8")
    with pytest.raises(Unsupported, match="that is a playlist"):
        open_source(SecretUrl(str(path)))


def test_a_playlist_that_begins_with_a_comment_reads_no_other_file_either(
    film: MakeFilm, tmp_path: Path
) -> None:
    path = tmp_path / "hidden.ffconcat"
    path.write_text(f"# a comment of mine\nffconcat version 1.0\nfile '{film('plain.mp4')}'\n")
    with pytest.raises(Unsupported):
        open_source(SecretUrl(str(path)))


def test_pictures_of_more_than_8192_pixels_are_refused_with_a_reason(film: MakeFilm) -> None:
    path = film("wide.avi", codec="mjpeg", frames=2, size=(8208, 16))
    with pytest.raises(Unsupported, match="8208 x 16, more than 8192 pixels a side"):
        open_source(SecretUrl(str(path)))


def test_no_decoder_takes_larger_ones_where_the_size_shows_later(
    film: MakeFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RTSP tells no size before the first keyframe; the limit is made small to be cheap here."""
    monkeypatch.setattr(libav, "SIZE_LIMIT", {"max_pixels": "1000"})
    monkeypatch.setattr(libav_connection, "LARGEST_PX", 8192)
    path = film("plain.mp4", codec="libx264")
    with open_source(SecretUrl(str(path))) as connection:
        packet = next(iter(connection))
        decoder = libav.new_decoder(connection.stream)
        with pytest.raises(Exception, match="Invalid"):
            decoder.decode(packet.encoded)
