"""What workers report of themselves, and which of them fell silent."""

from typing import Any

import pytest

from tests.alerts.conftest import QueueServer
from tests.alerts.queue.test_queue import raw_client
from tests.patience import PATIENCE_S
from thapcanh.alerts.queue import redis_keys
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.app.worker.worker_key_command import acl_rules


def test_worker_status_expires_and_the_worker_is_shown_as_lost(
    queue: EventQueue, until: Any
) -> None:
    assert queue.workers() == []
    queue.report_worker("worker-1", {"cameras": [{"id": "a"}], "name": "Cổng"}, ttl_s=60)
    queue.report_worker("worker-2", {"cameras": [{"id": "b"}, {"id": "c"}]}, ttl_s=0.05)
    first = min(queue.workers(), key=lambda status: status["worker"])
    assert (first["worker"], first["cameras"], dict(first)["name"], first["lost"]) == (
        "worker-1",
        [{"id": "a"}],
        "Cổng",
        False,
    )
    clock = first["clock"]
    assert clock is not None
    assert clock["ahead_s"] == pytest.approx(0.0, abs=clock["within_s"] + 0.1)
    assert queue.clock().ahead_s == pytest.approx(0.0, abs=queue.clock().within_s + 1.0)
    until(lambda: any(status["lost"] for status in queue.workers()))
    (lost,) = [status for status in queue.workers() if status["lost"]]
    assert (lost["worker"], lost["watched"]) == ("worker-2", ["b", "c"])
    assert lost["reported_at"] == pytest.approx(first["reported_at"], abs=5)
    queue.remove_worker("worker-2")
    queue.remove_worker("worker-2")
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


def _cameras(**states: str) -> dict[str, Any]:
    return {"cameras": [{"id": name, "state": one, "fps": 15.0} for name, one in states.items()]}


def _states(queue: EventQueue) -> dict[str, str | None]:
    return {
        one["id"]: one["state"] for worker in queue.worker_states() for one in worker["cameras"]
    }


def test_states_are_read_again_only_when_one_changed(queue: EventQueue) -> None:
    queue.report_worker("worker-1", _cameras(a="online", b="online"), ttl_s=60)
    (first,) = queue.worker_states()
    assert _states(queue) == {"a": "online", "b": "online"}
    assert "fps" not in first["cameras"][0]
    queue.report_worker("worker-1", {**_cameras(a="online", b="online"), "round": 2}, ttl_s=60)
    (second,) = queue.worker_states()
    assert dict(second)["round"] == 2
    assert second["cameras"] is first["cameras"]
    queue.report_worker("worker-1", _cameras(a="online", b="backoff"), ttl_s=60)
    assert _states(queue) == {"a": "online", "b": "backoff"}


def test_the_words_of_workers_that_said_nothing_new_are_not_read_again(
    queue: EventQueue, queue_server: QueueServer, until: Any
) -> None:
    """Nor parsed: what a reading gives of them is what the one before gave."""
    queue.report_worker("worker-1", {**_cameras(a="online"), "looks": {"late": 1}}, ttl_s=60)
    queue.report_worker("worker-2", {**_cameras(b="online"), "looks": {"late": 2}}, ttl_s=60)
    first = {one["worker"]: one for one in queue.worker_states()}
    queue.report_worker("worker-2", {**_cameras(b="online"), "looks": {"late": 3}}, ttl_s=60)
    second = {one["worker"]: one for one in queue.worker_states()}
    assert second["worker-1"] == first["worker-1"]
    assert second["worker-1"]["looks"] is first["worker-1"]["looks"]
    assert second["worker-2"]["looks"] == {"late": 3}
    with raw_client(queue_server.url) as client:  # it fell silent without another word
        client.pexpire(redis_keys.worker("worker-1"), 1)
    until(lambda: {one["worker"] for one in queue.worker_states() if one["lost"]} == {"worker-1"})
    queue.report_worker("worker-1", _cameras(a="backoff"), ttl_s=60)
    assert _states(queue) == {"a": "backoff", "b": "online"}


def test_what_a_camera_counts_is_read_by_worker(queue: EventQueue) -> None:
    queue.report_worker("worker-1", _cameras(a="online"), ttl_s=60)
    queue.report_worker("worker-2", _cameras(b="online"), ttl_s=60)
    assert queue.camera_figures(["worker-2", "gone"]) == {"b": {"fps": 15.0}}
    assert queue.camera_figures([]) == {}
    assert [one["cameras"][0]["fps"] for one in queue.workers()] == [15.0, 15.0]


