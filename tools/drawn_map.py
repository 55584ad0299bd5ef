"""Draws the demo's vector map from `tools/drawn_map.geojson`: `python -m tools.drawn_map`."""

import json
from pathlib import Path

from shapely.geometry import shape

from thapcanh.app.map.archive import DRAWN, Bounds
from thapcanh.app.map.making.vector_tiles import MapFeature, mercator, write_archive

SOURCE = Path(__file__).with_suffix(".geojson")
TARGET = Path(__file__).parents[1] / "app" / "map" / "drawn" / "hoan-kiem.pmtiles"
ZOOMS = range(11, 16)
BOUNDS = Bounds(west=105.825, south=21.000, east=105.885, north=21.055)
ABOUT = {
    "name": "Hoàn Kiếm, vẽ minh họa",
    "description": "Drawn by hand for a demonstration; no survey.",
    "attribution": "Bản đồ vẽ minh họa, không dùng để dẫn đường",
    DRAWN: True,
}


def main() -> None:
    drawn = json.loads(SOURCE.read_text(encoding="utf-8"))["features"]
    features = [_feature(item["properties"], shape(item["geometry"])) for item in drawn]
    tiles = write_archive(TARGET, features, BOUNDS, ZOOMS, ABOUT)
    print(f"{TARGET}: {tiles} tiles, {TARGET.stat().st_size} bytes")  # noqa: T201 a command


def _feature(properties: dict[str, object], drawn: object) -> MapFeature:
    facts = {key: value for key, value in properties.items() if key != "layer"}
    first = int(str(facts.get("min_zoom", 0)))
    return MapFeature(str(properties["layer"]), first, facts, mercator(drawn))


if __name__ == "__main__":
    main()
