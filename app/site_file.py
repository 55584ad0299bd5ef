"""The site's configuration as every command reads it: with every kind of rule and every scheme."""

from collections.abc import Mapping
from pathlib import Path

from config.load import Loaded, load
from config.registry.entries import RegistryEntries
from config.registry.entry_check import EntryCheck
from detection.rules.registry import registry as rule_registry
from ingest.sources.registry import SCHEMES


def entry_check() -> EntryCheck:
    """What judges entries of a registry, by the same models."""
    return EntryCheck(rule_registry().models(), SCHEMES)


def load_site(
    path: Path,
    environ: Mapping[str, str] | None = None,
    registry: RegistryEntries | None = None,
) -> Loaded:
    """Read, validate and cross-check the configuration at `path`, with a registry's entries."""
    models = rule_registry().models()
    return load(path, environ, rule_models=models, schemes=SCHEMES, registry=registry)
