"""A file of cameras, rules, agencies and areas into the registry, or what it would change."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from thapcanh.alerts.registry.records import EntryKind
from thapcanh.app.imports.file_reader import FileReader, ImportPlaces
from thapcanh.app.registry.import_files import ImportUnreadable
from thapcanh.app.registry.import_plan import ImportPlan, plan_import
from thapcanh.app.registry.registry_access import (
    EDITS,
    editing_of,
    editor_of,
    refusals,
    repository_of,
)
from thapcanh.app.registry.registry_schemas import (
    ImportChangeResponse,
    ImportProblemResponse,
    ImportResponse,
)
from thapcanh.app.registry.wrong_lines import import_problem_text, reader_language, unreadable
from thapcanh.app.web_api.access.access import CurrentUserDep, owner_of_caller
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.app_state import AppStateDep
from thapcanh.app.web_api.connected import while_connected
from thapcanh.app.web_api.language import Language
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.ingest.child_process import HeldChild

router = APIRouter(prefix=f"{PREFIX}/registry", tags=["registry"])

_SHOWN_CHANGES = 500
_SHOWN_PROBLEMS = 2000


@router.post("/cameras/import")
@permits(EDITS)
async def import_file(
    request: Request,
    caller: CurrentUserDep,
    state: AppStateDep,
    file_format: Annotated[Literal["csv", "xlsx", "toml"], Query(alias="format")],
    dry_run: bool = False,
) -> ImportResponse:
    """Import the file in the body, or with `dry_run` preview the changes."""
    editing = editing_of(caller, state, origin="import")
    language, child = reader_language(request, state), HeldChild()

    def work() -> ImportResponse:
        with refusals():
            editor = editor_of(state)
            try:
                rows = state.part(FileReader).rows(content, file_format, child)
            except ImportUnreadable as error:
                raise unreadable(error, language) from None
            plan = plan_import(rows, editor, repository_of(state), editing)
            if not dry_run and not plan.problems:
                editor.write_all(plan.judged, editing)
            return _reported(plan, language, dry_run=dry_run)

    with state.part(ImportPlaces).taken(owner_of_caller(caller)):
        content = await request.body()
        return await while_connected(request, run_in_threadpool(work), child.stop)


def _reported(plan: ImportPlan, language: Language, *, dry_run: bool) -> ImportResponse:
    return ImportResponse(
        dry_run=dry_run,
        imported=not dry_run and not plan.problems,
        created=plan.created,
        changed=plan.changed,
        unchanged=plan.unchanged,
        changes=[
            ImportChangeResponse(
                line=item.line,
                kind=EntryKind(item.kind),
                id=item.id,
                name=item.name,
                is_new=item.is_new,
                before=dict(item.before),
                after=dict(item.after),
            )
            for item in plan.changes[:_SHOWN_CHANGES]
        ],
        problems=[
            ImportProblemResponse(
                line=item.line, path=item.path, message=import_problem_text(item, language)
            )
            for item in plan.problems[:_SHOWN_PROBLEMS]
        ],
    )
