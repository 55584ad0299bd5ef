"""`thapcanh cameras discover` prints a line a camera, and asks nobody without leave."""

from pathlib import Path

import pytest

from tests.ingest.onvif.ipycam_camera import running_ipycam
from thapcanh.app.cli.main import main
from thapcanh.app.registry import command
from thapcanh.app.registry.discovery.finding import RegisteredCamera, recognised
from thapcanh.ingest.onvif import discovery
from thapcanh.ingest.onvif.discovery import FoundDevice


def _site(folder: Path, networks: str) -> str:
    path = folder / "thapcanh.toml"
    path.write_text(
        f"[onvif]\nnetworks = {networks}\n"
        '[[cameras]]\nid = "gate"\nname = "Cổng"\nsource = "rtsp://an:kin@127.0.0.1/live"\n',
        encoding="utf-8",
    )
    return str(path)


def test_a_line_a_camera(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_ipycam() as camera:
        asks, port = discovery.discover, camera.discovery_port
        monkeypatch.setattr(
            command, "discover", lambda asked: asks(asked, port=port, settle_s=30.0)
        )
        code = main(["cameras", "discover", "-c", _site(tmp_path, '["127.0.0.1/32"]')])
    said = capsys.readouterr().out
    assert code == 0
    assert f"{camera.login.service}  gate" in said
    assert "1 cameras answered, 1 addresses were asked" in said
    assert "kin" not in said


@pytest.mark.parametrize(
    ("networks", "options", "why"),
    [
        ("[]", [], "names no network"),
        ('["10.0.0.0/24"]', ["--network", "10.0.1.0/24"], "is outside"),
    ],
)
def test_nobody_is_asked_without_leave(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    networks: str,
    options: list[str],
    why: str,
) -> None:
    assert main(["cameras", "discover", "-c", _site(tmp_path, networks), *options]) != 0
    assert why in capsys.readouterr().err


def test_a_camera_is_known_by_endpoint_then_mac_then_address() -> None:
    def device(address: str, endpoint: str, mac: str | None) -> FoundDevice:
        return FoundDevice(
            address=address, service=f"http://{address}/", endpoint=endpoint, name="",
            hardware="", location="", mac=mac,
        )  # fmt: skip

    def known(name: str, host: str, endpoint: str | None, mac: str | None) -> RegisteredCamera:
        hosts = frozenset({host})
        return RegisteredCamera(
            id=name, agency=None, area=None, hosts=hosts, endpoint=endpoint, mac=mac
        )

    cameras = [known("a", "10.0.0.1", "urn:a", None), known("b", "10.0.0.2", None, "m"),
               known("c", "10.0.0.3", None, None)]  # fmt: skip
    devices = [device("10.0.0.9", "urn:a", "m"), device("10.0.0.8", "urn:x", "m"),
               device("10.0.0.3", "urn:y", None), device("10.0.0.4", "urn:z", None)]  # fmt: skip
    found = recognised(devices, cameras)
    assert [(one.known.id if one.known else None, one.moved) for one in found] == [
        ("a", True), ("b", True), ("c", False), (None, False),
    ]  # fmt: skip
