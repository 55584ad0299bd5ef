"""Temporary watch areas: proposed by one person, approved by a leader, ended by time."""

import json
import logging
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from thapcanh.alerts.registry.records import (
    WATCH_AREAS,
    Author,
    EntryKind,
    EntryQuery,
    EntryWrite,
    RegisteredEntry,
    RegistryChange,
    RegistryConflict,
)
from thapcanh.alerts.registry.repository import RegistryRepository
from thapcanh.alerts.registry.scoped import ScopedRegistry
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter
from thapcanh.app.registry.editing import EntryRefused, EntryUnregistered, Table, WatchAreaRefused
from thapcanh.config.problem import explain
from thapcanh.config.registry.entry_check import EntryCheck, EntryFinding, shapes_of
from thapcanh.config.registry.watch_area import WatchArea, WatchAreaState, WatchAreaStatus
from thapcanh.config.rules import Shape

log = logging.getLogger(__name__)

_ALL = 100_000
_SHORTEST_S = 1.0
_UNDECIDED = frozenset({WatchAreaStatus.PROPOSED, WatchAreaStatus.PLANNED})
_APPROVED = frozenset({WatchAreaStatus.PLANNED, WatchAreaStatus.RUNNING})


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredArea:
    """An area, and the revision that a step on it must name."""

    revision: int
    area: WatchArea


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """Author of a step, with scope and rank."""

    author: Author
    scope: DataFilter
    leads: bool

    @property
    def now(self) -> datetime:
        """The time of the step."""
        return datetime.fromtimestamp(self.author.at, UTC)


class WatchAreas:
    """Any thread may use it."""

    def __init__(self, repository: RegistryRepository, check: EntryCheck) -> None:
        self._rows = repository
        self._check = check

    def all(self, scope: DataFilter = EVERYTHING) -> list[RegisteredArea]:
        """Return the visible areas with their visible cameras, the one that ends last first."""
        found = registered_areas(self._rows)
        if scope == EVERYTHING:
            return found
        visible = self._visible({name for one in found for name in one.area.cameras}, scope)
        cut = ((one.revision, _cut(one.area, visible)) for one in found)
        return [RegisteredArea(revision=head, area=area) for head, area in cut if area is not None]

    def one(self, name: str, scope: DataFilter = EVERYTHING) -> RegisteredArea:
        """Return one area. Raises `EntryUnregistered`."""
        found = next((one for one in self.all(scope) if one.area.id == name), None)
        if found is None:
            raise EntryUnregistered(name)
        return found

    def history(self, name: str) -> list[RegistryChange]:
        """Return the steps of an area, newest first."""
        return self._rows.history(WATCH_AREAS, name)

    def propose(self, table: Table, by: Deciding) -> RegisteredArea:
        """Put an area before the leaders. Raises `EntryRefused`."""
        whole = {
            **table,
            "id": f"watch-{uuid.uuid4().hex[:12]}",
            "state": WatchAreaState.PROPOSED.value,
            "proposed_by": by.author.username,
            "proposed_at": by.now.isoformat(),
        }
        shapes = self._own_shapes(table.get("cameras"), by.scope)
        found = self._check.watch_area(whole, shapes.get)
        if found:
            raise EntryRefused(found)
        area = WatchArea.model_validate_json(json.dumps(whole), strict=True)
        if area.ends_at <= by.now:
            raise EntryRefused([EntryFinding("ends_at", "is over already, expected a later time")])
        return self._write(area, 0, by)

    def approve(self, name: str, expected: int, by: Deciding) -> RegisteredArea:
        """Let a proposed area run; by a leader who did not propose it."""
        there = self._own(name, expected, by)
        if there.area.status(by.author.at) is not WatchAreaStatus.PROPOSED:
            raise WatchAreaRefused("watch_area_over")
        _need_another(there.area, by)
        if found := self._check.watch_area(_table(there.area), self._shapes(there.area).get):
            raise EntryRefused(found)
        decided = {"decided_by": by.author.username, "decided_at": by.now}
        changed = _changed(there.area, state=WatchAreaState.APPROVED, **decided)
        return self._write(changed, expected, by)

    def extend(
        self, name: str, expected: int, ends_at: datetime, reason: str, by: Deciding
    ) -> RegisteredArea:
        """Give an approved area a later end; by a leader who did not propose it."""
        there = self._own(name, expected, by)
        if there.area.status(by.author.at) not in _APPROVED:
            raise WatchAreaRefused("watch_area_over")
        _need_another(there.area, by)
        if ends_at <= there.area.ends_at:
            message = "is not after the end that it has"
            raise EntryRefused([EntryFinding("ends_at", message)])
        changed = _changed(there.area, ends_at=ends_at, reason=reason)
        return self._write(changed, expected, by)

    def end(self, name: str, expected: int, reason: str, by: Deciding) -> RegisteredArea:
        """End a running area, or refuse a proposed one.

        Allowed to leaders and the proposer.
        """
        there = self._own(name, expected, by)
        if not by.leads and there.area.proposed_by != by.author.username:
            raise WatchAreaRefused("watch_area_not_yours")
        status = there.area.status(by.author.at)
        if status in _UNDECIDED:
            decided = {"decided_by": by.author.username, "decided_at": by.now}
            changed = _changed(there.area, state=WatchAreaState.REFUSED, reason=reason, **decided)
        elif status is WatchAreaStatus.RUNNING:
            soonest = there.area.starts_at.timestamp() + _SHORTEST_S
            at = datetime.fromtimestamp(max(by.author.at, soonest), UTC)
            changed = _changed(there.area, ends_at=min(at, there.area.ends_at), reason=reason)
        else:
            raise WatchAreaRefused("watch_area_over")
        return self._write(changed, expected, by)

    def _own(self, name: str, expected: int, by: Deciding) -> RegisteredArea:
        """Return the whole area; refuse a person who sees only a part."""
        there = self.one(name)
        if self.one(name, by.scope).area != there.area:
            raise WatchAreaRefused("watch_area_partly_seen")
        if there.revision != expected:
            raise RegistryConflict(WATCH_AREAS, there.area.name)
        return there

    def _write(self, area: WatchArea, expected: int, by: Deciding) -> RegisteredArea:
        write = EntryWrite(kind=WATCH_AREAS, id=area.id, expected=expected, document=_table(area))
        revision = ScopedRegistry(self._rows, by.scope).write([write], by.author)
        return RegisteredArea(revision=revision, area=area)

    def _visible(self, cameras: Iterable[str], scope: DataFilter) -> dict[str, RegisteredEntry]:
        found = ScopedRegistry(self._rows, scope).entries(EntryKind.CAMERAS, sorted(cameras))
        return {name: one for name, one in found.items() if one.document}

    def _shapes(self, area: WatchArea) -> dict[str, frozenset[Shape]]:
        return self._own_shapes(list(area.cameras), EVERYTHING)

    def _own_shapes(self, cameras: object, scope: DataFilter) -> dict[str, frozenset[Shape]]:
        names = cameras if isinstance(cameras, list) else []
        visible = self._visible({name for name in names if isinstance(name, str)}, scope)
        return {name: shapes_of(one.document or {}) for name, one in visible.items()}


