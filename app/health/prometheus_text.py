"""Metrics of a site in Prometheus' text format.

Pure. One series per worker; per camera only on request. Counters reset with their worker.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from thapcanh.alerts.delivery.outbox.records import TargetState
from thapcanh.alerts.lifecycle.consumer_counts import ConsumerStats
from thapcanh.alerts.queue.queue import QueueDepth
from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.alerts.queue.workers.worker_report import WorkerReport
from thapcanh.alerts.store.coordination.centres import LivingCentre
from thapcanh.app.live.process.live_metrics import live_families
from thapcanh.app.live.process.signalling import LiveStatus

Table = tuple[tuple[str, str, tuple[str, ...]], ...]  # name, help, path in a worker's report

_COUNTERS: Table = (
    ("looks", "Looks at cameras.", ("looks", "looks")),
    ("looks_late", "Looks that came after the deadline.", ("looks", "late")),
    ("looks_failed", "Looks that failed.", ("looks", "failed")),
    ("region_looks", "Looks at a part of a picture.", ("looks", "regions")),
    ("region_looks_dropped", "Region looks without time.", ("looks", "regions_dropped")),
    ("wakes_withheld", "Looks at what was judged already.", ("looks", "wakes_withheld")),
    ("witness_unanswered", "Candidates that went unchecked.", ("looks", "unanswered")),
    ("decode_seconds", "CPU-seconds spent on decoding.", ("figures", "sums", "decode_s")),
    ("packets", "Packets read from cameras.", ("figures", "sums", "packets")),
    ("packets_skipped", "Packets never decoded.", ("figures", "sums", "packets_skipped")),
    ("packets_bad", "Packets no decoder could read.", ("figures", "sums", "packets_bad")),
    ("pictures_damaged", "Not whole, never shown.", ("figures", "sums", "pictures_damaged")),
    ("groups_given_up", "Too large to be held.", ("figures", "sums", "groups_given_up")),
    ("prerolls_cut", "No room before an event.", ("figures", "sums", "prerolls_cut")),
    ("frames_decoded", "Pictures decoded.", ("figures", "sums", "frames_decoded")),
    ("frames_dropped", "Pictures nobody looked at.", ("figures", "sums", "frames_dropped")),
    ("camera_reconnects", "Connections begun again.", ("figures", "sums", "reconnects")),
    ("worker_cpu_seconds", "CPU-seconds of the process.", ("figures", "cpu_s")),
    ("events_lost", "Events that found no room on the worker.", ("recorder", "lost")),
    ("events_resent", "Events that the queue had lost.", ("queue", "resent")),
    ("events_without_evidence", "Events that went out alone.", ("recorder", "without_evidence")),
    ("evidence_failures", "Pictures or films that failed.", ("recorder", "evidence_failures")),
    ("evidence_late", "Late on the way to the store.", ("evidence", "late")),
    ("evidence_delivered", "Messages with files in the store.", ("evidence", "delivered")),
    ("recorded_packets", "Packets in recordings.", ("recording", "packets_stored")),
    ("recorded_bytes", "Bytes of recordings.", ("recording", "bytes_stored")),
    ("recorded_segments", "Files of recordings.", ("recording", "segments")),
    ("recording_packets_lost", "In a named gap.", ("recording", "packets_lost")),
    ("films_refused", "Films there was no room to make.", ("recorder", "films_refused")),
)
_GAUGES: Table = (
    ("worker_resident_memory_bytes", "Memory of the process.", ("figures", "rss_bytes")),
    ("worker_start_time_seconds", "UTC time of its start.", ("started_at",)),
    ("worker_queue_connected", "1 when it reaches the queue.", ("queue", "connected")),
    ("spool_events", "Events that wait to be queued.", ("spool", "waiting")),
    ("evidence_waiting", "Messages whose files wait for the store.", ("evidence", "waiting")),
    ("evidence_waiting_bytes", "Files on the worker's own disk.", ("evidence", "waiting_bytes")),
    ("evidence_store_free_bytes", "Free in the store.", ("evidence", "store", "free")),
    ("recorded_cameras", "Cameras to be recorded.", ("recording", "cameras")),
    ("recording_queue_bytes", "Waits for the disk.", ("recording", "queue_bytes")),
    ("recording_stalled_seconds", "How long a write hangs.", ("recording", "stalled_s")),
    ("worker_disk_free_bytes", "Free on the disk of its data.", ("disk", "free")),
)
_HISTOGRAMS: Table = (
    ("look_interval_seconds", "Between two looks at a camera.", ("figures", "look_interval_s")),
    ("inference_seconds", "One call of the detector.", ("figures", "inference_s")),
    ("witness_wait_seconds", "From question to answer.", ("figures", "witness_wait_s")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreFigures:
    """Metrics of the centre itself; None means unreadable or unknown."""

    depth: QueueDepth | None
    consumer: ConsumerStats | None
    stages: Mapping[str, Mapping[str, Any]]
    screens: int
    pushes_unnoted: int
    turned_away: int
    last_proven: float | None
    targets: Mapping[str, TargetState] = field(default_factory=dict)
    centres: Sequence[LivingCentre] = ()
    system_alerts: Mapping[str, int] | None = None  # open ones, by kind
    live: LiveStatus = field(default_factory=LiveStatus)


def metrics_text(
    workers: Sequence[WorkerReport] | None,
    centre: CentreFigures,
    now: float,
    *,
    per_camera: bool = False,
) -> bytes:
    """Return the scrape's text; `workers` is None while the queue does not answer."""
    registry = CollectorRegistry(auto_describe=False)
    families = [
        *_of_centre(workers is not None, centre),
        *_of_targets(centre.targets, now),
        *live_families(centre.live),
        *_of_workers(workers or (), now),
    ]
    if per_camera:
        families += _of_cameras(workers or ())
    registry.register(_Made(families))
    return generate_latest(registry)


