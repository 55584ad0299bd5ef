"""A worker's report is judged where it is read: nobody behind that guesses what a fact may be."""

import json
from typing import Any

import pytest
import redis

from tests.alerts.conftest import QueueServer
from thapcanh.alerts.queue import redis_keys
from thapcanh.alerts.queue.workers.worker_report import (
    VERSION,
    ListedFigures,
    read_figures,
    read_listed_figures,
    validated_cameras,
    validated_report,
)
from thapcanh.alerts.queue.workers.worker_reports import WorkerReports


def test_a_report_is_taken_with_what_a_later_version_adds() -> None:
    told = {
        "worker": "another", "reported_at": "never", "started_at": 5, "rooms": 3, "v": VERSION + 1,
        "looks": {"state": "looking", "looks": 7, "late": 0, "dreams": 1},
        "evidence": {"error": None, "store": {"id": "s1", "free": 9}},
    }  # fmt: skip
    report = validated_report(told, "worker-1", 100.0)
    assert report == told | {"worker": "worker-1", "lost": False, "reported_at": 100.0}
    least = validated_report({}, "w", 1.0)
    assert least is not None
    assert least["v"] == VERSION


@pytest.mark.parametrize(
    ("fact", "wrong"),
    [
        ("started_at", "yesterday"),
        ("started_at", float("nan")),
        ("started_at", 9e99),
        ("looks", [1]),
        ("spool", "full"),
        ("queue", 3),
        ("clock", {"server": "x"}),
        ("disk", {"free": 1}),
        ("configuration_refused_at", {}),
    ],
)
def test_a_fact_that_is_not_of_its_form_is_none(fact: str, wrong: Any) -> None:
    report = validated_report({fact: wrong, "model": 7}, "worker-1", 100.0)
    assert report is not None
    assert dict(report)[fact] is None
    assert report["model"] is None


def test_a_camera_keeps_what_is_right_of_it() -> None:
    told = [
        {"id": "a", "state": "online", "since": -1, "moving": "yes", "detail": ["x"], "new": 1},
        {"state": "online"},
        {"id": 7},
        "b",
    ]
    assert validated_cameras(told) == [
        {"id": "a", "state": "online", "since": None, "moving": None, "detail": None, "new": 1}
    ]
    assert validated_cameras({"id": "a"}) is None
    counted: dict[str, Any] = {
        "a": {
            "fps": float("inf"),
            "looks": 3,
            "crossings": {"r": {"entered": 1, "left": 2}, "s": 3},
        },
        "b": 7,
    }
    assert read_figures(json.dumps(counted).encode()) == {
        "a": {"fps": None, "looks": 3, "crossings": None}
    }
    assert read_figures(b'{"a": {"fps": 4.0, "new": [1]}}') == {"a": {"fps": 4.0, "new": [1]}}
    counted["a"]["codec"] = "h264"
    shown = read_listed_figures(json.dumps(counted).encode())
    assert shown == {"a": {**dict.fromkeys(ListedFigures.__annotations__), "codec": "h264"}}
    for wrong in (b'"none"', b"[", b"[" * 100_000, b'{"a": "\xff"}'):
        assert read_figures(wrong) == read_listed_figures(wrong) == {}


class _SetTime(redis.Redis):
    """A client of a queue whose clock stands."""

    at = (1000, 300_000)

    def time(self, **_: Any) -> tuple[int, int]:
        return self.at


def test_the_second_report_of_one_second_was_not_read(queue_server: QueueServer) -> None:
    reports = WorkerReports()
    with _SetTime.from_url(queue_server.url) as client:
        for at, micros in ((1000.2, 300_000), (1000.5, 600_000)):
            client.set(redis_keys.worker("worker-1"), json.dumps({"started_at": at, "cameras": []}))
            client.zadd(redis_keys.WORKERS, {"worker-1": at})
            client.at = (1000, micros)
            assert [one["started_at"] for one in reports.read(client)] == [at]
