"""Intake of units' positions from HTTP, MQTT and CoT; stored together once a second.

Each is checked at once, so that its sender gets the result. Thread-safe.
"""

import logging
import threading
from dataclasses import dataclass

from thapcanh.alerts.positions.position_judge import KEPT, Fix, JudgedFix, PositionJudge
from thapcanh.alerts.positions.position_store import MovingUnit, PositionRepository, ToldPosition
from thapcanh.alerts.store.distance import Position
from thapcanh.alerts.store.errors import ArchiveError
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter
from thapcanh.ingest.clock import Clock

log = logging.getLogger(__name__)

_UNITS_READ_EVERY_S = 5.0
_UNKNOWN_READ_EVERY_S = 0.2  # who names none must not have the list read each time
_MOST_WAITING = 50_000


class UnknownUnit(Exception):
    """No such unit is in the list, or the sender may not speak for it."""


class TooManyPositions(Exception):
    """Too many positions pending while the archive stores none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePosition:
    """Last received position of a unit."""

    place: Position
    at: float


class PositionDesk:
    """Any thread may use it."""

    def __init__(self, kept: PositionRepository, clock: Clock) -> None:
        self._kept = kept
        self._clock = clock
        self._lock = threading.Lock()
        self._units: dict[str, MovingUnit] = {}
        self._read_at = float("-inf")
        self._judges: dict[str, PositionJudge] = {}
        self._waiting: list[ToldPosition] = []

    def receive(
        self, unit_id: str, place: Position, at: float, scope: DataFilter = EVERYTHING
    ) -> JudgedFix:
        """Check a unit's position and queue it.

        Raises `UnknownUnit`, `TooManyPositions`, `ArchiveError`.
        """
        unit = self._unit(unit_id)
        if unit is None or not scope.sees(unit.agency, unit.area):
            raise UnknownUnit(unit_id)
        now = self._clock.utc()
        with self._lock:
            if len(self._waiting) >= _MOST_WAITING:
                raise TooManyPositions
            judged = self._judge(unit).judge(Fix(place=place, at=at), now)
            if judged.verdict in KEPT:
                told = ToldPosition(
                    unit_id=unit_id,
                    place=place,
                    at=at,
                    received_at=now,
                    moves=judged.verdict is KEPT[0],
                )
                self._waiting.append(told)
        return judged

    def live(self, unit_id: str) -> LivePosition | None:
        """Return the newest received position, which may not be stored yet."""
        with self._lock:
            judge = self._judges.get(unit_id)
            last = None if judge is None else judge.last
        return None if last is None else LivePosition(place=last.place, at=last.at)

    def flush(self) -> None:
        """Write what waits; it waits on where the archive does not answer."""
        with self._lock:
            told, self._waiting = self._waiting, []
        if not told:
            return
        try:
            self._kept.write(told)
        except ArchiveError as error:
            log.warning("positions: %s", error)
            with self._lock:
                self._waiting = told + self._waiting

    def _unit(self, unit_id: str) -> MovingUnit | None:
        now = self._clock.monotonic()
        every_s = _UNITS_READ_EVERY_S if unit_id in self._units else _UNKNOWN_READ_EVERY_S
        if now - self._read_at > every_s:
            self._units, self._read_at = self._kept.units(), now
        return self._units.get(unit_id)

    def _judge(self, unit: MovingUnit) -> PositionJudge:
        judge = self._judges.get(unit.id)
        if judge is None:
            known = unit.place is not None and unit.at is not None
            last = Fix(place=unit.place, at=unit.at) if known else None  # type: ignore[arg-type]
            judge = self._judges[unit.id] = PositionJudge(last=last)
        return judge