def registered_areas(repository: RegistryRepository) -> list[RegisteredArea]:
    """Return every valid area of the registry, the one that ends last first."""
    rows = repository.page(EntryQuery(kind=WATCH_AREAS, limit=_ALL)).items
    found = filter(None, map(_registered_or_none, rows))
    return sorted(found, key=lambda one: one.area.ends_at, reverse=True)


def _need_another(area: WatchArea, by: Deciding) -> None:
    if not by.leads:
        raise WatchAreaRefused("watch_area_needs_leader")
    if area.proposed_by == by.author.username:
        raise WatchAreaRefused("watch_area_same_person")


def _registered_or_none(row: RegisteredEntry) -> RegisteredArea | None:
    try:
        return _registered(row)
    except ValidationError as error:
        log.error("watch area %s in the registry cannot be read: %s", row.id, error.errors()[0])
        return None


def _registered(row: RegisteredEntry) -> RegisteredArea:
    area = WatchArea.model_validate_json(json.dumps(row.document), strict=True)
    return RegisteredArea(revision=row.revision, area=area)


def _cut(area: WatchArea, visible: Iterable[str]) -> WatchArea | None:
    cameras = tuple(name for name in area.cameras if name in visible)
    if not cameras:
        return None
    rules = tuple(
        {**rule, "cameras": [name for name in rule["cameras"] if name in visible]}
        if "cameras" in rule
        else rule
        for rule in area.rules
    )
    zones = tuple(zone for zone in area.zones if zone.camera in cameras)
    return area.model_copy(update={"cameras": cameras, "rules": rules, "zones": zones})


def _changed(area: WatchArea, **facts: Any) -> WatchArea:
    """Return the area with changed fields, validated. Raises `EntryRefused`."""
    table = _table(area.model_copy(update=facts))
    try:
        return WatchArea.model_validate_json(json.dumps(table), strict=True)
    except ValidationError as error:
        findings = [EntryFinding(*one) for one in explain(error, table, WatchArea)]
        raise EntryRefused(findings) from None


def _table(area: WatchArea) -> dict[str, Any]:
    return area.model_dump(mode="json", exclude_none=True)
