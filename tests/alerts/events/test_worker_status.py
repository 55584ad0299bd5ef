"""What workers report of themselves, and which of them fell silent."""

from typing import Any

import pytest

from alerts.events import redis_keys
from alerts.events.queue import EventQueue
from tests.alerts.conftest import QueueServer
from tests.alerts.events.test_queue import raw_client


def test_worker_status_expires_and_the_worker_is_shown_as_lost(
    queue: EventQueue, until: Any
) -> None:
    assert queue.workers() == []
    queue.report_worker("worker-1", {"cameras": [{"id": "a"}], "name": "Cổng"}, ttl_s=60)
    queue.report_worker("worker-2", {"cameras": [{"id": "b"}, {"id": "c"}]}, ttl_s=0.05)
    first = min(queue.workers(), key=lambda status: status["worker"])
    assert (first["worker"], first["cameras"], first["name"], first["lost"]) == (
        "worker-1",
        [{"id": "a"}],
        "Cổng",
        False,
    )
    assert first["clock"]["ahead_s"] == pytest.approx(0.0, abs=first["clock"]["within_s"] + 0.1)
    assert queue.clock().ahead_s == pytest.approx(0.0, abs=queue.clock().within_s + 1.0)
    until(lambda: any(status["lost"] for status in queue.workers()))
    (lost,) = [status for status in queue.workers() if status["lost"]]
    assert (lost["worker"], lost["watched"]) == ("worker-2", ["b", "c"])
    assert lost["reported_at"] == pytest.approx(first["reported_at"], abs=5)
    queue.forget_worker("worker-2")
    queue.forget_worker("worker-2")
    assert [status["worker"] for status in queue.workers()] == ["worker-1"]


def test_a_worker_silent_for_a_week_is_no_longer_shown(
    queue: EventQueue, queue_server: QueueServer
) -> None:
    with raw_client(queue_server.url) as client:
        seconds, _ = client.time()
        client.zadd(
            redis_keys.WORKERS, {"removed": seconds - 8 * 86_400, "lost": seconds - 6 * 86_400}
        )
    queue.report_worker("worker-1", {}, ttl_s=60)
    assert {status["worker"] for status in queue.workers()} == {"worker-1", "lost"}
