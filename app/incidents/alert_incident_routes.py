"""The incident of an alert, as the desk shows it: which it is in, may be in, or opens."""

from typing import Annotated

from fastapi import APIRouter, Path

from thapcanh.alerts.queue.system_events import is_system
from thapcanh.app.incidents.incident_routes import incidents
from thapcanh.app.incidents.incident_schemas import (
    IncidentResponse,
    SuggestionResponse,
    incident_response,
    suggestion_response,
)
from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, ON_DUTY, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import ApiModel

router = APIRouter(prefix=PREFIX, tags=["incidents"])

AlertId = Annotated[str, Path(max_length=64, pattern=r"^[\w-]+$")]


class AlertIncidentResponse(ApiModel):
    """Incident of an alert; else open ones that it may belong to."""

    incident: IncidentResponse | None
    suggestions: list[SuggestionResponse]


@router.get("/alerts/{alert_id}/incident")
@permits(EVERYONE, token=TokenScope.READ)
def incident_of_alert(
    caller: CurrentUserDep, state: AppStateDep, alert_id: AlertId
) -> AlertIncidentResponse:
    """Return the incident that an alert is in, or may join."""
    if state.services.archive.alert(alert_id, caller.scope) is None:
        raise ApiError(404, "alert_not_found")
    found = incidents(state).of_alert(alert_id, caller.scope)
    near = [] if found is not None else incidents(state).near_alert(alert_id, caller.scope)
    return AlertIncidentResponse(
        incident=None if found is None else incident_response(found, state.people),
        suggestions=[suggestion_response(item) for item in near],
    )


@router.post("/alerts/{alert_id}/incident")
@permits(ON_DUTY, token=TokenScope.ANSWER)
def open_incident_of_alert(
    caller: CurrentUserDep, state: AppStateDep, alert_id: AlertId
) -> IncidentResponse:
    """Open an incident for an alert, or return the one that it is in."""
    alert = state.services.archive.alert(alert_id, caller.scope)
    if alert is None:
        raise ApiError(404, "alert_not_found")
    if alert.exercise or is_system(alert.kind):
        raise ApiError(409, "opens_no_incident")
    actor = caller.actor(main_role(caller.roles))
    found = incidents(state).open_for_alert(actor, alert_id, state.services.clock.utc())
    if found is None:
        raise ApiError(409, "in_other_incident")
    state.services.bell.notify()
    return incident_response(found, state.people)
