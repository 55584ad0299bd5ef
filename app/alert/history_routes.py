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
from thapcanh.app.reports.table_words import SiteNames, about_sheet, words_for
from thapcanh.app.web_api.access.access import CurrentUser, CurrentUserDep
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import EVERYONE, TAKES_AWAY
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

Wanted = Annotated[AlertFilter, Depends(alert_filter)]


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
def count(caller: CurrentUserDep, here: AppStateDep, wanted: Wanted) -> CountResponse:
    """Count the alerts that match a filter, up to a limit."""
    mine = replace(wanted, scope=caller.scope, cursor=None)
    found = count_up_to(here.services.archive.database, mine, COUNT_UP_TO + 1)
    return CountResponse(count=min(found, COUNT_UP_TO), more=found > COUNT_UP_TO)


@router.get("/history/export.csv", response_class=StreamingResponse)
@permits(TAKES_AWAY, token=TokenScope.EXPORT)
def export_history_csv(
    caller: CurrentUserDep, here: AppStateDep, request: Request, wanted: Wanted
) -> StreamingResponse:
    """Export matching alerts as CSV: UTF-8 with BOM, no text that acts as a formula."""
    mine, _ = _allowed(caller, here, wanted, "csv")
    words = words_for(request, here)
    namer = SiteNames.of(words, here.people, here.services.site())
    table = csv_text([words(name) for name in COLUMNS], rows(here.services.archive, mine, namer))
    return download(table, CSV, f"{_name('canh-bao', here)}.csv")


@router.get("/history/export.xlsx", response_class=StreamingResponse)
@permits(TAKES_AWAY, token=TokenScope.EXPORT)
def export_history_xlsx(
    caller: CurrentUserDep, here: AppStateDep, request: Request, wanted: Wanted
) -> StreamingResponse:
    """Export matching alerts as XLSX, with a sheet that says who made it and when."""
    mine, found = _allowed(caller, here, wanted, "xlsx")
    words = words_for(request, here)
    namer = SiteNames.of(words, here.people, here.services.site())
    sheets = [
        SpreadsheetTable(
            name=words("alerts"),
            heads=[words(name) for name in COLUMNS],
            widths=list(COLUMNS.values()),
            rows=rows(here.services.archive, mine, namer),
        ),
        about_sheet(caller, here, words, [("rows", found)]),
    ]
    return download(xlsx(sheets), XLSX, f"{_name('canh-bao', here)}.xlsx")


@router.get("/alerts/{alert_id}/chain")
@permits(EVERYONE, token=TokenScope.READ)
def chain(caller: CurrentUserDep, here: AppStateDep, alert_id: AlertId) -> ChainResponse:
    """Verify the seals of an alert's log entries now."""
    alert = one_of(caller, here, alert_id)
    proof = proof_of(here.services.archive.database, alert.id)
    return ChainResponse(
        ok=proof.ok,
        entries=len(proof.rows),
        broken_seq=proof.broken_seq,
        why=proof.why,
        head_seq=proof.head_seq,
        head_hash=proof.head_hash,
    )


def one_of(caller: CurrentUser, here: AppState, alert_id: str) -> Alert:
    """Return the alert; raise `ApiError` (404) if it is outside the caller's scope."""
    alert = here.services.archive.alert(alert_id, caller.scope) if "\0" not in alert_id else None
    if alert is None:
        raise ApiError(404, "alert_not_found")
    return alert


def _allowed(
    caller: CurrentUser, here: AppState, wanted: AlertFilter, form: str
) -> tuple[AlertFilter, int]:
    """Return the filter within the caller's scope, once its size is checked and it is logged."""
    mine = replace(wanted, scope=caller.scope, cursor=None)
    found = count_up_to(here.services.archive.database, mine, MOST_ROWS + 1)
    if found > MOST_ROWS:
        raise ApiError(422, "export_too_large", limit=MOST_ROWS)
    log_takeaway(
        caller,
        here,
        action="history_exported",
        object_id="history",
        details={"form": form, "rows": found, "filter": _told(mine)},
    )
    return mine, found


def _told(wanted: AlertFilter) -> dict[str, object]:
    told: dict[str, object] = {"since": wanted.since, "until": wanted.until}
    for name in ("states", "kinds", "cameras", "areas", "agencies", "outcomes", "reject_reasons"):
        told[name] = sorted(getattr(wanted, name))
    told["words"] = list(wanted.words)
    return {name: value for name, value in told.items() if value}


def _name(word: str, here: AppState) -> str:
    local = datetime.fromtimestamp(here.services.clock.utc() + LOCAL_OFFSET_S, UTC)
    return f"{word}-{local:%Y%m%d-%H%M%S}"
