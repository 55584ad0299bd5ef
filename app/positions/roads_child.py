"""Child process that finds routes by road in Valhalla's tiles (argument `TILES`)."""

import json
import sys
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import Any

Query = Callable[[dict[str, Any]], dict[str, Any]]
_MOST_POINTS = 2000


def main(tiles: Path) -> None:
    """Answer until the input ends."""
    matrix, route = _open(tiles)
    for line in sys.stdin:
        question = json.loads(line)
        answer: dict[str, Any] = {"id": question["id"]}
        if "route" in question:
            answer["route"] = _route(route, *question["route"])
        else:
            answer["ways"] = _ways(matrix, question)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _open(tiles: Path) -> tuple[Query, Query]:
    from valhalla import Actor, get_config

    folder, extract = (str(tiles), "") if tiles.is_dir() else ("", str(tiles))
    actor = Actor(get_config(tile_dir=folder, tile_extract=extract, verbose=False))
    return actor.matrix, actor.route


def _route(
    route: Query, start: list[float], end: list[float]
) -> tuple[float, float, list[tuple[float, float]]] | None:
    """Return seconds, metres and points of a route; None if no road is known."""
    places = [{"lat": lat, "lon": lon} for lat, lon in (start, end)]
    request = {"locations": places, "costing": "auto", "units": "kilometers"}
    try:
        trip = route(request | {"directions_type": "none"})["trip"]
    except RuntimeError:
        return None
    points = [point for leg in trip["legs"] for point in _points(leg["shape"])]
    every = len(points) // _MOST_POINTS + 1
    summary = trip["summary"]
    return summary["time"], summary["length"] * 1000.0, [*points[::every], points[-1]]


def _points(shape: str) -> list[tuple[float, float]]:
    """Return the points of a polyline with six decimals: deltas, five bits a letter."""
    numbers, value, shift = [], 0, 0
    for letter in shape:
        bits = ord(letter) - 63
        value |= (bits & 0x1F) << shift
        shift += 5
        if bits < 0x20:
            numbers.append(~(value >> 1) if value & 1 else value >> 1)
            value, shift = 0, 0
    lats, lons = accumulate(numbers[::2]), accumulate(numbers[1::2])
    return [(lat / 1e6, lon / 1e6) for lat, lon in zip(lats, lons, strict=True)]


def _ways(matrix: Query, question: dict[str, Any]) -> list[list[float] | None]:
    """Return seconds and metres from each source to the target; None if no road is known."""
    request = {
        "sources": [{"lat": lat, "lon": lon} for lat, lon in question["from"]],
        "targets": [{"lat": question["to"][0], "lon": question["to"][1]}],
        "costing": "auto",
        "units": "kilometers",
        "verbose": True,
    }
    try:
        rows = matrix(request)["sources_to_targets"]
    except RuntimeError:  # a place far from any road of the tiles
        return [None for _ in question["from"]]
    return [_way(row[0]) for row in rows]


def _way(cell: dict[str, Any]) -> list[float] | None:
    seconds, kilometres = cell.get("time"), cell.get("distance")
    return None if seconds is None or kilometres is None else [seconds, kilometres * 1000.0]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
