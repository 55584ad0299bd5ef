"""Selection of OpenStreetMap features for the map, with their lowest zoom."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import osmium
import shapely

from thapcanh.app.map.archive import Bounds
from thapcanh.app.map.making.vector_tiles import (
    BUILDINGS,
    EARTH,
    LANDUSE,
    PLACES,
    POIS,
    ROADS,
    WATER,
    MapFeature,
    mercator,
)

Tags = Mapping[str, str]
_Kind = tuple[str, int, dict[str, Any]]  # layer, first zoom, facts beside the name

_ROADS = {
    "motorway": ("highway", 6), "trunk": ("highway", 6), "primary": ("major_road", 8),
    "secondary": ("major_road", 10), "tertiary": ("major_road", 11),
    "residential": ("minor_road", 13), "unclassified": ("minor_road", 13),
    "living_street": ("minor_road", 13), "road": ("minor_road", 13), "service": ("minor_road", 14),
    "pedestrian": ("path", 13), "footway": ("path", 15), "path": ("path", 15),
    "steps": ("path", 15), "cycleway": ("path", 15), "track": ("path", 14),
}  # fmt: skip
_RAILS = {"rail": 11, "light_rail": 12, "subway": 12, "tram": 13}
_WATERWAYS = {"river": 9, "canal": 11, "stream": 14, "ditch": 15, "drain": 15}
_PLACES = {
    "city": ("locality", 6, 11), "town": ("locality", 9, 8), "village": ("locality", 12, 5),
    "suburb": ("neighbourhood", 12, 5), "quarter": ("neighbourhood", 13, 4),
    "neighbourhood": ("neighbourhood", 14, 3), "hamlet": ("neighbourhood", 14, 3),
}  # fmt: skip
_GROUND = {
    ("leisure", "park"): "park", ("leisure", "garden"): "park",
    ("leisure", "playground"): "playground",
    ("leisure", "nature_reserve"): "nature_reserve", ("leisure", "golf_course"): "golf_course",
    ("landuse", "cemetery"): "cemetery", ("landuse", "forest"): "forest",
    ("landuse", "grass"): "grass", ("landuse", "industrial"): "industrial",
    ("landuse", "military"): "military", ("landuse", "village_green"): "village_green",
    ("natural", "wood"): "wood", ("natural", "scrub"): "scrub", ("natural", "beach"): "beach",
    ("amenity", "hospital"): "hospital", ("amenity", "school"): "school",
    ("amenity", "university"): "university", ("amenity", "college"): "college",
    ("aeroway", "aerodrome"): "aerodrome", ("tourism", "zoo"): "zoo",
}  # fmt: skip
_LANDMARKS = {
    ("amenity", item): item
    for item in (
        "college", "embassy", "ferry_terminal", "fire_station", "fuel", "hospital", "marketplace",
        "place_of_worship", "police", "post_office", "school", "theatre", "townhall", "university",
    )
} | {
    ("shop", "mall"): "mall", ("shop", "supermarket"): "supermarket",
    ("tourism", "hotel"): "hotel", ("tourism", "museum"): "museum",
    ("tourism", "attraction"): "attraction", ("leisure", "stadium"): "stadium",
    ("leisure", "park"): "park", ("railway", "station"): "station",
}  # fmt: skip
_FIRST_LANDMARKS = frozenset({"fire_station", "hospital", "police", "station", "university"})
_AREA_KEYS = (
    "natural", "landuse", "leisure", "waterway", "water", "building", "amenity", "aeroway",
    "tourism", "shop", "railway",
)  # fmt: skip
_OF_WATER = frozenset({"water", "bay"})


class Extract:
    """An extract's file; `bounds` are the requested ones, or the file's own."""

    def __init__(self, path: Path, bounds: Bounds | None) -> None:
        """Open the file; raise `RuntimeError` if it is unreadable or has no bounds."""
        self._path = str(path)
        self.bounds = bounds or self._own_bounds()
        self.has_coast = False

    def features(self) -> list[MapFeature]:
        """Return every drawn feature within the bounds, and the land below."""
        area = self.bounds
        ground = shapely.box(area.west, area.south, area.east, area.north)
        edges = mercator(ground)
        west, north, east, south = edges.bounds
        found = [
            item
            for item in self._read()
            if item.shape.bounds[0] <= east
            and item.shape.bounds[2] >= west
            and item.shape.bounds[1] <= south
            and item.shape.bounds[3] >= north
        ]
        earth = MapFeature(EARTH, 0, {"kind": "earth", "min_zoom": 0}, edges)
        return [earth, *found] if found else []

    def _own_bounds(self) -> Bounds:
        box = osmium.io.Reader(self._path).header().box()
        if not box.valid():
            raise RuntimeError("does not say what it covers: give --bounds west,south,east,north")
        low, high = box.bottom_left, box.top_right
        return Bounds(west=low.lon, south=low.lat, east=high.lon, north=high.lat)

    def _read(self) -> Iterator[MapFeature]:
        shapes = osmium.geom.WKBFactory()
        areas = osmium.filter.KeyFilter(*_AREA_KEYS)
        for found in osmium.FileProcessor(self._path).with_locations().with_areas(areas):
            tags = dict(found.tags)
            self.has_coast = self.has_coast or tags.get("natural") == "coastline"
            try:
                yield from _features_of(found, tags, shapes)
            except RuntimeError:
                continue  # a way whose nodes lie outside the extract, a ring that does not close


def _features_of(found: Any, tags: Tags, shapes: Any) -> Iterator[MapFeature]:
    if found.is_node():
        yield from _features(_of_point(tags), tags, lambda: shapes.create_point(found))
    elif found.is_way():
        yield from _features(_of_line(tags), tags, lambda: shapes.create_linestring(found))
    elif found.is_area():
        road = _of_area(tags)
        yield from _features(road, tags, lambda: shapes.create_multipolygon(found))
        landmark = _of_point(tags)
        for feature in _features(landmark, tags, lambda: shapes.create_multipolygon(found)):
            middle = feature.shape.representative_point()
            yield MapFeature(feature.layer, feature.min_zoom, feature.facts, middle)


def _features(kind: _Kind | None, tags: Tags, wkb: Any) -> Iterator[MapFeature]:
    if kind is None:
        return
    layer, zoom, facts = kind
    shape = mercator(shapely.from_wkb(bytes.fromhex(wkb())))
    names = {key: tags[key] for key in ("name", "name:vi", "name:en") if tags.get(key)}
    yield MapFeature(layer, zoom, {**facts, **names, "min_zoom": zoom}, shape)


def _of_line(tags: Tags) -> _Kind | None:
    way = tags.get("highway", "")
    if way and tags.get("area") != "yes":
        bare = way.removesuffix("_link")
        road = _ROADS.get(bare)
        if road is None:
            return None
        links: dict[str, Any] = {"is_link": True} if bare != way else {}
        levels = {
            f"is_{what}": True for what in ("bridge", "tunnel") if tags.get(what, "no") != "no"
        }
        kind, zoom = road
        return ROADS, zoom + 3 * bool(links), {"kind": kind, "kind_detail": bare, **links, **levels}
    rail = tags.get("railway", "")
    if rail in _RAILS:
        return ROADS, _RAILS[rail], {"kind": "rail", "kind_detail": rail}
    runway = tags.get("aeroway", "")
    if runway in ("runway", "taxiway"):
        return ROADS, 11, {"kind": "aeroway", "kind_detail": runway}
    river = tags.get("waterway", "")
    if river in _WATERWAYS:
        return WATER, _WATERWAYS[river], {"kind": "river" if river == "canal" else river}
    return None


def _of_area(tags: Tags) -> _Kind | None:
    if tags.get("natural") in _OF_WATER or tags.get("waterway") == "riverbank" or "water" in tags:
        return WATER, 8, {"kind": "water"}
    if tags.get("building", "no") != "no":
        return BUILDINGS, 14, {"kind": "building"}
    for (key, value), kind in _GROUND.items():
        if tags.get(key) == value:
            return LANDUSE, 11, {"kind": kind}
    return None


def _of_point(tags: Tags) -> _Kind | None:
    place = _PLACES.get(tags.get("place", ""))
    if place is not None and tags.get("name"):
        kind, zoom, rank = place
        facts = {"kind": kind, "kind_detail": tags["place"], "population_rank": rank}
        return PLACES, zoom, facts
    for (key, value), kind in _LANDMARKS.items():
        if tags.get(key) == value and tags.get("name"):
            return POIS, 13 if kind in _FIRST_LANDMARKS else 15, {"kind": kind}
    return None
