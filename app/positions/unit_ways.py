"""Units where they are this second, and how far each has to a place."""

from collections.abc import Sequence
from dataclasses import replace

from thapcanh.alerts.incidents.units.units import Unit
from thapcanh.alerts.store.distance import Position
from thapcanh.app.positions.position_desk import LivePosition, PositionDesk
from thapcanh.app.positions.roads import Roads, Way, line_way
from thapcanh.app.web_api.app_state import AppState


def live_units(here: AppState, units: Sequence[Unit]) -> list[Unit]:
    """Return the units with received positions that are not stored yet."""
    desk = here.part_or_none(PositionDesk)
    return list(units) if desk is None else [_live(one, desk.live(one.id)) for one in units]


def ways_of(here: AppState, units: Sequence[Unit], place: Position) -> dict[str, Way]:
    placed = {one.id: one.position for one in units if one.position is not None}
    starts = list(placed.values())
    roads = here.part_or_none(Roads)
    ways = [line_way(one, place) for one in starts] if roads is None else roads.ways(starts, place)
    return dict(zip(placed, ways, strict=True))


def _live(one: Unit, told: LivePosition | None) -> Unit:
    if told is None or (one.position_at or 0.0) >= told.at:
        return one
    return replace(one, lat=told.place[0], lon=told.place[1], position_at=told.at)
