"""A call and an alert that tell of one fire: which alert rises, and which is confirmed. Pure.

As with two cameras that agree (`thapcanh.alerts.alert.agreement`): what a camera doubted and a
caller tells of is believed, and what was believed is sure. A caller needs minutes to find the
words, so more time may lie between.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from thapcanh.alerts.alert.agreement import Doubted
from thapcanh.alerts.store.distance import Position, distance_m
from thapcanh.config.rules import Priority

CORROBORATES_WITHIN_M = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CorroborationSettings:
    """How near and how soon a camera and a caller must tell of it."""

    within_m: float = CORROBORATES_WITHIN_M
    within_s: float = 600.0


def confirmed(
    place: Position, at: float, seen: Iterable[Doubted], settings: CorroborationSettings
) -> list[Doubted]:
    """The P1 of the neighbourhood that a call tells of too."""
    near = _near(place, at, seen, settings)
    return [one for one in near if one.priority == Priority.P1]


def corroborated(
    place: Position, at: float, seen: Iterable[Doubted], settings: CorroborationSettings
) -> Doubted | None:
    """The doubted alert that a call raises to P1: the one that was first; None where none does.

    Where a P1 of the neighbourhood is open, officers look there: nothing rises.
    """
    near = _near(place, at, seen, settings)
    if not near or any(one.priority == Priority.P1 for one in near):
        return None
    return min(near, key=lambda one: (one.first_seen_at, one.camera_id))


def _near(
    place: Position, at: float, seen: Iterable[Doubted], settings: CorroborationSettings
) -> list[Doubted]:
    return [
        one
        for one in seen
        if distance_m(place, one.position) <= settings.within_m
        and one.first_seen_at - settings.within_s <= at <= one.last_seen_at + settings.within_s
    ]
