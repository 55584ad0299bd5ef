"""The site that benchmarks watch by: a site of its own knows no rule, so it would see nothing."""

from typing import Any

from thapcanh.config.site import Site
from thapcanh.detection.rules.registry import default_rules


def default_site(**facts: Any) -> Site:
    """A site that decided nothing but `facts`: watched for flame and smoke, as `load_site` does."""
    return Site(rules=default_rules(), **facts)
