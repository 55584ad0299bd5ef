"""Web routes of crews for officers: reports, files, open requests."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from thapcanh.alerts.crews.crew_reports import CrewDeskRepository
from thapcanh.app.calls.sent_media import sent_file
from thapcanh.app.crews.crew_schemas import (
    CrewReportListResponse,
    CrewRequestListResponse,
    CrewRequestResponse,
    crew_report_response,
)
from thapcanh.app.incidents.incident_routes import IncidentId, visible_incident
from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, ON_DUTY, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX

router = APIRouter(prefix=PREFIX, tags=["crews"])

ReportId = Annotated[str, Path(max_length=64, pattern=r"^[\w-]+$")]


@router.get("/incidents/{incident_id}/crew-reports")
@permits(EVERYONE, token=TokenScope.READ)
def list_crew_reports(
    caller: CurrentUserDep, state: AppStateDep, incident_id: IncidentId
) -> CrewReportListResponse:
    """List crews' reports on an incident, in order of occurrence."""
    visible_incident(caller, state, incident_id)
    found = _repository(state).reports(incident_id)
    return CrewReportListResponse(items=[crew_report_response(one, state.people) for one in found])


@router.get("/crew-reports/{report_id}/file", response_class=Response)
@permits(EVERYONE, token=TokenScope.PICTURES)
def read_crew_file(caller: CurrentUserDep, state: AppStateDep, report_id: ReportId) -> Response:
    """Return a crew's photo or video, as re-encoded on arrival."""
    return sent_file(_repository(state).file(report_id, caller.scope))


@router.get("/crew-requests")
@permits(ON_DUTY)
def list_crew_requests(caller: CurrentUserDep, state: AppStateDep) -> CrewRequestListResponse:
    """List crews' unanswered requests."""
    return CrewRequestListResponse(
        items=[
            CrewRequestResponse(
                report=crew_report_response(one.report, state.people),
                incident=one.report.incident_id,
                incident_number=one.incident_number,
                place=one.place,
            )
            for one in _repository(state).waiting(caller.scope)
        ]
    )


@router.post("/crew-requests/{report_id}/answer", status_code=204)
@permits(ON_DUTY)
def answer_crew_request(caller: CurrentUserDep, state: AppStateDep, report_id: ReportId) -> None:
    """Mark a request as answered; the crew's phone shows it."""
    actor = caller.actor(main_role(caller.roles))
    if not _repository(state).answer(actor, report_id, state.services.clock.utc()):
        raise ApiError(404, "crew_request_gone")
    state.services.bell.notify()


def _repository(state: AppState) -> CrewDeskRepository:
    return CrewDeskRepository(state.services.archive.database)
