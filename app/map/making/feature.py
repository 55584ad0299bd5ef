"""A thing on the map, as the Protomaps basemap schema has it, in web Mercator.

Mercator here is in shares of the world, 0..1, y downwards, as tiles are numbered.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

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
    """A shape in degrees (longitude, latitude) in shares of the world."""
    return shapely.transform(shape, _shares)


def _shares(degrees: Any) -> Any:
    lon, lat = degrees[:, 0], np.radians(degrees[:, 1])
    return np.column_stack(((lon + 180) / 360, (1 - np.arcsinh(np.tan(lat)) / math.pi) / 2))
