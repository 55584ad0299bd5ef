"""Web route `/metrics` for Prometheus: one scrape of the centre covers every worker.

It exists only with `[metrics] token` and needs that token, because the figures show how many
cameras a city has and which are blind.
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from thapcanh.alerts.health.status import open_system_alerts
from thapcanh.alerts.queue.workers.worker_report import CameraFigures, WorkerReport
from thapcanh.alerts.queue.workers.worker_reports import with_figures
from thapcanh.alerts.store.errors import ArchiveError, QueueError
from thapcanh.app.cameras.camera_board import CameraBoard
from thapcanh.app.health.prometheus_text import CentreFigures, metrics_text
from thapcanh.app.live.live_view import LiveView
from thapcanh.app.stream.change_feed import ChangeFeed
from thapcanh.app.web_api.access.access import enforce
from thapcanh.app.web_api.access.endpoint_access import permits
from thapcanh.app.web_api.access.permissions import OPEN
from thapcanh.app.web_api.app_state import AppStateDep
from thapcanh.app.web_api.errors import ApiError

page = APIRouter(tags=["metrics"])
T = TypeVar("T")


@page.get(
    "/metrics",
    dependencies=[Depends(enforce)],
    response_class=PlainTextResponse,
)
@permits(OPEN)  # the token in `[metrics]` is the login; without one there is none
def metrics(
    state: AppStateDep,
    authorization: Annotated[str, Header(include_in_schema=False)] = "",
    cameras: Annotated[bool, Query(description="one series a camera too")] = False,
) -> Response:
    """Return the site's metrics as Prometheus text; needs `Authorization: Bearer TOKEN`."""
    _let_in(state, authorization)
    report = state.part(CameraBoard).report()
    workers = report.workers
    if cameras and report.is_known:
        workers = _with_figures(workers, state)
    text = metrics_text(
        workers if report.is_known else None,
        CentreFigures(
            depth=_read(state.services.read_depth, None) if report.is_known else None,
            consumer=state.services.consumer_stats(),
            stages=state.services.stages.counted(),
            screens=state.part(ChangeFeed).screens,
            pushes_unnoted=state.part(ChangeFeed).notes_lost,
            turned_away=state.crowd.turned_away,
            last_proven=_read(state.services.archive.last_proven, None),
            system_alerts=_read(lambda: open_system_alerts(state.services.archive.database), None),
            targets=state.services.target_states(),
            centres=_read(state.services.centres, ()),
            live=state.part(LiveView).status,
        ),
        state.services.clock.utc(),
        per_camera=cameras,
    )
    return Response(text, media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _let_in(state: AppStateDep, authorization: str) -> None:
    token = state.services.site().metrics.token
    if token is None:
        raise ApiError(404, "not_found")
    scheme, _, shown = authorization.partition(" ")
    sent = shown.strip(" ").encode("latin-1", "replace")  # as the bytes of a header were read
    is_valid = hmac.compare_digest(sent, token.get_secret_value().encode())
    if scheme.lower() != "bearer" or not is_valid:
        raise ApiError(401, "not_logged_in", headers={"WWW-Authenticate": "Bearer"})


def _with_figures(workers: Sequence[WorkerReport], state: AppStateDep) -> Sequence[WorkerReport]:
    """Return the workers' reports with each camera's counts, if readable."""
    living = [worker["worker"] for worker in workers if not worker["lost"]]
    nothing: Mapping[str, CameraFigures] = {}
    figures = _read(lambda: state.services.read_figures(living), nothing)
    return [with_figures(worker, figures) for worker in workers]


def _read(read: Callable[[], T], otherwise: T) -> T:
    """Return what `read` gives, or `otherwise` if the server does not answer."""
    try:
        return read()
    except (ArchiveError, QueueError):
        return otherwise
