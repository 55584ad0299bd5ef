"""Reports become metrics that Prometheus reads: right names, types, labels, and summed buckets."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.app.web_api.made_reports import reports_of
from thapcanh.alerts.lifecycle.consumer_counts import ConsumerStats
from thapcanh.alerts.queue.queue import QueueDepth
from thapcanh.alerts.queue.stage_times import StageTimes
from thapcanh.app.health.prometheus_text import CentreFigures, metrics_text
from thapcanh.app.live.process.signalling import LiveStatus
from thapcanh.ingest.histogram import Histogram

DASHBOARD = Path(__file__).parents[3] / "docs/grafana/thapcanh.json"
NOW = 1_800_000_000.0
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def worker(**changes: Any) -> dict[str, Any]:
    intervals = Histogram((0.5, 5.0))
    for value in (0.4, 0.5, 3.0, 9.0):
        intervals.observe(value)
    facts: dict[str, Any] = {
        "worker": "worker-0",
        "lost": False,
        "started_at": NOW - 60,
        "looks": {
            "looks": 70, "late": 1, "failed": 2, "regions": 9, "regions_dropped": 4,
            "wakes_withheld": 6, "unanswered": 3,
        },
        "spool": {"waiting": 3, "oldest_at": NOW - 5},
        "queue": {"connected": True, "error": None, "resent": 5},
        "recorder": {"lost": 0, "without_evidence": 8, "evidence_failures": 9, "films_refused": 2},
        "evidence": {"late": 6, "delivered": 70, "waiting": 3, "waiting_bytes": 2_000,
                     "oldest_at": NOW - 9, "error": None, "store": {"id": "share", "free": 4_000}},
        "disk": {"free": 5_000, "total": 9_000},
        "figures": {
            "sums": {"decode_s": 1.5, "packets": 900, "packets_skipped": 800, "packets_bad": 0,
                     "pictures_damaged": 6, "groups_given_up": 1, "prerolls_cut": 2,
                     "frames_decoded": 100, "frames_dropped": 30, "reconnects": 1},
            "wakes": {"packets grew": 4},
            "states": {"online": 2},
            "modes": {"idle": 1, "awake": 1},
            "look_interval_s": intervals.counted(),
            "inference_s": Histogram((0.01,)).counted(),
            "witness_wait_s": Histogram((0.15,)).counted(),
            "cpu_s": 12.5,
            "rss_bytes": None,
        },
        "cameras": [
            {"id": "cam-1", "state": "online", "looks": 40, "looks_late": 0, "look_interval_s": 0.5,
             "frames_dropped": 7}
        ],
    }  # fmt: skip
    return facts | changes


def centre(**changes: Any) -> CentreFigures:
    facts: dict[str, Any] = {
        "depth": QueueDepth(length=9, unread=2, pending=1),
        "consumer": ConsumerStats(
            stored=6, duplicates=1, dead=0, claimed=0, failures=0, connected=True,
            last_error=None, last_stored_at=None, unstored_since=None,
        ),
        "stages": StageTimes().counted(),
        "screens": 3,
        "pushes_unnoted": 11,
        "turned_away": 4,
        "last_proven": NOW - 20,
        "live": LiveStatus(
            is_up=True, starts=2, viewers=5, memory_bytes=90, sending=frozenset("a")
        ),
    }  # fmt: skip
    return CentreFigures(**facts | changes)


def read(text: bytes) -> Samples:
    families = list(text_string_to_metric_families(text.decode()))
    assert len({family.name for family in families}) == len(families)
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def of(samples: Samples, name: str, **labels: str) -> float:
    return samples[f"thapcanh_{name}", frozenset(labels.items())]


def test_one_scrape_shows_the_workers_and_the_centre() -> None:
    samples = read(metrics_text(reports_of([worker()]), centre(), NOW))
    assert of(samples, "looks_total", worker="worker-0") == 70
    assert of(samples, "region_looks_total", worker="worker-0") == 9
    assert of(samples, "region_looks_dropped_total", worker="worker-0") == 4
    assert of(samples, "wakes_withheld_total", worker="worker-0") == 6
    assert of(samples, "witness_unanswered_total", worker="worker-0") == 3
    assert of(samples, "decode_seconds_total", worker="worker-0") == 1.5
    assert of(samples, "frames_dropped_total", worker="worker-0") == 30
    assert of(samples, "wakes_total", worker="worker-0", reason="packets_grew") == 4
    assert of(samples, "cameras", worker="worker-0", state="online") == 2
    assert of(samples, "spool_oldest_seconds", worker="worker-0") == 5
    assert of(samples, "queue_unread_events") == 2
    assert of(samples, "events_stored_total") == 6
    assert of(samples, "screens") == 3
    assert of(samples, "events_resent_total", worker="worker-0") == 5
    assert of(samples, "events_without_evidence_total", worker="worker-0") == 8
    assert of(samples, "evidence_failures_total", worker="worker-0") == 9
    assert of(samples, "evidence_late_total", worker="worker-0") == 6
    assert of(samples, "evidence_waiting", worker="worker-0") == 3
    assert of(samples, "evidence_store_free_bytes", worker="worker-0") == 4_000
    assert of(samples, "evidence_store_up", worker="worker-0") == 1
    assert of(samples, "films_refused_total", worker="worker-0") == 2
    assert of(samples, "pushes_unnoted_total") == 11
    assert of(samples, "requests_turned_away_total") == 4
    assert of(samples, "live_up") == 1
    assert of(samples, "live_starts_total") == 2
    assert of(samples, "live_viewers") == 5
    assert of(samples, "live_memory_bytes") == 90
    assert of(samples, "live_phones") == 1
    assert of(samples, "pictures_damaged_total", worker="worker-0") == 6
    assert of(samples, "groups_given_up_total", worker="worker-0") == 1
    assert of(samples, "prerolls_cut_total", worker="worker-0") == 2


@pytest.mark.parametrize(("bound", "count"), [("0.5", 2), ("5.0", 3), ("+Inf", 4)])
def test_buckets_are_summed_up(bound: str, count: float) -> None:
    samples = read(metrics_text(reports_of([worker()]), centre(), NOW))
    assert of(samples, "look_interval_seconds_bucket", worker="worker-0", le=bound) == count
    assert of(samples, "look_interval_seconds_sum", worker="worker-0") == pytest.approx(12.9)


def test_a_camera_has_series_of_its_own_only_when_asked_for() -> None:
    def cameras(samples: Iterable[tuple[str, frozenset[tuple[str, str]]]]) -> set[str]:
        return {name for name, labels in samples if "camera" in dict(labels)}

    assert cameras(read(metrics_text(reports_of([worker()]), centre(), NOW))) == set()
    asked = read(metrics_text(reports_of([worker()]), centre(), NOW, per_camera=True))
    assert of(asked, "camera_looks_total", camera="cam-1") == 40
    assert of(asked, "camera_online", camera="cam-1") == 1


def test_a_lost_worker_and_one_of_an_older_version_are_shown_as_far_as_they_speak() -> None:
    lost = {"worker": "worker-1", "lost": True, "reported_at": NOW - 99}
    older = worker(worker="worker-2")
    del older["figures"]
    samples = read(metrics_text(reports_of([lost, older]), centre(), NOW))
    assert of(samples, "worker_up", worker="worker-1") == 0
    assert of(samples, "worker_up", worker="worker-2") == 1
    assert of(samples, "looks_total", worker="worker-2") == 70
    assert ("thapcanh_decode_seconds_total", frozenset({("worker", "worker-2")})) not in samples


def test_a_queue_that_does_not_answer_is_said_and_hides_nothing_else() -> None:
    samples = read(metrics_text(None, centre(depth=None), NOW))
    assert of(samples, "queue_up") == 0
    assert of(samples, "events_stored_total") == 6
    assert ("thapcanh_queue_unread_events", frozenset()) not in samples


def test_the_dashboard_is_one_by_grafanas_own_schema() -> None:
    """It lacked its annotations, which the schema requires."""
    schema = json.loads(Path(__file__).with_name("grafana_dashboard.schema.json").read_bytes())
    board = json.loads(DASHBOARD.read_bytes())
    checked = jsonschema.Draft7Validator(schema)
    assert [f"{one.json_path}: {one.message}" for one in checked.iter_errors(board)] == []
    board["panels"][1]["targets"] = "min(thapcanh_queue_up)"
    assert not checked.is_valid(board)


def test_the_dashboard_asks_only_for_what_there_is() -> None:
    shown = {name for name, _ in read(metrics_text(reports_of([worker()]), centre(), NOW))}
    shown |= {"thapcanh_worker_resident_memory_bytes"}  # not known to the report above
    board = DASHBOARD.read_text(encoding="utf-8")
    asked = set(re.findall(r"thapcanh_\w+", board))
    assert len(asked) > 20
    assert asked <= shown
