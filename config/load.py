"""A path enters; a `Loaded` leaves: the site that can run, and every problem found on the way.

A bad camera or rule is set aside and named; a problem of the site itself is fatal. Nothing here
opens a connection, and nothing raises for what a user wrote.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.camera import SCHEMES, CameraConfig, SchemeCheck, anchored
from config.entries import is_first, listed, set_aside, validated
from config.outside import devices_of, targets_of
from config.problem import ConfigError, ConfigProblem, Weight
from config.read import ConfigEntry, RawConfig, read_all
from config.rule_models import RuleModels
from config.rules import EVERY_CAMERA, Rule, Shape
from config.site import Agency, Area, Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What came of a configuration: a site when it can start at all, and all problems."""

    site: Site | None
    problems: tuple[ConfigProblem, ...]

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
    schemes: SchemeCheck | None = None,
) -> Loaded:
    """Read, validate and cross-check the configuration at `path`; its rules are of these models.

    `schemes` knows which cameras' addresses can be read; without it only their form is judged.
    """
    raw = read_all(path, environ)
    problems = [*raw.problems, *_unusable(rule_models)]
    agencies = listed(raw, "agencies", Agency, problems)
    areas = listed(raw, "areas", Area, problems)
    known = ({item.id for item in agencies}, {item.id for item in areas})
    cameras = _cameras(raw, known, schemes, problems)
    rules = _rules(raw, cameras, rule_models, problems)
    targets = targets_of(raw, known, problems)
    devices = devices_of(raw, known, {camera.id for camera in cameras}, problems)
    site = _site(path, raw, rule_models, problems)
    if site is not None:
        site = site.model_copy(
            update={
                "agencies": agencies,
                "areas": areas,
                "cameras": tuple(cameras),
                "targets": targets,
                "devices": devices,
                "rules": rules if raw.entries["rules"] else rule_models.defaults,
            }
        )
    if any(problem.weight is Weight.FATAL for problem in problems):
        site = None
    return Loaded(site=site, problems=tuple(problems))


def _unusable(rule_models: RuleModels) -> Iterator[ConfigProblem]:
    for name, message in rule_models.problems:
        yield ConfigProblem(
            file="kinds of rule", path=name, message=message, weight=Weight.SET_ASIDE
        )


def _site(
    path: Path, raw: RawConfig, rule_models: RuleModels, problems: list[ConfigProblem]
) -> Site | None:
    context = rule_models.context()
    site = validated(
        lambda text: Site.model_validate_json(text, strict=True, context=context),
        ConfigEntry(file=path.name, folder=path.parent, path="", table=raw.tables, is_whole=True),
        Site,
        Weight.FATAL,
        problems,
    )
    if site is None:
        return None
    base = _folder_of(path)
    data_dir = base / site.site.data_dir
    cache_dir = base / (site.site.cache_dir or data_dir / "cache")
    folders = {"data_dir": data_dir, "cache_dir": cache_dir}
    map_path = None if site.site.map is None else base / site.site.map
    facts = site.site.model_copy(update={**folders, "map": map_path})
    weights = site.detector.weights
    if weights.endswith(".pt"):
        weights = str(base / weights)
    detector = site.detector.model_copy(update={"weights": weights})
    scenarios = [
        scenario.model_copy(update={"video": base / scenario.video})
        for scenario in site.drills.scenarios
    ]
    drills = site.drills.model_copy(update={"scenarios": tuple(scenarios)})
    heads = site.log_heads.model_copy(
        update={
            name: None if path is None else base / path
            for name, path in (
                ("drop", site.log_heads.drop),
                ("key_file", site.log_heads.key_file),
            )
        }
    )
    centre = site.centre
    tls = {"certificate": centre.certificate, "key": centre.key, "places_file": centre.places_file}
    centre = site.centre.model_copy(
        update={name: None if path is None else base / path for name, path in tls.items()}
    )
    return site.model_copy(
        update={
            "site": facts,
            "centre": centre,
            "recording": site.recording.anchored(base, data_dir),
            "detector": detector,
            "drills": drills,
            "log_heads": heads,
        }
    )


