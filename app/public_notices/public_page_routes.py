"""Web routes of public notices without login: page, style, feed, CAP."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from thapcanh.alerts.cap.message import CONTENT_TYPE
from thapcanh.alerts.delivery import cloud_events
from thapcanh.alerts.public_notices.public_notice_store import PublicNoticeRepository
from thapcanh.app.public_notices.public_pages import STYLE, atom, cap, page
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import OPEN
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX

router = APIRouter(prefix=f"{PREFIX}/public", tags=["notices"])

NoticeId = Annotated[str, Path(max_length=64, pattern=r"^[\w-]+$")]
_CACHED = {"Cache-Control": "public, max-age=30", "Cross-Origin-Resource-Policy": "cross-origin"}


@router.get("/notices", response_class=Response)
@permits(OPEN)
def public_page(state: AppStateDep) -> Response:
    """Return all published notices as a page."""
    content = page(_notices(state).public(), _site(state), "notices.atom", "notices.css")
    return Response(content, media_type="text/html; charset=utf-8", headers=_CACHED)


@router.get("/notices.css", response_class=Response)
@permits(OPEN)
def public_style() -> Response:
    """Return the page's style."""
    return Response(STYLE, media_type="text/css; charset=utf-8", headers=_CACHED)


@router.get("/notices.atom", response_class=Response)
@permits(OPEN)
def public_feed(state: AppStateDep) -> Response:
    """Return the newest version of each notice as an Atom feed."""
    base = state.services.site().centre.public_url
    address = "notices" if base is None else f"{base.rstrip('/')}{router.prefix}/notices"
    content = atom(_notices(state).public(), _site(state), address)
    return Response(content, media_type="application/atom+xml; charset=utf-8", headers=_CACHED)


@router.get("/notices/{notice_id}.cap", response_class=Response)
@permits(OPEN)
def public_cap(state: AppStateDep, notice_id: NoticeId) -> Response:
    """Return one notice as CAP 1.2, scope Public."""
    found = _notices(state).public_one(notice_id)
    if found is None or found.newest is None:
        raise ApiError(404, "notice_not_found")
    name = _site(state)
    content = cap(found, found.newest, (cloud_events.source_of(name), name))
    return Response(content, media_type=CONTENT_TYPE, headers=_CACHED)


def _site(state: AppState) -> str:
    return state.services.site().site.name


def _notices(state: AppState) -> PublicNoticeRepository:
    return PublicNoticeRepository(state.services.archive.database)
