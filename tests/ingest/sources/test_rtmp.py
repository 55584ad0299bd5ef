"""RTMP, plain and by TLS, against a server on this machine: pictures, certificates, refusals."""

import threading
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest

from tests.ingest.sources.rtmp_server import APPLICATION, SILENT, STREAM, RtmpServer, rtmp_server
from tests.ingest.sources.tls_camera import behind_tls, certificate
from thapcanh.config.camera import CameraConfig, TlsTrust
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.address_guard import Endpoint
from thapcanh.ingest.camera.camera import Camera
from thapcanh.ingest.camera.lifecycle import CameraState
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.errors import CameraRefused, CertificateRefused, Unanswered, Unreachable
from thapcanh.ingest.sources.connection import OpenSettings
from thapcanh.ingest.sources.probe import probe, probe_camera, render
from thapcanh.ingest.sources.registry import open_source, opener_of
from thapcanh.ingest.sources.tls_relay import fingerprint_of

MakeFilm = Callable[..., Path]
WaitFor = Callable[..., None]
PASSWORD = "tr0ub4dor"


@pytest.fixture(scope="module")
def server(film: MakeFilm) -> Iterator[RtmpServer]:
    with rtmp_server(film("plain.mp4", codec="libx264")) as running:
        yield running


@pytest.fixture
def own(server: RtmpServer, tmp_path: Path) -> Iterator[tuple[int, Path]]:
    pem = certificate(tmp_path)
    with behind_tls(server.port, pem) as port:
        yield port, pem


def _url(port: int, *, scheme: str = "rtmps", stream: str = STREAM) -> SecretUrl:
    return SecretUrl(f"{scheme}://viewer:{PASSWORD}@127.0.0.1:{port}/{APPLICATION}/{stream}")


def _pictures(url: SecretUrl, trust: TlsTrust | None = None) -> int:
    settings = OpenSettings(open_timeout_s=3.0, tls=trust or TlsTrust())
    with open_source(url, settings) as connection:
        return len(list(islice(connection, 20)))


def test_a_published_stream_is_watched(server: RtmpServer, wait_for: WaitFor) -> None:
    source = _url(server.port, scheme="rtmp")
    spec = CameraConfig(id="drone", name="Drone", source=source)
    camera = Camera(spec, clock=SystemClock(), open_source=opener_of(spec))
    camera.start()
    try:
        wait_for(lambda: camera.health().frames_decoded >= 10, 30, "pictures come")
        assert camera.health().state is CameraState.ONLINE
        assert (camera.health().codec, camera.health().width) == ("h264", 320)
    finally:
        assert camera.stop()


def test_a_certificate_that_nobody_signed_is_refused_before_anything_is_asked(
    server: RtmpServer, own: tuple[int, Path]
) -> None:
    server.asked.clear()
    report = probe(_url(own[0]))
    assert report.reason == "certificate"
    assert f'tls_pin = "{fingerprint_of(Endpoint("127.0.0.1", own[0]))}"' in render(report)
    assert PASSWORD not in render(report)
    assert server.asked == []


def test_what_is_believed_plays(own: tuple[int, Path]) -> None:
    port, pem = own
    pin = fingerprint_of(Endpoint("127.0.0.1", port))
    for trust in (TlsTrust(ca=pem), TlsTrust(pin=pin), TlsTrust(insecure=True)):
        assert _pictures(_url(port), trust) == 20
    with pytest.raises(CertificateRefused, match="not the pinned one"):
        _pictures(_url(port), TlsTrust(pin="0" * 64))
    camera = CameraConfig(id="drone", name="Drone", source=_url(port), tls_pin=pin)
    assert probe_camera(camera).ok


@pytest.mark.parametrize(
    ("stream", "told"),
    [(STREAM, "live"), (f"inner/{STREAM}", "live/inner"), (f"h264:{STREAM}/1", "live")],
)
def test_the_server_is_told_its_own_address_and_no_password(
    server: RtmpServer, own: tuple[int, Path], stream: str, told: str
) -> None:
    port, pem = own
    server.asked.clear()
    assert _pictures(_url(port, stream=stream), TlsTrust(ca=pem)) == 20
    url = f"rtmps://127.0.0.1:{port}/{told}".encode()
    assert b"tcUrl\x02" + len(url).to_bytes(2, "big") + url + b"\0" in server.asked[0]
    assert PASSWORD.encode() not in b"".join(server.asked)


def test_refusals_are_named_the_same_with_and_without_tls(
    server: RtmpServer, own: tuple[int, Path]
) -> None:
    port, pem = own
    for url, error in (
        (_url(server.port, scheme="rtmp", stream="none"), CameraRefused),
        (_url(port, stream="none"), CameraRefused),
        (_url(port, stream=SILENT), Unanswered),
        (_url(1, scheme="rtmp"), Unreachable),
        (_url(1), Unreachable),
    ):
        with pytest.raises(error) as caught:
            _pictures(url, TlsTrust(ca=pem))
        assert PASSWORD not in str(caught.value)
        if error is not Unreachable:
            assert "check that the encoder publishes" in str(caught.value)


def test_no_thread_outlives_a_source(own: tuple[int, Path]) -> None:
    port, pem = own
    _pictures(_url(port), TlsTrust(ca=pem))
    assert [one for one in threading.enumerate() if one.name == "tls"] == []
