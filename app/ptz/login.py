"""Where a camera is turned, and the login: that of its pictures. Told to the camera alone."""

from thapcanh.app.registry.discovery.finding import FindingRefused
from thapcanh.app.registry.discovery.onvif_login import onvif_login
from thapcanh.config.camera import CameraConfig
from thapcanh.config.site import Site
from thapcanh.ingest.onvif.records import OnvifLogin


class NotTurned(Exception):
    """A camera that cannot be turned from here; `reason` is an identifier."""

    def __init__(self, reason: str, refused: FindingRefused | None = None) -> None:
        super().__init__(str(refused or reason))
        self.reason = reason
        self.refused = refused


def login_of(site: Site, camera: CameraConfig) -> OnvifLogin:
    """Return the camera's ONVIF login without name lookups. Raises `NotTurned`."""
    if camera.onvif is None or not camera.ptz:
        raise NotTurned("ptz_none")
    try:
        return onvif_login(site, camera, camera.onvif)
    except FindingRefused as refused:
        raise NotTurned("onvif_network", refused) from None


def login_now(site: Site, camera_id: str, before: OnvifLogin) -> OnvifLogin:
    """Return the camera's current login, or `before` (to stop it) if it has none."""
    camera = site.camera(camera_id)
    try:
        return before if camera is None else login_of(site, camera)
    except NotTurned:
        return before


def without_address(camera: CameraConfig, line: str) -> str:
    """Return a message with the camera's address replaced by its name."""
    return line if camera.onvif is None else line.replace(camera.onvif.service, camera.name)
