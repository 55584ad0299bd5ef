"""Cameras found over HTTP, asked by ONVIF, and followed to another address."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import sqlalchemy as sa

from tests.app.web_api.centre import Centre, Desk
from tests.ingest.onvif.ipycam_camera import IpycamCamera, running_ipycam
from tests.ingest.sources.tls_camera import behind_tls, certificate
from thapcanh.alerts.registry.registry_tables import registry_change, registry_entry
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.registry.discovery import discover_routes
from thapcanh.config.credentials import KEY_VARIABLE, new_key
from thapcanh.config.servers.networks import NetworksConfig
from thapcanh.config.site import RegistryConfig
from thapcanh.ingest.address_guard import Endpoint
from thapcanh.ingest.onvif import discovery
from thapcanh.ingest.sources.tls_relay import fingerprint_of

PATH = "/api/v1/registry"
HERE = IPv4Network("127.0.0.1/32")


@pytest.fixture(scope="module")
def camera() -> Iterator[IpycamCamera]:
    with running_ipycam(name="Cổng chính") as running:
        yield running


@pytest.fixture(autouse=True)
def allowed(standing_centre: Centre, camera: IpycamCamera, monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry that is empty, and one address that may be asked."""
    monkeypatch.setenv(KEY_VARIABLE, new_key())
    asks = discovery.discover
    port = camera.discovery_port
    monkeypatch.setattr(
        discover_routes, "discover", lambda asked: asks(asked, port=port, settle_s=30.0)
    )
    _allow(standing_centre, HERE)
    with standing_centre.archive.database.writing() as connection:
        connection.execute(sa.delete(registry_entry))
        connection.execute(sa.delete(registry_change))


@pytest.fixture(scope="module")
def desks(standing_centre: Centre, standing_address: str) -> Iterator[dict[str, Desk]]:
    standing_centre.add_user("ky-thuat", Role.TECHNICIAN)
    standing_centre.add_user(
        "csgt", Role.TECHNICIAN, scope=DataFilter(agencies=frozenset({"csgt"}))
    )
    with Desk(standing_address) as every, Desk(standing_address) as own:
        yield {"all": every.log_in("ky-thuat"), "csgt": own.log_in("csgt")}


def _allow(centre: Centre, *networks: IPv4Network) -> None:
    changes = {
        "registry": RegistryConfig(source="database"),
        "networks": NetworksConfig(cameras=(IPv4Network("127.0.0.0/8"),), onvif=networks),
    }
    centre.site.replace(centre.site().model_copy(update=changes))


def _post(desk: Desk, path: str, /, **body: Any) -> httpx.Response:
    return desk.post(f"{PATH}/{path}", json=body, headers={"X-CSRF-Token": desk.csrf}, timeout=60.0)


def _requested(camera: IpycamCamera, **changes: Any) -> dict[str, Any]:
    login = camera.login
    wanted = {"service": login.service, "user": login.user, "password": login.password}
    return wanted | changes


def _registered(desk: Desk, camera: IpycamCamera, host: str, **changes: Any) -> None:
    link = {"service": f"http://{host}/onvif/device_service", "endpoint": camera.endpoint}
    table = {
        "id": "gate", "name": "Cổng", "source": f"rtsp://an:kín@{host}:8554/sub",
        "main_source": f"rtsp://an:kín@{host}/main", "onvif": link, **changes,
    }  # fmt: skip
    assert _post(desk, "cameras", **table).status_code == 201


def test_a_camera_is_found_described_and_told_from_those_that_are_known(
    desks: dict[str, Desk], camera: IpycamCamera
) -> None:
    desk = desks["all"]
    assert desk.get(f"{PATH}/discover").json() == {"networks": ["127.0.0.1/32"]}
    answer = _post(desk, "discover").json()
    [found] = answer["items"]
    assert (answer["asked"], found["service"]) == (1, camera.login.service)
    assert (found["is_known"], found["is_moved"], found["camera"]) == (False, False, None)
    said = _post(desk, "discover/camera", **_requested(camera)).json()
    assert (said["model"], said["watched"], said["shown"], said["turns"]) == (
        "VirtualCam-1", "Profile_Sub", "Profile_Main", True,
    )  # fmt: skip
    _registered(desk, camera, "127.0.0.1")
    [known] = _post(desk, "discover").json()["items"]
    assert (known["is_known"], known["is_moved"], known["camera"]) == (True, False, "gate")
    [foreign] = _post(desks["csgt"], "discover").json()["items"]
    assert (foreign["is_known"], foreign["camera"]) == (True, None)


