"""Web route of map features near a place: hydrants, stations, access notes, phones."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query
from numpy.typing import NDArray

from thapcanh.alerts.store.distance import METRES_PER_DEGREE, Position, east_scale
from thapcanh.app.map.layer_files import LayerFeature, LayerReading, read_layer
from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppStateDep
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import ApiModel
from thapcanh.config.map import LayerKind, MapLayer
from thapcanh.config.site import Site

router = APIRouter(prefix=PREFIX, tags=["site"])


@dataclass(frozen=True, slots=True, kw_only=True)
class NearFeature:
    feature: LayerFeature
    distance_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NearLayer:
    """Nearest features of a layer; `is_readable` is False if its file is broken."""

    layer: MapLayer
    is_readable: bool
    found: tuple[NearFeature, ...]


def nearby(layers: tuple[MapLayer, ...], lat: float, lon: float) -> list[NearLayer]:
    """Return each layer's nearest features, in the order of the configuration."""
    return [_of_layer(layer, lat, lon) for layer in layers]


def _of_layer(layer: MapLayer, lat: float, lon: float) -> NearLayer:
    reading = read_layer(layer)
    far_m = _distances_m(reading, lat, lon)
    order = np.argsort(far_m, kind="stable")[: layer.most]
    found = tuple(
        NearFeature(feature=reading.features[i], distance_m=float(far_m[i]))
        for i in order
        if far_m[i] <= layer.reach_m
    )
    return NearLayer(layer=layer, is_readable=reading.is_readable, found=found)


def _distances_m(reading: LayerReading, lat: float, lon: float) -> NDArray[np.float64]:
    north = reading.places[:, 0] - lat
    east = (reading.places[:, 1] - lon) * east_scale((lat, lon))
    far: NDArray[np.float64] = np.hypot(north, east) * METRES_PER_DEGREE
    return far


class LayerFeatureResponse(ApiModel):
    """A hydrant, a station, an access note or a number to call."""

    name: str | None
    phone: str | None
    note: str | None
    lat: float
    lon: float
    distance_m: float


class NearLayerResponse(ApiModel):
    """Nearest features of one layer; `is_readable` is false if its file is unreadable."""

    id: str
    kind: LayerKind
    name: str
    within_m: float
    is_readable: bool
    items: list[LayerFeatureResponse]


class NearLayerListResponse(ApiModel):
    """Every layer of the site, in its order."""

    items: list[NearLayerResponse]


@router.get("/map-layers/near")
@permits(EVERYONE, token=TokenScope.READ)
def near_features(
    _: CurrentUserDep,
    state: AppStateDep,
    lat: Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False)],
    lon: Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False)],
) -> NearLayerListResponse:
    """Return the features nearest to a place; they belong to the whole site."""
    return NearLayerListResponse(items=near_layers(state.services.site(), (lat, lon)))


def near_layers(site: Site, place: Position) -> list[NearLayerResponse]:
    """Return the nearest features of each of the site's layers."""
    return [_shown(item) for item in nearby(site.map.layers, *place)]


def _shown(near: NearLayer) -> NearLayerResponse:
    return NearLayerResponse(
        id=near.layer.id,
        kind=near.layer.kind,
        name=near.layer.name,
        within_m=near.layer.reach_m,
        is_readable=near.is_readable,
        items=[
            LayerFeatureResponse(
                name=item.feature.name,
                phone=item.feature.phone,
                note=item.feature.note,
                lat=item.feature.lat,
                lon=item.feature.lon,
                distance_m=round(item.distance_m, 1),
            )
            for item in near.found
        ],
    )
