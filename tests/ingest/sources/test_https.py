"""HTTP by TLS: certificates are judged as those of RTSP, of every connection of a source."""

import socket
import threading
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import av
import pytest

from tests.ingest.sources.http_camera import PASSWORD, USER, HttpCamera, http_camera
from tests.ingest.sources.tls_camera import behind_tls, certificate
from thapcanh.config.camera import TlsTrust
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.address_guard import Endpoint
from thapcanh.ingest.errors import (
    CertificateRefused,
    NotFound,
    RedirectElsewhere,
    Unauthorized,
    Unreachable,
)
from thapcanh.ingest.sources.connection import OpenSettings
from thapcanh.ingest.sources.probe import probe, render
from thapcanh.ingest.sources.registry import open_source
from thapcanh.ingest.sources.tls_relay import fingerprint_of, fingerprint_of_file

MakeFilm = Callable[..., Path]


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory, film: MakeFilm) -> Iterator[HttpCamera]:
    folder = tmp_path_factory.mktemp("served")
    options = {"hls_time": "1", "hls_list_size": "0"}
    with (
        av.open(str(film("plain.mp4"))) as film_in,
        av.open(str(folder / "live.m3u8"), "w", format="hls", options=options) as out,
    ):
        copy = out.add_stream_from_template(film_in.streams.video[0])
        for packet in film_in.demux(film_in.streams.video[0]):
            if packet.dts is not None:
                packet.stream = copy
                out.mux(packet)
    with http_camera(folder) as server:
        yield server


@pytest.fixture
def own(camera: HttpCamera, tmp_path: Path) -> Iterator[tuple[int, Path]]:
    pem = certificate(tmp_path)
    with behind_tls(camera.server_port, pem) as port:
        yield port, pem


def _url(port: int, path: str, login: str = f"{USER}:{PASSWORD}@") -> SecretUrl:
    return SecretUrl(f"https://{login}127.0.0.1:{port}/{path}")


def _pictures(url: SecretUrl, trust: TlsTrust, count: int = 5) -> int:
    with open_source(url, OpenSettings(tls=trust)) as connection:
        return len(list(islice(connection, count)))


def test_a_certificate_that_nobody_signed_is_refused_before_the_login_goes_out(
    own: tuple[int, Path],
) -> None:
    report = probe(_url(own[0], "basic/mjpeg"))
    assert report.reason == "certificate"
    assert f'tls_pin = "{fingerprint_of(Endpoint("127.0.0.1", own[0]))}"' in render(report)
    assert PASSWORD not in render(report)


@pytest.mark.parametrize("path", ["mjpeg", "basic/mjpeg", "digest/mjpeg", "to/itself"])
def test_what_is_believed_plays(own: tuple[int, Path], path: str) -> None:
    port, pem = own
    seen = fingerprint_of(Endpoint("127.0.0.1", port))
    assert fingerprint_of_file(pem) == seen
    for trust in (TlsTrust(ca=pem), TlsTrust(pin=seen), TlsTrust(insecure=True)):
        assert _pictures(_url(port, path), trust) == 5
    with pytest.raises(CertificateRefused, match="not the pinned one"):
        _pictures(_url(port, path), TlsTrust(pin="0" * 64))


def test_hls_asks_again_and_again_and_has_every_packet(own: tuple[int, Path]) -> None:
    port, pem = own
    assert _pictures(_url(port, "live.m3u8"), TlsTrust(ca=pem), 45) == 45


def test_refusals_behind_tls_are_those_of_http(own: tuple[int, Path]) -> None:
    port, pem = own
    trust = TlsTrust(ca=pem)
    for url, error in (
        (_url(port, "basic/mjpeg", f"{USER}:wrong@"), Unauthorized),
        (_url(port, "none"), NotFound),
        (_url(port, "to/elsewhere"), RedirectElsewhere),
        (_url(1, "mjpeg"), Unreachable),
    ):
        with pytest.raises(error) as caught:
            _pictures(url, trust)
        assert PASSWORD not in str(caught.value)


def test_the_camera_is_asked_by_its_own_name(camera: HttpCamera, own: tuple[int, Path]) -> None:
    port, pem = own
    camera.hosts.clear()
    _pictures(_url(port, "mjpeg"), TlsTrust(ca=pem))
    assert set(camera.hosts) == {f"127.0.0.1:{port}"}


def test_no_thread_and_no_port_outlive_a_source(own: tuple[int, Path]) -> None:
    port, pem = own
    _pictures(_url(port, "live.m3u8"), TlsTrust(ca=pem), 45)
    assert [one for one in threading.enumerate() if one.name == "tls"] == []
    with socket.socket() as probe_line:  # the camera still answers others
        assert probe_line.connect_ex(("127.0.0.1", port)) == 0
