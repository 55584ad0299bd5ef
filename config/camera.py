"""A camera as the site describes it: its place, its owner, how to fetch its pictures, its zones."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Protocol
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from thapcanh.config.file_path import FilePath, checked_path
from thapcanh.config.frozen import Frozen, Id, Name
from thapcanh.config.geometry import Polygon, distance_from_line
from thapcanh.config.rules import Shape
from thapcanh.config.secret import SecretUrl
from thapcanh.config.servers.server_url import port_of

LEAST_INSIDE = 0.01  # of the picture: nearer to the line, nobody can say which side was meant
LONGEST_SOURCE = 2048  # characters
SCHEMES = "schemes"  # the key of a `SchemeCheck` in the context of a validation


class SchemeCheck(Protocol):
    """Knows the schemes that can be read; those above this room hand it in."""

    def check(self, url: SecretUrl) -> None:
        """Raise `ValueError` where no scheme reads the address, or its scheme finds it wrong."""
        ...


class Transport(StrEnum):
    """Transport of a camera's RTSP stream."""

    AUTO = "auto"
    """By TCP; where the camera has no TCP, by UDP or multicast."""
    TCP = "tcp"
    UDP = "udp"
    MULTICAST = "multicast"


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsTrust:
    """Trust in a camera's TLS certificate; by default it must be signed by a known authority."""

    ca: Path | None = None
    """A file of certificates in PEM: they are believed, and those that they signed."""
    pin: str | None = None
    """SHA-256 of the camera's own certificate, as `thapcanh probe` prints it."""
    insecure: bool = False
    """Believe any: anybody on the way between can show other pictures and read the password."""


def _checked_source(source: SecretUrl, info: ValidationInfo) -> SecretUrl:
    """Check the form of the address, and its scheme if the context lists the schemes."""
    if len(source.reveal()) > LONGEST_SOURCE:
        raise ValueError(f"the address has more than {LONGEST_SOURCE} characters")
    if source.scheme in ("", "file"):
        checked_path(Path(source.reveal().removeprefix("file://")))
    if not source.reveal().removeprefix("file://").strip():
        raise ValueError("empty, expected a URL or a file path")
    schemes: SchemeCheck | None = (info.context or {}).get(SCHEMES)
    if schemes is not None:
        schemes.check(source)
    elif source.scheme not in ("", "file"):
        if not urlsplit(source.reveal()).hostname:
            raise ValueError(f"{source} has no host")
        port_of(source)
    return source


SourceUrl = Annotated[SecretUrl, AfterValidator(_checked_source)]


class ZoneConfig(Frozen):
    """Named part of one camera's picture."""

    id: Id
    name: Name
    polygon: Polygon


Coordinate = Annotated[float, Field(ge=0, le=1)]


class LineConfig(Frozen):
    """Named line across one camera's picture, with a point on its inner side."""

    id: Id
    name: Name
    points: tuple[tuple[Coordinate, Coordinate], tuple[Coordinate, Coordinate]]
    inside: tuple[Coordinate, Coordinate]

    @model_validator(mode="after")
    def _checked(self) -> "LineConfig":
        if self.points[0] == self.points[1]:
            raise ValueError("both points are the same, a line needs two")
        if abs(distance_from_line(self.inside, self.points)) < LEAST_INSIDE:
            raise ValueError("inside lies on the line, expected a point beside it")
        return self


ConformityMark = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
PresetToken = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]


class OnvifLink(Frozen):
    """Address of a camera's ONVIF service, and its identity when the address changes."""

    service: str = Field(max_length=500, pattern=r"^https?://[^/@?#\s]+/[^@?#\s]*$")
    endpoint: str | None = Field(default=None, min_length=1, max_length=200)
    mac: str | None = Field(default=None, pattern=r"^([0-9a-f]{2}:){5}[0-9a-f]{2}$")
    events: bool = False
    """Listen to its own events (PullPoint): they wake it, and raise rules of `camera_event`."""


class MetadataStream(StrEnum):
    """Stream of a camera that carries its ONVIF metadata track."""

    SOURCE = "source"
    MAIN_SOURCE = "main_source"


class PtzCall(Frozen):
    """A neighbouring camera, and its preset that shows a place."""

    camera: Id
    preset: PresetToken


class PtzConfig(Frozen):
    """Return of turned cameras to the position in which their zones are drawn."""

    home_after_s: float = Field(default=300.0, ge=10, le=86_400)


