"""Cross-check of references between tables: agencies, areas, cameras and their shapes."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from thapcanh.config.camera import CameraConfig
from thapcanh.config.loading.entries import set_aside
from thapcanh.config.loading.read import ConfigEntry, RawConfig
from thapcanh.config.problem import ConfigProblem, Weight
from thapcanh.config.rules import EVERY_CAMERA, Rule, Shape

POSITION = ("lat", "lon", "bearing_deg")
OF_PLACE = (*POSITION, "area", "agency")


def with_listed_place(
    camera: CameraConfig,
    agencies: set[str],
    areas: set[str],
    entry: ConfigEntry,
    problems: list[ConfigProblem],
) -> CameraConfig:
    """Return the camera without an unlisted agency or area; each is a problem.

    Then only users with access to the whole site see the camera.
    """
    named = (("agency", camera.agency, agencies), ("area", camera.area, areas))
    missing = [
        (key, name) for key, name, existing in named if name is not None and name not in existing
    ]
    for key, name in missing:
        message = f"names the {key} {name!r}, which is not listed"
        problems.append(
            ConfigProblem(
                file=entry.file, path=f"{entry.path}.{key}", message=message, weight=Weight.WITHOUT
            )
        )
    if not missing:
        return camera
    memo = ("without", *(key for key, _ in missing))
    if memo not in entry.memo:  # of an entry that is kept, the very same object each time
        entry.memo[memo] = camera.model_copy(update={key: None for key, _ in missing})
    found: CameraConfig = entry.memo[memo]
    return found


def written_ids(raw: RawConfig) -> set[str]:
    """Return the ids of all cameras as written, also of those set aside."""
    return {str(entry.table.get("id")) for entry in raw.entries["cameras"]}


def applied_rule(
    rule: Rule,
    drawn: dict[str, frozenset[Shape]],
    written: set[str],
    entry: ConfigEntry,
    problems: list[ConfigProblem],
) -> Rule | None:
    """Return the rule for those of its cameras that it can watch, and report the others."""
    if rule.cameras == EVERY_CAMERA:
        before = len(problems)
        for key, name in rule.shapes():
            if not any((key, name) in local for local in drawn.values()):
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


def without_wrong_place(
    table: Mapping[str, Any], error: ValidationError, keys: frozenset[str]
) -> dict[str, Any] | None:
    """Return the table without wrong keys of its place; None if anything else is wrong too.

    An unknown key counts as a misspelling of the most similar one in `keys`. A latitude without its
    longitude is removed too.
    """
    wrong = {_key_of(detail["loc"], keys) for detail in error.errors(include_input=False)}
    if None in wrong:
        return None
    if wrong & {*POSITION, ""}:
        wrong.update(POSITION)
    return {
        key: value
        for key, value in table.items()
        if key not in wrong and not (key not in keys and _meant(key, keys) in OF_PLACE)
    }


def _wrong_with(
    rule: Rule, camera_id: str, drawn: dict[str, frozenset[Shape]], written: set[str]
) -> Iterator[tuple[str, str]]:
    """Yield the wrong key and the reason why the rule cannot watch the camera."""
    if camera_id not in written:
        yield "cameras", f"names the camera {camera_id!r}, not found"
        return
    for key, name in rule.shapes():
        if (key, name) not in drawn.get(camera_id, {(key, name)}):
            yield key, f"names the {key} {name!r}, which camera {camera_id!r} does not have"


def _key_of(loc: tuple[int | str, ...], keys: frozenset[str]) -> str | None:
    """Return the place key that a finding is about; empty for latitude and longitude together."""
    if not loc:
        return ""  # the one finding about a whole camera: latitude and longitude
    meant = loc[0] if loc[0] in keys else _meant(str(loc[0]), keys)
    return str(meant) if meant in OF_PLACE else None


def _meant(key: str, keys: frozenset[str]) -> str | None:
    return next(iter(difflib.get_close_matches(key, sorted(keys), n=1)), None)
