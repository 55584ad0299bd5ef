"""Routes for other sites: accept an invitation, and exchange what goes over a link.

Their key is the login: a request that the linked site did not sign, or that came before, is refused
before anything of it is read.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from thapcanh.alerts.links.link_records import LinkRefused
from thapcanh.app.links.link_door import SessionNeeded
from thapcanh.app.links.link_refusals import refusal
from thapcanh.app.links.link_service import LinkService
from thapcanh.app.links.wire import SIGNATURE_HEADER, read_object
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import OPEN
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX

router = APIRouter(prefix=PREFIX, tags=["links"])

LinkId = Annotated[str, Path(max_length=64, pattern=r"^[\w-]+$")]


@router.post("/link-peers", status_code=201)
@permits(OPEN)  # the proof of the invitation's code is the login
async def receive_acceptance(request: Request, state: AppStateDep) -> Response:
    """Link the site that proves that it knows the code."""
    body = await request.body()
    try:
        made = await run_in_threadpool(_accepted, state, body)
    except LinkRefused as refused:
        raise refusal(refused) from None
    return JSONResponse(made, 201)


@router.post("/link-peers/{link_id}/exchange")
@permits(OPEN)  # the signature of the linked site is the login
async def exchange_items(request: Request, state: AppStateDep, link_id: LinkId) -> Response:
    """Take what a lower site sends, and answer with what goes down to it."""
    body = await request.body()
    signature = request.headers.get(SIGNATURE_HEADER, "")[:200]
    try:
        answer, signed = await run_in_threadpool(
            _service(state).door.exchange, link_id, signature, body
        )
    except SessionNeeded as needed:
        raise refusal(needed, session=needed.session) from None
    except LinkRefused as refused:
        raise refusal(refused) from None
    headers = {SIGNATURE_HEADER: signed, "Cache-Control": "no-store"}
    return Response(answer, media_type="application/json", headers=headers)


def _accepted(state: AppState, body: bytes) -> dict[str, Any]:
    name = state.services.site().site.name
    links = _service(state).way.repository
    return links.answer(read_object(body), name, state.services.clock.utc())


def _service(state: AppState) -> LinkService:
    found = state.part_or_none(LinkService)
    if found is None:
        raise ApiError(404, "not_found")
    return found
