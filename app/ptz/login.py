"""Where a camera is turned, and the login: that of its pictures. Told to the camera alone."""

from thapcanh.app.registry.discovery.finding import FindingRefused
from thapcanh.app.registry.discovery.onvif_login import onvif_login
from thapcanh.config.camera import CameraConfig
from thapcanh.config.site import Site
from thapcanh.ingest.onvif.records import OnvifLogin


class NotTurned(Exception):
    """A camera that is not turned from here; `reason` is a word for machines."""

    def __init__(self, reason: str, refused: FindingRefused | None = None) -> None:
        super().__init__(str(refused or reason))
        self.reason = reason
        self.refused = refused


def login_of(site: Site, camera: CameraConfig) -> OnvifLogin:
    """The camera's ONVIF service with its login. Raises `NotTurned`; looks no name up."""
    if camera.onvif is None or not camera.ptz:
        raise NotTurned("ptz_none")
    try:
        return onvif_login(site, camera, camera.onvif)
    except FindingRefused as refused:
        raise NotTurned("onvif_network", refused) from None


def login_now(site: Site, camera_id: str, before: OnvifLogin) -> OnvifLogin:
    """The camera's login as the site has it now; `before`, to stop it, where it has none."""
    camera = site.camera(camera_id)
    try:
        return before if camera is None else login_of(site, camera)
    except NotTurned:
        return before


def without_address(camera: CameraConfig, line: str) -> str:
    """What became of a command, for those who need not know where the camera is."""
    return line if camera.onvif is None else line.replace(camera.onvif.service, camera.name)
