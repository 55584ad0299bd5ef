"""Agreement of two nearby cameras on fire or smoke, which raises an alert to P1.

A device's report raises the camera's alert too, since it has pictures.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from thapcanh.alerts.store.distance import Position, distance_m
from thapcanh.config.rules import Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubted:
    """Open camera report of fire or smoke without a verdict."""

    camera_id: str
    position: Position
    priority: int
    first_seen_at: float
    last_seen_at: float
    is_device: bool = False  # a sensor or panel: it sees no picture, and is sure of its place


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementSettings:
    """Distance and time within which two cameras must agree."""

    within_m: float = 300.0
    within_s: float = 120.0


def agreeing(
    observed: Doubted, others: Iterable[Doubted], settings: AgreementSettings
) -> tuple[Doubted, Doubted] | None:
    """Return the report that rises and the one that agrees with it, or None.

    Nothing rises if a nearby one is a P1 already.
    """
    near = [one for one in others if _agrees(observed, one, settings)]
    if (reported := _reported_by_device([observed, *near])) is not None:
        return reported
    if not near or any(one.priority == Priority.P1 for one in (observed, *near)):
        return None
    first, second, *_ = sorted(
        (observed, *near), key=lambda one: (one.first_seen_at, one.camera_id)
    )
    return first, (second if first is observed else observed)


def confirmed_by_device(
    observed: Doubted, others: Iterable[Doubted], settings: AgreementSettings
) -> Doubted | None:
    """Return the first device that confirms a camera's P1, or None."""
    if observed.priority != Priority.P1 or observed.is_device:
        return None
    devices = [one for one in others if one.is_device and _agrees(observed, one, settings)]
    return min(devices, key=lambda one: (one.first_seen_at, one.camera_id), default=None)


def _reported_by_device(reports: list[Doubted]) -> tuple[Doubted, Doubted] | None:
    """Return the camera's report that a device confirms, whatever the device's priority."""
    devices = [one for one in reports if one.is_device]
    cameras = [one for one in reports if not one.is_device]
    if not devices or any(one.priority == Priority.P1 for one in cameras):
        return None
    if not cameras:
        return None
    return min(cameras, key=lambda one: (one.first_seen_at, one.camera_id)), devices[0]


def _agrees(one: Doubted, other: Doubted, settings: AgreementSettings) -> bool:
    if one.camera_id == other.camera_id:
        return False
    apart_s = one.last_seen_at - other.last_seen_at
    if abs(apart_s) > settings.within_s:
        return False
    return distance_m(one.position, other.position) <= settings.within_m
