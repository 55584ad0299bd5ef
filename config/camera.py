"""A camera as the site describes it: its place, its owner, how to fetch its pictures, its zones."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from config.frozen import Frozen, Id, Name
from config.geometry import Polygon
from config.secret import SecretUrl

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
    parts = urlsplit(source.reveal())
    if not parts.hostname:
        raise ValueError(f"{source} has no host")
    try:
        _ = parts.port
    except ValueError:
        raise ValueError(f"{source} has a port that is not a number from 0 to 65535") from None
    return source


SourceUrl = Annotated[SecretUrl, AfterValidator(_checked_source)]


class Zone(Frozen):
    """A named part of one camera's picture."""

    id: Id
    name: Name
    polygon: Polygon


class Camera(Frozen):
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
    masks: tuple[Polygon, ...] = ()
    zones: tuple[Zone, ...] = ()

    @model_validator(mode="after")
    def _checked(self) -> "Camera":
        if (self.lat is None) != (self.lon is None):
            raise ValueError("lat and lon go together, one is missing")
        seen: set[str] = set()
        for zone in self.zones:
            if zone.id in seen:
                raise ValueError(f"two zones with the id {zone.id!r}")
            seen.add(zone.id)
        return self
