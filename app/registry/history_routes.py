"""What changed in the registry, by whom; undoing it; and importing a file."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from alerts.registry.records import EntryKind, RegistryChange
from app.registry.import_files import ImportUnreadable
from app.registry.import_plan import ImportPlan, plan_import
from app.registry.registry_access import (
    KEEPS,
    READS,
    editing_of,
    editor_of,
    refusals,
    registry_of,
    repository_of,
)
from app.registry.registry_routes import EntryId
from app.registry.registry_schemas import (
    ImportChangeResponse,
    ImportProblemResponse,
    ImportResponse,
    RegistryChangeResponse,
    RegistryEntryResponse,
    RegistryHistoryResponse,
    entry_response,
)
from app.registry.wrong_lines import reader_language, said_of_import, unreadable
from app.web_api.access.access import CurrentUserDep
from app.web_api.access.endpoint_access import permits
from app.web_api.access.token_scopes import TokenScope
from app.web_api.app_state import AppState, AppStateDep
from app.web_api.language import Language
from app.web_api.prefix import PREFIX
from app.web_api.schemas import PersonResponse

router = APIRouter(prefix=f"{PREFIX}/registry", tags=["registry"])

_SHOWN_CHANGES = 500
_SHOWN_PROBLEMS = 2000
_PAGE = 50


@router.get("/{kind}/{entry_id}/history")
@permits(READS, token=TokenScope.READ)
def entry_history(
    caller: CurrentUserDep,
    here: AppStateDep,
    kind: EntryKind,
    entry_id: EntryId,
    cursor: Annotated[int | None, Query(ge=1)] = None,
) -> RegistryHistoryResponse:
    """Every change of an entry, also of one that was removed."""
    registry = registry_of(caller, here)
    changes = registry.history(kind, entry_id, before=cursor, limit=_PAGE)
    now = registry.entries(kind, [entry_id]).get(entry_id)
    return RegistryHistoryResponse(
        items=[_change(one, here, now.revision if now else 0) for one in changes.items],
        next=changes.next,
    )


@router.post("/changes/{revision}/undo")
@permits(KEEPS)
def undo_change(caller: CurrentUserDep, here: AppStateDep, revision: int) -> RegistryEntryResponse:
    """Make the entry what it was before; refused where it was changed again since."""
    with refusals():
        return entry_response(
            editor_of(here).undo(revision, editing_of(caller, here, origin="undo"))
        )


@router.post("/cameras/import")
@permits(KEEPS)
async def import_file(
    request: Request,
    caller: CurrentUserDep,
    here: AppStateDep,
    file_format: Annotated[Literal["csv", "xlsx", "toml"], Query(alias="format")],
    dry_run: bool = False,
) -> ImportResponse:
    """Import the file that is the body, or with `dry_run` tell what it would change."""
    editing = editing_of(caller, here, origin="import")
    language = reader_language(request, here)

    def work() -> ImportResponse:
        with refusals():
            editor = editor_of(here)
            try:
                rows = here.files.rows(content, file_format)
            except ImportUnreadable as error:
                raise unreadable(error, language) from None
            plan = plan_import(rows, editor, repository_of(here), editing)
            if not dry_run and not plan.problems:
                editor.write_all(plan.judged, editing)
            return _told(plan, language, dry_run=dry_run)

    with here.imports.taken(caller.session.user.username):
        content = await request.body()
        return await run_in_threadpool(work)


def _change(change: RegistryChange, here: AppState, now: int) -> RegistryChangeResponse:
    by = here.people.person(change.actor)
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


def _told(plan: ImportPlan, language: Language, *, dry_run: bool) -> ImportResponse:
    return ImportResponse(
        dry_run=dry_run,
        imported=not dry_run and not plan.problems,
        created=plan.created,
        changed=plan.changed,
        unchanged=plan.unchanged,
        changes=[
            ImportChangeResponse(
                line=one.line,
                kind=EntryKind(one.kind),
                id=one.id,
                is_new=one.is_new,
                before=dict(one.before),
                after=dict(one.after),
            )
            for one in plan.changes[:_SHOWN_CHANGES]
        ],
        problems=[
            ImportProblemResponse(
                line=one.line, path=one.path, message=said_of_import(one, language)
            )
            for one in plan.problems[:_SHOWN_PROBLEMS]
        ],
    )
