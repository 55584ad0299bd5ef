"""Web routes of alerts, incidents and cameras as OGC API Features (Part 1, core)."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from thapcanh.alerts.alert.records import AlertFilter
from thapcanh.alerts.incidents.records import IncidentFilter
from thapcanh.alerts.store.errors import BadCursor
from thapcanh.app.alert.alert_routes import AlertId
from thapcanh.app.alert.alert_schemas import alert_response
from thapcanh.app.cameras.camera_board import CameraBoard
from thapcanh.app.cameras.camera_schemas import camera_response
from thapcanh.app.geojson.geojson_schemas import (
    CollectionResponse,
    CollectionsResponse,
    ConformanceResponse,
    FeaturePageResponse,
    FeatureQuery,
    FeatureResponse,
    LandingResponse,
    LinkResponse,
    PointResponse,
    feature_query,
)
from thapcanh.app.incidents.incident_routes import IncidentId, incidents, visible_incident
from thapcanh.app.incidents.incident_schemas import incident_response
from thapcanh.app.live.live_routes import CameraId
from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError, InvalidInput
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import ApiModel
from thapcanh.app.web_api.visible_camera import visible_camera

Page = TypeVar("Page")
router = APIRouter(prefix=f"{PREFIX}/ogc", tags=["geojson"])
GEOJSON = "application/geo+json"
_CRS = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_PARTS = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
)
_COLLECTIONS = {
    "alerts": ("Cảnh báo", "Alerts, newest first; `datetime` bounds when they were raised."),
    "incidents": ("Vụ việc", "Incidents, newest first; `datetime` bounds when they were opened."),
    "cameras": ("Camera", "Cameras and how they are now."),
}
Query = Annotated[FeatureQuery, Depends(feature_query)]
_ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {GEOJSON: {}}}}


class GeoJsonResponse(Response):
    """Response with the GeoJSON media type."""

    media_type = GEOJSON


@router.get("")
@permits(EVERYONE, token=TokenScope.READ)
def landing_page(_: CurrentUserDep, state: AppStateDep, request: Request) -> LandingResponse:
    """Return the landing page for geographic programs."""
    base = _base(request)
    return LandingResponse(
        title=state.services.site().site.name,
        description="Alerts, incidents and cameras of this site.",
        links=[
            LinkResponse(href=base, rel="self"),
            LinkResponse(
                href=f"{base.removesuffix('/ogc')}/openapi.json",
                rel="service-desc",
                type="application/vnd.oai.openapi+json;version=3.0",
            ),
            LinkResponse(href=f"{base}/conformance", rel="conformance"),
            LinkResponse(href=f"{base}/collections", rel="data"),
        ],
    )


@router.get("/conformance")
@permits(EVERYONE, token=TokenScope.READ)
def held_standards(_: CurrentUserDep) -> ConformanceResponse:
    """List the conformance classes."""
    return ConformanceResponse(conformsTo=list(_PARTS))


@router.get("/collections")
@permits(EVERYONE, token=TokenScope.READ)
def list_collections(_: CurrentUserDep, request: Request) -> CollectionsResponse:
    """List all collections."""
    base = f"{_base(request)}/collections"
    return CollectionsResponse(
        links=[LinkResponse(href=base, rel="self")],
        collections=[_collection(name, base) for name in _COLLECTIONS],
    )


def _add_collection(name: str) -> None:
    def one_collection(_: CurrentUserDep, request: Request) -> CollectionResponse:
        return _collection(name, f"{_base(request)}/collections")

    one_collection.__doc__ = f"The collection of {name}."
    router.add_api_route(
        f"/collections/{name}",
        permits(EVERYONE, token=TokenScope.READ)(one_collection),
        methods=["GET"],
        operation_id=f"collection_of_{name}",
        summary=f"The collection of {name}",
    )


for _name in _COLLECTIONS:
    _add_collection(_name)


@router.get("/collections/alerts/items", response_model=FeaturePageResponse, responses=_ANSWER)
@permits(EVERYONE, token=TokenScope.READ)
def alert_features(
    caller: CurrentUserDep, state: AppStateDep, request: Request, query: Query
) -> Response:
    """Return a page of alerts, newest first."""
    filters = AlertFilter(
        since=query.since, until=query.until, limit=query.limit, cursor=query.cursor,
        scope=caller.scope,
    )  # fmt: skip
    page = _paged(lambda: state.services.archive.alerts(filters))
    shown = [alert_response(one, state.people) for one in page.items]
    found = [_feature(one, one.lon, one.lat) for one in shown if query.has(one.lon, one.lat)]
    return _page(state, request, found, page.next)


@router.get("/collections/alerts/items/{alert_id}", response_model=FeatureResponse)
@permits(EVERYONE, token=TokenScope.READ)
def alert_feature(caller: CurrentUserDep, state: AppStateDep, alert_id: AlertId) -> Response:
    """Return one alert."""
    found = state.services.archive.alert(alert_id, caller.scope) if "\0" not in alert_id else None
    if found is None:
        raise ApiError(404, "alert_not_found")
    shown = alert_response(found, state.people)
    return _sent(_feature(shown, shown.lon, shown.lat))


@router.get("/collections/incidents/items", response_model=FeaturePageResponse, responses=_ANSWER)
@permits(EVERYONE, token=TokenScope.READ)
def incident_features(
    caller: CurrentUserDep, state: AppStateDep, request: Request, query: Query
) -> Response:
    """Return a page of incidents, newest first."""
    filters = IncidentFilter(
        since=query.since, until=query.until, limit=query.limit, cursor=query.cursor,
        scope=caller.scope,
    )  # fmt: skip
    page = _paged(lambda: incidents(state).page(filters))
    shown = [incident_response(one, state.people) for one in page.items]
    found = [
        _feature(one, one.place.lon, one.place.lat)
        for one in shown
        if query.has(one.place.lon, one.place.lat)
    ]
    return _page(state, request, found, page.next)


@router.get("/collections/incidents/items/{incident_id}", response_model=FeatureResponse)
@permits(EVERYONE, token=TokenScope.READ)
def incident_feature(
    caller: CurrentUserDep, state: AppStateDep, incident_id: IncidentId
) -> Response:
    """Return one incident."""
    found = visible_incident(caller, state, incident_id)
    shown = incident_response(found, state.people)
    return _sent(_feature(shown, shown.place.lon, shown.place.lat))


@router.get("/collections/cameras/items", response_model=FeaturePageResponse, responses=_ANSWER)
@permits(EVERYONE, token=TokenScope.READ)
def camera_features(
    caller: CurrentUserDep, state: AppStateDep, request: Request, query: Query
) -> Response:
    """Return a page of cameras by id, as last reported; addresses are never included."""
    report = state.part(CameraBoard).report()
    after = query.cursor or ""
    visible = sorted(state.part(CameraBoard).cameras(caller.scope), key=lambda one: one.id)
    visible = [one for one in visible if one.id > after and query.has(one.lon, one.lat)]
    page = visible[: query.limit]
    found = [_feature(camera_response(one, report), one.lon, one.lat) for one in page]
    return _page(state, request, found, page[-1].id if len(visible) > len(page) else None)


@router.get("/collections/cameras/items/{camera_id}", response_model=FeatureResponse)
@permits(EVERYONE, token=TokenScope.READ)
def camera_feature(caller: CurrentUserDep, state: AppStateDep, camera_id: CameraId) -> Response:
    """Return one camera."""
    found = visible_camera(caller, state, camera_id)
    return _sent(
        _feature(camera_response(found, state.part(CameraBoard).report()), found.lon, found.lat)
    )


def _base(request: Request) -> str:
    """Return the landing page's URL under the requested host name."""
    return f"{request.base_url}".rstrip("/") + router.prefix


