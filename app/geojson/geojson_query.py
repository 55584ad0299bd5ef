"""What of a collection is asked for: a rectangle, a stretch of time, a page."""

import math
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from pydantic import TypeAdapter, ValidationError

from app.web_api.errors import InvalidInput
from app.web_api.query_types import UtcTime

MOST = 200
_OPEN = ("", "..")
_MOMENT = TypeAdapter(UtcTime)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureQuery:
    """`box` is west, south, east, north in degrees; `since` and `until` UTC seconds."""

    box: tuple[float, float, float, float] | None
    since: float | None
    until: float | None
    limit: int
    cursor: str | None

    def has(self, lon: float | None, lat: float | None) -> bool:
        """Whether a place is in the rectangle; what has no place is in none."""
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
    """Read the query of a collection."""
    since, until = _stretch(datetime)
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


def _stretch(text: str | None) -> tuple[float | None, float | None]:
    if text is None:
        return None, None
    begin, slash, end = text.partition("/")
    if not slash:
        return _moment(begin), _moment(begin)
    return (
        None if begin in _OPEN else _moment(begin),
        None if end in _OPEN else _moment(end),
    )


def _moment(text: str) -> float:
    try:
        return _MOMENT.validate_python(text)
    except ValidationError:
        raise InvalidInput("query.datetime", "value_error") from None
