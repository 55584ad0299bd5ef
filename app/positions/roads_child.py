"""`python -m app.positions.roads_child TILES`: answers ways by road, from tiles of Valhalla.

A process of its own, for the library is another's C++: what ends it ends no centre. Each line of
the input is a question with an `id`, each answer a line with the same.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Matrix = Callable[[dict[str, Any]], dict[str, Any]]


def main(tiles: Path) -> None:
    """Answer until the input ends."""
    matrix = _open(tiles)
    for line in sys.stdin:
        question = json.loads(line)
        answer = {"id": question["id"], "ways": _ways(matrix, question)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _open(tiles: Path) -> Matrix:
    from valhalla import Actor, get_config

    folder, extract = (str(tiles), "") if tiles.is_dir() else ("", str(tiles))
    actor = Actor(get_config(tile_dir=folder, tile_extract=extract, verbose=False))
    found: Matrix = actor.matrix
    return found


def _ways(matrix: Matrix, question: dict[str, Any]) -> list[list[float] | None]:
    """Seconds and metres from each source to the target; None where no road is known."""
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
