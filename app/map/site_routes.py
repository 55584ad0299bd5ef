"""Web routes of the site: names, agencies, areas, alert kinds, and map files."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.responses import FileResponse
from pydantic import Field

from thapcanh.alerts.facilities.facilities import KINDS as FACILITY_KINDS
from thapcanh.alerts.incidents.kinds import IncidentKind, kind_of_alert
from thapcanh.alerts.registry.ownership import with_all_above
from thapcanh.alerts.store.roles import DataFilter
from thapcanh.app.map.site_map import TYPES, MapFacts, map_facts, map_file
from thapcanh.app.site.alert_kinds import AlertKind, alert_kinds
from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import ANYBODY, EVERYONE
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import ApiModel, WordingResponse, wording_response, wordings
from thapcanh.config.rules import PriorityNumber, ShapeType
from thapcanh.config.site import Agency, Area, Site
from thapcanh.detection.class_words import class_words
from thapcanh.detection.rules.registry import registry
from thapcanh.detection.rules.rule_kind import RuleKind

router = APIRouter(prefix=PREFIX, tags=["site"])
_A_DAY = {"Cache-Control": "private, max-age=86400"}


class NamedItem(ApiModel):
    """An agency, with the phone to call where its camera is dark; or an area, in another."""

    id: str
    name: str
    parent: str | None = None
    phone: str | None = None


class RuleKindResponse(ApiModel):
    """A kind of alert that rules raise, and what officers call it."""

    kind: str
    name: WordingResponse
    confirmed_name: WordingResponse | None
    labels: dict[str, WordingResponse]


class AlertKindResponse(RuleKindResponse):
    """Any kind of alert: what rules raise, advisories, and troubles of the watch itself."""

    is_system: bool = Field(description="the watch's own trouble, as against the city's")
    is_fire: bool = Field(description="the fire service answers it")


class RuleSettingsResponse(RuleKindResponse):
    """All that a form must know of a kind of rule: a rule is its settings, as a file has them."""

    settings: dict[str, Any]
    """The JSON Schema of its settings, with defaults and bounds."""
    setting_names: dict[str, WordingResponse]
    """What settings are called, in a form's order; of one inside another, as `confirm.looks`."""
    needs: list[ShapeType]
    """What must be drawn on the camera and named."""
    priority: PriorityNumber
    """Where a rule states none."""
    incident: IncidentKind
    """What an alert of it is filed as."""
    looks_at_picture: bool


class RuleKindsResponse(ApiModel):
    """Every kind of rule of this installation, in its order."""

    items: list[RuleSettingsResponse]


class SiteResponse(ApiModel):
    """Names of the site and of its visible parts."""

    name: str
    locale: str
    agencies: list[NamedItem]
    areas: list[NamedItem]
    map: MapFacts | None
    has_map_layers: bool
    kinds: list[AlertKindResponse]
    classes: dict[str, WordingResponse] = Field(description="that rules and searches may name")
    facility_kinds: dict[str, WordingResponse]
    agrees_within_m: float = Field(description="so near, two cameras may see one fire")


@router.get("/site")
@permits(ANYBODY, token=TokenScope.READ)
def the_site(caller: CurrentUserDep, state: AppStateDep) -> SiteResponse:
    """Return the site's names and map; nothing about its cameras."""
    site = state.services.site()
    agencies, areas = _visible_agencies(site, caller.scope), _visible_areas(site, caller.scope)
    return SiteResponse(
        name=site.site.name,
        locale=site.site.locale,
        agencies=[NamedItem(id=item.id, name=item.name, phone=item.phone) for item in agencies],
        areas=[NamedItem(id=item.id, name=item.name, parent=item.parent) for item in areas],
        map=map_facts(site.site.map),
        has_map_layers=bool(site.map.layers),
        kinds=published_kinds(),
        classes=wordings(class_words(site.detector.labels)),
        facility_kinds=wordings({kind: item.name for kind, item in FACILITY_KINDS.items()}),
        agrees_within_m=site.quiet_places.agrees_within_m,
    )


@router.get("/site/rule-kinds")
@permits(EVERYONE, token=TokenScope.READ)
def rule_kinds(_: CurrentUserDep, state: AppStateDep) -> RuleKindsResponse:
    """List the kinds of rule with the settings that forms show."""
    labels = state.services.site().detector.labels
    kinds = registry().kinds.values()
    return RuleKindsResponse(items=[_with_settings(item, labels) for item in kinds])


def published_kinds() -> list[AlertKindResponse]:
    return [
        AlertKindResponse(**dict(_shown(item)), is_system=item.is_system, is_fire=item.is_fire)
        for item in alert_kinds().values()
    ]


@router.get("/map/{path:path}", response_class=FileResponse)
@permits(ANYBODY)
def one_map_file(_: CurrentUserDep, state: AppStateDep, path: str) -> FileResponse:
    """Return a map file: outlines, a tile, or a range of the archive."""
    found = map_file(state.services.site().site.map, path)
    if found is None:
        raise ApiError(404, "not_found")
    return FileResponse(found, media_type=TYPES[found.suffix.lower()], headers=_A_DAY)


def _with_settings(kind: RuleKind, labels: Sequence[str]) -> RuleSettingsResponse:
    return RuleSettingsResponse(
        **dict(_shown(kind)),
        settings=kind.schema(labels),
        setting_names=wordings(kind.setting_words()),
        needs=list(kind.needs()),
        priority=kind.settings.model_fields["priority"].default,
        incident=kind_of_alert(kind.kind),
        looks_at_picture=kind.looks_at_picture,
    )


def _shown(kind: RuleKind | AlertKind) -> RuleKindResponse:
    confirmed = kind.confirmed_name
    return RuleKindResponse(
        kind=kind.kind,
        name=wording_response(kind.name),
        confirmed_name=None if confirmed is None else wording_response(confirmed),
        labels=wordings(kind.labels),
    )


def _visible_agencies(site: Site, scope: DataFilter) -> list[Agency]:
    visible = scope.agencies
    return [agency for agency in site.agencies if visible is None or agency.id in visible]


def _visible_areas(site: Site, scope: DataFilter) -> list[Area]:
    if scope.areas is None:
        return list(site.areas)
    visible = with_all_above(scope.areas, {area.id: area.parent for area in site.areas})
    return [area for area in site.areas if area.id in visible]
