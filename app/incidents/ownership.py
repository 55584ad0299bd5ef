"""Whose a call or an incident is that an officer types in: agency and area, as of alerts."""

from thapcanh.alerts.incidents.records import IncidentPlace
from thapcanh.alerts.store.roles import EVERYTHING
from thapcanh.app.cameras.nearest_cameras import camera_grid
from thapcanh.app.web_api.access.access import CurrentUser
from thapcanh.config.site import Site


def owner_of_record(
    caller: CurrentUser, site: Site, place: IncidentPlace, area: str | None = None
) -> tuple[str | None, str | None]:
    """Return agency and area of the caller's record, which the caller can always see.

    The agency is the caller's; officers of the whole centre write for none. The area is that of the
    place, or of the nearest camera.
    """
    scope = caller.scope
    agency = None if scope.agencies is None else min(scope.agencies, default=None)
    if area is None and place.position is not None:
        near = camera_grid(site).near(place.position, EVERYTHING, most=1)
        area = near[0].camera.area if near else None
    if scope.areas is not None and area not in scope.areas:
        area = min(scope.areas, default=None)
    return agency, area
