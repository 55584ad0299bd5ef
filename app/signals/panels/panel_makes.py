"""Registry of alarm-line protocols, found rather than listed; a broken one is skipped."""

from collections.abc import Mapping
from functools import cache

from thapcanh.app.signals import panels as folder
from thapcanh.app.signals.panels.panel_make import PanelMake
from thapcanh.config.kinds import KindFinder

FINDER = KindFinder(
    type=PanelMake,
    folder=folder,
    constant="MAKE",
    entry_points="thapcanh.panels",
    names=lambda each: (each.name,),
)


@cache
def panel_makes() -> Mapping[str, PanelMake]:
    """Return the installed protocols by name; found once per process."""
    return FINDER.find_and_log()
