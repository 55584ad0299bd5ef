"""Truth tables: a CSV file in, its lines out as dictionaries; what is wrong is named by line."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Item = TypeVar("Item")
Line = dict[str, str | None]


class TruthError(Exception):
    """The truth table cannot be used; the message names the line."""


def read_lines(path: Path, item: Callable[[Line, list[str]], Item]) -> list[Item]:
    """Return every line as parsed by `item`; raises `TruthError` with all errors."""
    try:
        with path.open(encoding="utf-8", newline="") as handle:
            lines = list(csv.DictReader(handle))
    except OSError as error:
        raise TruthError(f"{path}: cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise TruthError(f"{path}: cannot be read as CSV in UTF-8: {error}") from None
    problems = [] if lines else [f"{path}: no clips in it"]
    items = []
    for number, line in enumerate(lines, start=2):
        wrong: list[str] = []
        items.append(item(line, wrong))
        problems += [f"{path}: line {number}: {problem}" for problem in wrong]
    if problems:
        raise TruthError("\n".join(problems))
    return items


def number_in(line: Line, column: str, wrong: list[str]) -> float | None:
    """Return the number in a column; None if empty, or invalid (then added to `wrong`)."""
    text = (line.get(column) or "").strip()
    try:
        return float(text) if text else None
    except ValueError:
        wrong.append(f"{column} is {text!r}, expected a number")
        return None
