"""Web route that imports a list of facilities: dry run, then line by line."""

from dataclasses import replace
from operator import attrgetter
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from thapcanh.alerts.facilities.facilities import FacilityFacts
from thapcanh.alerts.facilities.facility_file import FacilityFile, read_facilities, same_key
from thapcanh.alerts.facilities.facility_store import FacilityCodeConflict, FacilityWrite
from thapcanh.alerts.store.wrong_line import WrongCell
from thapcanh.app.facilities.facility_routes import facilities, me, owned_by_caller
from thapcanh.app.facilities.facility_schemas import (
    FacilityImportQuery,
    FacilityImportResponse,
    FacilityLineResponse,
)
from thapcanh.app.imports.file_reader import FileReader, ImportPlaces
from thapcanh.app.registry.import_files import ImportUnreadable
from thapcanh.app.registry.wrong_lines import reader_language, said, unreadable
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep, owner_of_caller
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EDITS_LISTS
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.connected import while_connected
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.language import Language
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.record_owner import unlisted_owner
from thapcanh.ingest.child_process import HeldChild

router = APIRouter(prefix=PREFIX, tags=["facilities"])

_MOST_LINES = 120_000  # of a file, empty ones too


@router.post("/facilities/import")
@permits(EDITS_LISTS, token=TokenScope.FACILITIES)
async def import_facilities(
    request: Request,
    caller: CurrentUserDep,
    state: AppStateDep,
    query: Annotated[FacilityImportQuery, Query()],
) -> FacilityImportResponse:
    """Add or replace the facilities of the file in the body.

    If a line is wrong, none of them; with `skip_wrong` all but the wrong ones.
    """
    language, child = reader_language(request, state), HeldChild()

    def work() -> FacilityImportResponse:
        try:
            lines = state.part(FileReader).lines(content, query.file_format, _MOST_LINES, child)
        except ImportUnreadable as error:
            raise unreadable(error, language) from None
        read = read_facilities(lines, lambda facts: _owned(caller, state, facts))
        file, writes, unchanged = _checked(caller, state, read)
        is_done = not query.dry_run and (query.skip_wrong or not file.problems)
        if is_done:
            try:
                writes = facilities(state).write_list(
                    me(caller), writes, state.services.clock.utc()
                )
            except FacilityCodeConflict as taken:  # by somebody else, a moment ago
                raise ApiError(
                    409, "facility_list_overtaken", name=str(taken), written=taken.written
                ) from None
        return _imported(file, writes, unchanged, is_done=is_done, language=language)

    with state.part(ImportPlaces).taken(owner_of_caller(caller)):
        content = await request.body()
        return await while_connected(request, run_in_threadpool(work), child.stop)


def _owned(caller: CurrentUser, state: AppState, facts: FacilityFacts) -> FacilityFacts:
    owned = owned_by_caller(caller, facts)
    if owned is None:
        raise WrongCell("facility_of_others")
    wrong = unlisted_owner(caller, state, owned.agency, owned.area)
    if wrong is not None:
        raise wrong
    return owned


def _checked(
    caller: CurrentUser, state: AppState, file: FacilityFile
) -> tuple[FacilityFile, list[FacilityWrite], int]:
    """Return the list's changes and the number of unchanged facilities.

    A code of a facility that the caller cannot see is a problem: it would be a duplicate.
    """
    there = {same_key(item.facts): item for item in facilities(state).all(caller.scope)}
    new = [facts for _, facts in file.facilities if same_key(facts) not in there]
    taken = facilities(state).taken_codes(new)
    writes: list[FacilityWrite] = []
    unchanged, problems = 0, list(file.problems)
    for line, facts in file.facilities:
        existing = there.get(same_key(facts))
        if existing is None and facts.code and (facts.agency, facts.code) in taken:
            problems.append(WrongCell("facility_code_taken", cell=facts.code).on(line))
        elif existing is not None and existing.facts == facts:
            unchanged += 1
        else:
            writes.append(FacilityWrite(id=None if existing is None else existing.id, facts=facts))
    return replace(file, problems=tuple(problems)), writes, unchanged


def _imported(
    file: FacilityFile,
    writes: list[FacilityWrite],
    unchanged: int,
    *,
    is_done: bool,
    language: Language,
) -> FacilityImportResponse:
    added = sum(item.id is None for item in writes)
    return FacilityImportResponse(
        dry_run=not is_done,
        imported=is_done,
        added=added,
        changed=len(writes) - added,
        unchanged=unchanged,
        ignored=list(file.ignored),
        problems=[
            FacilityLineResponse(line=item.line, message=said(item, language))
            for item in sorted(file.problems, key=attrgetter("line"))
        ],
    )
