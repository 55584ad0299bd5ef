"""The worklist: one list of all that officers answer, in the order in which it is answered."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from thapcanh.alerts.incidents.rows.row_records import Section, WorklistFilter
from thapcanh.alerts.store.errors import BadCursor
from thapcanh.app.incidents.incident_routes import IncidentId, incidents
from thapcanh.app.incidents.worklist_schemas import (
    RowResponse,
    WorklistResponse,
    row_response,
    worklist_response,
)
from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppStateDep
from thapcanh.app.web_api.errors import ApiError, InvalidInput
from thapcanh.app.web_api.prefix import PREFIX

router = APIRouter(prefix=PREFIX, tags=["incidents"])


class ListedRows(BaseModel):
    """Which rows are asked for; the scope comes from who asks."""

    section: list[Section] = []
    mine: bool = False
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=300)


@router.get("/worklist")
@permits(EVERYONE, token=TokenScope.READ)
def worklist(
    caller: CurrentUserDep, here: AppStateDep, wanted: Annotated[ListedRows, Query()]
) -> WorklistResponse:
    """Open incidents, and alerts in none, in the order of answering; faults as counts."""
    request = WorklistFilter(
        me=caller.session.user.username,
        sections=frozenset(wanted.section),
        mine=wanted.mine,
        scope=caller.scope,
        limit=wanted.limit,
        cursor=wanted.cursor,
    )
    try:
        found = incidents(here).worklist(request)
    except BadCursor:
        raise InvalidInput("cursor", "value_error") from None
    return worklist_response(found, here.people, caller)


@router.get("/incidents/{incident_id}/row")
@permits(EVERYONE, token=TokenScope.READ)
def row_of_incident(
    caller: CurrentUserDep, here: AppStateDep, incident_id: IncidentId, response: Response
) -> RowResponse:
    """One incident as its row, with all its sources; the ETag is its version."""
    found = incidents(here).row(incident_id, caller.scope)
    if found is None:
        raise ApiError(404, "incident_not_found")
    shown = row_response(found, here.people, caller)
    response.headers["ETag"] = f'"{shown.version}"'
    return shown
