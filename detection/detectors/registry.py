"""Which kinds of detector there are, found rather than listed.

Those of `detection/detectors/kinds`, and those of other packages. One that cannot be taken in is
told in the log and stops nothing, unless the site chose it.
"""

import logging
import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from config.site import ANY_DETECTOR
from detection.detectors import kinds as folder
from detection.detectors.detector_kind import ENTRY_POINTS, DetectorKind
from detection.errors import DetectorError

log = logging.getLogger(__name__)


@cache
def detector_kinds() -> Mapping[str, DetectorKind]:
    """Return the kinds of this installation by name; of two with one name ours stays."""
    found = {
        each.name: each
        for module in pkgutil.iter_modules(folder.__path__)
        if isinstance(
            each := getattr(import_module(f"{folder.__name__}.{module.name}"), "DETECTOR", None),
            DetectorKind,
        )
    }
    return {**_added(entry_points(group=ENTRY_POINTS)), **found}


def detector_kind(name: str) -> DetectorKind:
    """Return the kind of this name; raise `DetectorError` where there is none."""
    known = detector_kinds()
    if name not in known:
        expected = ", ".join((ANY_DETECTOR, *sorted(known)))
        raise DetectorError(f"detector.kind is {name!r}, expected one of {expected}")
    return known[name]


def _added(points: Iterable[EntryPoint]) -> dict[str, DetectorKind]:
    added: dict[str, DetectorKind] = {}
    for point in points:
        try:
            each = point.load()
        except Exception as error:  # noqa: BLE001 whatever code from outside raises: the watch goes on
            log.error("detector %s: %s cannot be used: %s", point.name, point.value, error)
            continue
        if isinstance(each, DetectorKind):
            added[each.name] = each
        else:
            log.error("detector %s: %s is no DetectorKind", point.name, point.value)
    return added
