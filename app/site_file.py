"""The site's configuration as every command reads it: with every kind of rule and every scheme."""

from collections.abc import Mapping
from pathlib import Path

from config.load import Loaded, load
from detection.rules.registry import registry
from ingest.sources.registry import SCHEMES


def load_site(path: Path, environ: Mapping[str, str] | None = None) -> Loaded:
    """Read, validate and cross-check the configuration at `path`."""
    return load(path, environ, rule_models=registry().models(), schemes=SCHEMES)
