"""Validation of one registry entry by the models that files are read with.

A finding never repeats a value, since any may hold a secret.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from thapcanh.config.camera import SCHEMES, CameraConfig, SchemeCheck
from thapcanh.config.problem import explain
from thapcanh.config.registry.entries import REFERENCE, SOURCES, Validity, without_validity
from thapcanh.config.registry.watch_area import WatchArea
from thapcanh.config.rules import EVERY_CAMERA, Rule, RuleModels, Shape
from thapcanh.config.site import Agency, Area
from thapcanh.config.targets import NO_TARGETS, TargetModels, masked_secret, secret_settings

Drawn = Callable[[str], frozenset[Shape] | None]
"""What is drawn on the picture of the camera with this id; None where there is no such camera."""


@dataclass(frozen=True, slots=True)
class EntryFinding:
    """Error in an entry: its path and what was expected."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedNames:
    """Listed agencies and areas."""

    agencies: frozenset[str]
    areas: frozenset[str]


class EntryCheck:
    """Holds the models; any thread may use it."""

    def __init__(
        self,
        rule_models: RuleModels,
        schemes: SchemeCheck | None,
        target_models: TargetModels = NO_TARGETS,
    ) -> None:
        self._targets = target_models
        self._rules: TypeAdapter[Rule] = rule_models.adapter()
        self._context = {SCHEMES: schemes}

    def camera(self, table: Mapping[str, Any], existing: ListedNames) -> list[EntryFinding]:
        """Return what is wrong with a camera whose addresses are whole."""
        camera, validity = without_validity(table)
        found = _findings(CameraConfig, _readable(camera), self._context)
        found += _findings(Validity, validity)
        named = (("agency", existing.agencies), ("area", existing.areas))
        for key, names in named:
            name = camera.get(key)
            if isinstance(name, str) and name not in names:
                found.append(
                    EntryFinding(key, f"names the {key} {name!r}, which is not registered")
                )
        return found

    def rule(self, table: Mapping[str, Any], drawn: Drawn) -> list[EntryFinding]:
        """Return what is wrong with a rule, apart from the cameras it names."""
        try:
            rule = self._rules.validate_json(json.dumps(table), strict=True)
        except ValidationError as error:
            return [EntryFinding(*one) for one in explain(error, dict(table), None, is_tagged=True)]
        return list(_of_its_cameras(rule, drawn))

    def agency(self, table: Mapping[str, Any]) -> list[EntryFinding]:
        return _findings(Agency, table)

    def area(self, table: Mapping[str, Any]) -> list[EntryFinding]:
        return _findings(Area, table)

    def target(self, table: Mapping[str, Any], existing: ListedNames) -> list[EntryFinding]:
        """Return what is wrong with a target whose secrets are whole."""
        model = self._targets.model_of(table.get("kind"))
        if model is None:
            return [EntryFinding("kind", self._targets.expected())]
        found = _findings(model, table)
        for key, names in (("agencies", existing.agencies), ("areas", existing.areas)):
            named = table.get(key)
            wrong = [one for one in named if one not in names] if isinstance(named, list) else []
            found += [EntryFinding(key, f"names {one!r}, which is not registered") for one in wrong]
        return found + [
            EntryFinding(key, "${env:…} and ${file:…} are of files: write the secret itself")
            for key, value in table.items()
            if isinstance(value, str) and REFERENCE.search(value)
        ]

    def secrets_of(self, table: Mapping[str, Any]) -> Mapping[str, Callable[[str], str]]:
        """Return the encrypted settings of a target and how each is masked."""
        model = self._targets.model_of(table.get("kind"))
        names = ("url", "secret") if model is None else secret_settings(model)
        return dict.fromkeys(names, masked_secret)

    def watch_area(self, table: Mapping[str, Any], drawn: Drawn) -> list[EntryFinding]:
        """Return what is wrong with a temporary watch area, its cameras and its rules."""
        if found := _findings(WatchArea, table):
            return found
        area = WatchArea.model_validate_json(json.dumps(table), strict=True)
        unlisted = [name for name in area.cameras if drawn(name) is None]
        if unlisted:
            message = f"names the camera {unlisted[0]!r}, which is not registered"
            return [EntryFinding("cameras", message)]

        def shapes_in_area(camera: str) -> frozenset[Shape]:
            return (drawn(camera) or frozenset()) | area.shapes_of(camera)

        return [
            EntryFinding(f"rules[{number}].{one.path}", one.message)
            for number, rule in enumerate(area.rule_tables())
            for one in self.rule(rule, shapes_in_area)
        ]


def shapes_of(table: Mapping[str, Any]) -> frozenset[Shape]:
    """Return the shapes drawn on the picture of a valid camera."""
    zones: set[Shape] = {("zone", str(zone["id"])) for zone in table.get("zones", ())}
    return frozenset(zones | {("line", str(line["id"])) for line in table.get("lines", ())})


def _of_its_cameras(rule: Rule, drawn: Drawn) -> Iterator[EntryFinding]:
    if rule.cameras == EVERY_CAMERA:
        return
    if not rule.cameras:
        yield EntryFinding("cameras", 'names no camera, expected "*" or ids')
    for camera_id in rule.cameras:
        local = drawn(camera_id)
        if local is None:
            yield EntryFinding(
                "cameras", f"names the camera {camera_id!r}, which is not registered"
            )
            continue
        for key, name in rule.shapes():
            if (key, name) not in local:
                yield EntryFinding(
                    key, f"names the {key} {name!r}, which camera {camera_id!r} does not have"
                )


def _readable(camera: Mapping[str, Any]) -> dict[str, Any]:
    """Return the camera with a placeholder login for each `${credential:…}`."""
    return {
        key: value.replace("${", "").replace("}", ":x")
        if key in SOURCES and isinstance(value, str) and REFERENCE.search(value)
        else value
        for key, value in camera.items()
    }


def _findings(
    model: type[BaseModel], table: Mapping[str, Any], context: dict[str, Any] | None = None
) -> list[EntryFinding]:
    try:
        text = json.dumps(table, default=str)
        model.model_validate_json(text, strict=True, context=context)
    except ValidationError as error:
        return [EntryFinding(*one) for one in explain(error, dict(table), model)]
    except (ValueError, RecursionError) as error:
        return [EntryFinding("", f"cannot be understood: {type(error).__name__}")]
    return []
