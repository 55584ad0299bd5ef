"""Map feature of the Protomaps basemap schema, in web Mercator."""

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
    """Return a shape in degrees (longitude, latitude) as shares of the world."""
    return shapely.transform(shape, _shares)


def _shares(degrees: Any) -> Any:
    lon, lat = degrees[:, 0], np.radians(degrees[:, 1])
    return np.column_stack(((lon + 180) / 360, (1 - np.arcsinh(np.tan(lat)) / math.pi) / 2))
