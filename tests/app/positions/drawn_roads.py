"""An extract of roads as OpenStreetMap gives them out (PBF), drawn here, and tiles of it."""

import json
import struct
import subprocess
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

Point = tuple[float, float]


def tiles_of(folder: Path, roads: Sequence[Sequence[Point]]) -> Path:
    """The tiles of these roads, each of which goes from point to point; both ways."""
    import valhalla

    extract, tiles = folder / "drawn.osm.pbf", folder / "tiles"
    tiles.mkdir()
    extract.write_bytes(extract_of(roads))
    config = folder / "valhalla.json"
    config.write_text(json.dumps(valhalla.get_config(tile_extract="", tile_dir=str(tiles))))
    builder = Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles"
    command = [str(builder), "-c", str(config), str(extract)]
    subprocess.run(command, check=True, capture_output=True, timeout=120, cwd=folder)
    return tiles


def extract_of(roads: Sequence[Sequence[Point]]) -> bytes:
    """The bytes of a PBF with a node a point and a way a road."""
    points = list(dict.fromkeys(point for road in roads for point in road))
    ids = {point: number for number, point in enumerate(points, 1)}
    texts = [b"", b"highway", b"primary", b"name", *(b"Road %d" % one for one in range(len(roads)))]
    nodes = b"".join(_field(1, _node(ids[point], point)) for point in points)
    ways = b"".join(
        _field(3, _way(number, [ids[point] for point in road], number + 3))
        for number, road in enumerate(roads, 1)
    )
    table = b"".join(_field(1, text) for text in texts)
    block = _field(1, table) + _field(2, nodes) + _field(2, ways)
    header = _field(4, b"OsmSchema-V0.6")
    return _blob(b"OSMHeader", header) + _blob(b"OSMData", block)


def _node(number: int, point: Point) -> bytes:
    lat, lon = (round(one * 1e7) for one in point)
    return _number(1, _zigzag(number)) + _number(8, _zigzag(lat)) + _number(9, _zigzag(lon))


def _way(number: int, refs: Sequence[int], name: int) -> bytes:
    steps = [one - before for one, before in zip(refs, [0, *refs], strict=False)]
    return (
        _number(1, number)
        + _field(2, _packed([1, 3]))
        + _field(3, _packed([2, name]))
        + _field(8, _packed(_zigzag(one) for one in steps))
    )


def _blob(kind: bytes, content: bytes) -> bytes:
    blob = _number(2, len(content)) + _field(3, zlib.compress(content))
    header = _field(1, kind) + _number(3, len(blob))
    return struct.pack(">I", len(header)) + header + blob


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _packed(values: Iterable[int]) -> bytes:
    return b"".join(map(_varint, values))


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


DRAWN: Mapping[str, Point] = {
    "over the river": (21.00, 105.80),
    "fire": (21.00, 105.81),
    "same bank": (21.00, 105.83),
    "bridge west": (21.02, 105.80),
    "bridge east": (21.02, 105.81),
}
"""A river between the first two: the only bridge is 2 km to the north."""
ROADS = (
    [DRAWN["over the river"], DRAWN["bridge west"], DRAWN["bridge east"], DRAWN["fire"]],
    [DRAWN["fire"], DRAWN["same bank"]],
)