def _of_targets(targets: Mapping[str, TargetState], now: float) -> Iterator[Metric]:
    """Yield target series: pending deliveries, their age, dead letters."""
    waiting = _family("deliveries_waiting", "Deliveries not taken yet.", "target")
    dead = GaugeMetricFamily("thapcanh_deliveries_dead", "Dead letters.", labels=["target"])
    late = _family("delivery_oldest_seconds", "How long the oldest that is due waits.", "target")
    for name, state in targets.items():
        waiting.add_metric([name], state.waiting)
        dead.add_metric([name], state.dead)
        due_at = now if state.waiting_since is None else state.waiting_since
        late.add_metric([name], max(0.0, now - due_at))
    yield from (waiting, dead, late)


class _Made(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _of_centre(queue_answers: bool, centre: CentreFigures) -> Iterator[Metric]:
    yield _single("queue_up", "1 when the queue answers the centre.", float(queue_answers))
    if centre.depth is not None:
        yield _single("queue_events", "Events kept in the queue.", centre.depth.length)
        yield _single("queue_pending_events", "Given out, not stored.", centre.depth.pending)
        if centre.depth.unread is not None:
            yield _single("queue_unread_events", "Not given out yet.", centre.depth.unread)
    if centre.consumer is not None:
        counts = centre.consumer
        for name, value, words in (
            ("events_stored", counts.stored, "Events put into the archive."),
            ("events_duplicate", counts.duplicates, "Events that came again."),
            ("events_dead", counts.dead, "Dead letters."),
            ("consumer_failures", counts.failures, "Failures of the way to the archive."),
        ):
            yield CounterMetricFamily(f"thapcanh_{name}", words, value=value)
    leads = _family("centre_leads", "1 for the centre that does what is done once.", "centre")
    for item in centre.centres:
        leads.add_metric([item.name], float(item.leads))
    yield leads
    if centre.system_alerts is not None:
        troubles = _family("system_alerts", "Troubles of the watch that are not over.", "kind")
        for kind in SystemKind:
            troubles.add_metric([kind.value], centre.system_alerts.get(kind.value, 0))
        yield troubles
    yield _single("screens", "Open streams of changes.", centre.screens)
    yield CounterMetricFamily(
        "thapcanh_pushes_unnoted", "Times of sending not written down.", value=centre.pushes_unnoted
    )
    yield CounterMetricFamily(
        "thapcanh_requests_turned_away", "Requests refused as busy.", value=centre.turned_away
    )
    if centre.last_proven is not None:
        words = "UTC time when a self-test last came through."
        yield _single("last_proven_time_seconds", words, centre.last_proven)
    stages = HistogramMetricFamily(
        "thapcanh_stage_seconds", "From one step of an event to the next.", labels=["stage"]
    )
    for stage, counted in centre.stages.items():
        stages.add_metric([stage], *_buckets(counted))
    yield stages


def _of_workers(workers: Sequence[WorkerReport], now: float) -> Iterator[Metric]:
    names = [(worker["worker"], worker) for worker in workers]
    up = _family("worker_up", "0 when a worker fell silent.")
    for name, worker in names:
        up.add_metric([name], 0.0 if worker["lost"] else 1.0)
    yield up
    for key, words, path in _COUNTERS:
        counter = CounterMetricFamily(f"thapcanh_{key}", words, labels=["worker"])
        _fill(counter, names, path)
        yield counter
    for key, words, path in _GAUGES:
        gauge = _family(key, words)
        _fill(gauge, names, path)
        yield gauge
    for key, words, path in _HISTOGRAMS:
        histogram = HistogramMetricFamily(f"thapcanh_{key}", words, labels=["worker"])
        for name, worker in names:
            if counted := _at(worker, path):
                histogram.add_metric([name], *_buckets(counted))
        yield histogram
    yield from _by_word(names)
    yield _store_up(names)
    yield _waiting(names, now)


def _by_word(names: Sequence[tuple[str, WorkerReport]]) -> Iterator[Metric]:
    """Yield families with a second label: reason, state or mode."""
    wakes = CounterMetricFamily(
        "thapcanh_wakes", "Sleeping cameras that woke.", labels=["worker", "reason"]
    )
    states = GaugeMetricFamily("thapcanh_cameras", "Cameras.", labels=["worker", "state"])
    modes = GaugeMetricFamily(
        "thapcanh_cameras_decoding", "Cameras by how they are decoded.", labels=["worker", "mode"]
    )
    gaps = CounterMetricFamily(
        "thapcanh_recording_gaps", "Gaps in recordings.", labels=["worker", "reason"]
    )
    for name, worker in names:
        for word, value in (_at(worker, ("recording", "gaps")) or {}).items():
            gaps.add_metric([name, str(word)], float(value))
    yield gaps
    for family, part in ((wakes, "wakes"), (states, "states"), (modes, "modes")):
        for name, worker in names:
            for word, value in (_at(worker, ("figures", part)) or {}).items():
                family.add_metric([name, str(word).replace(" ", "_")], float(value))
        yield family


def _store_up(names: Sequence[tuple[str, WorkerReport]]) -> Metric:
    family = _family("evidence_store_up", "1 when the worker can use the evidence store.")
    for name, worker in names:
        if "evidence" in worker:
            store = _at(worker, ("evidence", "store"))
            family.add_metric([name], 0.0 if store is None else 1.0)
    return family


def _waiting(names: Sequence[tuple[str, WorkerReport]], now: float) -> Metric:
    family = _family("spool_oldest_seconds", "How long the oldest event waits; 0 for none.")
    for name, worker in names:
        if spool := worker.get("spool"):
            oldest_at = spool.get("oldest_at")
            family.add_metric([name], 0.0 if oldest_at is None else max(0.0, now - oldest_at))
    return family


def _of_cameras(workers: Sequence[WorkerReport]) -> Iterator[Metric]:
    looks = CounterMetricFamily("thapcanh_camera_looks", "Looks.", labels=["camera"])
    late = CounterMetricFamily("thapcanh_camera_looks_late", "Late looks.", labels=["camera"])
    interval = _family("camera_look_interval_seconds", "Smoothed, between two looks.", "camera")
    dropped = CounterMetricFamily(
        "thapcanh_camera_frames_dropped", "Pictures nobody looked at.", labels=["camera"]
    )
    online = GaugeMetricFamily("thapcanh_camera_online", "1 when online.", labels=["camera"])
    for camera in (camera for worker in workers for camera in worker.get("cameras", ())):
        label = [camera["id"]]
        online.add_metric(label, float(camera.get("state") == "online"))
        for family, value in (  # none of them where its worker has told no figures
            (looks, camera.get("looks")),
            (late, camera.get("looks_late")),
            (dropped, camera.get("frames_dropped")),
            (interval, camera.get("look_interval_s")),
        ):
            if value is not None:
                family.add_metric(label, value)
    yield from (looks, late, interval, dropped, online)


def _fill(
    family: CounterMetricFamily | GaugeMetricFamily,
    names: Sequence[tuple[str, WorkerReport]],
    path: tuple[str, ...],
) -> None:
    for name, worker in names:
        value = _at(worker, path)
        if value is not None:
            family.add_metric([name], float(value))


def _at(worker: WorkerReport, path: tuple[str, ...]) -> Any:
    """Return the value at a path of a report; None if the worker is lost or lacks it."""
    found: Any = worker
    for step in path:
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _single(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"thapcanh_{name}", words, value=value)


def _family(name: str, words: str, label: str = "worker") -> GaugeMetricFamily:
    return GaugeMetricFamily(f"thapcanh_{name}", words, labels=[label])


def _buckets(counted: Mapping[str, Any]) -> tuple[list[tuple[str, float]], float]:
    """Prometheus' buckets are summed up, and the last is endless."""
    bounds = [*(str(float(bound)) for bound in counted["bounds"]), "+Inf"]
    return list(zip(bounds, accumulate(counted["counts"]), strict=True)), float(counted["sum"])
