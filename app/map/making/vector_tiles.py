"""Cuts features of the Protomaps schema into tiles of a PMTiles archive (Mapbox Vector Tiles).

A tile's features are cut out of those of the tile above it, so that what has to be looked at gets
less with every zoom. The same features give the same bytes.
"""

import gzip
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import numpy as np
import shapely
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from thapcanh.app.map.archive import Bounds
from thapcanh.config.files import whole_file

EARTH, LANDUSE, WATER, ROADS, BUILDINGS, PLACES, POIS = (
    "earth", "landuse", "water", "roads", "buildings", "places", "pois"
)  # fmt: skip
LAYERS = (EARTH, LANDUSE, WATER, ROADS, BUILDINGS, PLACES, POIS)


@dataclass(frozen=True, slots=True)
class MapFeature:
    """`facts` are what the style reads: `kind`, `name` and others; shown from `min_zoom` on."""

    layer: str
    min_zoom: int
    facts: dict[str, Any]
    shape: shapely.Geometry


def mercator(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a shape in degrees (longitude, latitude) as shares of the world."""
    return shapely.transform(shape, _shares)


def _shares(degrees: Any) -> Any:
    lon, lat = degrees[:, 0], np.radians(degrees[:, 1])
    return np.column_stack(((lon + 180) / 360, (1 - np.arcsinh(np.tan(lat)) / math.pi) / 2))


EXTENT = 4096
_MARGIN = 64 / EXTENT  # of a tile: lines go on beyond its edge, so that no seam is seen
_FINEST = 2 / EXTENT  # of a tile: what a line may be off, and how small a surface is left out
_FIELDS = {"name": "String", "kind": "String", "kind_detail": "String", "min_zoom": "Number"}
_LINES_AND_SURFACES = {"Polygon", "MultiPolygon", "LineString", "MultiLineString"}
_POINTS = {"Point", "MultiPoint"}

Window = tuple[float, float, float, float]
"""West, north, east, south in shares of the world."""
Tile = tuple[int, int, int]
"""Zoom, column, row."""


def write_archive(
    path: Path, features: Sequence[MapFeature], bounds: Bounds, zooms: range, about: dict[str, Any]
) -> int:
    """Write the archive, whole or not at all; return how many tiles it has.

    `about` goes into its metadata: name, description, attribution.
    """
    tiles = {
        zxy_to_tileid(*tile): gzip.compress(content, mtime=0)
        for tile, content in tiles_of(features, bounds, zooms)
    }
    header = {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": round(bounds.west * 1e7),
        "min_lat_e7": round(bounds.south * 1e7),
        "max_lon_e7": round(bounds.east * 1e7),
        "max_lat_e7": round(bounds.north * 1e7),
        "center_zoom": zooms[-1] - 1,
    }
    there = {feature.layer for feature in features}
    layers = [{"id": layer, "fields": _FIELDS} for layer in LAYERS if layer in there]
    with whole_file(path) as draft, draft.open("wb") as file:
        writer = Writer(file)
        for tile_id in sorted(tiles):
            writer.write_tile(tile_id, tiles[tile_id])
        writer.finalize(header, {**about, "vector_layers": layers})
    return len(tiles)


def tiles_of(
    features: Sequence[MapFeature], bounds: Bounds, zooms: range
) -> Iterator[tuple[Tile, bytes]]:
    """Yield each non-empty tile of these zooms within the bounds."""
    edges = mercator(shapely.box(bounds.west, bounds.south, bounds.east, bounds.north)).bounds
    yield from _below((0, 0, 0), features, edges, zooms)


def _below(
    tile: Tile, features: Sequence[MapFeature], edges: Window, zooms: range
) -> Iterator[tuple[Tile, bytes]]:
    zoom, x, y = tile
    if not _meet(_window(tile, 0.0), edges):
        return
    inside = _cut(features, _window(tile, _MARGIN))
    if not inside:
        return
    if zoom in zooms and (content := _encoded(tile, inside)) is not None:
        yield tile, content
    if zoom < zooms[-1]:
        for child in (
            (2 * x, 2 * y),
            (2 * x + 1, 2 * y),
            (2 * x, 2 * y + 1),
            (2 * x + 1, 2 * y + 1),
        ):
            yield from _below((zoom + 1, *child), inside, edges, zooms)


def _window(tile: Tile, margin: float) -> Window:
    zoom, x, y = tile
    across = 2**zoom
    return (
        (x - margin) / across,
        (y - margin) / across,
        (x + 1 + margin) / across,
        (y + 1 + margin) / across,
    )


def _meet(item: Window, other: Window) -> bool:
    return (
        item[0] <= other[2] and other[0] <= item[2] and item[1] <= other[3] and other[1] <= item[3]
    )


def _cut(features: Sequence[MapFeature], window: Window) -> list[MapFeature]:
    remaining = []
    for feature in features:
        west, north, east, south = feature.shape.bounds
        if not _meet((west, north, east, south), window):
            continue
        if west < window[0] or north < window[1] or east > window[2] or south > window[3]:
            shape = shapely.clip_by_rect(feature.shape, *window)
            if shape.is_empty:
                continue
            feature = MapFeature(feature.layer, feature.min_zoom, feature.facts, shape)  # noqa: PLW2901
        remaining.append(feature)
    return remaining


def _encoded(tile: Tile, features: Sequence[MapFeature]) -> bytes | None:
    west, north, east, _ = _window(tile, 0.0)
    layers = defaultdict(list)

    def in_steps(shares: Any) -> Any:
        return np.round((shares - (west, north)) * (EXTENT / (east - west)))

    for feature in features:
        shape = _at_zoom(feature, tile[0])
        if shape is not None:
            drawn = {"geometry": shapely.transform(shape, in_steps), "properties": feature.facts}
            layers[feature.layer].append(drawn)
    if not layers:
        return None
    content = [{"name": name, "features": layers[name]} for name in sorted(layers)]
    # Our y grows downwards already; without the last option the library turns it over.
    options = {"extents": EXTENT, "y_coord_down": True}
    data: bytes = mapbox_vector_tile.encode(content, default_options=options)
    return data


def _at_zoom(feature: MapFeature, zoom: int) -> shapely.Geometry | None:
    """Return the shape simplified for a zoom; None if it is not shown."""
    if feature.min_zoom > zoom:
        return None
    shape, finest = feature.shape, _FINEST / 2**zoom
    if shape.geom_type in _POINTS:
        return shape
    if shape.geom_type not in _LINES_AND_SURFACES:
        return None  # what is left of a shape that crosses itself
    west, north, east, south = shape.bounds
    if max(east - west, south - north) < finest:
        return None
    shape = shapely.simplify(shape, finest / 2, preserve_topology=False)
    return None if shape.is_empty else shape
