"""Command `thapcanh map check FILE`: checks a `.pmtiles` file as street map.

The screens' style needs the Protomaps basemap schema; a fault names what is missing and how to cut
the map again (docs/map.md).
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from thapcanh.app.map.archive import MapArchive, MapArchiveError, TileType, read_archive, tile_at
from thapcanh.app.process import exit_codes
from thapcanh.config.camera import CameraConfig

STREETS_FROM_ZOOM = 14
CITY_UP_TO_ZOOM = 11
_LAYERS = ("earth", "water", "roads", "places")
_SHOWN = 3
_MOST_TILES = 200  # of cameras whose tile is opened
Spot = tuple[str, float, float]
"""A camera's id, its latitude and its longitude."""
_VARINT, _I64, _BYTES, _I32 = 0, 1, 2, 5
_LAYER, _NAME, _KEY = 3, 1, 3


def run_map_check(file: Path, config: Path) -> int:
    """Print each fault to standard error, a summary to standard output; 1 with any fault."""
    cameras = _cameras(config)
    archive, faults = _archive_faults(file, cameras or ())
    sys.stderr.write("".join(f"{file}: {fault}\n" for fault in faults))
    if archive is not None:
        sys.stdout.write(f"{file}: {_summary(archive)}{_of_cameras(cameras)}\n")
    return exit_codes.FAILED if faults else exit_codes.OK


def _keys_of_layers(tile: bytes) -> dict[str, frozenset[str]]:
    """Return keys by layer name; raise `ValueError` for an invalid vector tile."""
    found: dict[str, frozenset[str]] = {}
    for number, layer in _fields(tile):
        if number == _LAYER:
            parts = list(_fields(layer))
            names = [text.decode() for part, text in parts if part == _NAME]
            keys = frozenset(text.decode() for part, text in parts if part == _KEY)
            found[names[0] if names else ""] = keys
    return found


def _archive_faults(
    path: Path, cameras: Sequence[CameraConfig]
) -> tuple[MapArchive | None, list[str]]:
    """Return the archive, or None if it is unreadable, and every fault as text."""
    try:
        archive = read_archive(path)
        return archive, list(_faults(archive, cameras))
    except MapArchiveError as error:
        return None, [str(error)]


def placed(cameras: Sequence[CameraConfig]) -> list[Spot]:
    return [
        (camera.id, camera.lat, camera.lon)
        for camera in cameras
        if camera.lat is not None and camera.lon is not None
    ]


def _cameras(config: Path) -> tuple[CameraConfig, ...] | None:
    """Return the site's cameras, or None without a configuration."""
    from thapcanh.app.site.site_file import load_site

    if not config.is_file():
        return None
    site = load_site(config).site
    return None if site is None else site.cameras


def _summary(archive: MapArchive) -> str:
    edges = archive.bounds
    parts = [
        archive.tile_type.value,
        f"zoom {archive.min_zoom} to {archive.max_zoom}",
        f"longitude {edges.west:.4f} to {edges.east:.4f}",
        f"latitude {edges.south:.4f} to {edges.north:.4f}",
        archive.attribution or "no attribution",
    ]
    return ", ".join(parts)


def _of_cameras(cameras: tuple[CameraConfig, ...] | None) -> str:
    if cameras is None:
        return "; no configuration: cameras' places were not compared"
    return f"; {len(placed(cameras))} of {len(cameras)} cameras have a place"


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of each field that holds bytes; skip others."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == _VARINT:
            _, at = _varint(message, at)
        elif kind in (_I64, _I32):
            at += 8 if kind == _I64 else 4
        elif kind == _BYTES:
            length, at = _varint(message, at)
            if at + length > len(message):
                raise ValueError("a field is longer than its tile")
            yield tag >> 3, message[at : at + length]
            at += length
        else:
            raise ValueError(f"a field of the unknown type {kind}")


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """Return the number at an offset, and the offset after it. Raise `ValueError`."""
    value = shift = 0
    while at < len(message) and shift < 64:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise ValueError("a number does not end")


def _faults(archive: MapArchive, cameras: Sequence[CameraConfig]) -> Iterator[str]:
    if archive.tile_type is not TileType.VECTOR:
        yield (
            "holds pictures, not vectors: it is shown as a picture, without names that can be "
            "read at every zoom; a vector extract is cut as docs/map.md says"
            if archive.tile_type is TileType.RASTER
            else "holds tiles of a kind that browsers cannot draw: Mapbox Vector Tiles are needed"
        )
        return
    yield from _zooms(archive)
    if not archive.attribution:
        yield "names no source (attribution): the screens then say © OpenStreetMap"
    yield from _layers(archive)
    yield from _at_cameras(archive, placed(cameras))


def _zooms(archive: MapArchive) -> Iterator[str]:
    if archive.max_zoom < STREETS_FROM_ZOOM:
        yield (
            f"ends at zoom {archive.max_zoom}: small streets begin at {STREETS_FROM_ZOOM}, "
            "cut it with --maxzoom=15"
        )
    if archive.min_zoom > CITY_UP_TO_ZOOM:
        yield (
            f"begins at zoom {archive.min_zoom}: the wall shows the whole city, "
            f"which needs {CITY_UP_TO_ZOOM} or less"
        )


def _layers(archive: MapArchive) -> Iterator[str]:
    missing = [layer for layer in _LAYERS if layer not in archive.fields]
    if missing:
        listed = ", ".join(sorted(archive.fields)) or "none"
        yield (
            f"lists no layer {', '.join(missing)} of the Protomaps basemap schema (its layers: "
            f"{listed}); an extract of another schema is drawn empty"
        )
    elif "name" not in archive.fields["roads"]:
        yield "its layer roads has no field name: streets would have no names"


def _at_cameras(archive: MapArchive, cameras: list[Spot]) -> Iterator[str]:
    edges = archive.bounds
    outside = [camera for camera in cameras if not edges.holds(camera[1], camera[2])]
    if outside:
        yield (
            f"its bounds (longitude {edges.west:.4f} to {edges.east:.4f}, latitude "
            f"{edges.south:.4f} to {edges.north:.4f}) leave out {_some(outside)}"
        )
    inside = [camera for camera in cameras if camera not in outside][:_MOST_TILES]
    empty, nameless = [], []
    for camera in inside:
        tile = tile_at(archive, archive.max_zoom, camera[1], camera[2])
        if tile is None:
            empty.append(camera)
        elif "name" not in _keys(tile).get("roads", frozenset()):
            nameless.append(camera)
    if empty:
        yield f"has no tile at {_some(empty)}: the map is empty there"
    if nameless:
        yield f"has no street with a name around {_some(nameless)}"


def _keys(tile: bytes) -> dict[str, frozenset[str]]:
    try:
        return _keys_of_layers(tile)
    except ValueError as error:  # letters that are no UTF-8, too
        raise MapArchiveError(f"has a tile that is no vector tile: {error}") from error


def _some(cameras: list[Spot]) -> str:
    shown = ", ".join(f"{name} ({lat:.5f}, {lon:.5f})" for name, lat, lon in cameras[:_SHOWN])
    count = "1 camera" if len(cameras) == 1 else f"{len(cameras)} cameras"
    return f"{count}: {shown}" + (" …" if len(cameras) > _SHOWN else "")
