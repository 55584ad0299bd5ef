"""Web routes of history: counts, CSV and XLSX exports, and the log's chain."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import StreamingResponse

from thapcanh.alerts.alert.history import count_up_to
from thapcanh.alerts.alert.records import Alert, AlertFilter
from thapcanh.alerts.store.sealed_log import proof_of
from thapcanh.app.alert.alert_query import alert_filter
from thapcanh.app.alert.alert_routes import AlertId
from thapcanh.app.alert.history_table import COLUMNS, rows
from thapcanh.app.reports.spreadsheet import SpreadsheetTable, csv_text, xlsx
from thapcanh.app.reports.table_words import SiteNames, metadata_table, words_for
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, EXPORTS
from thapcanh.app.web_api.access.token_scopes import TokenScope
from thapcanh.app.web_api.app_state import AppState, AppStateDep
from thapcanh.app.web_api.downloads import CSV, XLSX, download, log_takeaway
from thapcanh.app.web_api.errors import ApiError
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.query_types import LOCAL_OFFSET_S
from thapcanh.app.web_api.schemas import ApiModel

router = APIRouter(prefix=PREFIX, tags=["history"])

COUNT_UP_TO = 10_000
MOST_ROWS = 100_000

RequestedFilter = Annotated[AlertFilter, Depends(alert_filter)]


class CountResponse(ApiModel):
    """Number of matching alerts; `more` if counting stopped at its limit."""

    count: int
    more: bool


class ChainResponse(ApiModel):
    """Result of the chain check of an alert's log, and the chain's current end."""

    ok: bool
    entries: int
    broken_seq: int | None
    why: str | None
    head_seq: int
    head_hash: str


@router.get("/history/count")
@permits(EVERYONE, token=TokenScope.READ)
def count(caller: CurrentUserDep, state: AppStateDep, query: RequestedFilter) -> CountResponse:
    """Count the alerts that match a filter, up to a limit."""
    scoped = replace(query, scope=caller.scope, cursor=None)
    found = count_up_to(state.services.archive.database, scoped, COUNT_UP_TO + 1)
    return CountResponse(count=min(found, COUNT_UP_TO), more=found > COUNT_UP_TO)


@router.get("/history/export.csv", response_class=StreamingResponse)
@permits(EXPORTS, token=TokenScope.EXPORT)
def export_history_csv(
    caller: CurrentUserDep, state: AppStateDep, request: Request, query: RequestedFilter
) -> StreamingResponse:
    """Export matching alerts as CSV: UTF-8 with BOM, no text that acts as a formula."""
    scoped, _ = _allowed(caller, state, query, "csv")
    words = words_for(request, state)
    namer = SiteNames.of(words, state.people, state.services.site())
    table = csv_text([words(name) for name in COLUMNS], rows(state.services.archive, scoped, namer))
    return download(table, CSV, f"{_name('canh-bao', state)}.csv")


@router.get("/history/export.xlsx", response_class=StreamingResponse)
@permits(EXPORTS, token=TokenScope.EXPORT)
def export_history_xlsx(
    caller: CurrentUserDep, state: AppStateDep, request: Request, query: RequestedFilter
) -> StreamingResponse:
    """Export matching alerts as XLSX, with a sheet that says who made it and when."""
    scoped, found = _allowed(caller, state, query, "xlsx")
    words = words_for(request, state)
    namer = SiteNames.of(words, state.people, state.services.site())
    sheets = [
        SpreadsheetTable(
            name=words("alerts"),
            heads=[words(name) for name in COLUMNS],
            widths=list(COLUMNS.values()),
            rows=rows(state.services.archive, scoped, namer),
        ),
        metadata_table(caller, state, words, [("rows", found)]),
    ]
    return download(xlsx(sheets), XLSX, f"{_name('canh-bao', state)}.xlsx")


@router.get("/alerts/{alert_id}/chain")
@permits(EVERYONE, token=TokenScope.READ)
def chain(caller: CurrentUserDep, state: AppStateDep, alert_id: AlertId) -> ChainResponse:
    """Verify the seals of an alert's log entries now."""
    alert = one_of(caller, state, alert_id)
    proof = proof_of(state.services.archive.database, alert.id)
    return ChainResponse(
        ok=proof.ok,
        entries=len(proof.rows),
        broken_seq=proof.broken_seq,
        why=proof.why,
        head_seq=proof.head_seq,
        head_hash=proof.head_hash,
    )


def one_of(caller: CurrentUser, state: AppState, alert_id: str) -> Alert:
    """Return the alert; raise `ApiError` (404) if it is outside the caller's scope."""
    alert = state.services.archive.alert(alert_id, caller.scope) if "\0" not in alert_id else None
    if alert is None:
        raise ApiError(404, "alert_not_found")
    return alert


def _allowed(
    caller: CurrentUser, state: AppState, query: AlertFilter, form: str
) -> tuple[AlertFilter, int]:
    """Return the filter within the caller's scope, once its size is checked and it is logged."""
    scoped = replace(query, scope=caller.scope, cursor=None)
    found = count_up_to(state.services.archive.database, scoped, MOST_ROWS + 1)
    if found > MOST_ROWS:
        raise ApiError(422, "export_too_large", limit=MOST_ROWS)
    log_takeaway(
        caller,
        state,
        action="history_exported",
        object_id="history",
        details={"form": form, "rows": found, "filter": _reported(scoped)},
    )
    return scoped, found


def _reported(query: AlertFilter) -> dict[str, object]:
    details: dict[str, object] = {"since": query.since, "until": query.until}
    for name in ("states", "kinds", "cameras", "areas", "agencies", "outcomes", "reject_reasons"):
        details[name] = sorted(getattr(query, name))
    details["words"] = list(query.words)
    return {name: value for name, value in details.items() if value}


def _name(word: str, state: AppState) -> str:
    local = datetime.fromtimestamp(state.services.clock.utc() + LOCAL_OFFSET_S, UTC)
    return f"{word}-{local:%Y%m%d-%H%M%S}"
