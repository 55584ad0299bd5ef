"""The features of the product: which there are, which a site has, and the routes of those.

A feature is a package of `thapcanh.app`. It is found, never listed: its routes are the `router` of
each of its modules named `*_routes`, and its manifest is `FEATURE` in its `__init__.py`, which is
needed only by a feature that a site can do without. Manifests import nothing of their feature.
"""

import pkgutil
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType

import thapcanh.app
from thapcanh.config.kinds import modules_in
from thapcanh.config.site import Site

_ROUTES = "_routes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """The manifest of one feature."""

    optional: bool = False
    needs: tuple[str, ...] = ()
    """Optional features without which this one cannot be."""
    configured: Callable[[Site], object] = lambda _: False
    """True if a section of the site's file turns it on, without its name in `[features]`."""


def found_features() -> Mapping[str, Feature]:
    """Return every feature by its name."""
    return {name: getattr(one, "FEATURE", Feature()) for name, one in _packages().items()}


def optional_features() -> frozenset[str]:
    """Return the names of those that a site can do without."""
    return frozenset(name for name, one in found_features().items() if one.optional)


def features_on(site: Site) -> frozenset[str]:
    """Return the names of the features that a site has: all, where its file does not choose."""
    found, chosen = found_features(), site.features.on
    if chosen is None:
        return frozenset(found)
    on = {
        name
        for name, one in found.items()
        if not one.optional or name in chosen or one.configured(site)
    }
    while missing := {need for name in on for need in found[name].needs} - on:
        on |= missing
    return frozenset(on)


def route_modules(on: Collection[str]) -> Iterator[ModuleType]:
    """Import and yield the modules with routes of these features, and of no other."""
    for name in sorted(on):
        package = _packages()[name]
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name.endswith(_ROUTES):
                yield import_module(found.name)


@cache
def _packages() -> Mapping[str, ModuleType]:
    return {
        found.name.rpartition(".")[2]: import_module(found.name)
        for found in modules_in(thapcanh.app)
        if found.ispkg
    }
