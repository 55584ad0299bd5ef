"""The facilities nearest to a place, by layer, with their distances."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alerts.store.distance import METRES_PER_DEGREE, east_scale
from app.map.facilities import Facility, LayerReading, read_layer
from config.map import MapLayer


@dataclass(frozen=True, slots=True, kw_only=True)
class NearFacility:
    """One of them, and how far away it is."""

    facility: Facility
    distance_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NearLayer:
    """What of one layer is near, nearest first; `is_readable` is false where its file is broken."""

    layer: MapLayer
    is_readable: bool
    found: tuple[NearFacility, ...]


def nearby(layers: tuple[MapLayer, ...], lat: float, lon: float) -> list[NearLayer]:
    """Each layer's nearest facilities to the place, in the order of the configuration."""
    return [_of_layer(layer, lat, lon) for layer in layers]


def _of_layer(layer: MapLayer, lat: float, lon: float) -> NearLayer:
    reading = read_layer(layer)
    far_m = _distances_m(reading, lat, lon)
    order = np.argsort(far_m, kind="stable")[: layer.most]
    found = tuple(
        NearFacility(facility=reading.facilities[i], distance_m=float(far_m[i]))
        for i in order
        if far_m[i] <= layer.reach_m
    )
    return NearLayer(layer=layer, is_readable=reading.is_readable, found=found)


def _distances_m(reading: LayerReading, lat: float, lon: float) -> NDArray[np.float64]:
    north = reading.places[:, 0] - lat
    east = (reading.places[:, 1] - lon) * east_scale((lat, lon))
    far: NDArray[np.float64] = np.hypot(north, east) * METRES_PER_DEGREE
    return far
