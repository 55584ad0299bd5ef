"""The site's configuration as every command reads it: with the schemes that can be opened."""

from collections.abc import Mapping
from pathlib import Path

from config.load import Loaded, load
from ingest.sources.registry import SCHEMES


def load_site(path: Path, environ: Mapping[str, str] | None = None) -> Loaded:
    """Read, validate and cross-check the configuration at `path`."""
    return load(path, environ, schemes=SCHEMES)
