"""Temporary watch area: rules on some cameras for a time, a purpose and a legal basis."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from thapcanh.config.camera import ZoneConfig
from thapcanh.config.frozen import Frozen, Id, Name
from thapcanh.config.rules import Shape

ID_FORM = re.compile(r"^watch-[0-9a-f]{12}$")
MOST_RULES = 20
LONGEST = timedelta(days=366)
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_RULE_ID = re.compile(r"^(watch-[0-9a-f]{12})\.\d{1,2}$")
Reason = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]


class WatchAreaState(StrEnum):
    """Decision about a watch area; whether it runs also depends on the time."""

    PROPOSED = "proposed"  # nobody has approved it: it watches nothing
    APPROVED = "approved"  # it runs between its times
    REFUSED = "refused"  # by a leader, or withdrawn by who proposed it


class WatchAreaStatus(StrEnum):
    """State of a watch area at a given time."""

    PROPOSED = "proposed"
    EXPIRED = "expired"  # its time was over before anybody approved it
    PLANNED = "planned"  # approved, and has not begun
    RUNNING = "running"
    ENDED = "ended"
    REFUSED = "refused"


class WatchAreaZone(ZoneConfig):
    """Part of one camera's picture drawn for the watch area only."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
    camera: Id


class WatchArea(Frozen):
    """Watch area as it is stored in a registry."""

    id: Annotated[str, StringConstraints(pattern=ID_FORM.pattern)]
    name: Name
    purpose: Reason
    legal_basis: Reason
    cameras: tuple[Id, ...] = Field(min_length=1, max_length=500)
    zones: tuple[WatchAreaZone, ...] = Field(default=(), max_length=200)
    rules: tuple[dict[str, Any], ...] = Field(min_length=1, max_length=MOST_RULES)
    """As a file has them, without `id`; `cameras` leaves those of the area that are not named."""
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    retention_days: float = Field(default=30.0, gt=0, le=3650)
    """After the end, for the evidence of its alerts and for what it had recorded."""
    record: bool = False
    state: WatchAreaState = WatchAreaState.PROPOSED
    proposed_by: Name
    proposed_at: AwareDatetime
    decided_by: Name | None = None
    decided_at: AwareDatetime | None = None
    reason: Reason | None = None
    """Of the last decision: a refusal, another end."""

    @model_validator(mode="after")
    def _checked(self) -> "WatchArea":
        if self.ends_at <= self.starts_at:
            raise ValueError("ends_at must be after starts_at")
        if not EARLIEST <= self.starts_at < self.ends_at <= LATEST:
            raise ValueError(f"lies outside of {EARLIEST.year} to {LATEST.year}, correct the year")
        if self.ends_at - self.starts_at > LONGEST:
            raise ValueError(f"lasts longer than {LONGEST.days} days, propose a shorter one")
        if len(set(self.cameras)) != len(self.cameras):
            raise ValueError("cameras: one is named twice")
        drawn = [(zone.camera, zone.id) for zone in self.zones]
        if len(set(drawn)) != len(drawn):
            raise ValueError("zones: two of one camera have the same id")
        if strangers := sorted({zone.camera for zone in self.zones} - set(self.cameras)):
            raise ValueError(f"zones: {strangers[0]!r} is not one of the area's cameras")
        for number, rule in enumerate(self.rules):
            if "id" in rule:
                raise ValueError(f"rules[{number}]: has an id, the area gives it one")
            named = rule.get("cameras", [])
            if not isinstance(named, list) or any(name not in self.cameras for name in named):
                raise ValueError(f"rules[{number}].cameras: expected a list of the area's cameras")
        return self

    def is_in_force(self, now: float) -> bool:
        """Return whether its rules apply at `now` (UTC unix seconds)."""
        return self.status(now) is WatchAreaStatus.RUNNING

    def status(self, now: float) -> WatchAreaStatus:
        over = self.ends_at.timestamp() <= now
        if self.state is WatchAreaState.REFUSED:
            return WatchAreaStatus.REFUSED
        if self.state is WatchAreaState.PROPOSED:
            return WatchAreaStatus.EXPIRED if over else WatchAreaStatus.PROPOSED
        if over:
            return WatchAreaStatus.ENDED
        started = self.starts_at.timestamp() <= now
        return WatchAreaStatus.RUNNING if started else WatchAreaStatus.PLANNED

    def next_change(self, now: float) -> float | None:
        """Return the time at which the status changes by itself, or None."""
        if self.state is not WatchAreaState.APPROVED:
            return None
        timestamps = (self.starts_at.timestamp(), self.ends_at.timestamp())
        return min((at for at in timestamps if at > now), default=None)

    def rule_ids(self) -> tuple[str, ...]:
        return tuple(f"{self.id}.{number}" for number in range(1, len(self.rules) + 1))

    def rule_tables(self, cameras: Iterable[str] | None = None) -> list[dict[str, Any]]:
        """Return its rules as file tables, limited to `cameras`; None means all."""
        among = None if cameras is None else set(cameras)
        tables = []
        for rule_id, rule in zip(self.rule_ids(), self.rules, strict=True):
            named = rule.get("cameras", self.cameras)
            matching = [camera for camera in named if among is None or camera in among]
            tables.append({**rule, "id": rule_id, "cameras": matching, **self._own_zone(rule)})
        return tables

    def zones_of(self, camera: str) -> list[dict[str, Any]]:
        """Return its zones on a camera's picture as file tables."""
        return [
            {"id": f"{self.id}.{zone.id}", "name": zone.name, "polygon": list(zone.polygon)}
            for zone in self.zones
            if zone.camera == camera
        ]

    def shapes_of(self, camera: str) -> frozenset[Shape]:
        return frozenset(("zone", zone["id"]) for zone in self.zones_of(camera))

    def _own_zone(self, rule: Mapping[str, Any]) -> dict[str, str]:
        """Return the prefixed zone if the rule names one of the area, else no change."""
        name = rule.get("zone")
        own = name is not None and any(zone.id == name for zone in self.zones)
        return {"zone": f"{self.id}.{name}"} if own else {}


def watch_area_of(rule_id: str) -> str | None:
    """Return the watch area of a rule, or None for a rule of the site."""
    found = _RULE_ID.match(rule_id)
    return found[1] if found else None


def rules_of_area(area_id: str) -> frozenset[str]:
    """Return every id that a rule of this area can have."""
    return frozenset(f"{area_id}.{number}" for number in range(1, MOST_RULES + 1))
