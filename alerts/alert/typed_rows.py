"""Typed rows: one field per column, None if it may be NULL."""

import json
from collections.abc import Callable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, TypeVar

import sqlalchemy as sa

Reasons = tuple[tuple[str, float], ...]


def to_column(reasons: Reasons) -> str | None:
    """JSON of weight by name; None where there is no reason."""
    return json.dumps(dict(reasons), separators=(",", ":")) if reasons else None


def from_column(text: str | None) -> Reasons:
    """Return the reasons in their original order."""
    return tuple((name, float(weight)) for name, weight in json.loads(text or "{}").items())


@dataclass(slots=True, kw_only=True)
class AlertRow:
    """A row of `alert`."""

    id: str
    number: str
    dedup_key: str
    episode_open: bool
    recurrence_of: str | None = None
    kind: str
    state: str
    condition: str
    priority: int
    version: int
    people_version: int
    raised_at: float
    last_seen_at: float
    cleared_at: float | None = None
    camera_id: str
    camera_name: str
    place: str | None = None
    area: str | None = None
    agency: str | None = None
    lat: float | None = None
    lon: float | None = None
    rule_id: str
    rule_version: int
    zone_id: str | None = None
    label: str
    confidence: float
    box_x: float
    box_y: float
    box_w: float
    box_h: float
    largest_area: float
    detections: int
    reason: str
    unchecked: bool
    evidence_error: str | None = None
    spoke_at: float
    spoke_reason: str
    spoken_priority: int
    spoken_area: float
    escalated_at: float | None = None
    owner: str | None = None
    acknowledged_at: float | None = None
    held_since: float | None = None
    lease_until: float | None = None
    verdict: str | None = None
    verdict_by: str | None = None
    verdict_at: float | None = None
    reject_reason: str | None = None
    cosign_wanted_by: str | None = None
    closed_by: str | None = None
    closed_at: float | None = None
    captured_at: float
    inferred_at: float
    spooled_at: float
    queued_at: float
    stored_at: float
    pushed_at: float | None = None
    rendered_at: float | None = None
    words: str
    exercise: bool
    belief: float | None = None
    reasons: str | None = None
    shelf_id: str | None = None
    shelved_until: float | None = None
    corroboration: str | None = None
    corroborated_by: str | None = None


@dataclass(slots=True, kw_only=True)
class EpisodeEventRow:
    """Row of `episode_event`: an event's alert, and when it was last seen."""

    event_id: str
    alert_id: str
    active: bool
    last_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow:
    """A row of `incident`."""

    id: str
    number: str
    state: str
    kind: str
    class_group: str
    priority: int
    version: int
    people_version: int
    place: str | None
    ward: str | None
    lat: float | None
    lon: float | None
    agency: str | None
    area: str | None
    owner: str | None
    held_since: float | None = None
    opened_at: float
    opened_by: str
    last_at: float
    due_at: float | None
    escalated_at: float | None
    disposition: str | None
    report: str | None
    closed_by: str | None
    closed_at: float | None
    merged_into: str | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentMemberRow:
    """A row of `incident_member`: what an incident is joined from, and when it left."""

    id: str
    incident_id: str
    type: str
    member_id: str
    joined_at: float
    by: str
    words: str | None
    agency: str | None
    area: str | None
    left_at: float | None
    left_by: str | None
    because: str | None = None
    unseen_since: float | None = None
    verdict: str | None = None
    verdict_reason: str | None = None
    verdict_by: str | None = None
    verdict_at: float | None = None


_Row = TypeVar("_Row", AlertRow, EpisodeEventRow, IncidentRow, IncidentMemberRow)


def typed(kind: type[_Row], row: sa.Row[Any]) -> _Row:
    return kind(**by_name(row))


def by_name(row: sa.Row[Any]) -> dict[str, Any]:
    """Return the row's values by column; faster than `_asdict`."""
    return dict(zip(row._fields, row, strict=True))


def values_of(
    row: AlertRow | EpisodeEventRow | IncidentRow | IncidentMemberRow,
) -> dict[str, Any]:
    names, values = _COLUMNS[type(row)]
    return dict(zip(names, values(row), strict=True))


def _columns_of(kind: type) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    names = tuple(one.name for one in fields(kind))
    return names, attrgetter(*names)


_COLUMNS = {
    kind: _columns_of(kind) for kind in (AlertRow, EpisodeEventRow, IncidentRow, IncidentMemberRow)
}
