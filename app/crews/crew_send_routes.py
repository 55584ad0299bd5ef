"""Web routes that a crew's phone writes: states, notes, requests, photos, videos."""

import hashlib
import time
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool

from thapcanh.alerts.crews.crew_reports import (
    CrewMedia,
    CrewOutcome,
    CrewReportKind,
    CrewReportOrder,
    CrewResult,
    happened_at,
)
from thapcanh.alerts.store.errors import KeyReused
from thapcanh.app.alert.command_answer import local_time, required_key
from thapcanh.app.calls.sent_media import OfCrews
from thapcanh.app.crews.crew_access import crews, sent_there, unit_of_phone
from thapcanh.app.crews.crew_schemas import (
    CrewPositionRequest,
    CrewReportRequest,
    CrewSentResponse,
    CrewTimes,
)
from thapcanh.app.incidents.incident_routes import IncidentId
from thapcanh.app.positions.position_routes import checked_position
from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import CREWS, main_role
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.middleware.body_size_limit import BODY_STARTED
from thapcanh.app.web_api.prefix import PREFIX

router = APIRouter(prefix=PREFIX, tags=["crews"])


class CrewSending:
    """A phone's report on an incident, with its idempotency key."""

    def __init__(
        self,
        caller: CurrentUserDep,
        state: AppStateDep,
        incident_id: IncidentId,
        key: Annotated[str, Depends(required_key)],
    ) -> None:
        self._here = state
        self._actor = caller.actor(main_role(caller.roles))
        unit, _, _ = sent_there(caller, state, incident_id)
        self._unit_id, self._incident_id, self._key = unit.id, incident_id, key

    def report(self, report: CrewReportRequest, started: float) -> CrewSentResponse:
        """Store a state, note or request; `started` is the monotonic time of the request."""
        kind = CrewReportKind.STATE if report.state is not None else CrewReportKind.NOTE
        if report.more is not None:
            kind = CrewReportKind.REQUEST
        text = " ".join((report.note or report.more or "").split()) or None
        order = CrewReportOrder(
            incident_id=self._incident_id,
            unit_id=self._unit_id,
            key=self._key,
            kind=kind,
            told_at=report.told_at.timestamp(),
            state=report.state,
            text=text,
        )
        return self._acquired(order, report, None, started)

    async def showed(self, report: CrewTimes, request: Request) -> CrewSentResponse:
        """Store a photo or video; a repeated key does not re-encode it.

        It is dated by when its body started to arrive.
        """
        content, started = await request.body(), _started(request)
        order = CrewReportOrder(
            incident_id=self._incident_id,
            unit_id=self._unit_id,
            key=self._key,
            kind=CrewReportKind.PHOTO,
            told_at=report.told_at.timestamp(),
            sha256=hashlib.sha256(content).hexdigest(),
        )
        try:
            earlier = await run_in_threadpool(crews(self._here).earlier, self._actor, order)
        except KeyReused:
            raise ApiError(422, "key_reused") from None
        if earlier is not None:
            return _answered(self._here, earlier)
        made = await self._here.part(OfCrews).made(request, self._actor.username, content)
        kind = CrewReportKind(made.kind.value)
        media = CrewMedia(kind=kind, media_type=made.media_type, content=made.content)
        return await run_in_threadpool(self._acquired, order, report, media, started)

    def _acquired(
        self,
        order: CrewReportOrder,
        report: CrewTimes,
        media: CrewMedia | None,
        started: float,
    ) -> CrewSentResponse:
        now, on_its_way_s = self._here.services.clock.utc(), time.monotonic() - started
        happened = happened_at(order.told_at, report.sent_at.timestamp(), now - on_its_way_s)
        try:
            result = crews(self._here).report(self._actor, order, (happened, now), media)
        except KeyReused:
            raise ApiError(422, "key_reused") from None
        self._here.services.bell.notify()
        return _answered(self._here, result)


Sending = Annotated[CrewSending, Depends()]


@router.post("/crew/incidents/{incident_id}/reports", status_code=201)
@permits(CREWS)
def send_crew_report(
    request: Request, sending: Sending, report: CrewReportRequest
) -> CrewSentResponse:
    """Store a state, a note, or a request for more: exactly one of them."""
    if [report.state, report.note, report.more].count(None) != 2:
        raise ApiError(422, "crew_report_one", extra={"field": "body"})
    return sending.report(report, _started(request))


@router.post("/crew/incidents/{incident_id}/media", status_code=201)
@permits(CREWS)
async def send_crew_media(
    request: Request, sending: Sending, report: Annotated[CrewTimes, Query()]
) -> CrewSentResponse:
    """Store a photo or video from the body; only its re-encoded pictures are kept."""
    return await sending.showed(report, request)


@router.post("/crew/position", status_code=204)
@permits(CREWS)
def send_crew_position(
    caller: CurrentUserDep, state: AppStateDep, report: CrewPositionRequest
) -> None:
    """Store the phone's position as its unit's, after the usual checks."""
    unit = unit_of_phone(caller, state)
    if unit is None:
        raise ApiError(404, "no_such_unit")
    now = state.services.clock.utc()
    checked_position(state, unit.id, ((report.lat, report.lon), now), caller.scope)


def _started(request: Request) -> float:
    """Return when the body started to arrive, in monotonic seconds."""
    return float(request.scope.get(BODY_STARTED, time.monotonic()))


def _answered(state: AppState, result: CrewResult) -> CrewSentResponse:
    match result.outcome:
        case CrewOutcome.UNKNOWN:
            raise ApiError(404, result.outcome.value)
        case CrewOutcome.FULL:
            raise ApiError(409, result.outcome.value)
        case CrewOutcome.CLOSED:
            by = "?" if result.by is None else state.people.name(result.by)
            at = "?" if result.at is None else local_time(result.at)
            raise ApiError(409, result.outcome.value, by=by, at=at)
        case CrewOutcome.DONE | CrewOutcome.LATE | CrewOutcome.ALREADY:
            return CrewSentResponse(id=result.id, outcome=result.outcome)
