"""Suggested units for an incident: suitable ones, the nearest first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.incidents.units.units import Unit, UnitKind, UnitStatus
from thapcanh.alerts.store.distance import Position, distance_m

_SUITED: Mapping[IncidentKind, tuple[UnitKind, ...]] = {  # the most needed first
    IncidentKind.FIRE: (
        UnitKind.FIRE_ENGINE,
        UnitKind.LADDER,
        UnitKind.WARD_POLICE,
        UnitKind.AMBULANCE,
    ),
    IncidentKind.EXPLOSION: (
        UnitKind.FIRE_ENGINE,
        UnitKind.LADDER,
        UnitKind.RESCUE,
        UnitKind.AMBULANCE,
    ),
    IncidentKind.SHORT_CIRCUIT: (UnitKind.POWER, UnitKind.FIRE_ENGINE, UnitKind.WARD_POLICE),
    IncidentKind.RESCUE: (
        UnitKind.RESCUE,
        UnitKind.AMBULANCE,
        UnitKind.FIRE_ENGINE,
        UnitKind.LADDER,
    ),
    IncidentKind.TRAFFIC: (UnitKind.TRAFFIC_POLICE, UnitKind.AMBULANCE),
    IncidentKind.PUBLIC_ORDER: (UnitKind.WARD_POLICE, UnitKind.POLICE_PATROL),
    IncidentKind.CRIME: (UnitKind.POLICE_PATROL, UnitKind.WARD_POLICE),
    IncidentKind.MEDICAL: (UnitKind.AMBULANCE, UnitKind.WARD_POLICE),
    IncidentKind.OTHER: (UnitKind.WARD_POLICE, UnitKind.POLICE_PATROL),
}
_CAN_GO = (UnitStatus.AVAILABLE, UnitStatus.RETURNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedUnit:
    """A unit that can go, and how far it has; None where either place is unknown."""

    unit: Unit
    distance_m: float | None


def suggested_units(
    kind: IncidentKind,
    place: Position | None,
    units: Iterable[Unit],
    most: int = 8,
    *,
    first: Sequence[UnitKind] = (),
) -> list[SuggestedUnit]:
    """Return the units by need, then distance, available before returning.

    `first` are kinds needed before the usual ones, as by a run card.
    """
    needs = tuple(dict.fromkeys((*first, *_SUITED[kind])))
    found = [
        SuggestedUnit(unit=one, distance_m=_apart(place, one.position))
        for one in units
        if one.kind in needs and one.status in _CAN_GO
    ]

    def order(one: SuggestedUnit) -> tuple[int, int, float, str]:
        far = float("inf") if one.distance_m is None else one.distance_m
        return needs.index(one.unit.kind), _CAN_GO.index(one.unit.status), far, one.unit.id

    return sorted(found, key=order)[:most]


def by_way(suited: Sequence[SuggestedUnit], way_s: Mapping[str, float]) -> list[SuggestedUnit]:
    """Return the units with the fastest of each kind first: `way_s` in seconds by unit."""
    groups = list(dict.fromkeys((one.unit.kind, one.unit.status) for one in suited))

    def order(one: SuggestedUnit) -> tuple[int, float]:
        at = groups.index((one.unit.kind, one.unit.status))
        return at, way_s.get(one.unit.id, float("inf"))

    return sorted(suited, key=order)


def _apart(one: Position | None, other: Position | None) -> float | None:
    return None if one is None or other is None else distance_m(one, other)
