"""The period of a report, and the days of Hà Nội's clock. Pure."""

from typing import Annotated

from fastapi import Query

from app.web_api.errors import ApiError
from app.web_api.query_types import UtcTime

LOCAL_OFFSET_S = 7 * 3600.0  # Asia/Ho_Chi_Minh has no summer time
DAY_S = 86_400.0
HOUR_S = 3600.0
MOST_DAYS = 400  # a year of the ministry and some days
_HOURLY_UP_TO_DAYS = 2


def midnight(now: float) -> float:
    """When the local day of a moment began."""
    return (now + LOCAL_OFFSET_S) // DAY_S * DAY_S - LOCAL_OFFSET_S


def bar_of(since: float, until: float) -> float:
    """The width of a timeline's bars: hours for a day or two, else days."""
    return HOUR_S if until - since <= _HOURLY_UP_TO_DAYS * DAY_S else DAY_S


def period(
    since: Annotated[UtcTime, Query(description="ISO 8601 or unix seconds")],
    until: Annotated[UtcTime, Query(description="ISO 8601 or unix seconds; excluded")],
) -> tuple[float, float]:
    """Read a report's period."""
    if not 0 < until - since <= MOST_DAYS * DAY_S:
        raise ApiError(422, "period_wrong", days=MOST_DAYS)
    return since, until