def _collection(name: str, collections: str) -> CollectionResponse:
    title, description = _COLLECTIONS[name]
    state = f"{collections}/{name}"
    return CollectionResponse(
        id=name,
        title=title,
        description=description,
        crs=[_CRS],
        links=[
            LinkResponse(href=state, rel="self"),
            LinkResponse(href=f"{state}/items", rel="items", type=GEOJSON, title=title),
        ],
    )


def _paged(read: Callable[[], Page]) -> Page:
    try:
        return read()
    except BadCursor:
        raise InvalidInput("query.cursor", "value_error") from None


def _feature(shown: Any, lon: float | None, lat: float | None) -> FeatureResponse:
    point = None if lon is None or lat is None else PointResponse(coordinates=(lon, lat))
    properties = shown.model_dump(mode="json", exclude={"lat", "lon"})
    return FeatureResponse(id=shown.id, geometry=point, properties=properties)


def _page(
    state: AppState, request: Request, found: Sequence[FeatureResponse], cursor: str | None
) -> Response:
    address = f"{_base(request).removesuffix(router.prefix)}{request.url.path}"
    filters = dict(request.query_params)
    links = [LinkResponse(href=f"{address}?{urlencode(filters)}", rel="self", type=GEOJSON)]
    if cursor is not None:
        onward = urlencode({**filters, "cursor": cursor})
        links.append(LinkResponse(href=f"{address}?{onward}", rel="next", type=GEOJSON))
    return _sent(
        FeaturePageResponse(
            timeStamp=state.services.clock.utc(),
            numberReturned=len(found),
            links=links,
            features=list(found),
        )
    )


def _sent(content: ApiModel) -> Response:
    return GeoJsonResponse(
        content.model_dump_json(), headers={"Cache-Control": "private, no-cache"}
    )