class CameraConfig(Frozen):
    """Settings of one camera. `source` feeds detection; `main_source`, if set, is for live view."""

    id: Id
    name: Name
    source: SourceUrl
    main_source: SourceUrl | None = None
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    bearing_deg: float | None = Field(default=None, ge=0, lt=360)
    area: Id | None = None
    agency: Id | None = None
    transport: Transport = Transport.AUTO
    tls_ca: FilePath | None = None
    tls_pin: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    tls_insecure: bool = False
    conformity: ConformityMark | None = None
    """What its label says of the technical regulation it conforms to; for the dossier."""
    ptz: bool = False
    """It is turned by people or goes on patrol: another view is no tampering."""
    onvif: OnvifLink | None = None
    metadata: MetadataStream | None = None
    """Its own object boxes (ONVIF Profile M, by RTSP) are looked at beside the detector's."""
    ptz_home: PresetToken | None = None
    """The preset for which its zones are drawn; without it, the camera's own home position."""
    ptz_calls: Annotated[tuple[PtzCall, ...], Field(max_length=16)] = ()
    """Neighbours that turn, and their presets from which this camera's place is seen."""
    record: bool | None = None
    """Recorded all day, or not; by default as `[recording] cameras` says."""
    record_days: float | None = Field(default=None, gt=0, le=3650)
    masks: tuple[Polygon, ...] = ()
    """Where nothing is detected; people see what is there."""
    privacy_masks: tuple[Polygon, ...] = ()
    """What nobody sees: painted over in every picture and film that is handed out."""
    zones: tuple[ZoneConfig, ...] = ()
    lines: tuple[LineConfig, ...] = ()

    @property
    def turns(self) -> bool:
        """True if officers can turn this camera (PTZ)."""
        return self.ptz and self.onvif is not None

    @property
    def metadata_source(self) -> SecretUrl | None:
        """The stream whose metadata track is read."""
        if self.metadata is None:
            return None
        return self.main_source if self.metadata is MetadataStream.MAIN_SOURCE else self.source

    @property
    def tls(self) -> TlsTrust:
        return TlsTrust(ca=self.tls_ca, pin=self.tls_pin, insecure=self.tls_insecure)

    @model_validator(mode="after")
    def _checked(self) -> "CameraConfig":
        if (self.tls_ca is not None) + (self.tls_pin is not None) + self.tls_insecure > 1:
            raise ValueError("tls_ca, tls_pin and tls_insecure exclude each other")
        if (self.lat is None) != (self.lon is None):
            raise ValueError("lat and lon go together, one is missing")
        if self.metadata is MetadataStream.MAIN_SOURCE and self.main_source is None:
            raise ValueError("metadata names main_source, which the camera has not")
        _ids_differ("zones", self.zones)
        _ids_differ("lines", self.lines)
        return self

    def shapes(self) -> frozenset[Shape]:
        """Return the zones and lines drawn on this camera's picture."""
        if not self.zones and not self.lines:
            return frozenset()
        zones: set[Shape] = {("zone", zone.id) for zone in self.zones}
        return frozenset(zones | {("line", line.id) for line in self.lines})


def anchored(camera: CameraConfig, folder: Path) -> CameraConfig:
    """Return the camera with paths made absolute, relative to the file that names them."""
    main, ca = camera.main_source, camera.tls_ca
    if ca is None and all(one is None or one.scheme for one in (camera.source, main)):
        return camera
    return camera.model_copy(
        update={
            "source": _absolute(camera.source, folder),
            "main_source": main and _absolute(main, folder),
            "tls_ca": ca and folder.resolve() / ca,
        }
    )


def _absolute(source: SecretUrl, folder: Path) -> SecretUrl:
    """File paths are relative to the file that names them; URLs stay as they are."""
    if source.scheme:
        return source
    return SecretUrl(str(folder.resolve() / source.reveal()))


def _ids_differ(what: str, items: Sequence[ZoneConfig | LineConfig]) -> None:
    observed: set[str] = set()
    for item in items:
        if item.id in observed:
            raise ValueError(f"two {what} with the id {item.id!r}")
        observed.add(item.id)


class CameraIndex:
    """Index of cameras by id, built at the first search; copies of a site share it."""

    def __init__(self) -> None:
        self._known: tuple[tuple[CameraConfig, ...], dict[str, CameraConfig]] = ((), {})

    def find(self, cameras: tuple[CameraConfig, ...], camera_id: str) -> CameraConfig | None:
        """Return the camera with this id among `cameras`, or None."""
        of, by_id = self._known
        if of is not cameras:
            by_id = {camera.id: camera for camera in cameras}
            self._known = (cameras, by_id)
        return by_id.get(camera_id)
