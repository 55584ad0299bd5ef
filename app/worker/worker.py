"""Worker process: cameras → inferences → events → evidence → spool → queue.

Threads: one per camera, one for inference, recorder, publisher; the main thread reports, follows
the configuration and waits for the end.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict

import uuid6

from thapcanh.alerts.evidence.recorder import EventRecorder, RecorderSettings
from thapcanh.alerts.evidence.staging import remembered_store_id
from thapcanh.alerts.evidence.store_monitor import StoreIdentity, StoreMonitor
from thapcanh.alerts.queue.publisher import EventPublisher
from thapcanh.alerts.queue.self_test_event import SELF_TEST, self_test_event
from thapcanh.alerts.queue.spool import Spool
from thapcanh.alerts.queue.workers.worker_report import OwnReport
from thapcanh.alerts.store.errors import QueueError
from thapcanh.app.calls.attention.call_poller import CallPoller
from thapcanh.app.camera_events.camera_events import CameraEvents
from thapcanh.app.health.health_monitor import MOVED, HealthMonitor
from thapcanh.app.phones.phone_cameras import SiteWithPhones
from thapcanh.app.process import exit_codes
from thapcanh.app.process.disk_room import disk_of
from thapcanh.app.process.heartbeat import ProcessHeartbeat
from thapcanh.app.process.part_ownership import AlreadyRuns, PartOwnership
from thapcanh.app.process.resources import MemoryManager
from thapcanh.app.process.terminal import fail
from thapcanh.app.ptz.turned_cameras import TurnedViews
from thapcanh.app.registry.config_watch import ConfigWatch
from thapcanh.app.site.site_paths import site_paths_of
from thapcanh.app.site.site_stores import site_evidence, site_queue
from thapcanh.app.suppression.habit_store import HabitStore
from thapcanh.app.worker.camera_share import CameraShare
from thapcanh.app.worker.health_checks import WorkerCondition, WorkerHealthChecks
from thapcanh.app.worker.metrics import counters_of, evidence_figures, worker_figures
from thapcanh.app.worker.recording import WorkerRecording
from thapcanh.app.worker.reference_view_store import ReferenceViewStore
from thapcanh.app.worker.report_times import ReportTimes
from thapcanh.app.worker.self_test import SelfTest, SelfTestResult
from thapcanh.app.worker.signing import transport_of
from thapcanh.app.worker.watched_cameras import WatchedCameras
from thapcanh.config.difference import Difference
from thapcanh.config.site import Site
from thapcanh.detection.confirmation.witness import witness_of
from thapcanh.detection.detections import Detections
from thapcanh.detection.detectors.detector import load_detector
from thapcanh.detection.event import Event
from thapcanh.detection.inference.inference_health import LoopState
from thapcanh.detection.inference.inference_loop import InferenceLoop
from thapcanh.detection.inference.object_model import load_object_model
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.frame import Frame

log = logging.getLogger(__name__)
LOST_AFTER_S = 7.5  # a worker whose last report is older is lost: known within 10 s
TICK_S = 0.5
HOPELESS_TICKS = 30  # about 15 s in which no look ended well: begin again


class Worker:
    """Parts of one worker, created but not started."""

    hangs = False  # a look has not ended, even when it was told to

    def __init__(self, site: Site, place: CameraShare) -> None:
        places = site_paths_of(site)
        self._site = site
        self._place = place
        self._started_at = time.time()
        self._queue = site_queue(site)
        self._spool = Spool(places.spool(place.worker_id), place.worker_id)
        self._publisher = EventPublisher(
            self._spool, transport_of(self._queue, site, place.worker_id),
            finished_before=self._queue.finished_before,
        )  # fmt: skip
        evidence = site_evidence(site)
        self._identity = StoreIdentity(evidence, remembered_store_id(self._spool.path))
        self._store_monitor = StoreMonitor(self._identity)
        self._recorder = EventRecorder(
            evidence,
            self._spool,
            settings=RecorderSettings(
                before_s=site.evidence.before_s, after_s=site.evidence.after_s
            ),
            identity=self._identity,
        )
        self._findings = WorkerHealthChecks()
        self._watch = HealthMonitor(self._spool.open_events())
        self._detector = load_detector(site.detector, places.model_cache_dir)
        self._objects = load_object_model(site.detector, places.model_cache_dir)
        witness = witness_of(site.detector)
        self._loop = InferenceLoop(
            self._detector, site.looks, self._on_look,
            witness=witness, objects=self._objects, on_events=self._on_events,
        )  # fmt: skip
        self._habits = HabitStore(self._queue.habits, time.time)
        self._recording = WorkerRecording(site, place.record_days, self._recorder.evidence_waits)
        self._cameras = WatchedCameras(
            place,
            self._loop,
            self._detector.model,
            lambda: str(uuid6.uuid7()), SystemClock(),
            habits_of=self._habits.of,
            has_witness=witness is not None,
            objects=self._objects,
            recorder=self._recording.packets,
            sightings=self._recording.sightings,
            events=CameraEvents(self._recorder.accept),
            views=ReferenceViewStore(places.reference_views_dir),
        )  # fmt: skip
        self._turned = TurnedViews(self._queue.turned, self._cameras, time.monotonic)
        self._received = CallPoller(self._queue.calls, self._cameras, time.monotonic)
        known = self._detector.model, self._detector.labels
        self._self_test = SelfTest(self._loop, *known, self._prove, SystemClock())

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start the parts from the queue to the cameras; stop them the other way."""
        with ExitStack() as stack:
            stack.callback(self._queue.close)
            stack.callback(self._spool.close)
            self._publisher.start()
            stack.callback(self._publisher.stop)
            stack.callback(self._wait_sent)
            self._store_monitor.start()
            stack.callback(self._store_monitor.stop)
            self._recorder.start()
            stack.callback(self._recorder.stop)
            self._recorder.end_open("worker_restarted")  # what it saw before, no scene knows now
            stack.callback(self._recorder.end_open, "worker_stopped", system=True)
            stack.callback(self._habits.tick)  # what the last looks taught
            stack.callback(self._recording.sightings.stop)
            stack.callback(self._stop_looking)
            self._loop.start()
            stack.callback(self._recording.stop)
            self._recording.start()
            self._cameras.start(self._site)
            stack.callback(self._cameras.stop)
            log.info("watching as %s", self._place.told)
            yield
        log.info("stopped")

    def tend(
        self,
        watch: ConfigWatch,
        beat: ProcessHeartbeat,
        stop: threading.Event,
        right: PartOwnership,
    ) -> int:
        """Report, reload, and beat until stopped; return the exit code."""
        hopeless_ticks, reports, memory = 0, ReportTimes(), MemoryManager()
        site = SiteWithPhones(self._site, watch.poll, self._queue.phone_list)
        while not stop.wait(TICK_S):
            beat.show()
            change = site.poll()
            if change is not None:
                self._apply(*change)
            if self._place.poll():
                self._apply_share(site.site)
            if reports.is_due(time.monotonic(), self._cameras.states()):
                status = self._status()
                status["configuration_refused_at"] = watch.refused_since
                self._watch_oneself(status)
                self._report(status)
                try:
                    right.keep()
                except AlreadyRuns as error:
                    return fail(error, exit_codes.FAILED)
            memory.tick()
            beat.show()  # a queue that hangs takes seconds of each question
            self._self_test.tick()
            self._habits.poll()
            self._cameras.views.poll()
            self._turned.poll()
            self._received.poll()
            stalled = self._loop.health().state is LoopState.STALLED
            hopeless_ticks = hopeless_ticks + 1 if stalled else 0
            if hopeless_ticks >= HOPELESS_TICKS:
                log.error("the detector does not come back; this worker ends, to be started again")
                return exit_codes.FAILED
        self._sign_off()
        return exit_codes.OK

    def _apply(self, site: Site, changed: Difference) -> None:
        self._cameras.apply(site, changed)
        for camera_id in changed.removed | changed.reopened | changed.rescened:
            self._recorder.end_open("scene_rebuilt", camera_id)
        for event in self._watch.end(changed.moved, MOVED, time.time()):
            self._recorder.accept(event, None, None)
        self._habits.drop(changed.removed)
        log.info("configuration applied")

    def _apply_share(self, site: Site) -> None:
        """Release cameras that another worker has now; their events continue there with new ids."""
        left = self._cameras.apply_share(site)
        for camera_id in left:
            self._recorder.end_open("watched_elsewhere", camera_id)
        self._habits.drop(left)
        log.info("watching as %s; %d cameras left", self._place.told, len(left))

    def _stop_looking(self) -> None:
        """Stop the inference loop; a hanging detector is abandoned."""
        self.hangs = not self._loop.stop()
        if not self.hangs:
            self._detector.close()
            if self._objects is not None:
                self._objects.close()

    def _on_look(self, frame: Frame, detections: Detections, events: list[Event]) -> None:
        """Pass on each event, independent of failures of others. Runs on the inference thread."""
        if frame.camera_id == SELF_TEST:
            self._self_test.looked(frame, events)
            return
        self._on_events(frame, events)
        self._cameras.looked(frame, detections)

    def _on_events(self, frame: Frame, events: list[Event]) -> None:
        for event in events:
            camera = self._cameras.get(event.camera_id)
            # of a camera that is being reopened nobody knows its privacy masks: no picture then
            self._recorder.accept(event, frame if camera else None, camera)

    def _prove(self, event: Event | None) -> None:
        self._recorder.accept(
            self_test_event(self._place.worker_id, time.time(), event), None, None
        )

    def _watch_oneself(self, status: OwnReport) -> None:
        """Raise and clear problems of this worker's cameras and inferences."""
        now = time.time()
        is_blind = self._self_test.sight is SelfTestResult.BLIND
        report = WorkerCondition.of(status, self._place.worker_id, now, is_blind=is_blind)
        findings = self._findings.read(report, now, self._watch.raised)
        for event in self._watch.judge(findings, now):
            log.warning("%s: %s %s: %s", event.phase, event.rule_id, event.camera_id, event.reason)
            self._recorder.accept(event, None, None)

    def _report(self, status: OwnReport) -> None:
        try:
            told = self._queue.report_worker(self._place.worker_id, status, LOST_AFTER_S)
            if self._store_monitor.state().error is not None:
                self._follow_store(told)
        except QueueError as error:
            log.debug("status not reported: %s", error)  # the publisher tells of the queue

    def _follow_store(self, told: str | None) -> None:
        """Follow the centre to an evidence store that was replaced on purpose."""
        if told is not None and told != self._identity.known:
            log.warning("the centre uses evidence store %s now", told)
            self._identity.expect(told)

    def _status(self) -> OwnReport:
        sent = self._publisher.stats()
        return {
            "started_at": self._started_at,
            "model": asdict(self._detector.model),
            "device": str(getattr(self._detector, "device", "")),  # as far as it says
            "decoding": self._cameras.hardware.status(),
            "looks": counters_of(self._loop),
            "spool": {
                "waiting": sent.waiting,
                "oldest_at": sent.oldest_waiting_at,
                "epoch": self._spool.epoch,
            },
            "queue": {
                "connected": sent.connected,
                "error": sent.last_error,
                "resent": sent.lost_and_resent,
                "checked_at": sent.checked_at,
            },
            "recorder": asdict(self._recorder.stats()),
            "evidence": evidence_figures(self._recorder, self._store_monitor),
            "recording": self._recording.figures(),
            "sightings": self._recording.sightings_figures(),
            "spool_set_aside": str(self._spool.set_aside) if self._spool.set_aside else None,
            "disk": disk_of(self._site.site.data_dir),
            "cameras": self._cameras.report(),
            "figures": worker_figures(self._cameras.figures(), self._loop),
        }

    def _sign_off(self) -> None:
        try:
            self._queue.remove_worker(self._place.worker_id)
        except QueueError:
            log.debug("the queue does not answer, the status will expire by itself")

    def _wait_sent(self) -> None:
        """Give the publisher a moment for the last events and clips."""
        deadline = time.monotonic() + 3.0
        while time.monotonic() < deadline:
            stats = self._publisher.stats()
            if not stats.waiting or not stats.connected:
                return
            time.sleep(0.05)
