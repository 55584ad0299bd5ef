"""Difference of two sites: the least that must be restarted."""

from dataclasses import dataclass

from thapcanh.config.camera import CameraConfig
from thapcanh.config.site import Site

# Read once at start: a change is told of, and in force (`in_force`) only after a restart.
RESTART_SECTIONS = (
    "site", "centre", "queue", "archive", "registry", "worker", "cluster", "detector", "looks",
    "evidence", "recording", "quiet_places", "log", "features",
)  # fmt: skip
PARTING_SECTIONS = frozenset({"site", "queue", "archive"})
"""A process that ends and starts anew would not find the others any more, nor they it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Camera ids by what must happen to them, and the sections that need a restart."""

    added: frozenset[str]
    removed: frozenset[str]
    reopened: frozenset[str]
    rescened: frozenset[str]
    moved: frozenset[str]
    needs_restart: tuple[str, ...]


def difference(old: Site, new: Site) -> Difference:
    """Compare two sites camera by camera and section by section."""
    before = {camera.id: camera for camera in old.cameras}
    after = {camera.id: camera for camera in new.cameras}
    same_rules = old.rules == new.rules
    both = {  # of a registry's cameras nearly all are the same objects as before
        key
        for key in before.keys() & after.keys()
        if not (same_rules and before[key] is after[key])
    }
    reopened = {key for key in both if _watched(before[key]) != _watched(after[key])}
    rescened = {
        key
        for key in both - reopened
        if _observed_as(before[key]) != _observed_as(after[key])
        or old.rules_of(before[key]) != new.rules_of(after[key])
    }
    return Difference(
        added=frozenset(after.keys() - before.keys()),
        removed=frozenset(before.keys() - after.keys()),
        reopened=frozenset(reopened),
        rescened=frozenset(rescened),
        moved=frozenset(
            key for key in both if _reported_as(before[key]) != _reported_as(after[key])
        ),
        needs_restart=tuple(
            section
            for section in RESTART_SECTIONS
            if getattr(old, section) != getattr(new, section)
        ),
    )


def in_force(old: Site, new: Site) -> Site:
    """Return the new site with the old values of settings that only a restart applies."""
    return new.model_copy(update={name: getattr(old, name) for name in RESTART_SECTIONS})


def _watched(camera: CameraConfig) -> tuple[object, ...]:
    source = camera.source.reveal()
    return source, camera.transport, camera.tls, camera.ptz, camera.privacy_masks


def _observed_as(camera: CameraConfig) -> CameraConfig:
    return camera.model_copy(update={"conformity": None})


def _reported_as(camera: CameraConfig) -> tuple[object, ...]:
    return camera.name, camera.agency, camera.area, camera.lat, camera.lon
