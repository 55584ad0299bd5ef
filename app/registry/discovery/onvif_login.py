"""ONVIF login of a configured camera: address, credentials and trust."""

from urllib.parse import unquote, urlsplit

from thapcanh.app.registry.discovery.finding import check_service
from thapcanh.config.camera import CameraConfig, OnvifLink
from thapcanh.config.site import Site
from thapcanh.ingest.onvif.records import OnvifLogin


def onvif_login(site: Site, camera: CameraConfig, link: OnvifLink) -> OnvifLogin:
    """Return the camera's service with the login of its stream.

    Raises `FindingRefused` outside `[networks] onvif`; resolves no names.
    """
    check_service(link.service, site.networks)
    user, password = _login(camera)
    return OnvifLogin(service=link.service, user=user, password=password, tls=camera.tls)


def _login(camera: CameraConfig) -> tuple[str, str]:
    """Return name and password of the camera's addresses; empty if they have none."""
    for source in (camera.source, camera.main_source):
        parts = urlsplit(source.reveal()) if source is not None else None
        if parts is not None and parts.username:
            return unquote(parts.username), unquote(parts.password or "")
    return "", ""
