"""Types of query parameters that several routers share; a report's period by Hà Nội's clock."""

import math
from datetime import datetime
from typing import Annotated

from fastapi import Query, Request
from pydantic import AfterValidator, BeforeValidator

from thapcanh.app.web_api.errors import ApiError, InvalidInput

_LATEST = 253402300799.0  # 9999-12-31, the last moment that can be written
LOCAL_OFFSET_S = 7 * 3600.0  # Asia/Ho_Chi_Minh has no summer time
DAY_S = 86_400.0
HOUR_S = 3600.0
MOST_DAYS = 400  # a year of the ministry and some days
_HOURLY_UP_TO_DAYS = 2


def _timestamp(value: object) -> object:
    """ISO 8601 with an offset, or unix seconds."""
    if not isinstance(value, str):
        return value
    try:
        return float(value)
    except ValueError:
        timestamp = datetime.fromisoformat(value)
    if timestamp.tzinfo is None:
        raise ValueError("a time needs its offset, e.g. Z")
    return timestamp.timestamp()


def _in_range(value: float) -> float:
    if not math.isfinite(value) or not 0 <= value <= _LATEST:
        raise ValueError("not a time that there is")
    return value


def refuse_words_in_address(request: Request) -> None:
    """Raise `InvalidInput` for `q`: URLs are logged, and callers' words must not be."""
    if "q" in request.query_params:
        raise InvalidInput("query.q", "extra_forbidden")


UtcTime = Annotated[float, BeforeValidator(_timestamp), AfterValidator(_in_range)]


def midnight(now: float) -> float:
    """Return the start of the local day."""
    return (now + LOCAL_OFFSET_S) // DAY_S * DAY_S - LOCAL_OFFSET_S


def bar_of(since: float, until: float) -> float:
    """Return the interval of a timeline: hours for a day or two, else days."""
    return HOUR_S if until - since <= _HOURLY_UP_TO_DAYS * DAY_S else DAY_S


def period(
    since: Annotated[UtcTime, Query(description="ISO 8601 or unix seconds")],
    until: Annotated[UtcTime, Query(description="ISO 8601 or unix seconds; excluded")],
) -> tuple[float, float]:
    if not 0 < until - since <= MOST_DAYS * DAY_S:
        raise ApiError(422, "period_wrong", days=MOST_DAYS)
    return since, until
