"""Web routes of the registry's history, and undo."""

from typing import Annotated

from fastapi import APIRouter, Query

from thapcanh.alerts.registry.records import EntryKind, RegistryChange
from thapcanh.app.registry.registry_access import (
    EDITS,
    READS,
    editing_of,
    editor_of,
    refusals,
    registry_of,
)
from thapcanh.app.registry.registry_routes import EntryId
from thapcanh.app.registry.registry_schemas import (
    RegistryChangeResponse,
    RegistryEntryResponse,
    RegistryHistoryResponse,
    entry_response,
)
from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import PersonResponse

router = APIRouter(prefix=f"{PREFIX}/registry", tags=["registry"])

_PAGE = 50


@router.get("/{kind}/{entry_id}/history")
@permits(READS, token=TokenScope.READ)
def entry_history(
    caller: CurrentUserDep,
    state: AppStateDep,
    kind: EntryKind,
    entry_id: EntryId,
    cursor: Annotated[int | None, Query(ge=1)] = None,
) -> RegistryHistoryResponse:
    """List every change of an entry, even of a removed one."""
    registry = registry_of(caller, state)
    changes = registry.history(kind, entry_id, before=cursor, limit=_PAGE)
    now = registry.entries(kind, [entry_id]).get(entry_id)
    return RegistryHistoryResponse(
        items=[_change(item, state, now.revision if now else 0) for item in changes.items],
        next=changes.next,
    )


@router.post("/changes/{revision}/undo")
@permits(EDITS)
def undo_change(caller: CurrentUserDep, state: AppStateDep, revision: int) -> RegistryEntryResponse:
    """Make the entry what it was before; refused where it was changed again since."""
    with refusals():
        return entry_response(
            editor_of(state).undo(revision, editing_of(caller, state, origin="undo"))
        )


def _change(change: RegistryChange, state: AppState, now: int) -> RegistryChangeResponse:
    by = state.people.person(change.actor)
    return RegistryChangeResponse(
        revision=change.revision,
        at=change.at,
        by=by or PersonResponse(username=change.actor, name=change.actor),
        role=change.role,
        origin=change.origin,
        kind=EntryKind(change.kind),
        id=change.id,
        before=None if change.before is None else dict(change.before),
        after=None if change.after is None else dict(change.after),
        undoes=change.undoes,
        can_undo=change.revision == now,
    )
