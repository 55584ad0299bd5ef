"""A queue that is there and answers nothing holds up nobody who asks how the site is."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.alerts.conftest import QueueServer, queue_binaries, until
from tests.app.web_api.anonymous import anonymous_get
from tests.app.web_api.centre import Centre, serving
from tests.app.web_api.served_app import Served
from thapcanh.alerts.queue.queue import EventQueue, QueueSettings
from thapcanh.app.cameras.camera_board import STALE_S, CameraBoard
from thapcanh.app.centre.web.application import create_app
from thapcanh.app.health.health_routes import STARTING_S

FOR_EVER_S = 3600.0
"""Of the sockets: who waits for the queue itself gets no answer in any test."""


@pytest.fixture
def frozen(tmp_path: Path) -> Iterator[tuple[QueueServer, EventQueue]]:
    server = QueueServer(next(iter(queue_binaries().values())), tmp_path / "queue")
    server.start()
    queue = EventQueue(server.url, settings=QueueSettings(socket_timeout_s=FOR_EVER_S))
    try:
        yield server, queue
    finally:
        server.kill()
        queue.close()


@contextmanager
def _asking(centre: Centre, queue: EventQueue) -> Iterator[Served]:
    services = replace(
        centre.services(),
        cameras=CameraBoard(queue.worker_states, centre.site, centre.clock),
        queue_takes_none=queue.stream.is_full,
        read_depth=queue.depth,
    )
    with serving(centre, app=create_app(services)) as served:
        yield served


def _readiness(served: Served) -> tuple[str, int | None]:
    told = anonymous_get(f"{served.address}/readyz").json()
    return told["status"], told["report_age_s"]


def test_a_frozen_queue_held_up_whoever_asked_how_the_site_is(
    centre: Centre, frozen: tuple[QueueServer, EventQueue]
) -> None:
    server, queue = frozen
    cameras = [{"id": one.id, "state": "online"} for one in centre.site().cameras]
    queue.report_worker("worker-0", {"cameras": cameras}, FOR_EVER_S)
    with _asking(centre, queue) as served:
        centre.clock.at += STARTING_S
        assert _readiness(served) == ("ok", 0)
        server.freeze()
        centre.clock.at += 3
        assert _readiness(served) == ("ok", 3)
        centre.clock.at += STALE_S
        assert _readiness(served) == ("queue_unavailable", 3 + STALE_S)
        server.thaw()
        centre.clock.at += 3
        until(lambda: _readiness(served) == ("ok", 0))
