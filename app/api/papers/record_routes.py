"""The record of one alert, to print and to keep: as PDF and as a page."""

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from alerts.archive import Alert
from app.api.alerts.alert_routes import AlertId
from app.api.alerts.history_routes import one_of
from app.api.app_state import AppState, AppStateDep
from app.api.auth.access import CurrentUser, CurrentUserDep
from app.api.auth.endpoint_access import permits
from app.api.auth.permissions import TAKES_AWAY
from app.api.auth.token_scopes import TokenScope
from app.api.downloads import HTML, PDF, download, log_takeaway
from app.api.errors import ApiError
from app.api.papers.case_record import case_record
from app.api.prefix import PREFIX
from app.paper.content import Paper

router = APIRouter(prefix=PREFIX, tags=["history"])


@router.get("/alerts/{alert_id}/record.pdf", response_class=StreamingResponse)
@permits(TAKES_AWAY, token=TokenScope.EXPORT)
def record_pdf(caller: CurrentUserDep, here: AppStateDep, alert_id: AlertId) -> StreamingResponse:
    """The record of a case as PDF."""
    from app.paper.pdf import pdf

    alert = _printable(caller, here, alert_id)
    paper = _recorded(caller, here, alert, "pdf")
    return download([pdf(paper)], PDF, f"ho-so-{alert.number}.pdf")


@router.get("/alerts/{alert_id}/record.html", response_class=StreamingResponse)
@permits(TAKES_AWAY, token=TokenScope.EXPORT)
def record_html(caller: CurrentUserDep, here: AppStateDep, alert_id: AlertId) -> StreamingResponse:
    """The same as one HTML file."""
    from app.paper.page import page

    alert = _printable(caller, here, alert_id)
    paper = _recorded(caller, here, alert, "html")
    return download([page(paper)], HTML, f"ho-so-{alert.number}.html")


def _printable(caller: CurrentUser, here: AppState, alert_id: str) -> Alert:
    alert = one_of(caller, here, alert_id)
    if here.services.store_error() is not None:
        raise ApiError(503, "evidence_store_silent")
    return alert


def _recorded(caller: CurrentUser, here: AppState, alert: Alert, form: str) -> Paper:
    """The paper, once it stands in the log who took it."""
    log_takeaway(
        caller, here, action="record_exported", object_id=alert.id, details={"form": form}, of=alert
    )
    return case_record(alert, here)