def test_the_certificate_that_was_met_is_told_and_asked_again_with_its_pin(
    desks: dict[str, Desk], camera: IpycamCamera, tmp_path: Path
) -> None:
    with behind_tls(urlsplit(camera.login.service).port or 0, certificate(tmp_path)) as port:
        service = f"https://127.0.0.1:{port}/onvif/device_service"
        refused = _post(desks["all"], "discover/camera", **_requested(camera, service=service))
        assert (refused.status_code, refused.json()["error"]) == (422, "onvif_certificate")
        met = refused.json()["fingerprint"]
        assert met == fingerprint_of(Endpoint("127.0.0.1", port))
        assert camera.login.password not in refused.text
        pinned = _post(
            desks["all"], "discover/camera", **_requested(camera, service=service, tls_pin=met)
        )
        assert pinned.json().get("error") != "onvif_certificate"


def test_a_camera_that_moved_is_followed_with_its_login(
    desks: dict[str, Desk], camera: IpycamCamera
) -> None:
    desk = desks["all"]
    _registered(desk, camera, "127.0.0.9")
    [found] = _post(desk, "discover").json()["items"]
    assert (found["is_moved"], found["camera"]) == (True, "gate")
    assert _post(desks["csgt"], "cameras/gate/follow", address="127.0.0.1").status_code == 404
    entry = _post(desk, "cameras/gate/follow", address="127.0.0.1").json()["entry"]
    assert entry["source"] == "rtsp://<secret>@127.0.0.1:8554/sub"
    assert entry["main_source"] == "rtsp://<secret>@127.0.0.1/main"
    assert entry["onvif"]["service"] == camera.login.service
    history = desk.get(f"{PATH}/cameras/gate/history").text
    assert "kín" not in history


def test_another_device_at_the_address_is_not_followed(
    desks: dict[str, Desk], camera: IpycamCamera
) -> None:
    desk = desks["all"]
    link = {"service": "http://127.0.0.9/onvif/x", "endpoint": "urn:uuid:another"}
    _registered(desk, camera, "127.0.0.9", onvif=link)
    answer = _post(desk, "cameras/gate/follow", address="127.0.0.1")
    assert (answer.status_code, answer.json()["error"]) == (409, "camera_not_there")


@pytest.mark.parametrize(
    "service",
    [
        "http://10.9.9.9/onvif/device_service", "http://localhost/onvif", "file:///etc/passwd",
        "http://169.254.169.254/x", "rtsp://127.0.0.1/x", "http://127.0.0.1@10.0.0.1/", "nonsense",
        "http://[::ffff:10.0.0.1]/x", "http://2130706433/x", "http://[::1/",
    ],
)  # fmt: skip
def test_nobody_outside_the_allowed_networks_is_asked(desks: dict[str, Desk], service: str) -> None:
    answer = _post(desks["all"], "discover/camera", service=service, user="an", password="kín")
    assert (answer.status_code, answer.json()["error"]) == (403, "onvif_network")
    assert "kín" not in answer.text


def test_a_network_that_is_not_allowed_or_too_large_is_not_searched(
    standing_centre: Centre, desks: dict[str, Desk]
) -> None:
    desk = desks["all"]
    assert _post(desk, "discover", network="127.0.0.0/30").status_code == 403
    _allow(standing_centre)
    assert "chưa có mạng nào" in _post(desk, "discover").json()["detail"]
    _allow(standing_centre, IPv4Network("10.0.0.0/8"))
    assert "hãy chọn mạng nhỏ hơn" in _post(desk, "discover").json()["detail"]


def test_what_a_camera_refuses_is_said_in_vietnamese_without_its_password(
    desks: dict[str, Desk], camera: IpycamCamera
) -> None:
    wrong = _post(desks["all"], "discover/camera", **_requested(camera, password="sai-bét"))
    assert (wrong.status_code, wrong.json()["error"]) == (422, "onvif_unauthorized")
    assert "mật khẩu" in wrong.json()["detail"]
    assert "sai-bét" not in wrong.text
    closed = _requested(camera, service="http://127.0.0.1:9/onvif/device_service")
    assert _post(desks["all"], "discover/camera", **closed).json()["error"] == "onvif_unreachable"
    refused = _post(
        desks["all"], "discover/keyframes", **_requested(camera, token="Profile_Sub", interval_s=1)
    )
    assert refused.json()["error"] == "onvif_refused"
