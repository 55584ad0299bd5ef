"""Reader of a PMTiles archive: header, metadata, and one tile."""

import json
import math
import re
import zlib
from dataclasses import dataclass
from enum import StrEnum
from html import unescape
from pathlib import Path
from typing import Any

_LARGEST_JSON_BYTES = 8_000_000
_LARGEST_DIRECTORY_BYTES = 16_000_000
_LARGEST_TILE_BYTES = 8_000_000
_MAGIC = b"PMTiles"
_VERSION = 3
_HEADER_BYTES = 127
_DEPTHS = 4  # a root and at most three levels of leaf directories
_NO_COMPRESSION, _GZIP = 1, 2
_TAG = re.compile(r"<[^>]*>")
DRAWN = "thapcanh:drawn"
"""Key of the metadata: true where the map was drawn for a demonstration and shows no survey."""


class MapArchiveError(Exception):
    """An unusable PMTiles archive; the message says why."""


class TileType(StrEnum):
    """Format of the tiles."""

    VECTOR = "vector"  # Mapbox Vector Tiles
    RASTER = "raster"  # pictures
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """A rectangle in degrees."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lat: float, lon: float) -> bool:
        """Return True if the point lies in it."""
        return self.south <= lat <= self.north and self.west <= lon <= self.east


@dataclass(frozen=True, slots=True, kw_only=True)
class MapArchive:
    """Metadata of an archive; `fields` are those of each vector layer."""

    path: Path
    tile_type: TileType
    min_zoom: int
    max_zoom: int
    bounds: Bounds
    attribution: str
    is_drawn: bool
    fields: dict[str, frozenset[str]]
    header: dict[str, Any]


def read_archive(path: Path) -> MapArchive:
    """Read header and metadata; raise `MapArchiveError` when they cannot be read."""
    header = _header(path)
    metadata = _metadata(path, header)
    degrees = [header[f"{edge}_e7"] / 1e7 for edge in ("min_lon", "min_lat", "max_lon", "max_lat")]
    return MapArchive(
        path=path,
        tile_type=_tile_type(int(header["tile_type"].value)),
        min_zoom=header["min_zoom"],
        max_zoom=header["max_zoom"],
        bounds=Bounds(west=degrees[0], south=degrees[1], east=degrees[2], north=degrees[3]),
        attribution=plain_text(metadata.get("attribution")),
        is_drawn=metadata.get(DRAWN) is True,
        fields=_fields(metadata.get("vector_layers")),
        header=header,
    )


def tile_at(archive: MapArchive, zoom: int, lat: float, lon: float) -> bytes | None:
    """Return the decompressed tile of a place and zoom, or None."""
    from pmtiles.tile import deserialize_directory, find_tile, zxy_to_tileid

    header = archive.header
    tile_id = zxy_to_tileid(zoom, *tile_of(zoom, lat, lon))
    offset, length = header["root_offset"], header["root_length"]
    try:
        for _ in range(_DEPTHS):
            packed = _part(archive.path, offset, length, _LARGEST_DIRECTORY_BYTES)
            found = find_tile(deserialize_directory(packed), tile_id)
            if found is None:
                return None
            if found.run_length > 0:
                at = header["tile_data_offset"] + found.offset
                packed = _part(archive.path, at, found.length, _LARGEST_TILE_BYTES)
                return _unpacked(packed, header["tile_compression"].value, _LARGEST_TILE_BYTES)
            offset, length = header["leaf_directory_offset"] + found.offset, found.length
    except (OSError, EOFError, ValueError, IndexError, zlib.error) as error:
        raise MapArchiveError(f"its directory of tiles is damaged: {error}") from error
    raise MapArchiveError("its directory of tiles is damaged: too deep")


def tile_of(zoom: int, lat: float, lon: float) -> tuple[int, int]:
    """Column and row of the web Mercator tile with this place."""
    across = 2**zoom
    rad = math.radians(lat)
    row = (1 - math.asinh(math.tan(rad)) / math.pi) / 2
    return (
        min(across - 1, max(0, int((lon + 180) / 360 * across))),
        min(across - 1, max(0, int(row * across))),
    )


def plain_text(html: object) -> str:
    """Return the text of an HTML attribution line; empty if it is no text."""
    if not isinstance(html, str):
        return ""
    return " ".join(unescape(_TAG.sub(" ", html)).split())[:200]


def _header(path: Path) -> dict[str, Any]:
    from pmtiles.tile import deserialize_header

    try:
        with path.open("rb") as file:
            start = file.read(_HEADER_BYTES)
    except OSError as error:
        raise MapArchiveError(f"cannot be read: {error.strerror}") from error
    if not start.startswith(_MAGIC):
        raise MapArchiveError("is no PMTiles archive: it does not begin with the word PMTiles")
    if len(start) < _HEADER_BYTES:
        raise MapArchiveError(f"is cut off: {len(start)} bytes, the header alone has 127")
    if start[7] != _VERSION:
        raise MapArchiveError(
            f"is PMTiles version {start[7]}, version 3 is needed: `pmtiles convert` makes it"
        )
    try:
        header: dict[str, Any] = deserialize_header(start)
    except ValueError as error:  # a code of compression or tile type that does not exist
        raise MapArchiveError(f"has a damaged header: {error}") from error
    end = header["tile_data_offset"] + header["tile_data_length"]
    size = path.stat().st_size
    if size < end:
        raise MapArchiveError(f"is cut off: {size} bytes, its header speaks of {end}")
    return header


def _metadata(path: Path, header: dict[str, Any]) -> dict[str, Any]:
    compression = header["internal_compression"].value
    try:
        packed = _part(
            path, header["metadata_offset"], header["metadata_length"], _LARGEST_JSON_BYTES
        )
        found = json.loads(_unpacked(packed, compression, _LARGEST_JSON_BYTES))
    except (OSError, ValueError, zlib.error) as error:
        raise MapArchiveError(f"has damaged metadata: {error}") from error
    return found if isinstance(found, dict) else {}


def _part(path: Path, offset: int, length: int, most: int) -> bytes:
    if length > most:
        raise ValueError(f"a part of {length} bytes, at most {most} are read")
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(length)


def _unpacked(data: bytes, compression: int, most: int) -> bytes:
    if compression == _NO_COMPRESSION:
        return data
    if compression != _GZIP:
        raise ValueError("compressed in another way than gzip, which browsers cannot read")
    unpacker = zlib.decompressobj(wbits=31)
    out = unpacker.decompress(data, most)
    if unpacker.unconsumed_tail:
        raise ValueError(f"unpacks to more than {most} bytes")
    return out


def _tile_type(code: int) -> TileType:
    if code == 1:
        return TileType.VECTOR
    return TileType.RASTER if 2 <= code <= 5 else TileType.UNKNOWN


def _fields(layers: object) -> dict[str, frozenset[str]]:
    if not isinstance(layers, list):
        return {}
    return {
        str(layer["id"]): frozenset(map(str, layer.get("fields") or ()))
        for layer in layers
        if isinstance(layer, dict) and "id" in layer
    }
