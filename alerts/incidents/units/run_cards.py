"""Run card of an incident, and the units it proposes."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.incidents.units.nearest_units import SuggestedUnit
from thapcanh.alerts.incidents.units.units import UnitKind
from thapcanh.config.dispatch.run_cards import RunCardConfig
from thapcanh.config.site import Area


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedUnits:
    """Units to send now, and the missing number of each kind."""

    units: tuple[str, ...]
    missing: tuple[tuple[UnitKind, int], ...]


def card_for(
    cards: Sequence[RunCardConfig], kind: IncidentKind, area: str | None, tree: Collection[Area]
) -> RunCardConfig | None:
    suited = [card for card in cards if kind.value in card.kinds]
    for place in _upwards(area, tree):
        found = next((card for card in suited if card.areas and place in card.areas), None)
        if found is not None:
            return found
    return next((card for card in suited if card.areas is None), None)


def proposed_units(
    card: RunCardConfig, nearest: Sequence[SuggestedUnit], sent: Collection[UnitKind]
) -> ProposedUnits:
    """Return the nearest units that the card requires beyond the kinds already sent."""
    there = Counter(sent)
    units: list[str] = []
    missing: list[tuple[UnitKind, int]] = []
    for requested in card.units:
        kind = UnitKind(requested.kind)
        left = max(0, requested.count - there[kind])
        found = [one.unit.id for one in nearest if one.unit.kind is kind][:left]
        units += found
        if len(found) < left:
            missing.append((kind, left - len(found)))
    return ProposedUnits(units=tuple(units), missing=tuple(missing))


def _upwards(area: str | None, tree: Collection[Area]) -> Iterator[str]:
    """Yield an area and those above it; a cycle ends."""
    parents = {one.id: one.parent for one in tree}
    observed: set[str] = set()
    while area is not None and area not in observed:
        observed.add(area)
        yield area
        area = parents.get(area)
