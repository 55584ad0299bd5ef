"""Web route `/metrics` for Prometheus: one scrape of the centre covers every worker.

It exists only with `[metrics] token` and needs that token, because the figures show how many
cameras a city has and which are blind.
"""

import hmac
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST

from thapcanh.alerts.queue.queue import QueueDepth
from thapcanh.alerts.queue.workers.worker_report import WorkerReport
from thapcanh.alerts.queue.workers.worker_reports import with_figures
from thapcanh.alerts.store.coordination.centres import LivingCentre
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

router = APIRouter(tags=["metrics"])


@router.get(
    "/metrics",
    dependencies=[Depends(enforce)],
    response_class=PlainTextResponse,
)
@permits(OPEN)  # the token in `[metrics]` is the login; without one there is none
def metrics(
    here: AppStateDep,
    authorization: Annotated[str, Header(include_in_schema=False)] = "",
    cameras: Annotated[bool, Query(description="one series a camera too")] = False,
) -> Response:
    """Return the site's metrics as Prometheus text; needs `Authorization: Bearer TOKEN`."""
    _let_in(here, authorization)
    report = here.part(CameraBoard).report()
    workers = _with_figures(report.workers, here) if cameras else report.workers
    text = metrics_text(
        workers if report.is_known else None,
        CentreFigures(
            depth=_depth(here),
            consumer=here.services.consumer_stats(),
            stages=here.services.stages.counted(),
            screens=here.part(ChangeFeed).screens,
            pushes_unnoted=here.part(ChangeFeed).notes_lost,
            turned_away=here.crowd.turned_away,
            last_proven=_last_proven(here),
            targets=here.services.target_states(),
            centres=_centres(here),
            live=here.part(LiveView).status,
        ),
        here.services.clock.utc(),
        per_camera=cameras,
    )
    return Response(text, media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _let_in(here: AppStateDep, authorization: str) -> None:
    token = here.services.site().metrics.token
    if token is None:
        raise ApiError(404, "not_found")
    scheme, _, shown = authorization.partition(" ")
    sent = shown.strip(" ").encode("latin-1", "replace")  # as the bytes of a header were read
    known = hmac.compare_digest(sent, token.get_secret_value().encode())
    if scheme.lower() != "bearer" or not known:
        raise ApiError(401, "not_logged_in", headers={"WWW-Authenticate": "Bearer"})


def _with_figures(workers: Sequence[WorkerReport], here: AppStateDep) -> Sequence[WorkerReport]:
    """Return the workers' reports with each camera's counts, if readable."""
    try:
        figures = here.services.read_figures([one["worker"] for one in workers if not one["lost"]])
    except QueueError:
        return workers
    return [with_figures(one, figures) for one in workers]


def _depth(here: AppStateDep) -> QueueDepth | None:
    try:
        return here.services.read_depth()
    except QueueError:
        return None


def _centres(here: AppStateDep) -> Sequence[LivingCentre]:
    try:
        return here.services.centres()
    except ArchiveError:
        return ()


def _last_proven(here: AppStateDep) -> float | None:
    """Return the last log proof, or None if the archive does not answer."""
    try:
        return here.services.archive.last_proven()
    except ArchiveError:
        return None
