"""Validation of single list entries; problems are collected, nothing raises for user input."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from thapcanh.config.loading.read import ConfigEntry, RawConfig
from thapcanh.config.problem import ConfigProblem, Weight, explain

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
Mend = Callable[[Mapping[str, Any], ValidationError], Mapping[str, Any] | None]


def listed(
    raw: RawConfig, key: str, model: type[M], problems: list[ConfigProblem]
) -> tuple[M, ...]:
    """Return every usable entry of a list, in order."""
    found: dict[str, M] = {}
    for entry in raw.entries[key]:
        item = validated(
            lambda text: model.model_validate_json(text, strict=True),
            entry,
            model,
            Weight.SET_ASIDE,
            problems,
        )
        if item is None:
            continue
        item_id = str(getattr(item, "id"))  # noqa: B009 every model of a list has one
        if is_first(item_id, found, entry, problems):
            found[item_id] = item
    return tuple(found.values())


def is_first(
    item_id: str, found: Mapping[str, object], entry: ConfigEntry, problems: list[ConfigProblem]
) -> bool:
    """Return whether no earlier entry has this id; report a duplicate."""
    if item_id not in found:
        return True
    problems.append(set_aside(entry, "id", f"{item_id!r} is used twice, ids must differ"))
    return False


def validated(
    validate: Callable[[str], T],
    entry: ConfigEntry,
    model: type[BaseModel] | None,
    weight: Weight,
    problems: list[ConfigProblem],
    *,
    mend: Mend | None = None,
) -> T | None:
    """Validate an entry as strict JSON, where lists may still become tuples.

    Without a `model`, the entry is one of several models chosen by a tag. `mend` returns a usable
    table without the wrong keys, or None.
    """
    if not entry.is_whole:
        return None
    if not entry.memo:  # an entry of a registry is judged once, however often the site is read
        reported: list[ConfigProblem] = []
        entry.memo["model"] = _evaluated(validate, entry, model, weight, reported, mend=mend)
        entry.memo["problems"] = reported
    problems.extend(entry.memo["problems"])
    found: T | None = entry.memo["model"]
    return found


def _evaluated(
    validate: Callable[[str], T],
    entry: ConfigEntry,
    model: type[BaseModel] | None,
    weight: Weight,
    problems: list[ConfigProblem],
    *,
    mend: Mend | None,
) -> T | None:
    try:
        return validate(json.dumps(entry.table, default=str))
    except ValidationError as error:
        mended = _mended(validate, mend(entry.table, error) if mend else None)
        weight = weight if mended is None else Weight.WITHOUT
        for path, message in explain(error, entry.table, model, is_tagged=model is None):
            place = ".".join(part for part in (entry.path, path) if part)
            problems.append(
                ConfigProblem(file=entry.file, path=place, message=message, weight=weight)
            )
        return mended
    except Exception as error:  # noqa: BLE001 the outermost line of an entry: none stops the others
        message = f"cannot be understood: {type(error).__name__}"
        problems.append(
            ConfigProblem(file=entry.file, path=entry.path, message=message, weight=weight)
        )
    return None


def _mended(validate: Callable[[str], T], table: Mapping[str, Any] | None) -> T | None:
    if table is None:
        return None
    try:
        return validate(json.dumps(table, default=str))
    except ValidationError:
        return None


def set_aside(entry: ConfigEntry, key: str, message: str) -> ConfigProblem:
    return ConfigProblem(
        file=entry.file, path=f"{entry.path}.{key}", message=message, weight=Weight.SET_ASIDE
    )
