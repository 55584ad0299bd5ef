"""The site's configuration as its processes read it: with every kind of rule and every scheme.

Workers read it without what only the centre needs, and so can be started without its secrets.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from config.load import Loaded, load
from config.loading.collector import collector_paused
from config.loading.read import RawConfig, read_all
from config.registry.entries import RegistryEntries
from config.registry.entry_check import EntryCheck
from detection.rules.registry import registry as rule_registry
from ingest.sources.registry import SCHEMES

CENTRE_ONLY = frozenset({"archive", "oidc", "metrics", "log_heads", "targets", "exchanges"})


class SiteLoader(Protocol):
    """Reads the configuration for one of the processes."""

    def __call__(
        self,
        path: Path,
        environ: Mapping[str, str] | None = None,
        registry: RegistryEntries | None = None,
        before: RawConfig | None = None,
    ) -> Loaded:
        """Read, validate and cross-check the configuration at `path`, as it is since `before`."""
        ...


def entry_check() -> EntryCheck:
    """What judges entries of a registry, by the same models."""
    return EntryCheck(rule_registry().models(), SCHEMES)


def load_site(
    path: Path,
    environ: Mapping[str, str] | None = None,
    registry: RegistryEntries | None = None,
    before: RawConfig | None = None,
) -> Loaded:
    """Read, validate and cross-check the configuration at `path`, with a registry's entries."""
    models = rule_registry().models()
    with collector_paused():
        return load(
            path, environ, rule_models=models, schemes=SCHEMES, registry=registry, before=before
        )


def load_worker_site(
    path: Path,
    environ: Mapping[str, str] | None = None,
    registry: RegistryEntries | None = None,
    before: RawConfig | None = None,
) -> Loaded:
    """The same without what only the centre needs."""
    with collector_paused():
        raw = read_all(path, environ, before=before)
        return load(
            path,
            environ,
            rule_models=rule_registry().models(),
            schemes=SCHEMES,
            registry=registry,
            omit=_of_centre(raw),
            before=replace(before, documents=raw.documents) if before is not None else raw,
        )


def centre_variables(path: Path, environ: Mapping[str, str] | None = None) -> frozenset[str]:
    """Environment variables that only the centre's part of the configuration names."""
    given = os.environ if environ is None else environ
    whole, workers = _AskedVariables(given), _AskedVariables(given)
    raw = read_all(path, whole)
    read_all(path, workers, _of_centre(raw))
    return frozenset(whole.asked - workers.asked)


def _of_centre(raw: RawConfig) -> frozenset[str]:
    """A registry stands in the archive, and workers read it there themselves."""
    registry = raw.tables.get("registry")
    source = registry.get("source", "files") if isinstance(registry, dict) else "files"
    return CENTRE_ONLY - {"archive"} if source == "database" else CENTRE_ONLY


class _AskedVariables(Mapping[str, str]):
    """An environment that notes what is asked for."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self._environ[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._environ)

    def __len__(self) -> int:
        return len(self._environ)
