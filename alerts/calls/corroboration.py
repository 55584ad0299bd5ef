"""Corroboration of alerts by calls: which rises, and which is confirmed."""

from collections.abc import Iterable
from dataclasses import dataclass

from thapcanh.alerts.alert.agreement import Doubted
from thapcanh.alerts.store.distance import Position, distance_m
from thapcanh.config.rules import Priority

CORROBORATES_WITHIN_M = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CorroborationSettings:
    """Distance and time within which a camera and a caller must agree."""

    within_m: float = CORROBORATES_WITHIN_M
    within_s: float = 600.0


def confirmed(
    place: Position, at: float, observed: Iterable[Doubted], settings: CorroborationSettings
) -> list[Doubted]:
    """Return the nearby P1 that a call confirms."""
    near = _near(place, at, observed, settings)
    return [one for one in near if one.priority == Priority.P1]


def corroborated(
    place: Position, at: float, observed: Iterable[Doubted], settings: CorroborationSettings
) -> Doubted | None:
    """Return the first doubted alert that a call raises to P1, or None.

    Nothing rises if a nearby P1 is open.
    """
    near = _near(place, at, observed, settings)
    if not near or any(one.priority == Priority.P1 for one in near):
        return None
    return min(near, key=lambda one: (one.first_seen_at, one.camera_id))


def _near(
    place: Position, at: float, observed: Iterable[Doubted], settings: CorroborationSettings
) -> list[Doubted]:
    return [
        one
        for one in observed
        if distance_m(place, one.position) <= settings.within_m
        and one.first_seen_at - settings.within_s <= at <= one.last_seen_at + settings.within_s
    ]
