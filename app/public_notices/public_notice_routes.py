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
def list_notices(caller: CurrentUserDep, here: AppStateDep) -> PublicNoticeListResponse:
    """List the newest notices with drafts and versions."""
    found = _notices(here).page(caller.scope)
    return PublicNoticeListResponse(items=[_response(caller, here, one) for one in found])


@router.post("/notices", status_code=201)
@permits(ON_DUTY)
def draft_notice(
    caller: CurrentUserDep, here: AppStateDep, said: DraftNoticeRequest
) -> PublicNoticeResponse:
    """Draft a notice; of an incident only its ward and time are given."""
    new = _drafted(caller, here, said)
    outcome, notice_id = _notices(here).add(
        caller.actor(main_role(caller.roles)), new, here.services.clock.utc()
    )
    _refuse(outcome)
    return _shown(caller, here, notice_id)


@router.put("/notices/{notice_id}")
@permits(ON_DUTY)
def redraft_notice(
    caller: CurrentUserDep, here: AppStateDep, notice_id: NoticeId, said: RedraftNoticeRequest
) -> PublicNoticeResponse:
    """Replace the draft; what is published stays until the new one is signed."""
    words = (_clean(said.title), said.text.strip())
    actor, now = caller.actor(main_role(caller.roles)), here.services.clock.utc()
    _refuse(_notices(here).redraft(actor, notice_id, said.draft, words, now))
    return _shown(caller, here, notice_id)


@router.post("/notices/{notice_id}/sign")
@permits(LEADERS)
def sign_notice(
    caller: CurrentUserDep, here: AppStateDep, notice_id: NoticeId, said: SignNoticeRequest
) -> PublicNoticeResponse:
    """Publish the draft that was read; who wrote it cannot."""
    actor, now = caller.actor(Role.LEADER), here.services.clock.utc()
    _refuse(_notices(here).sign(actor, notice_id, said.draft, now))
    return _shown(caller, here, notice_id)


@router.post("/notices/{notice_id}/withdraw")
@permits(LEADERS)
def withdraw_notice(
    caller: CurrentUserDep, here: AppStateDep, notice_id: NoticeId, said: WithdrawNoticeRequest
) -> PublicNoticeResponse:
    """Withdraw a notice at once; its page shows when and why."""
    actor, now = caller.actor(Role.LEADER), here.services.clock.utc()
    _refuse(_notices(here).withdraw(actor, notice_id, _clean(said.reason), now), "body.reason")
    return _shown(caller, here, notice_id)


def _drafted(caller: CurrentUser, here: AppState, said: DraftNoticeRequest) -> NewNotice:
    incident = None
    if said.incident is not None:
        incident = incidents(here).one(said.incident, caller.scope)
        if incident is None:
            raise ApiError(404, NoticeOutcome.NO_INCIDENT.value)
    words: tuple[str | None, str | None] = (said.title, said.text)
    ward = _clean(said.ward or "") or (None if incident is None else incident.place.ward)
    kind = said.kind or (IncidentKind.OTHER if incident is None else incident.kind)
    if incident is not None:
        made = drafted(kind, ward, incident.opened_at, incident.state)
        words = (said.title or made[0], said.text or made[1])
    title, text = _clean(words[0] or ""), (words[1] or "").strip()
    if not title or not text:
        raise ApiError(422, "notice_no_words", extra={"field": "body.text"})
    agencies = caller.scope.agencies
    return NewNotice(
        incident_id=said.incident,
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


def _shown(caller: CurrentUser, here: AppState, notice_id: str) -> PublicNoticeResponse:
    here.services.bell.notify()
    found = _notices(here).one(notice_id, caller.scope)
    if found is None:
        raise ApiError(404, NoticeOutcome.UNKNOWN.value)
    return _response(caller, here, found)


def _response(caller: CurrentUser, here: AppState, found: PublicNotice) -> PublicNoticeResponse:
    return notice_response(found, here.people, with_earlier=caller.powers is None)


def _clean(text: str) -> str:
    return " ".join(text.split())


def _notices(here: AppState) -> PublicNoticeRepository:
    return PublicNoticeRepository(here.services.archive.database)
