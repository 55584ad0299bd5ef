"""A camera as the site describes it: its place, its owner, how to fetch its pictures, its zones."""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from config.frozen import Frozen, Id, Name
from config.geometry import Polygon, distance_from_line
from config.secret import SecretUrl
from config.server_url import port_of

LEAST_INSIDE = 0.01  # of the picture: nearer to the line, nobody can say which side was meant
STREAM_SCHEMES = frozenset({"rtsp", "rtsps", "http", "https"})


def _checked_source(source: SecretUrl) -> SecretUrl:
    """A path, or a URL of a scheme that can be read, with a host in it."""
    if source.scheme in ("", "file"):
        if not source.reveal().removeprefix("file://").strip():
            raise ValueError("empty, expected a URL or a file path")
        return source
    if source.scheme not in STREAM_SCHEMES:
        expected = ", ".join(sorted(STREAM_SCHEMES))
        raise ValueError(f"scheme {source.scheme!r} is not known, expected {expected} or a path")
    if not urlsplit(source.reveal()).hostname:
        raise ValueError(f"{source} has no host")
    port_of(source)
    return source


SourceUrl = Annotated[SecretUrl, AfterValidator(_checked_source)]


class ZoneConfig(Frozen):
    """A named part of one camera's picture."""

    id: Id
    name: Name
    polygon: Polygon


Coordinate = Annotated[float, Field(ge=0, le=1)]


class LineConfig(Frozen):
    """A named line across one camera's picture, and a point on its inside."""

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


class CameraConfig(Frozen):
    """One camera. `source` feeds detection; `main_source`, where given, is for live view."""

    id: Id
    name: Name
    source: SourceUrl
    main_source: SourceUrl | None = None
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    bearing_deg: float | None = Field(default=None, ge=0, lt=360)
    area: Id | None = None
    agency: Id | None = None
    ptz: bool = False
    """It is turned by people or goes on patrol: another view is no tampering."""
    masks: tuple[Polygon, ...] = ()
    zones: tuple[ZoneConfig, ...] = ()
    lines: tuple[LineConfig, ...] = ()

    @model_validator(mode="after")
    def _checked(self) -> "CameraConfig":
        if (self.lat is None) != (self.lon is None):
            raise ValueError("lat and lon go together, one is missing")
        _ids_differ("zones", self.zones)
        _ids_differ("lines", self.lines)
        return self


def _ids_differ(what: str, items: Sequence[ZoneConfig | LineConfig]) -> None:
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise ValueError(f"two {what} with the id {item.id!r}")
        seen.add(item.id)
