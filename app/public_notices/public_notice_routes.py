"""Notices to the public at the desk: drafted, signed by a second person, corrected, withdrawn."""

from typing import Annotated

from fastapi import APIRouter, Path

from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.public_notices.public_notice_store import NewNotice, PublicNoticeRepository
from thapcanh.alerts.public_notices.public_notices import (
    PERSONAL,
    NoticeOutcome,
    PublicNotice,
    drafted,
)
from thapcanh.alerts.store.roles import Role
from thapcanh.app.incidents.incident_routes import incidents
from thapcanh.app.public_notices.public_notice_schemas import (
    DraftNoticeRequest,
    PublicNoticeListResponse,
    PublicNoticeResponse,
    RedraftNoticeRequest,
    SignNoticeRequest,
    WithdrawNoticeRequest,
    notice_response,
)
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, ON_DUTY, main_role
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX

router = APIRouter(prefix=PREFIX, tags=["notices"])

NoticeId = Annotated[str, Path(max_length=64, pattern=r"^[\w-]+$")]
LEADERS = frozenset({Role.LEADER})
_STATUS = {
    NoticeOutcome.UNKNOWN: 404,
    NoticeOutcome.NO_INCIDENT: 404,
    NoticeOutcome.DRILL: 422,
    NoticeOutcome.SAME_PERSON: 403,
    **dict.fromkeys(PERSONAL, 422),
}


@router.get("/notices")
@permits(EVERYONE, token=TokenScope.READ)
def list_notices(caller: CurrentUserDep, state: AppStateDep) -> PublicNoticeListResponse:
    """List the newest notices with drafts and versions."""
    found = _notices(state).page(caller.scope)
    return PublicNoticeListResponse(items=[_response(caller, state, one) for one in found])


@router.post("/notices", status_code=201)
@permits(ON_DUTY)
def draft_notice(
    caller: CurrentUserDep, state: AppStateDep, body: DraftNoticeRequest
) -> PublicNoticeResponse:
    """Draft a notice; of an incident only its ward and time are given."""
    new = _drafted(caller, state, body)
    outcome, notice_id = _notices(state).add(
        caller.actor(main_role(caller.roles)), new, state.services.clock.utc()
    )
    _refuse(outcome)
    return _shown(caller, state, notice_id)


@router.put("/notices/{notice_id}")
@permits(ON_DUTY)
def redraft_notice(
    caller: CurrentUserDep, state: AppStateDep, notice_id: NoticeId, body: RedraftNoticeRequest
) -> PublicNoticeResponse:
    """Replace the draft; what is published stays until the new one is signed."""
    words = (_clean(body.title), body.text.strip())
    actor, now = caller.actor(main_role(caller.roles)), state.services.clock.utc()
    _refuse(_notices(state).redraft(actor, notice_id, body.draft, words, now))
    return _shown(caller, state, notice_id)


@router.post("/notices/{notice_id}/sign")
@permits(LEADERS)
def sign_notice(
    caller: CurrentUserDep, state: AppStateDep, notice_id: NoticeId, body: SignNoticeRequest
) -> PublicNoticeResponse:
    """Publish the draft that was read; who wrote it cannot."""
    actor, now = caller.actor(Role.LEADER), state.services.clock.utc()
    _refuse(_notices(state).sign(actor, notice_id, body.draft, now))
    return _shown(caller, state, notice_id)


@router.post("/notices/{notice_id}/withdraw")
@permits(LEADERS)
def withdraw_notice(
    caller: CurrentUserDep, state: AppStateDep, notice_id: NoticeId, body: WithdrawNoticeRequest
) -> PublicNoticeResponse:
    """Withdraw a notice at once; its page shows when and why."""
    actor, now = caller.actor(Role.LEADER), state.services.clock.utc()
    _refuse(_notices(state).withdraw(actor, notice_id, _clean(body.reason), now), "body.reason")
    return _shown(caller, state, notice_id)


def _drafted(caller: CurrentUser, state: AppState, body: DraftNoticeRequest) -> NewNotice:
    incident = None
    if body.incident is not None:
        incident = incidents(state).one(body.incident, caller.scope)
        if incident is None:
            raise ApiError(404, NoticeOutcome.NO_INCIDENT.value)
    words: tuple[str | None, str | None] = (body.title, body.text)
    ward = _clean(body.ward or "") or (None if incident is None else incident.place.ward)
    kind = body.kind or (IncidentKind.OTHER if incident is None else incident.kind)
    if incident is not None:
        made = drafted(kind, ward, incident.opened_at, incident.state)
        words = (body.title or made[0], body.text or made[1])
    title, text = _clean(words[0] or ""), (words[1] or "").strip()
    if not title or not text:
        raise ApiError(422, "notice_no_words", extra={"field": "body.text"})
    agencies = caller.scope.agencies
    return NewNotice(
        incident_id=body.incident,
        kind=kind,
        ward=ward,
        title=title,
        text=text,
        agency=incident.agency if incident else min(agencies or (), default=None),
        area=incident.area if incident else min(caller.scope.areas or (), default=None),
    )


def _refuse(outcome: NoticeOutcome, field: str = "body.text") -> None:
    if outcome is not NoticeOutcome.DONE:
        extra = {"field": field} if outcome in PERSONAL else {}
        raise ApiError(_STATUS.get(outcome, 409), outcome.value, extra=extra)


def _shown(caller: CurrentUser, state: AppState, notice_id: str) -> PublicNoticeResponse:
    state.services.bell.notify()
    found = _notices(state).one(notice_id, caller.scope)
    if found is None:
        raise ApiError(404, NoticeOutcome.UNKNOWN.value)
    return _response(caller, state, found)


def _response(caller: CurrentUser, state: AppState, found: PublicNotice) -> PublicNoticeResponse:
    """Return a notice; programs get its newest version only."""
    return notice_response(found, state.people, with_earlier=caller.powers is None)


def _clean(text: str) -> str:
    return " ".join(text.split())


def _notices(state: AppState) -> PublicNoticeRepository:
    return PublicNoticeRepository(state.services.archive.database)
