"""Query parameters of the alert list, each validated."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import BeforeValidator, Field

from thapcanh.alerts.alert.alert_state import AlertState, RejectReason
from thapcanh.alerts.alert.history import NEAR_M
from thapcanh.alerts.alert.records import AlertFilter
from thapcanh.alerts.store.distance import Position
from thapcanh.alerts.store.plain_text import plain
from thapcanh.alerts.store.roles import DataFilter
from thapcanh.app.reports.export_words import kinds_by_word
from thapcanh.app.web_api.query_types import UtcTime
from thapcanh.config.registry.watch_area import ID_FORM, rules_of_area

_MOST_WORDS = 12
_NOBODYS = DataFilter(agencies=frozenset(), areas=frozenset())  # until the caller's is set


def _split(values: object) -> object:
    """`?state=new,closed` means the same as `?state=new&state=closed`."""
    return _parts(values) if isinstance(values, list) else values


def _parts(values: list[object]) -> list[str]:
    return [part for value in values for part in str(value).split(",") if part]


_Plain = Annotated[str, Field(max_length=64, pattern=r"^[\w.:-]+$")]
Names = Annotated[list[_Plain], BeforeValidator(_split), Field(max_length=100)]
Outcomes = Annotated[
    list[Literal["confirmed", "rejected", "none"]], BeforeValidator(_split), Field(max_length=3)
]
Reasons = Annotated[list[RejectReason], BeforeValidator(_split), Field(max_length=20)]
Sort = Literal[
    "raised_at", "-raised_at", "kind", "-kind", "camera", "-camera",
    "agency", "-agency", "answered", "-answered", "outcome", "-outcome",
    "urgency", "-urgency",
]  # fmt: skip
States = Annotated[list[AlertState], BeforeValidator(_split), Field(max_length=10)]


def _seconds_of_day(value: object) -> object:
    """`22:30` in seconds since midnight."""
    found = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", str(value))
    if found is None:
        raise ValueError("a time of day is HH:MM")
    return int(found[1]) * 3600.0 + int(found[2]) * 60.0


def _place(value: object) -> object:
    """`21.0285,105.8542`."""
    return tuple(map(float, _parts(value if isinstance(value, list) else [value])))


ClockTime = Annotated[float, BeforeValidator(_seconds_of_day, json_schema_input_type=str)]
Place = Annotated[
    tuple[
        Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)],
        Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)],
    ],
    BeforeValidator(_place, json_schema_input_type=str),
]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Time of day in seconds, and the place that alerts are near to."""

    clock_from: float | None = None
    clock_until: float | None = None
    near: Position | None = None


def narrowed(
    clock_from: Annotated[ClockTime | None, Query(description="local time of day")] = None,
    clock_until: Annotated[
        ClockTime | None, Query(description="before `clock_from`: over midnight")
    ] = None,
    near: Annotated[
        Place | None, Query(description=f"latitude,longitude; within {NEAR_M:.0f} m")
    ] = None,
) -> Narrowed:
    return Narrowed(clock_from, clock_until, near)


def alert_filter(
    *,
    state: Annotated[States, Query()] = [],  # noqa: B006 a default of the query, never changed
    kind: Annotated[Names, Query()] = [],  # noqa: B006
    camera: Annotated[Names, Query()] = [],  # noqa: B006
    area: Annotated[Names, Query()] = [],  # noqa: B006
    agency: Annotated[Names, Query()] = [],  # noqa: B006
    outcome: Annotated[Outcomes, Query()] = [],  # noqa: B006
    reject_reason: Annotated[Reasons, Query()] = [],  # noqa: B006
    q: Annotated[
        str, Query(max_length=100, description="each word; marks and case are ignored")
    ] = "",
    sort: Annotated[Sort | None, Query(description="without it: best match, then newest")] = None,
    since: Annotated[UtcTime | None, Query(description="ISO 8601 or unix seconds")] = None,
    until: Annotated[UtcTime | None, Query(description="ISO 8601 or unix seconds")] = None,
    narrowed: Annotated[Narrowed, Depends(narrowed)],
    watch_area: Annotated[
        str | None, Query(max_length=64, pattern=ID_FORM.pattern, description="its rules' alerts")
    ] = None,
    exercise: Annotated[bool | None, Query(description="drills only, or none of them")] = None,
    shelved: Annotated[bool | None, Query(description="on a shelf only, or on none")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=300, pattern=r"^[A-Za-z0-9_=-]+$")] = None,
) -> AlertFilter:
    words = tuple(dict.fromkeys(plain(q).replace("\0", "").split()))[:_MOST_WORDS]
    return AlertFilter(
        states=frozenset(state),
        kinds=frozenset(kind),
        cameras=frozenset(camera),
        areas=frozenset(area),
        agencies=frozenset(agency),
        outcomes=frozenset(outcome),
        reject_reasons=frozenset(reject_reason),
        rules=rules_of_area(watch_area) if watch_area is not None else frozenset(),
        words=words,
        kinds_by_word=kinds_by_word(words),
        sort="" if sort is None else sort.removeprefix("-"),
        descending=sort is None or sort.startswith("-"),
        since=since,
        until=until,
        clock_from_s=narrowed.clock_from,
        clock_until_s=narrowed.clock_until,
        near=narrowed.near,
        exercise=exercise,
        shelved=shelved,
        scope=_NOBODYS,
        limit=limit,
        cursor=cursor,
    )
