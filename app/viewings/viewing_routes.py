"""Web route of the viewing log, for leaders and auditors."""

from typing import Annotated

from fastapi import APIRouter, Query

from thapcanh.alerts.viewings.viewing_store import Viewing, ViewingQuery, ViewingRepository
from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import READS_VIEWINGS
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import NO_NUL, ApiModel, PersonResponse, Time

router = APIRouter(prefix=PREFIX, tags=["report"])

_Text = Annotated[str | None, Query(max_length=64, pattern=NO_NUL)]


class ViewingResponse(ApiModel):
    """One viewing. `ground` is `open_alert:NUMBER`, `closed_alert:NUMBER`, `duty` or `none`."""

    seq: int
    at: Time
    person: PersonResponse
    role: str
    what: str
    object: str
    camera: str | None
    ground: str


class ViewingList(ApiModel):
    """Viewings, the newest first; `next` is the `before` of the page after it."""

    items: list[ViewingResponse]
    next: int | None


@router.get("/viewings")
@permits(READS_VIEWINGS)
def list_viewings(  # noqa: PLR0917 the framework hands each over by its name
    caller: CurrentUserDep,
    state: AppStateDep,
    username: _Text = None,
    camera: _Text = None,
    before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ViewingList:
    """List viewings of cameras in the reader's scope."""
    query = ViewingQuery(
        username=username or None, camera=camera or None, before=before, limit=limit,
        scope=caller.scope,
    )  # fmt: skip
    found = ViewingRepository(state.services.archive.database).page(query)
    more = found[-1].seq if len(found) == limit else None
    return ViewingList(items=[_shown(item, state) for item in found], next=more)


def _shown(item: Viewing, state: AppState) -> ViewingResponse:
    return ViewingResponse(
        seq=item.seq,
        at=item.at,
        person=PersonResponse(username=item.username, name=state.people.name(item.username)),
        role=item.role,
        what=item.what,
        object=item.object_id,
        camera=item.camera,
        ground=item.ground,
    )
