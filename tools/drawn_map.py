# /// script
# requires-python = ">=3.11"
# dependencies = ["mapbox-vector-tile>=2.2,<3", "pmtiles>=3.4,<4", "shapely>=2.1"]
# ///
"""Draws the demo's vector map from `tools/drawn_map.geojson`: `uv run tools/drawn_map.py`.

The lines were drawn by hand from memory, for a demonstration: no survey, no other map's data. The
tiles have the Protomaps basemap schema, so the screens draw them as they draw a real extract. The
same input gives the same bytes.
"""

import gzip
import json
import math
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mapbox_vector_tile
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from shapely import Geometry, box, transform
from shapely.geometry import shape

SOURCE = Path(__file__).with_suffix(".geojson")
TARGET = Path(__file__).parents[1] / "app" / "map" / "drawn" / "hoan-kiem.pmtiles"
ZOOMS = range(11, 16)
WEST, SOUTH, EAST, NORTH = 105.825, 21.000, 105.885, 21.055
EXTENT = 4096
MARGIN = 64 / EXTENT  # of a tile: lines go on beyond its edge, so that no seam is seen
FIELDS = {"name": "String", "kind": "String", "kind_detail": "String", "min_zoom": "Number"}


def main() -> None:
    """Write the archive."""
    features = [
        (one["properties"], transform(shape(one["geometry"]), _mercator, include_z=False))
        for one in json.loads(SOURCE.read_text(encoding="utf-8"))["features"]
    ]
    tiles = {
        zxy_to_tileid(zoom, x, y): gzip.compress(data, mtime=0)
        for zoom, x, y in _tiles()
        if (data := _tile(zoom, x, y, features)) is not None
    }
    with TARGET.open("wb") as file:
        writer = Writer(file)
        for tile_id in sorted(tiles):
            writer.write_tile(tile_id, tiles[tile_id])
        writer.finalize(_header(), _metadata(features))
    print(f"{TARGET}: {len(tiles)} tiles, {TARGET.stat().st_size} bytes")  # noqa: T201 a command


def _mercator(degrees: Any) -> Any:
    """Web Mercator in shares of the world, 0..1, y downwards."""
    out = degrees.copy()
    for i, (lon, lat) in enumerate(degrees):
        out[i] = ((lon + 180) / 360, (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2)
    return out


def _tiles() -> Iterator[tuple[int, int, int]]:
    import numpy as np

    (left, bottom), (right, top) = _mercator(np.array([[WEST, SOUTH], [EAST, NORTH]]))
    for zoom in ZOOMS:
        across = 2**zoom
        for x in range(int(left * across), int(right * across) + 1):
            for y in range(int(top * across), int(bottom * across) + 1):
                yield zoom, x, y


def _tile(
    zoom: int, x: int, y: int, features: list[tuple[dict[str, Any], Geometry]]
) -> bytes | None:
    across = 2**zoom
    bounds = (x / across, y / across, (x + 1) / across, (y + 1) / across)
    margin = MARGIN / across
    window = box(bounds[0] - margin, bounds[1] - margin, bounds[2] + margin, bounds[3] + margin)
    layers = defaultdict(list)
    for properties, geometry in features:
        if properties.get("min_zoom", 0) > zoom or not geometry.intersects(window):
            continue
        known = {key: value for key, value in properties.items() if key != "layer"}
        layers[properties["layer"]].append(
            {"geometry": geometry.intersection(window), "properties": known}
        )
    if not layers:
        return None
    content = [{"name": name, "features": layers[name]} for name in sorted(layers)]
    # Our y grows downwards already; without the last option the library turns it over.
    options = {"quantize_bounds": bounds, "extents": EXTENT, "y_coord_down": True}
    data: bytes = mapbox_vector_tile.encode(content, default_options=options)
    return data


def _header() -> dict[str, Any]:
    return {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": round(WEST * 1e7),
        "min_lat_e7": round(SOUTH * 1e7),
        "max_lon_e7": round(EAST * 1e7),
        "max_lat_e7": round(NORTH * 1e7),
        "center_zoom": 14,
    }


def _metadata(features: list[tuple[dict[str, Any], Geometry]]) -> dict[str, Any]:
    layers = sorted({properties["layer"] for properties, _ in features})
    return {
        "name": "Hoàn Kiếm, vẽ minh họa",
        "description": "Drawn by hand for a demonstration; no survey.",
        "attribution": "Bản đồ vẽ minh họa, không dùng để dẫn đường",
        "thapcanh:drawn": True,
        "vector_layers": [{"id": layer, "fields": FIELDS} for layer in layers],
    }


if __name__ == "__main__":
    main()
