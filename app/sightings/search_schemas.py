"""API schemas of the search over sightings."""

from typing import Annotated, Literal

from fastapi import Query
from pydantic import AfterValidator, Field

from thapcanh.app.web_api.errors import InvalidInput
from thapcanh.app.web_api.query_types import UtcTime
from thapcanh.app.web_api.schemas import ApiModel, Time
from thapcanh.detection.region import Region
from thapcanh.detection.sightings.query import SearchCursor
from thapcanh.detection.sightings.sighting import VehicleColour
from thapcanh.detection.tracking.drawn_shapes import LineSide

ThingClass = Annotated[str, Field(min_length=1, max_length=60)]
SilenceReason = Literal["lost", "elsewhere", "failing"]
MOST_CAMERAS = 64
MOST_CLASSES = 100
MOST_PARTS = 200

_ID = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
_SHARE = r"(?:0(?:\.\d{1,6})?|1(?:\.0{1,6})?)"


def _is_box(text: str) -> str:
    x1, y1, x2, y2 = (float(side) for side in text.split(","))
    if x1 >= x2 or y1 >= y2:
        raise ValueError("x1,y1,x2,y2 with x1 < x2 and y1 < y2")
    return text


From = Annotated[UtcTime, Query(alias="from", description="ISO 8601 or unix seconds")]
To = Annotated[UtcTime, Query(alias="to")]
Classes = Annotated[list[ThingClass] | None, Query(alias="class", max_length=MOST_CLASSES)]
Cameras = Annotated[
    list[Annotated[str, Field(max_length=64, pattern=rf"^{_ID}$")]] | None,
    Query(max_length=MOST_CAMERAS, description="none: every camera of the area"),
]
AreaId = Annotated[str | None, Query(max_length=64, pattern=rf"^{_ID}$")]
LineId = Annotated[str | None, Query(max_length=64, pattern=rf"^{_ID}$")]
Direction = Annotated[LineSide | None, Query(description="the side of the line that was reached")]
BoxText = Annotated[
    Annotated[str, AfterValidator(_is_box)] | None,
    Query(pattern=rf"^{_SHARE}(?:,{_SHARE}){{3}}$", description="x1,y1,x2,y2, 0..1"),
]
CursorText = Annotated[str | None, Query(pattern=rf"^\d{{1,15}}~\d{{1,12}}~{_ID}$")]
Limit = Annotated[int, Query(ge=1, le=200)]
Parts = Annotated[int, Query(ge=1, le=MOST_PARTS, description="of the time axis")]


class PassageResponse(ApiModel):
    """A line that was crossed; `to` is the side that was reached."""

    line: str
    to: LineSide
    at: Time


class SightingResponse(ApiModel):
    """A person, vehicle or thing. Boxes are x, y, width, height in shares of the picture."""

    id: str
    camera: str
    kind: ThingClass = Field(serialization_alias="class")
    begins: Time = Field(serialization_alias="from")
    ends: Time = Field(serialization_alias="to")
    best_at: Time
    confidence: float
    colour: VehicleColour | None
    box: list[float]
    path: list[list[float]]
    """Where it was first, half-way and last."""
    passages: list[PassageResponse]


class DroppedResponse(ApiModel):
    """A span of whole five-minute slots in which sightings were dropped."""

    begins: Time = Field(serialization_alias="from")
    ends: Time = Field(serialization_alias="to")


class SearchedCameraResponse(ApiModel):
    """Completeness of the result for one camera; shares are of the elapsed period.

    An idle camera is analysed every few seconds, because nothing moves.
    """

    camera: str
    awake: float
    idle: float
    not_looked_at: float
    kept_from: Time | None
    """Older sightings were deleted with their film."""
    dropped: int
    """How many of the wanted classes found no room: there the answer is incomplete."""
    dropped_in: list[DroppedResponse]


class SilentStoreResponse(ApiModel):
    """A worker of which the newest, or all, sightings are missing in the answer."""

    worker: str
    reason: SilenceReason
    """Does not answer; its recordings are not in this folder; cannot write."""
    cameras: list[str]


class SearchResponse(ApiModel):
    """A page in order of time; `counts` and `looked` are of each part of the period.

    They are on the first page only. `workers_known` is false while it is unknown which workers
    live.
    """

    begins: Time = Field(serialization_alias="from")
    ends: Time = Field(serialization_alias="to")
    items: list[SightingResponse]
    next: str | None
    counts: list[int]
    looked: list[float]
    cameras: list[SearchedCameraResponse]
    silent: list[SilentStoreResponse]
    workers_known: bool


def region_of(text: str | None) -> Region | None:
    """Return the parsed box."""
    if text is None:
        return None
    x1, y1, x2, y2 = (float(side) for side in text.split(","))
    return x1, y1, x2, y2


def cursor_of(text: str | None) -> SearchCursor | None:
    """Return the cursor written by `cursor_text`."""
    if text is None:
        return None
    from_ms, number, camera_id = text.split("~")
    if int(from_ms) >= 2**53:
        raise InvalidInput("query.cursor", "string_pattern_mismatch")
    return SearchCursor(int(from_ms), camera_id, int(number))


def cursor_text(cursor: SearchCursor) -> str:
    return f"{cursor.from_ms}~{cursor.number}~{cursor.camera_id}"
