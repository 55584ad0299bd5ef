"""Which makes of alarm lines there are, found rather than listed; a broken one stops no other."""

import logging
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from app.signals import panels as folder
from app.signals.panels.panel_make import PanelMake

log = logging.getLogger(__name__)

ENTRY_POINTS = "thapcanh.panels"


@cache
def panel_makes() -> Mapping[str, PanelMake]:
    """The makes of this installation by name; found once a process."""
    return collected_makes(_of_folder(), entry_points(group=ENTRY_POINTS))


def collected_makes(
    ours: Iterable[PanelMake], others: Iterable[EntryPoint]
) -> Mapping[str, PanelMake]:
    """Ours and those of other packages; of two with one name the first stays."""
    found = {one.name: one for one in ours}
    for point in others:
        try:
            one = point.load()
        except Exception as error:  # noqa: BLE001 (whatever code from outside raises)
            log.error("panels: %s cannot be used: %s", point.value, error)
            continue
        if not isinstance(one, PanelMake):
            log.error("panels: %s is a %s, expected a PanelMake", point.value, type(one).__name__)
        elif one.name in found:
            log.error("panels: %s: the make %r is there already", point.value, one.name)
        else:
            found[one.name] = one
    return found


def _of_folder() -> Iterator[PanelMake]:
    for module in pkgutil.iter_modules(folder.__path__):
        try:
            found = getattr(import_module(f"{folder.__name__}.{module.name}"), "MAKE", None)
        except ImportError as error:  # an extra that is not installed here
            log.info("panels: %s is not there: %s", module.name, error)
            continue
        if isinstance(found, PanelMake):
            yield found
