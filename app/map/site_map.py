"""The site's own map, served from its disk: ward outlines, a folder of tiles, or PMTiles."""

import logging
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from thapcanh.app.map.archive import MapArchive, MapArchiveError, TileType, read_archive
from thapcanh.app.web_api.schemas import ApiModel

log = logging.getLogger(__name__)

_TILE_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp"}
_OUTLINES = {".geojson", ".json"}
_PMTILES = ".pmtiles"
TYPES = {
    **_TILE_TYPES,
    **dict.fromkeys(_OUTLINES, "application/geo+json"),
    _PMTILES: "application/octet-stream",
}


class MapKind(StrEnum):
    OUTLINES = "outlines"  # one GeoJSON file
    TILES = "tiles"  # pictures under z/x/y
    PMTILES = "pmtiles"  # the same pictures in one file, read in parts
    VECTOR = "vector"  # streets, water and names in one PMTiles file, drawn by the screen


class MapFacts(ApiModel):
    """Format and path of the map; `path` is below /api/v1/map/, with {z}/{x}/{y} for tiles.

    `version` changes with the file, so that browsers do not mix two maps; `is_drawn` is true of a
    demonstration map.
    """

    kind: MapKind
    path: str
    version: str | None = None
    min_zoom: int | None = None
    max_zoom: int | None = None
    attribution: str | None = None
    is_drawn: bool = False


def map_facts(path: Path | None) -> MapFacts | None:
    """Return the map at the configured path, or None if it is unusable."""
    if path is None:
        return None
    try:
        facts = _tiles(path) if path.is_dir() else _one_file(path)
    except OSError as error:
        log.warning("map %s: %s", path, error.strerror)
        return None
    except MapArchiveError as error:
        log.warning("map %s: %s", path, error)
        return None
    if facts is None:
        log.warning("map %s: neither GeoJSON, nor PMTiles, nor a folder z/x/y.png", path)
    return facts


def map_file(path: Path | None, requested: str) -> Path | None:
    """Return the requested file of the map, or None."""
    if path is None or "\0" in requested or "\\" in requested:
        return None
    root = path.resolve() if path.is_dir() else path.resolve().parent
    try:
        found = (root / requested).resolve()
        usable = found.is_file() and found.suffix.lower() in TYPES
    except (OSError, ValueError):  # ValueError: letters that no file's name can hold
        return None
    if not usable or not found.is_relative_to(root):
        return None
    return found if path.is_dir() or found == path.resolve() else None


def _one_file(path: Path) -> MapFacts | None:
    if not path.is_file():
        raise FileNotFoundError(2, "no such file")
    suffix = path.suffix.lower()
    if suffix in _OUTLINES:
        return MapFacts(kind=MapKind.OUTLINES, path=path.name)
    return _archive(path) if suffix == _PMTILES else None


def _archive(path: Path) -> MapFacts:
    stat = path.stat()
    archive = _cached_archive(path, stat.st_mtime_ns, stat.st_size)
    is_vector = archive.tile_type is TileType.VECTOR
    return MapFacts(
        kind=MapKind.VECTOR if is_vector else MapKind.PMTILES,
        path=path.name,
        version=f"{stat.st_mtime_ns:x}-{stat.st_size:x}",
        min_zoom=archive.min_zoom,
        max_zoom=archive.max_zoom,
        attribution=archive.attribution or None,
        is_drawn=archive.is_drawn,
    )


@lru_cache(maxsize=4)
def _cached_archive(path: Path, changed_ns: int, size_bytes: int) -> MapArchive:
    """Return the archive, cached by path, change time and size."""
    del changed_ns, size_bytes
    return read_archive(path)


def _tiles(folder: Path) -> MapFacts | None:
    zooms = sorted(int(item.name) for item in folder.iterdir() if item.name.isdecimal())
    if not zooms:
        return None
    first = next((folder / str(zooms[0])).glob("*/*.*"), None)
    if first is None or first.suffix.lower() not in _TILE_TYPES:
        return None
    return MapFacts(
        kind=MapKind.TILES,
        path=f"{{z}}/{{x}}/{{y}}{first.suffix}",
        min_zoom=zooms[0],
        max_zoom=zooms[-1],
    )
