"""Loading of the site's configuration with all rules, schemes and targets.

Workers load it without the centre's part and secrets.
"""

import gc
import logging
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from thapcanh.app.site.feature import optional_features
from thapcanh.app.site.site_paths import SitePaths
from thapcanh.config.load import Loaded, load
from thapcanh.config.loading.files import ON_DISK, ConfigFiles, NotedFiles, StoredFiles
from thapcanh.config.loading.last_good import data_dir_of, keep, last_good
from thapcanh.config.loading.read import RawConfig, read_all
from thapcanh.config.local_time import LOCAL_TZ
from thapcanh.config.problem import ConfigProblem, Weight
from thapcanh.config.registry.entries import REGISTRY, RegistryEntries
from thapcanh.config.registry.entry_check import EntryCheck
from thapcanh.config.rules import LABELS
from thapcanh.config.site import Site
from thapcanh.config.targets import NO_TARGETS
from thapcanh.detection.rules.registry import registry as rule_registry
from thapcanh.ingest.sources.registry import SCHEMES

log = logging.getLogger(__name__)
CENTRE_ONLY = frozenset(
    {"archive", "oidc", "ldap", "metrics", "log_heads", "siem", "targets", "exchanges", "cap_feeds"}
)


class SiteLoader(Protocol):
    """Loader of the configuration for one kind of process."""

    def __call__(
        self,
        path: Path,
        environ: Mapping[str, str] | None = None,
        registry: RegistryEntries | None = None,
        before: RawConfig | None = None,
        files: ConfigFiles = ON_DISK,
    ) -> Loaded:
        """Read, validate and cross-check the configuration at `path`, as it is since `before`."""
        ...


def entry_check(labels: Collection[str] = LABELS) -> EntryCheck:
    """Return the checker of registry entries; `labels` are the classes that rules may name."""
    from thapcanh.alerts.delivery.registry import target_registry

    return EntryCheck(rule_registry().models(), SCHEMES, target_registry().models(), labels)


def load_site(
    path: Path,
    environ: Mapping[str, str] | None = None,
    registry: RegistryEntries | None = None,
    before: RawConfig | None = None,
    files: ConfigFiles = ON_DISK,
) -> Loaded:
    """Read, validate and cross-check the configuration at `path`, with a registry's entries."""
    from thapcanh.alerts.delivery.registry import (
        target_registry,  # workers need none of its libraries
    )

    models = rule_registry().models()
    with collector_paused():
        loaded = load(
            path,
            environ,
            rule_models=models,
            target_models=target_registry().models(),
            schemes=SCHEMES,
            registry=registry,
            before=before,
            files=files,
        )
    return replace(loaded, problems=(*loaded.problems, *_unknown_features(path, loaded.site)))


def _unknown_features(path: Path, site: Site | None) -> Iterator[ConfigProblem]:
    on = site.features.on if site is not None else None
    for name in sorted(set(on or ()) - optional_features()):
        can_be = ", ".join(sorted(optional_features()))
        message = f"{name!r} is no feature that can be turned on; expected any of {can_be}"
        yield ConfigProblem(
            file=path.name, path="features.on", message=message, weight=Weight.SET_ASIDE
        )


def load_worker_site(
    path: Path,
    environ: Mapping[str, str] | None = None,
    registry: RegistryEntries | None = None,
    before: RawConfig | None = None,
    files: ConfigFiles = ON_DISK,
) -> Loaded:
    """Load the configuration without the centre's part."""
    with collector_paused():
        raw = read_all(path, environ, before=before, files=files)
        return load(
            path,
            environ,
            rule_models=rule_registry().models(),
            target_models=NO_TARGETS,
            schemes=SCHEMES,
            registry=registry,
            omit=_of_centre(raw),
            before=replace(before, documents=raw.documents) if before is not None else raw,
            files=files,
        )


def load_in_force(path: Path, load: SiteLoader = load_site, *, stores_good: bool = True) -> Loaded:
    """Load the configuration, or the last good files if it is invalid.

    A good one is stored for the next start, unless `stores_good` is False.
    """
    noted = NotedFiles()
    loaded = load(path, files=noted)
    last = last_good(_place(path, load, loaded, noted), path)
    if last is not None and last.files.contents != noted.contents:
        earlier = load(path, files=last.files)
        accepted = file_problems(earlier.problems)
        if earlier.site is not None and not can_follow(loaded, accepted):
            at = datetime.fromtimestamp(last.kept_at, LOCAL_TZ).strftime("%d/%m %H:%M:%S")
            log.error("configuration not applied, the last good one, of %s, is in force", at)
            return replace(earlier, refused=loaded.problems)
    if stores_good:
        store_good(path, load, loaded, noted)
    return replace(loaded, files=StoredFiles(noted.contents))


def can_follow(loaded: Loaded, accepted: frozenset[ConfigProblem]) -> bool:
    """Return True if a configuration may replace one with `accepted` problems.

    One that cannot start may not, nor one that loses a camera or rule by mistake.
    """
    return loaded.site is not None and accepted.issuperset(file_problems(loaded.problems))


def file_problems(problems: Sequence[ConfigProblem]) -> frozenset[ConfigProblem]:
    """Return the problems of files; registry entries were checked when written."""
    return frozenset(problem for problem in problems if problem.file != REGISTRY)


def store_good(path: Path, load: SiteLoader, loaded: Loaded, noted: NotedFiles) -> None:
    """Write down the files that were put in force."""
    if loaded.site is None:
        return
    try:
        keep(_place(path, load, loaded, noted), path, noted.contents)
    except OSError as error:
        log.warning("the good configuration cannot be kept: %s", error.strerror)


def _place(path: Path, load: SiteLoader, loaded: Loaded, noted: NotedFiles) -> Path:
    """Return the last-good file; workers have their own, because they skip the centre's part."""
    data_dir = (
        loaded.site.site.data_dir
        if loaded.site is not None
        else data_dir_of(path, loaded.raw, noted.contents.get(path, b""))
    )
    part = "worker" if load is load_worker_site else "site"
    return SitePaths(data_dir=data_dir, cache_dir=data_dir).last_good(part)


def centre_variables(
    path: Path,
    environ: Mapping[str, str] | None = None,
    files: ConfigFiles = ON_DISK,
    *,
    earlier: frozenset[str] = frozenset(),
) -> frozenset[str]:
    """Environment variables that only the centre's part of the configuration names.

    `earlier` are those of files that could be read: they stay the centre's where these are broken.
    """
    environment = os.environ if environ is None else environ
    whole, workers = _RecordedVariables(environment), _RecordedVariables(environment)
    raw = read_all(path, whole, files=files)
    read_all(path, workers, _of_centre(raw), files=files)
    is_broken = any(problem.weight is Weight.FATAL for problem in raw.problems)
    return frozenset(whole.asked - workers.asked) | (earlier if is_broken else frozenset())


@contextmanager
def collector_paused() -> Iterator[None]:
    """Let nothing be collected in this process until the block ends.

    A city's configuration is millions of new objects that stay: the collector walks over all of
    them again and again, a fifth of the time of reading. Twice at once it may go on early.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _of_centre(raw: RawConfig) -> frozenset[str]:
    """Return the tables that only the centre needs."""
    registry = raw.tables.get("registry")
    source = registry.get("source", "files") if isinstance(registry, dict) else "files"
    return CENTRE_ONLY - {"archive"} if source == "database" else CENTRE_ONLY


class _RecordedVariables(Mapping[str, str]):
    """Environment that records the queried variables."""

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
