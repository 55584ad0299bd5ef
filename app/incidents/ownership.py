"""Whose a record is that comes in by hand or by a program: agency and area, as of alerts."""

from thapcanh.alerts.incidents.records import IncidentPlace
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter
from thapcanh.app.cameras.nearest_cameras import camera_grid
from thapcanh.app.web_api.access.access import CurrentUser
from thapcanh.config.site import Site


def owner_of_record(
    caller: CurrentUser, site: Site, place: IncidentPlace, area: str | None = None
) -> tuple[str | None, str | None]:
    """Return agency and area of the caller's record, which the caller can always see."""
    return owner_in_scope(caller.scope, site, place, area)


def owner_in_scope(
    scope: DataFilter, site: Site, place: IncidentPlace, area: str | None = None
) -> tuple[str | None, str | None]:
    """Return agency and area of a record that this scope can always see.

    The agency is the scope's; what sees the whole centre writes for none. The area is that of the
    place, or of the nearest camera.
    """
    agency = None if scope.agencies is None else min(scope.agencies, default=None)
    if area is None and place.position is not None:
        near = camera_grid(site).near(place.position, EVERYTHING, most=1)
        area = near[0].camera.area if near else None
    if scope.areas is not None and area not in scope.areas:
        area = min(scope.areas, default=None)
    return agency, area
