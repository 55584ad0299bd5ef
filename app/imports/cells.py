"""JSON form of table cells between the reading child and its parent."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from thapcanh.alerts.registry.records import EntryKind
from thapcanh.app.registry.import_files import ImportRow, LineProblem

_PLAIN = (str, int, float, bool, type(None))
_TIMES: Mapping[str, type[Any]] = {
    "datetime": datetime,
    "date": date,
    "time": time,
}  # a datetime is a date too


def cells_as_json(cells: Sequence[Any]) -> list[Any]:
    """Return a line's cells; other than text, numbers and times become text."""
    return [_cell_as_json(cell) for cell in cells]


def cells_from_json(cells: Sequence[Any]) -> list[Any]:
    return [_cell_from_json(cell) for cell in cells]


def row_as_json(row: ImportRow) -> dict[str, Any]:
    """Return an entry as JSON, without its columns."""
    return {
        "line": row.line,
        "kind": row.kind.value,
        "table": row.table,
        "problems": [
            {
                "line": problem.line,
                "path": problem.path,
                "message": problem.message,
                "code": problem.code,
                "facts": facts_as_json(problem.facts),
            }
            for problem in row.problems
        ],
    }


def row_from_json(document: Mapping[str, Any], columns: frozenset[str] | None) -> ImportRow:
    return ImportRow(
        line=document["line"],
        kind=EntryKind(document["kind"]),
        table=document["table"],
        columns=columns,
        problems=tuple(LineProblem(**problem) for problem in document["problems"]),
    )


def facts_as_json(facts: Mapping[str, object]) -> dict[str, Any]:
    """Return the facts of a message as JSON; other than text and numbers become text."""
    return {
        name: problem if isinstance(problem, _PLAIN) else str(problem)
        for name, problem in facts.items()
    }


def _cell_as_json(cell: Any) -> Any:
    if isinstance(cell, _PLAIN):
        return cell
    for name, kind in _TIMES.items():
        if isinstance(cell, kind):
            return {name: cell.isoformat()}
    return str(cell)


def _cell_from_json(cell: Any) -> Any:
    if not isinstance(cell, dict):
        return cell
    ((name, text),) = cell.items()
    return _TIMES[name].fromisoformat(text)
