"""One entry of a list in the configuration: validated, told apart from others, or set aside.

What is wrong is added to the problems that are handed in; nothing raises for what a user wrote.
"""

import json
from collections.abc import Callable, Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from config.loading.explain import explain
from config.loading.read import ConfigEntry, RawConfig
from config.problem import ConfigProblem, Weight

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


def listed(
    raw: RawConfig, key: str, model: type[M], problems: list[ConfigProblem]
) -> tuple[M, ...]:
    """Every entry of a list that can be used, in order."""
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
    """Whether an id was not taken by an earlier entry; tell where it was."""
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
) -> T | None:
    """Validate as JSON: there, strict means no silent conversion, yet lists may be tuples.

    Without a `model`, the table is one of several, told apart by a tag.
    """
    if not entry.is_whole:
        return None
    if not entry.memo:  # an entry of a registry is judged once, however often the site is read
        told: list[ConfigProblem] = []
        entry.memo["model"] = _judged(validate, entry, model, weight, told)
        entry.memo["problems"] = told
    problems.extend(entry.memo["problems"])
    found: T | None = entry.memo["model"]
    return found


def _judged(
    validate: Callable[[str], T],
    entry: ConfigEntry,
    model: type[BaseModel] | None,
    weight: Weight,
    problems: list[ConfigProblem],
) -> T | None:
    try:
        return validate(json.dumps(entry.table, default=str))
    except ValidationError as error:
        for path, message in explain(error, entry.table, model, is_tagged=model is None):
            place = ".".join(part for part in (entry.path, path) if part)
            problems.append(
                ConfigProblem(file=entry.file, path=place, message=message, weight=weight)
            )
    except Exception as error:  # noqa: BLE001 the outermost line of an entry: none stops the others
        message = f"cannot be understood: {type(error).__name__}"
        problems.append(
            ConfigProblem(file=entry.file, path=entry.path, message=message, weight=weight)
        )
    return None


def set_aside(entry: ConfigEntry, key: str, message: str) -> ConfigProblem:
    """A problem of one key, for which its entry is left out."""
    return ConfigProblem(
        file=entry.file, path=f"{entry.path}.{key}", message=message, weight=Weight.SET_ASIDE
    )
