"""RTSP by TLS: by default no certificate is believed that a known authority has not signed."""

import threading
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest

from tests.ingest.sources.tls_camera import behind_tls, certificate
from tests.running_simulator import RunningSimulator, running_simulator
from thapcanh.config.camera import CameraConfig, TlsTrust
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.address_guard import Endpoint
from thapcanh.ingest.errors import CertificateRefused, Unauthorized, Unreachable
from thapcanh.ingest.sources.connection import OpenSettings
from thapcanh.ingest.sources.probe import probe, render
from thapcanh.ingest.sources.registry import open_source, opener_of
from thapcanh.ingest.sources.tls_relay import fingerprint_of

MakeFilm = Callable[..., Path]


@pytest.fixture(scope="module")
def yard(film: MakeFilm) -> Iterator[RunningSimulator]:
    word = f"yard={film('plain.mp4', codec='libx264')}"
    with running_simulator([word], user="viewer:s3cret", as_is=True) as simulator:
        yield simulator


@pytest.fixture
def own(yard: RunningSimulator, tmp_path: Path) -> Iterator[tuple[int, Path]]:
    pem = certificate(tmp_path)
    with behind_tls(yard.port, pem) as port:
        yield port, pem


def _url(port: int, login: str = "viewer:s3cret") -> SecretUrl:
    return SecretUrl(f"rtsps://{login}@127.0.0.1:{port}/yard")


def _pictures(url: SecretUrl, trust: TlsTrust) -> int:
    with open_source(url, OpenSettings(tls=trust)) as connection:
        return len(list(islice(connection, 20)))


def test_a_certificate_that_nobody_signed_is_refused_with_its_fingerprint(
    own: tuple[int, Path],
) -> None:
    port, _ = own
    report = probe(_url(port))
    assert report.reason == "certificate"
    seen = fingerprint_of(Endpoint("127.0.0.1", port))
    assert seen is not None
    assert f'tls_pin = "{seen}"' in render(report)
    assert "self-signed certificate" in render(report)
    assert "s3cret" not in render(report)


def test_a_pinned_certificate_is_believed_and_another_is_not(own: tuple[int, Path]) -> None:
    port, _ = own
    seen = fingerprint_of(Endpoint("127.0.0.1", port))
    assert _pictures(_url(port), TlsTrust(pin=seen)) == 20
    with pytest.raises(CertificateRefused, match="not the pinned one") as caught:
        _pictures(_url(port), TlsTrust(pin="0" * 64))
    assert seen is not None
    assert seen in str(caught.value), "the engineer sees which one it is now"


def test_an_authority_of_the_sites_own_is_believed(own: tuple[int, Path]) -> None:
    port, pem = own
    assert _pictures(_url(port), TlsTrust(ca=pem)) == 20


def test_insecure_believes_any(own: tuple[int, Path]) -> None:
    port, _ = own
    assert _pictures(_url(port), TlsTrust(insecure=True)) == 20


@pytest.mark.parametrize(
    ("host", "expired", "said"),
    [("10.9.8.7", False, "not valid for '127.0.0.1'"), ("127.0.0.1", True, "has expired")],
)
def test_a_wrong_host_and_an_expired_certificate_are_refused_by_name(
    yard: RunningSimulator, tmp_path: Path, host: str, expired: bool, said: str
) -> None:
    pem = certificate(tmp_path, host=host, expired=expired)
    with (
        behind_tls(yard.port, pem) as port,
        pytest.raises(CertificateRefused, match=said),
    ):
        _pictures(_url(port), TlsTrust(ca=pem))


def test_a_cameras_own_trust_is_what_opens_it(own: tuple[int, Path]) -> None:
    port, pem = own
    camera = CameraConfig(id="yard", name="Sân", source=_url(port), tls_ca=pem)
    with opener_of(camera)(camera.source) as connection:
        assert len(list(islice(connection, 5))) == 5


def test_a_wrong_password_behind_tls_is_one_and_nothing_listening_is_that(
    own: tuple[int, Path], yard: RunningSimulator
) -> None:
    port, pem = own
    with pytest.raises(Unauthorized, match="user or password refused"):
        _pictures(_url(port, "viewer:wrong"), TlsTrust(ca=pem))
    with pytest.raises(Unreachable, match="nothing listens on that port"):
        _pictures(_url(1), TlsTrust())


def test_no_thread_outlives_its_connection(own: tuple[int, Path]) -> None:
    port, pem = own
    _pictures(_url(port), TlsTrust(ca=pem))
    assert [one for one in threading.enumerate() if one.name == "tls"] == []
