"""Problems of a configuration, each with its path and what was expected.

Messages never contain values, since any may be a secret.
"""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

_EXPECTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "model_type": "a table",
    "dict_type": "a table",
    "model_attributes_type": "a table",
    "path_type": "a path",
}
_TAGS = frozenset({"str", "tuple"})
_PATTERNS = {
    r"^[0-9a-f]{64}$": "64 hexadecimal digits (a sha256)",
    r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$": "1 to 64 letters, digits, dots, dashes or underscores",
}


class Weight(StrEnum):
    """Effect of a problem."""

    FATAL = "fatal"  # nothing can start
    SET_ASIDE = "set_aside"  # this camera or rule does not run, the rest do
    WITHOUT = "without"  # this camera runs, without the place that is written wrongly


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigProblem:
    """Finding printed as `file: path: message`."""

    file: str
    path: str
    message: str
    weight: Weight

    def __str__(self) -> str:
        where = f"{self.file}: {self.path}" if self.path else self.file
        return f"{where}: {self.message}"


class ConfigError(Exception):
    """Failure to start; `problems` lists every reason."""

    def __init__(self, problems: tuple[ConfigProblem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def explain(
    error: ValidationError,
    table: dict[str, Any],
    model: type[BaseModel] | None,
    *,
    is_tagged: bool = False,
) -> list[tuple[str, str]]:
    """Return (path below the table, message) for each finding, in the order of the file.

    With `is_tagged` each path starts with the tag of the model.
    """
    return [
        (_path(detail["loc"][1:] if is_tagged else detail["loc"], table), _message(detail, model))
        for detail in error.errors(include_url=False, include_input=False)
    ]


def _path(loc: Sequence[int | str], table: Any) -> str:
    """`zones.gate.polygon` rather than `zones[0].polygon` where the item has an id."""
    parts: list[str] = []
    local = table
    for step in loc:
        if isinstance(step, int):
            item = local[step] if isinstance(local, list) and step < len(local) else None
            name = item.get("id") if isinstance(item, dict) else None
            parts.append(f".{name}" if isinstance(name, str) else f"[{step}]")
            local = item
        elif isinstance(local, dict) and (step in local or _is_key(step)):
            parts.append(f".{step}")
            local = local.get(step)
    return "".join(parts).lstrip(".")


def _is_key(step: str) -> bool:
    """Return whether a step is a key, not a union tag such as `is-instance[…]`."""
    return step.isidentifier() and step not in _TAGS


def _message(detail: ErrorDetails, model: type[BaseModel] | None) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        return _unlisted_key(str(detail["loc"][-1]), len(detail["loc"]) == 1, model)
    if kind == "missing":
        return "missing, but required"
    if kind == "value_error":
        return detail["msg"].removeprefix("Value error, ")
    if kind == "string_pattern_mismatch":
        return f"expected {_PATTERNS.get(context['pattern'], context['pattern'])}"
    if kind in _EXPECTED:
        return f"wrong type, expected {_EXPECTED[kind]}"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return f"unknown kind of rule, expected {context.get('expected_tags', 'kind = …')}"
    return detail["msg"][0].lower() + detail["msg"][1:]


def _unlisted_key(key: str, top: bool, model: type[BaseModel] | None) -> str:
    existing = list(model.model_fields) if model is not None and top else []
    nearest = difflib.get_close_matches(key, existing, n=1)
    return f"unknown key, did you mean {nearest[0]!r}?" if nearest else "unknown key"
