"""A virtual camera of the package `ipycam`, which is not ours: its ONVIF, its discovery, its PTZ.

Its pictures need ffmpeg and stay away; a stream's address may lead to the simulator instead.
"""

import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from ipycam.config import CameraConfig
from ipycam.discovery import WSDiscoveryServer
from ipycam.http import IPCameraHTTPHandler
from ipycam.onvif import ONVIFService
from ipycam.ptz import PTZController

from thapcanh.ingest.onvif.records import OnvifLogin

USER = "viewer"
PASSWORD = "bí-mật-camera"
_PTZ_NAMESPACE = "http://www.onvif.org/ver20/ptz/wsdl"


@dataclass
class IpycamCamera:
    """One that runs."""

    login: OnvifLogin
    endpoint: str
    ptz: Any
    discovery_port: int


class _Handler(IPCameraHTTPHandler):  # type: ignore[misc]  # the package has no types
    pass


class _Discovery(WSDiscoveryServer):  # type: ignore[misc]
    """Answers at one address, not at every address of this machine."""

    MULTICAST_PORT = 0
    sock: socket.socket

    def __init__(self, service: Any, address: str, port: int) -> None:
        super().__init__(service)
        self.sock.close()
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((address, port))
        self.sock.settimeout(0.2)
        self.port = self.sock.getsockname()[1]

    def _send_announcement(self, action: str) -> None:
        """Nobody else on this machine is told."""


def _declared(envelope: str) -> str:
    """With the namespaces that the package uses in its answers of PTZ, and forgets to declare."""
    names = " ".join(f'xmlns:{prefix}="{_PTZ_NAMESPACE}"' for prefix in ("ptz", "tptz"))
    return envelope.replace("<s:Envelope ", f"<s:Envelope {names} ")


@contextmanager
def running_ipycam(
    address: str = "127.0.0.1",
    *,
    discovery_port: int = 0,
    login: tuple[str, str] = (USER, PASSWORD),
    **settings: Any,
) -> Iterator[IpycamCamera]:
    """A camera with a login at `address`, on free ports."""
    user, password = login
    config = CameraConfig(local_ip=address, username=user, password=password, **settings)
    ptz = PTZController(output_width=640, output_height=360, max_zoom=4.0)
    service = ONVIFService(config, ptz)
    service._templates["envelope"] = _declared(service._templates["envelope"])
    handler = type("_OneHandler", (_Handler,), {})
    handler.camera = SimpleNamespace(config=config, onvif=service, ptz=ptz)  # type: ignore[attr-defined]
    server = http.server.ThreadingHTTPServer((address, 0), handler)
    config.onvif_port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    discovery = _Discovery(service, address, discovery_port)
    discovery.start()
    url = f"http://{address}:{server.server_port}/onvif/device_service"
    try:
        yield IpycamCamera(
            login=OnvifLogin(service=url, user=user, password=password),
            endpoint=service.device_uuid,
            ptz=ptz,
            discovery_port=discovery.port,
        )
    finally:
        discovery.stop()
        discovery.join()
        server.shutdown()
        server.server_close()
        thread.join()
        ptz.stop()
