"""Loading of a configuration: a path in, a `Loaded` out with the site and every problem.

Nothing opens a connection, and user errors never raise.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from thapcanh.config.camera import SCHEMES, CameraConfig, SchemeCheck, anchored
from thapcanh.config.loading.anchored_site import anchored_site
from thapcanh.config.loading.cross_check import (
    applied_rule,
    with_listed_place,
    without_wrong_place,
    written_ids,
)
from thapcanh.config.loading.entries import is_first, listed, set_aside, validated
from thapcanh.config.loading.files import ON_DISK, ConfigFiles
from thapcanh.config.loading.outside import (
    connections_of,
    devices_of,
    ports_of,
    run_cards_of,
    targets_of,
)
from thapcanh.config.loading.read import LISTS, ConfigEntry, RawConfig, read_all
from thapcanh.config.problem import ConfigError, ConfigProblem, Weight
from thapcanh.config.registry.entries import RegistryEntries
from thapcanh.config.rules import EVERY_CAMERA, Rule, RuleModels, undetected_class
from thapcanh.config.servers.networks import with_networks
from thapcanh.config.site import Agency, Area, Site
from thapcanh.config.targets import TargetModels


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """Result of loading: a site if it can start, and all problems."""

    site: Site | None
    problems: tuple[ConfigProblem, ...]
    raw: RawConfig | None = field(default=None, compare=False, repr=False)
    """The files as they were read, for the next reading."""
    files: ConfigFiles = field(default=ON_DISK, compare=False, repr=False)
    """Where they were read."""
    refused: tuple[ConfigProblem, ...] = ()
    """What is wrong with the files as they are now, where `site` is of an earlier state of them."""

    def site_or_raise(self) -> Site:
        """Return the site, or raise `ConfigError` with every problem when it cannot start."""
        if self.site is None:
            raise ConfigError(self.problems)
        return self.site


def load(
    path: Path,
    environ: Mapping[str, str] | None = None,
    *,
    rule_models: RuleModels,
    target_models: TargetModels,
    schemes: SchemeCheck | None = None,
    registry: RegistryEntries | None = None,
    omit: Collection[str] = (),
    before: RawConfig | None = None,
    files: ConfigFiles = ON_DISK,
) -> Loaded:
    """Read, validate and cross-check the configuration at `path`.

    `schemes` are the readable address schemes; without it only an address's form is checked.
    `registry` replaces cameras, rules, agencies and areas of the files. Tables and lists in `omit`
    are ignored. Entries unchanged since `before` are not validated again. `files` is where they are
    read.
    """
    raw = read_all(path, environ, omit, before, files)
    if before is not None:
        take_over(raw, before)
    if registry is not None:
        registry.replace_in(raw)
    problems = [*raw.problems, *_unusable(rule_models, target_models)]
    agencies = listed(raw, "agencies", Agency, problems)
    areas = listed(raw, "areas", Area, problems)
    existing = ({item.id for item in agencies}, {item.id for item in areas})
    cameras = _cameras(raw, existing, schemes, problems)
    site = _site(path, raw, rule_models, problems)
    rules = _rules(raw, cameras, rule_models, site, problems)
    targets = targets_of(raw, existing, target_models, problems)
    devices = devices_of(raw, existing, {camera.id for camera in cameras}, problems)
    if site is not None:
        site = site.model_copy(
            update={
                "agencies": agencies,
                "areas": areas,
                "cameras": tuple(cameras),
                "targets": targets,
                "devices": devices,
                **ports_of(raw, problems),
                **connections_of(raw, existing, problems),
                "run_cards": run_cards_of(raw, existing, problems),
                "rules": _in_force(rules, raw, rule_models.defaults, registry),
            }
        )
    if any(problem.weight is Weight.FATAL for problem in problems):
        site = None
    return Loaded(site=site, problems=tuple(problems), raw=raw, files=files)


def take_over(raw: RawConfig, before: RawConfig) -> None:
    """Reuse the validation results of unchanged entries of `before` in `raw`."""
    for name in LISTS:
        if not raw.entries[name]:
            continue
        existing = {_key(entry): entry for entry in before.entries[name]}
        raw.entries[name] = [
            _evaluated(entry, existing.get(_key(entry))) for entry in raw.entries[name]
        ]


def _unusable(rules: RuleModels, targets: TargetModels) -> Iterator[ConfigProblem]:
    for what, found in (("rule", rules.problems), ("target", targets.problems)):
        for name, message in found:
            yield ConfigProblem(
                file=f"kinds of {what}", path=name, message=message, weight=Weight.SET_ASIDE
            )


def _site(
    path: Path, raw: RawConfig, rule_models: RuleModels, problems: list[ConfigProblem]
) -> Site | None:
    context = rule_models.context()
    tables = with_networks(raw.tables, path.name, problems)
    site = validated(
        lambda text: Site.model_validate_json(text, strict=True, context=context),
        ConfigEntry(file=path.name, folder=path.parent, path="", table=tables, is_whole=True),
        Site,
        Weight.FATAL,
        problems,
    )
    if site is None:
        return None
    return anchored_site(site, path)


def _cameras(
    raw: RawConfig,
    existing: tuple[set[str], set[str]],
    schemes: SchemeCheck | None,
    problems: list[ConfigProblem],
) -> list[CameraConfig]:
    found: dict[str, CameraConfig] = {}
    context = {SCHEMES: schemes}
    keys = frozenset(CameraConfig.model_fields)
    for entry in raw.entries["cameras"]:
        camera = validated(
            lambda text: CameraConfig.model_validate_json(text, strict=True, context=context),
            entry,
            CameraConfig,
            Weight.SET_ASIDE,
            problems,
            mend=lambda table, error: without_wrong_place(table, error, keys),
        )
        if camera is None or not is_first(camera.id, found, entry, problems):
            continue
        placed = with_listed_place(camera, *existing, entry, problems)
        found[camera.id] = _anchored(placed, entry)
    return list(found.values())


def _anchored(camera: CameraConfig, entry: ConfigEntry) -> CameraConfig:
    """Return the camera with absolute paths; for a retained entry, always the same object."""
    memo = ("anchored", camera.area, camera.agency)  # which may be listed later
    if memo not in entry.memo:
        entry.memo[memo] = anchored(camera, entry.folder)
    found: CameraConfig = entry.memo[memo]
    return found


def _in_force(
    rules: tuple[Rule, ...],
    raw: RawConfig,
    defaults: tuple[Rule, ...],
    registry: RegistryEntries | None,
) -> tuple[Rule, ...]:
    """Return the site's rules, with the default ones that still apply.

    Without a registry the defaults apply only if the site has no rules. A registry's rule replaces
    a default if it has its id, or its kind for every camera, the whole picture and all hours.
    """
    if not raw.entries["rules"]:
        return defaults
    if registry is None:
        return rules
    ids = {rule.id for rule in rules}
    everywhere = {
        rule.kind
        for rule in rules
        if rule.cameras == EVERY_CAMERA and not rule.shapes() and not rule.hours
    }
    retained = (one for one in defaults if one.id not in ids and one.kind not in everywhere)
    return (*rules, *retained)


def _rules(
    raw: RawConfig,
    cameras: list[CameraConfig],
    rule_models: RuleModels,
    site: Site | None,
    problems: list[ConfigProblem],
) -> tuple[Rule, ...]:
    """Return the usable rules; without a `site` the classes they name are not checked."""
    if not raw.entries["rules"]:
        return ()
    adapter = rule_models.adapter()
    drawn = {camera.id: camera.shapes() for camera in cameras}
    written = written_ids(raw)
    found: dict[str, Rule] = {}
    for entry in raw.entries["rules"]:
        rule = validated(
            lambda text: adapter.validate_json(text, strict=True),
            entry,
            None,
            Weight.SET_ASIDE,
            problems,
        )
        if rule is None or not is_first(rule.id, found, entry, problems):
            continue
        undetected = None if site is None else undetected_class(rule, site.detector.labels)
        if undetected is not None:
            problems.append(set_aside(entry, "classes", undetected))
            continue
        applied = applied_rule(rule, drawn, written, entry, problems)
        if applied is not None:
            found[rule.id] = applied
    return tuple(found.values())


def _key(entry: ConfigEntry) -> tuple[str, str]:
    """Return the file and id of an entry; an index would change when another is inserted."""
    return entry.file, str(entry.table.get("id"))


def _evaluated(entry: ConfigEntry, before: ConfigEntry | None) -> ConfigEntry:
    """Reuse an earlier validation; one with a problem only in the same place, which it names."""
    if before is None or not before.memo or not _is_same(before, entry):
        return entry
    if before.path != entry.path and before.memo["problems"]:
        return entry
    return replace(entry, memo=before.memo)


def _is_same(one: ConfigEntry, other: ConfigEntry) -> bool:
    """Written the same: `true` equals 1 in Python, and is something else in a configuration."""
    try:
        return one.is_whole == other.is_whole and repr(one.table) == repr(other.table)
    except RecursionError:
        return False
