"""Small PMTiles archives that the tests write themselves."""

import gzip
from pathlib import Path
from typing import Any

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from thapcanh.app.map.archive import tile_of

HERE = (21.03, 105.85)
SCHEMA = {layer: {"name": "String"} for layer in ("earth", "water", "roads", "places")}


def vector_tile(*layers: tuple[str, tuple[str, ...]]) -> bytes:
    """A tile of these layers, each with these keys and no features."""

    def field(number: int, content: bytes) -> bytes:
        return bytes([number << 3 | 2, len(content)]) + content

    return b"".join(
        field(
            3, b"\x78\x02" + field(1, name.encode()) + b"".join(field(3, k.encode()) for k in keys)
        )
        for name, keys in layers
    )


NAMED = vector_tile(("roads", ("kind", "name")), ("water", ("kind",)))


def written(
    path: Path, tile: bytes = NAMED, zooms: tuple[int, int] = (8, 15), **changes: Any
) -> Path:
    """An archive with one tile a zoom, around `HERE`; `changes` are of its header."""
    metadata = changes.pop("metadata", {})
    header = {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": 1057000000,
        "min_lat_e7": 209000000,
        "max_lon_e7": 1059000000,
        "max_lat_e7": 211000000,
    } | changes
    layers = [{"id": name, "fields": fields} for name, fields in SCHEMA.items()]
    known = {"attribution": "<a href='x'>© OpenStreetMap</a>", "vector_layers": layers}
    with path.open("wb") as file:
        writer = Writer(file)
        for zoom in range(zooms[0], zooms[1] + 1):
            writer.write_tile(zxy_to_tileid(zoom, *tile_of(zoom, *HERE)), gzip.compress(tile))
        writer.finalize(header, known | metadata)
    return path
