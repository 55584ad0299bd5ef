"""For which unit a phone speaks, and what that unit was sent to: the scope of a crew."""

from thapcanh.alerts.crews.crew_reports import CrewAssignment
from thapcanh.alerts.crews.crew_store import CrewRepository
from thapcanh.alerts.incidents.records import Incident
from thapcanh.alerts.incidents.units.units import Unit
from thapcanh.alerts.store.roles import EVERYTHING
from thapcanh.app.incidents.incident_routes import incidents
from thapcanh.app.positions.unit_ways import live_units
from thapcanh.app.web_api.access.access import CurrentUser
from thapcanh.app.web_api.app_state import AppState
from thapcanh.app.web_api.errors import ApiError


def crews(state: AppState) -> CrewRepository:
    return CrewRepository(state.services.archive.database)


def unit_of_phone(caller: CurrentUser, state: AppState) -> Unit | None:
    """Return the account's unit; None if it has none or may not see it."""
    unit_id = caller.session.user.unit
    found = None if unit_id is None else crews(state).unit(unit_id, caller.scope)
    return None if found is None else live_units(state, [found])[0]


def sent_there(
    caller: CurrentUser, state: AppState, incident_id: str
) -> tuple[Unit, CrewAssignment, Incident]:
    """Return the unit, and the incident that it is assigned to; raises `ApiError`.

    A phone that was offline may name an incident that was since merged into another.
    """
    unit = unit_of_phone(caller, state)
    if unit is not None:
        standing = crews(state).standing(incident_id)
        sent = crews(state).assignments(unit.id, state.services.clock.utc())
        one = next((one for one in sent if one.incident_id == standing), None)
        found = incidents(state).one(standing, EVERYTHING)
        if one is not None and found is not None:
            return unit, one, found
    raise ApiError(404, "incident_not_found")