def test_states_that_the_server_lost_are_told_again(
    queue: EventQueue, queue_server: QueueServer
) -> None:
    queue.report_worker("worker-1", _cameras(a="online"), ttl_s=60)
    with raw_client(queue_server.url) as client:  # as a replica that takes over may have lost them
        client.delete(redis_keys.watched("worker-1"), redis_keys.worker("worker-1"))
    queue.report_worker("worker-1", _cameras(a="online"), ttl_s=60)
    queue.report_worker("worker-1", _cameras(a="online"), ttl_s=60)
    assert _states(queue) == {"a": "online"}


def test_a_worker_of_an_earlier_version_is_understood(
    queue: EventQueue, queue_server: QueueServer
) -> None:
    with raw_client(queue_server.url) as client:
        client.zadd(redis_keys.WORKERS, {"old": client.time()[0], "old-lost": client.time()[0]})
        client.set(redis_keys.worker("old"), '{"worker": "old", "cameras": [{"id": "a"}]}')
        client.set(redis_keys.watched("old"), '["a"]')
        client.set(redis_keys.watched("old-lost"), '["b"]')
    found = {worker["worker"]: worker for worker in queue.worker_states()}
    assert found["old"]["cameras"] == [{"id": "a"}]
    assert (found["old-lost"]["lost"], found["old-lost"]["watched"]) == (True, ["b"])


def test_a_worker_without_the_right_to_tell_figures_still_reports(
    queue: EventQueue, queue_server: QueueServer
) -> None:
    rules = [rule for rule in acl_rules("worker-1", "secret") if "figures" not in rule]
    own = " ".join(f"~{key('worker-1')}" for key in (redis_keys.worker, redis_keys.watched))
    with raw_client(queue_server.url) as client:
        client.execute_command("ACL", "SETUSER", "worker-1", *rules, f"(+set {own})")
    enrolled = EventQueue(queue_server.url.replace("redis://", "redis://worker-1:secret@"))
    try:
        for _ in range(2):
            enrolled.report_worker("worker-1", _cameras(a="online"), ttl_s=60)
    finally:
        enrolled.close()
    assert _states(queue) == {"a": "online"}
    assert queue.camera_figures(["worker-1"]) == {}


@pytest.mark.parametrize(
    "word",
    [
        b"no json",
        b"\xff\xfe",
        b"[" * 100_000,
        b"[]",
        b"7",
        b'{"cameras": 7}',
        b'{"cameras": [7]}',
        b'{"cameras": [{"id": 7}]}',
    ],
)
def test_a_word_that_is_no_report_silences_its_worker_alone(
    queue: EventQueue, queue_server: QueueServer, word: bytes
) -> None:
    queue.report_worker("worker-1", _cameras(a="online"), ttl_s=60)
    queue.report_worker("worker-2", _cameras(b="online"), ttl_s=60)
    with raw_client(queue_server.url) as client:
        for key_of in (redis_keys.worker, redis_keys.watched, redis_keys.figures):
            client.set(key_of("worker-2"), word)
    found = {one["worker"]: one["lost"] for one in queue.workers()}
    assert found == {"worker-1": False, "worker-2": True}


def test_a_worker_speaks_in_no_other_workers_name(
    queue: EventQueue, queue_server: QueueServer
) -> None:
    queue.report_worker("worker-1", _cameras(a="online"), ttl_s=60)
    with raw_client(queue_server.url) as client:
        client.zadd(redis_keys.WORKERS, {"worker-2": "inf", b"\xff": 1})
        client.set(redis_keys.worker("worker-2"), '{"worker": "worker-1", "cameras": []}')
        client.pexpire(redis_keys.worker("worker-2"), 60_000)
    found = {one["worker"]: one["lost"] for one in queue.workers()}
    assert found == {"worker-1": False, "worker-2": False, "\ufffd": True}
    with raw_client(queue_server.url) as client:
        client.delete(redis_keys.worker("worker-2"))
        now = client.time()[0]
    (lost,) = [one for one in queue.workers() if one["worker"] == "worker-2"]
    assert lost["reported_at"] <= now + 1


def test_centres_tell_each_other_which_devices_they_heard(queue: EventQueue) -> None:
    told = queue.devices.share_activity({"a": 100.0, "b": 9 * 24 * 3600.0})
    assert told == {"a": pytest.approx(100.0, abs=0.001)}
    told = queue.devices.share_activity({"a": 4000.0, "c": 0.0})
    assert told == {"a": pytest.approx(100.0, abs=PATIENCE_S), "c": pytest.approx(0.0, abs=0.001)}
    assert queue.devices.share_activity({}).keys() == {"a", "c"}
