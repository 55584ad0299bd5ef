"""Registry of detector kinds from `detection/detectors/kinds` and other packages."""

from collections.abc import Mapping
from functools import cache

from thapcanh.config.kinds import KindFinder
from thapcanh.config.site import ANY_DETECTOR
from thapcanh.detection.detectors import kinds as folder
from thapcanh.detection.detectors.detector_kind import ENTRY_POINTS, DetectorKind
from thapcanh.detection.errors import DetectorError

FINDER = KindFinder(
    type=DetectorKind,
    folder=folder,
    constant="DETECTOR",
    entry_points=ENTRY_POINTS,
    names=lambda each: (each.name,),
)


@cache
def detector_kinds() -> Mapping[str, DetectorKind]:
    """Return the installed kinds by name; ours replace others of the same name."""
    return FINDER.find_and_log()


def detector_kind(name: str) -> DetectorKind:
    """Return the kind of this name; raise `DetectorError` where there is none."""
    existing = detector_kinds()
    if name not in existing:
        expected = ", ".join((ANY_DETECTOR, *sorted(existing)))
        raise DetectorError(f"detector.kind is {name!r}, expected one of {expected}")
    return existing[name]
