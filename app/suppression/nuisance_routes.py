"""Web route of places that officers reject repeatedly, with masks that would hide them."""

from typing import Annotated

from fastapi import APIRouter, Query

from thapcanh.alerts.suppression.nuisances import (
    MOST_IDS,
    NoMask,
    Nuisance,
    alerts_with_verdict,
    nuisances,
)
from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppStateDep
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.query_types import DAY_S
from thapcanh.app.web_api.schemas import ApiModel, Time
from thapcanh.config.site import Site
from thapcanh.detection.region import as_box

router = APIRouter(prefix=PREFIX, tags=["cameras"])

MIN_REJECTIONS = 3


class ReasonCountResponse(ApiModel):
    """Number of rejections with a reason."""

    reason: str
    count: int


class NuisanceResponse(ApiModel):
    """One place of one camera; box and mask in shares of the picture."""

    camera_id: str
    camera_name: str
    area: str | None
    agency: str | None
    kinds: list[str]
    rule_ids: list[str]
    zone_id: str | None
    rejections: int
    confirmed: int
    sightings: int
    reasons: list[ReasonCountResponse]
    first_raised_at: Time
    last_raised_at: Time
    box: tuple[float, float, float, float]
    mask: list[tuple[float, float]] | None
    mask_share: float
    why_no_mask: NoMask | None
    alert_ids: list[str]


class NuisanceListResponse(ApiModel):
    """The worst places first."""

    since: Time
    min_rejections: int
    items: list[NuisanceResponse]


@router.get("/nuisances")
@permits(EVERYONE, token=TokenScope.READ)
def list_nuisances(
    caller: CurrentUserDep, state: AppStateDep, days: Annotated[int, Query(ge=1, le=90)] = 7
) -> NuisanceListResponse:
    """List places with three or more rejections of one class within the last days."""
    services = state.services
    since = services.clock.utc() - days * DAY_S
    decided = alerts_with_verdict(services.archive.database, since, caller.scope)
    site = services.site()
    found = nuisances(decided, at_least=MIN_REJECTIONS)
    items = [_shown(place, site) for place in found]
    return NuisanceListResponse(since=since, min_rejections=MIN_REJECTIONS, items=items)


def _shown(place: Nuisance, site: Site) -> NuisanceResponse:
    newest = place.newest
    camera = site.camera(newest.camera_id)
    mask = place.mask
    return NuisanceResponse(
        camera_id=newest.camera_id,
        camera_name=camera.name if camera else newest.camera_id,
        area=camera.area if camera else None,
        agency=camera.agency if camera else None,
        kinds=sorted({item.kind for item in place.rejected}),
        rule_ids=sorted({item.rule_id for item in place.rejected}),
        zone_id=newest.zone_id,
        rejections=len(place.rejected),
        confirmed=place.confirmed,
        sightings=sum(item.sightings for item in place.rejected),
        reasons=[
            ReasonCountResponse(reason=reason, count=count)
            for reason, count in place.reasons.most_common()
        ],
        first_raised_at=place.rejected[-1].raised_at,
        last_raised_at=newest.raised_at,
        box=as_box(place.region),
        mask=list(mask) if mask else None,
        mask_share=place.mask_share,
        why_no_mask=place.why_no_mask,
        alert_ids=[item.alert_id for item in place.rejected[:MOST_IDS]],
    )