def _folder_of(path: Path) -> Path:
    """Where the file really is stored; a link to itself is stored where it stands."""
    try:
        return path.resolve().parent
    except (OSError, RuntimeError):
        return path.absolute().parent


def _cameras(
    raw: RawConfig,
    known: tuple[set[str], set[str]],
    schemes: SchemeCheck | None,
    problems: list[ConfigProblem],
) -> list[CameraConfig]:
    found: dict[str, CameraConfig] = {}
    context = {SCHEMES: schemes}
    for entry in raw.entries["cameras"]:
        camera = validated(
            lambda text: CameraConfig.model_validate_json(text, strict=True, context=context),
            entry,
            CameraConfig,
            Weight.SET_ASIDE,
            problems,
        )
        if camera is None or not is_first(camera.id, found, entry, problems):
            continue
        if _names_known(camera, *known, entry, problems):
            found[camera.id] = anchored(camera, entry.folder)
    return list(found.values())


def _names_known(
    camera: CameraConfig,
    agencies: set[str],
    areas: set[str],
    entry: ConfigEntry,
    problems: list[ConfigProblem],
) -> bool:
    named = (("agency", camera.agency, agencies), ("area", camera.area, areas))
    missing = [(key, name) for key, name, known in named if name is not None and name not in known]
    for key, name in missing:
        problems.append(set_aside(entry, key, f"names the {key} {name!r}, which is not listed"))
    return not missing


def _rules(
    raw: RawConfig,
    cameras: list[CameraConfig],
    rule_models: RuleModels,
    problems: list[ConfigProblem],
) -> tuple[Rule, ...]:
    adapter = rule_models.adapter()
    drawn = {camera.id: camera.shapes() for camera in cameras}
    written = _written_ids(raw)
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
        applied = _applied(rule, drawn, written, entry, problems)
        if applied is not None:
            found[rule.id] = applied
    return tuple(found.values())


def _written_ids(raw: RawConfig) -> set[str]:
    """Ids of all cameras as written: a rule for one that was set aside is not itself wrong."""
    return {str(entry.table.get("id")) for entry in raw.entries["cameras"]}


def _applied(
    rule: Rule,
    drawn: dict[str, frozenset[Shape]],
    written: set[str],
    entry: ConfigEntry,
    problems: list[ConfigProblem],
) -> Rule | None:
    """The rule for those of its cameras that it can watch: one wrong name blinds no other."""
    if rule.cameras == EVERY_CAMERA:
        before = len(problems)
        for key, name in rule.shapes():
            if not any((key, name) in here for here in drawn.values()):
                problems.append(set_aside(entry, key, f"names the {key} {name!r}, on no camera"))
        return rule if len(problems) == before else None
    if not rule.cameras:
        problems.append(set_aside(entry, "cameras", 'names no camera, expected "*" or ids'))
    left = []
    for camera_id in rule.cameras:
        wrong = list(_wrong_with(rule, camera_id, drawn, written))
        problems.extend(set_aside(entry, key, message) for key, message in wrong)
        if not wrong:
            left.append(camera_id)
    return rule.model_copy(update={"cameras": tuple(left)}) if left else None


def _wrong_with(
    rule: Rule, camera_id: str, drawn: dict[str, frozenset[Shape]], written: set[str]
) -> Iterator[tuple[str, str]]:
    """Why the rule cannot watch the camera: the key that says so, and the words."""
    if camera_id not in written:
        yield "cameras", f"names the camera {camera_id!r}, not found"
        return
    for key, name in rule.shapes():
        if (key, name) not in drawn.get(camera_id, {(key, name)}):
            yield key, f"names the {key} {name!r}, which camera {camera_id!r} does not have"
