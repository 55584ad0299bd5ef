"""API schemas of OGC API Features, Part 1: landing page, collections, features."""

import math
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import TypeAdapter, ValidationError

from thapcanh.app.web_api.errors import InvalidInput
from thapcanh.app.web_api.query_types import UtcTime
from thapcanh.app.web_api.schemas import ApiModel, Time

MOST = 200
_OPEN = ("", "..")
_TIMESTAMP = TypeAdapter(UtcTime)


class LinkResponse(ApiModel):
    """Where something else is, and what it is to this."""

    href: str
    rel: str
    type: str = "application/json"
    title: str | None = None


class LandingResponse(ApiModel):
    """Landing page."""

    title: str
    description: str
    links: list[LinkResponse]


class ConformanceResponse(ApiModel):
    """Conformance classes."""

    conformsTo: list[str]  # noqa: N815 the standard's name


class CollectionResponse(ApiModel):
    """Features of one kind."""

    id: str
    title: str
    description: str
    itemType: Literal["feature"] = "feature"  # noqa: N815 the standard's name
    crs: list[str]
    links: list[LinkResponse]


class CollectionsResponse(ApiModel):
    """All collections."""

    links: list[LinkResponse]
    collections: list[CollectionResponse]


class PointResponse(ApiModel):
    """A place: longitude, latitude (WGS 84)."""

    type: Literal["Point"] = "Point"
    coordinates: tuple[float, float]


class FeatureResponse(ApiModel):
    """One alert, incident or camera; without a place its `geometry` is null."""

    type: Literal["Feature"] = "Feature"
    id: str
    geometry: PointResponse | None
    properties: dict[str, Any]


class FeaturePageResponse(ApiModel):
    """A page of features; the link `next` leads on."""

    type: Literal["FeatureCollection"] = "FeatureCollection"
    timeStamp: Time  # noqa: N815 the standard's name
    numberReturned: int  # noqa: N815 the standard's name
    links: list[LinkResponse]
    features: list[FeatureResponse]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureQuery:
    """`box` is west, south, east, north in degrees; `since` and `until` UTC seconds."""

    box: tuple[float, float, float, float] | None
    since: float | None
    until: float | None
    limit: int
    cursor: str | None

    def has(self, lon: float | None, lat: float | None) -> bool:
        """Return True if a place is in the rectangle; no place is in none."""
        if self.box is None:
            return True
        if lon is None or lat is None:
            return False
        west, south, east, north = self.box
        is_between = west <= lon <= east if west <= east else lon >= west or lon <= east
        return is_between and south <= lat <= north


def feature_query(
    *,
    bbox: Annotated[
        str | None, Query(max_length=120, description="west,south,east,north in degrees")
    ] = None,
    datetime: Annotated[
        str | None, Query(max_length=80, description="a moment or a stretch, open as `..`")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100_000, description=f"at most {MOST} come")] = MOST,
    cursor: Annotated[str | None, Query(max_length=300, pattern=r"^[A-Za-z0-9_=.:-]+$")] = None,
) -> FeatureQuery:
    since, until = _span(datetime)
    return FeatureQuery(
        box=None if bbox is None else _box(bbox),
        since=since,
        until=until,
        limit=min(limit, MOST),
        cursor=cursor,
    )


def _box(text: str) -> tuple[float, float, float, float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise InvalidInput("query.bbox", "value_error") from None
    if len(numbers) == 6:  # with heights, which nothing here has
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):
        raise InvalidInput("query.bbox", "value_error")
    west, south, east, north = numbers
    return west, south, east, north


def _span(text: str | None) -> tuple[float | None, float | None]:
    if text is None:
        return None, None
    start, slash, end = text.partition("/")
    if not slash:
        return _timestamp(start), _timestamp(start)
    return (
        None if start in _OPEN else _timestamp(start),
        None if end in _OPEN else _timestamp(end),
    )


def _timestamp(text: str) -> float:
    try:
        return _TIMESTAMP.validate_python(text)
    except ValidationError:
        raise InvalidInput("query.datetime", "value_error") from None
