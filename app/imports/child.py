"""Child process that reads one file and writes its rows as lines of JSON."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, TypedDict

from thapcanh.app.imports.cells import cells_as_json, facts_as_json, row_as_json
from thapcanh.app.registry.import_files import ImportUnreadable, read_lines, read_rows

_PLACE = ("lat", "lon", "outline")
_MOST_COLUMNS = 200
_MOST_DEGREES = 1e9  # what is none is judged, and told, with its line


class ReadingJob(TypedDict):
    """Job: the `rows` of a registry, or the `lines` of a table, at most `most`."""

    what: str
    form: str
    most: int


def main(input_: IO[bytes], output: IO[bytes]) -> None:
    job: ReadingJob = json.loads(input_.readline())
    content = input_.read()
    try:
        count = _read(job, content, output)
    except ImportUnreadable as error:
        _write_line(output, "unreadable", code=error.code, facts=facts_as_json(error.facts))
    except (MemoryError, RecursionError):
        _write_line(output, "unreadable", code="takes_too_much", facts={})
    else:
        _write_line(output, "done", count=count)
    output.flush()


def _read(job: ReadingJob, content: bytes, output: IO[bytes]) -> int:
    if job["what"] == "lines":
        if job["form"] == "geojson":
            lines = geojson_lines(content, job["most"])
        else:
            lines = read_lines(content, job["form"], job["most"])
        for number, cells in lines:
            _write_line(output, "line", number=number, cells=cells_as_json(cells))
        return len(lines)
    rows = read_rows(content, job["form"])
    for index, row in enumerate(rows):
        if not index:
            columns = None if row.columns is None else sorted(row.columns)
            _write_line(output, "columns", columns=columns)
        _write_line(output, "row", **row_as_json(row))
    return len(rows)


def _write_line(output: IO[bytes], phase: str, **facts: Any) -> None:
    output.write(json.dumps({"phase": phase, **facts}).encode() + b"\n")


def geojson_lines(content: bytes, most: int) -> list[tuple[int, Sequence[Any]]]:
    """Return the numbered lines, at most `most`. Raises `ImportUnreadable`."""
    features = _features(content)
    if len(features) >= most:
        raise ImportUnreadable("too_many_lines", most=most)
    facts = [_properties(item) for item in features]
    names = list(dict.fromkeys(name for item in facts for name in item))[:_MOST_COLUMNS]
    columns = [name for name in names if name not in _PLACE]
    lines: list[tuple[int, Sequence[Any]]] = [(1, [*columns, *_PLACE])]
    for number, (feature, properties) in enumerate(zip(features, facts, strict=True), 2):
        cells = [_cell(properties.get(name)) for name in columns]
        lines.append((number, [*cells, *_placed(feature)]))
    return lines


def _features(content: bytes) -> list[Any]:
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise ImportUnreadable("not_geojson") from None
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise ImportUnreadable("not_geojson")
    return features


def _properties(feature: Any) -> Mapping[str, Any]:
    found = feature.get("properties") if isinstance(feature, dict) else None
    return found if isinstance(found, dict) else {}


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return "; ".join(map(_part, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value


def _part(value: Any) -> str:
    """Return a list item as text; a contact's parts in column order."""
    if isinstance(value, dict):
        return " | ".join(str(value.get(name) or "") for name in ("name", "phone", "role", "hours"))
    return str(value)


def _placed(feature: Any) -> tuple[Any, Any, Any]:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    corners = list(_corners(geometry.get("coordinates"))) if isinstance(geometry, dict) else []
    if not corners:
        return None, None, None
    lon = sum(item[0] for item in corners) / len(corners)
    lat = sum(item[1] for item in corners) / len(corners)
    if kind not in ("Polygon", "MultiPolygon"):
        return lat, lon, None
    return lat, lon, json.dumps([(north, east) for east, north in corners])


def _corners(value: Any) -> Iterator[tuple[float, float]]:
    """Yield the points of a geometry; of an outline, its first ring."""
    if not isinstance(value, list) or not value:
        return
    if len(value) >= 2 and all(_is_number(item) for item in value[:2]):
        yield float(value[0]), float(value[1])
    elif all(isinstance(item, list) and item and _is_number(item[0]) for item in value):
        ring = value[:-1] if len(value) > 3 and value[0] == value[-1] else value
        for item in ring:
            yield from _corners(item)
    else:
        yield from _corners(value[0])


def _is_number(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) < _MOST_DEGREES  # no NaN, and no whole number of 400 digits


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout.buffer)
