"""The registry's entries: cameras, rules, agencies, areas and targets."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query
from fastapi import Path as PathParameter

from thapcanh.alerts.registry.records import EntryKind, EntryQuery
from thapcanh.app.registry.registry_access import (
    EDITS,
    READS,
    check_free,
    editing_of,
    editor_of,
    expected_revision,
    refusals,
    registry_of,
)
from thapcanh.app.registry.registry_schemas import (
    BulkChangeRequest,
    BulkChangeResponse,
    RegistryEntryResponse,
    RegistryPageResponse,
    RegistryRemovedResponse,
    entry_response,
)
from thapcanh.app.web_api.access.access import CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppStateDep
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import NO_NUL

router = APIRouter(prefix=f"{PREFIX}/registry", tags=["registry"])

EntryId = Annotated[str, PathParameter(max_length=64, pattern=NO_NUL)]
Word = Annotated[str | None, Query(max_length=120, pattern=NO_NUL)]
Revision = Annotated[int, Depends(expected_revision)]
Table = Annotated[dict[str, Any], Body()]


@router.get("/{kind}")
@permits(READS, token=TokenScope.READ)
def list_entries(
    caller: CurrentUserDep,
    state: AppStateDep,
    kind: EntryKind,
    *,
    area: Word = None,
    agency: Word = None,
    text: Word = None,
    enabled: bool | None = None,
    camera: Word = None,
    limit: Annotated[int, Query(ge=1, le=2000)] = 100,
    cursor: Word = None,
) -> RegistryPageResponse:
    """List matching entries by id. `text` ignores case and diacritics.

    `camera` lists the rules that apply to it. A page of rules may be shorter than `limit`: follow
    `next`.
    """
    requested = EntryQuery(
        kind=kind, area=area, agency=agency, text=text or "", enabled=enabled, after=cursor,
        limit=limit, camera=camera,
    )  # fmt: skip
    page = registry_of(caller, state).page(requested, count=cursor is None)
    return RegistryPageResponse(
        source=state.services.site().registry.source,
        items=[entry_response(entry) for entry in page.items],
        next=page.next,
        total=page.total,
    )


@router.get("/{kind}/{entry_id}")
@permits(READS, token=TokenScope.READ)
def one_entry(
    caller: CurrentUserDep, state: AppStateDep, kind: EntryKind, entry_id: EntryId
) -> RegistryEntryResponse:
    """Return one entry."""
    found = registry_of(caller, state).entry(kind, entry_id)
    if found is None:
        raise ApiError(404, "entry_not_found")
    return entry_response(found)


@router.post("/{kind}", status_code=201)
@permits(EDITS)
def add_entry(
    caller: CurrentUserDep, state: AppStateDep, kind: EntryKind, table: Table
) -> RegistryEntryResponse:
    """Add an entry: it is in force within seconds."""
    check_free(state, kind, table.get("id"))
    with refusals():
        return entry_response(editor_of(state).create(kind, table, editing_of(caller, state)))


@router.patch("/{kind}/{entry_id}")
@permits(EDITS)
def change_entry(
    caller: CurrentUserDep,
    state: AppStateDep,
    kind: EntryKind,
    entry_id: EntryId,
    *,
    revision: Revision,
    table: Table,
) -> RegistryEntryResponse:
    """Set these keys; null removes a key. An address sent back as returned stays."""
    with refusals():
        editing = editing_of(caller, state)
        return entry_response(editor_of(state).change(kind, entry_id, table, revision, editing))


@router.delete("/{kind}/{entry_id}")
@permits(EDITS)
def remove_entry(
    caller: CurrentUserDep,
    state: AppStateDep,
    kind: EntryKind,
    entry_id: EntryId,
    revision: Revision,
) -> RegistryRemovedResponse:
    """Take an entry away; its history stays."""
    with refusals():
        editing = editing_of(caller, state)
        head = editor_of(state).remove(kind, entry_id, revision, editing)
    return RegistryRemovedResponse(revision=head)


@router.post("/cameras/bulk")
@permits(EDITS)
def change_cameras(
    caller: CurrentUserDep, state: AppStateDep, requested: BulkChangeRequest
) -> BulkChangeResponse:
    """Give many cameras the same agency, area or switch, all or none."""
    patch = requested.model_dump(exclude={"ids"}, exclude_unset=True)
    with refusals():
        changed = editor_of(state).change_many(requested.ids, patch, editing_of(caller, state))
    return BulkChangeResponse(changed=changed)
