"""What a detection may be called: the labels that the centre believes."""

from collections.abc import Collection

from config.site import Site

_SHIPPED = ("fire", "smoke", "person", "bicycle", "motorcycle", "car", "bus", "truck")
_MADE = ("flash",)  # what the arc rule calls what it sees


def known_labels(site: Site) -> Collection[str]:
    """What a detection may be called: by the shipped models, and by the site's rules."""
    named = (name for rule in site.rules for name in getattr(rule, "classes", ()))
    return {*_SHIPPED, *_MADE, *named}
