"""An extract of OpenStreetMap as others give it out, drawn here: two streets, a lake, a house."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import osmium
from osmium.osm import Box, Location
from osmium.osm.mutable import Node, Way

Point = tuple[float, float]
"""Latitude, longitude."""
HERE = (21.03, 105.85)
STREETS: Mapping[str, Sequence[Point]] = {
    "Đại Cồ Việt": [(21.03, 105.84), (21.03, 105.86)],
    "Ngõ 12": [(21.02, 105.85), (21.04, 105.85)],
}
SQUARES: Mapping[str, Point] = {"water": (21.0301, 105.8501), "building": (21.0285, 105.8515)}
"""The south-west corner of each: 50 m wide."""


def write_extract(path: Path, *, says_bounds: bool = True, has_coast: bool = False) -> Path:
    """Write the file; `says_bounds` is whether its header names what it covers."""
    header = osmium.io.Header()
    if says_bounds:
        header.add_box(Box(Location(105.83, 21.01), Location(105.87, 21.05)))
    kinds = {"Đại Cồ Việt": "primary", "Ngõ 12": "residential"}
    ways: list[tuple[Sequence[Point], dict[str, str]]] = [
        (line, {"highway": kinds[name], "name": name}) for name, line in STREETS.items()
    ]
    ways.append(([(21.025, 105.84), (21.025, 105.86)], {"waterway": "river", "name": "Tô Lịch"}))
    ways.append((_square(SQUARES["water"]), {"natural": "water", "name": "Hồ Gươm"}))
    ways.append(
        (_square(SQUARES["building"]), {"building": "yes", "amenity": "police", "name": "CA"})
    )
    ways.append(([(40.0, 10.0), (40.1, 10.0)], {"highway": "primary", "name": "elsewhere"}))
    if has_coast:
        ways.append(([(21.02, 105.85), (21.02, 105.86)], {"natural": "coastline"}))
    with osmium.SimpleWriter(str(path), header=header) as writer:
        place = {"place": "suburb", "name": "Cửa Nam"}
        writer.add_node(Node(id=1, location=(HERE[1], HERE[0]), tags=place))
        numbered: list[tuple[list[int], dict[str, str]]] = []
        following = 2
        for points, tags in ways:
            ids: dict[Point, int] = {}
            for lat, lon in points:
                if (lat, lon) not in ids:
                    ids[lat, lon] = following
                    writer.add_node(Node(id=following, location=(lon, lat)))
                    following += 1
            numbered.append(([ids[point] for point in points], tags))
        for number, (refs, tags) in enumerate(numbered, 1):
            writer.add_way(Way(id=number, nodes=refs, tags=tags))
    return path


def _square(corner: Point) -> list[Point]:
    lat, lon = corner
    far = (lat + 0.0005, lon + 0.0005)
    return [(lat, lon), (lat, far[1]), far, (far[0], lon), (lat, lon)]
