"""Units where they are this second, and how far each has to a place."""

from collections.abc import Sequence
from dataclasses import replace

from thapcanh.alerts.incidents.units.units import Unit
from thapcanh.alerts.store.distance import Position
from thapcanh.app.positions.position_service import LivePosition, PositionService
from thapcanh.app.positions.roads import Roads, Way, line_way
from thapcanh.app.web_api.app_state import AppState


def live_units(state: AppState, units: Sequence[Unit]) -> list[Unit]:
    """Return the units with received positions that are not stored yet."""
    desk = state.part_or_none(PositionService)
    return list(units) if desk is None else [_live(item, desk.live(item.id)) for item in units]


def ways_of(state: AppState, units: Sequence[Unit], place: Position) -> dict[str, Way]:
    placed = {item.id: item.position for item in units if item.position is not None}
    starts = list(placed.values())
    roads = state.part_or_none(Roads)
    ways = (
        [line_way(item, place) for item in starts] if roads is None else roads.ways(starts, place)
    )
    return dict(zip(placed, ways, strict=True))


def _live(item: Unit, received: LivePosition | None) -> Unit:
    if received is None or (item.position_at or 0.0) >= received.at:
        return item
    return replace(item, lat=received.place[0], lon=received.place[1], position_at=received.at)
