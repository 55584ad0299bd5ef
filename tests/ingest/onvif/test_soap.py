"""A session with a camera: what it leaves behind, where it may lead, and whom it believes."""

import asyncio
import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession

from tests.ingest.onvif.scripted_camera import ScriptedCamera, scripted_camera
from tests.ingest.sources.tls_camera import behind_tls, certificate
from thapcanh.config.camera import TlsTrust
from thapcanh.ingest.address_guard import Endpoint
from thapcanh.ingest.errors import CertificateRefused, NotOnvif, Unreachable
from thapcanh.ingest.onvif.device import describe
from thapcanh.ingest.onvif.records import OnvifLogin
from thapcanh.ingest.onvif.soap import onvif_session
from thapcanh.ingest.sources.tls_relay import fingerprint_of


@pytest.fixture
def camera() -> Iterator[ScriptedCamera]:
    with scripted_camera() as running:
        yield running


def _left_open() -> list[ClientSession]:
    gc.collect()
    # by its type: some libraries' objects warn when they are asked for their class
    return [one for one in gc.get_objects() if type(one) is ClientSession and not one.closed]


def test_a_session_that_is_broken_off_again_while_it_ends_leaves_nothing_open(
    camera: ScriptedCamera,
) -> None:
    async def broken_off() -> None:
        opened = asyncio.Event()

        async def hold() -> None:
            async with onvif_session(camera.login) as session:
                await session.ask("media", "GetProfiles")
                await session.ask("ptz", "Stop", {"ProfileToken": "main"})
                opened.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(hold())
        await opened.wait()
        while not task.done():
            task.cancel()
            await asyncio.sleep(0)

    asyncio.run(broken_off())
    assert _left_open() == []


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("http://192.168.1.108/onvif/media?x=1", "{own}/onvif/media?x=1"),
        ("http://169.254.169.254:80/latest", "{own}/latest"),
        ("http://0.0.0.0/onvif/media", "{own}/onvif/media"),
        ("http://an:kin@127.0.0.1:81/m", "http://127.0.0.1:81/m"),
        ("http://127.0.0.1:80:80/onvif/media", "{own}/onvif/media"),
        ("gopher://127.0.0.1:81/m", "http://127.0.0.1:81/m"),
    ],
)
def test_an_address_that_a_camera_gives_out_stays_at_its_own_host(
    camera: ScriptedCamera, given: str, used: str
) -> None:
    services = camera._services().replace(f"{camera.address}/onvif/media", given)
    camera.answers["GetServices"] = services

    async def address() -> str:
        async with onvif_session(camera.login) as session:
            return session._addresses["media"]

    assert asyncio.run(address()) == used.format(own=camera.address)


def test_a_broken_address_is_one_clear_error(camera: ScriptedCamera) -> None:
    given = camera._services().replace(f"{camera.address}/onvif/media", "http://[::1/x")
    camera.answers["GetServices"] = given
    with pytest.raises(NotOnvif, match="broken address"):
        asyncio.run(describe(camera.login))


@pytest.fixture
def behind(camera: ScriptedCamera, tmp_path: Path) -> Iterator[tuple[OnvifLogin, Path]]:
    """The camera behind https with a certificate of its own."""
    pem = certificate(tmp_path)
    with behind_tls(urlsplit(camera.address).port or 0, pem) as port:
        service = f"https://127.0.0.1:{port}/onvif/device_service"
        camera.address = f"https://127.0.0.1:{port}"
        yield replace(camera.login, service=service), pem


def test_a_certificate_that_nobody_vouches_for_is_refused_before_the_login_goes_out(
    behind: tuple[OnvifLogin, Path], camera: ScriptedCamera
) -> None:
    login, _ = behind
    seen = fingerprint_of(Endpoint("127.0.0.1", urlsplit(login.service).port or 0))
    with pytest.raises(CertificateRefused, match=f'write tls_pin = "{seen}"') as unknown:
        asyncio.run(describe(login))
    assert unknown.value.fingerprint == seen
    other = replace(login, tls=TlsTrust(pin="0" * 64))
    with pytest.raises(CertificateRefused, match=f'not the pinned one.*tls_pin = "{seen}"'):
        asyncio.run(describe(other))
    assert camera.asked == []


def test_a_pinned_certificate_and_one_that_the_authority_signed_are_believed(
    behind: tuple[OnvifLogin, Path],
) -> None:
    login, pem = behind
    pin = fingerprint_of(Endpoint("127.0.0.1", urlsplit(login.service).port or 0))
    for tls in (TlsTrust(pin=pin), TlsTrust(ca=pem), TlsTrust(insecure=True)):
        assert asyncio.run(describe(replace(login, tls=tls))).facts.model == "S-1"


def test_certificates_that_cannot_be_read_and_a_line_without_tls_are_named(
    camera: ScriptedCamera, tmp_path: Path
) -> None:
    at = camera.login.service.replace("http:", "https:")
    missing = OnvifLogin(service=at, tls=TlsTrust(ca=tmp_path / "none.pem"))
    with pytest.raises(CertificateRefused, match="tls_ca names cannot be read"):
        asyncio.run(describe(missing))
    with pytest.raises(Unreachable):
        asyncio.run(describe(OnvifLogin(service=at, tls=TlsTrust(insecure=True))))
