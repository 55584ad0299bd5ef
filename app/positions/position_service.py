"""Intake of units' positions from HTTP, MQTT and CoT; stored together once a second.

Each is checked at once, so that its sender gets the result. Thread-safe.
"""

import logging
import threading
from dataclasses import dataclass

from thapcanh.alerts.positions.position_check import KEPT, CheckedFix, Fix, PositionCheck
from thapcanh.alerts.positions.position_store import (
    MovingUnit,
    PositionRepository,
    ReportedPosition,
)
from thapcanh.alerts.store.distance import Position
from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter
from thapcanh.ingest.clock import Clock

log = logging.getLogger(__name__)

_UNITS_READ_EVERY_S = 5.0
_RELOAD_EVERY_S = 0.2  # who names none must not have the list read each time
_MOST_WAITING = 50_000


class UnitUnregistered(Exception):
    """No such unit is in the list, or the sender may not speak for it."""


class TooManyPositions(Exception):
    """Too many positions pending while the archive stores none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePosition:
    """Last received position of a unit."""

    place: Position
    at: float


class PositionService:
    """Any thread may use it."""

    def __init__(self, repository: PositionRepository, clock: Clock) -> None:
        self._stored = repository
        self._clock = clock
        self._lock = threading.Lock()
        self._units: dict[str, MovingUnit] = {}
        self._read_at = float("-inf")
        self._checkers: dict[str, PositionCheck] = {}
        self._waiting: list[ReportedPosition] = []

    def receive(
        self, unit_id: str, place: Position, at: float, scope: DataFilter = EVERYTHING
    ) -> CheckedFix:
        """Check a unit's position and queue it.

        Raises `UnitUnregistered`, `TooManyPositions`, `ArchiveError`.
        """
        unit = self._unit(unit_id)
        if unit is None or not scope.sees(unit.agency, unit.area):
            raise UnitUnregistered(unit_id)
        now = self._clock.utc()
        with self._lock:
            if len(self._waiting) >= _MOST_WAITING:
                raise TooManyPositions
            checked = self._evaluate(unit).judge(Fix(place=place, at=at), now)
            if checked.verdict in KEPT:
                reported = ReportedPosition(
                    unit_id=unit_id,
                    place=place,
                    at=at,
                    received_at=now,
                    moves=checked.verdict is KEPT[0],
                )
                self._waiting.append(reported)
        return checked

    def live(self, unit_id: str) -> LivePosition | None:
        """Return the newest received position, which may not be stored yet."""
        with self._lock:
            judge = self._checkers.get(unit_id)
            last = None if judge is None else judge.last
        return None if last is None else LivePosition(place=last.place, at=last.at)

    def flush(self) -> None:
        """Write what waits; it waits on where the archive does not answer."""
        with self._lock:
            reported, self._waiting = self._waiting, []
        if not reported:
            return
        try:
            self._stored.write(reported)
        except ArchiveError as error:
            log.warning("positions: %s", error)
            with self._lock:
                self._waiting = reported + self._waiting

    def _unit(self, unit_id: str) -> MovingUnit | None:
        now = self._clock.monotonic()
        every_s = _UNITS_READ_EVERY_S if unit_id in self._units else _RELOAD_EVERY_S
        if now - self._read_at > every_s:
            self._units, self._read_at = self._stored.units(), now
        return self._units.get(unit_id)

    def _evaluate(self, unit: MovingUnit) -> PositionCheck:
        judge = self._checkers.get(unit.id)
        if judge is None:
            has_position = unit.place is not None and unit.at is not None
            last = Fix(place=unit.place, at=unit.at) if has_position else None  # type: ignore[arg-type]
            judge = self._checkers[unit.id] = PositionCheck(last=last)
        return judge
