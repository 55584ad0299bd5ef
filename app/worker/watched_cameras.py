"""Cameras of one worker: its share, and how they start, change and stop.

Owned by the main thread.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any, cast

from thapcanh.alerts.queue.exchanges.call_exchange import NearCall
from thapcanh.alerts.queue.workers.worker_report import CameraWord
from thapcanh.app.camera_events.camera_events import CameraEvents
from thapcanh.app.camera_events.onvif_objects import OnvifObjects
from thapcanh.app.ptz.turned_cameras import TurnedCamera, position_name
from thapcanh.app.worker.camera_share import CameraShare
from thapcanh.app.worker.metrics import CameraTotals
from thapcanh.app.worker.reference_view_store import ReferenceViewStore, tamper_settings
from thapcanh.app.worker.report_times import CameraStates
from thapcanh.config.camera import CameraConfig
from thapcanh.config.difference import Difference
from thapcanh.config.rules import Rule
from thapcanh.config.site import Site
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.confirmation.belief import BeliefSources
from thapcanh.detection.confirmation.habits import HabitMap
from thapcanh.detection.detections import Detections
from thapcanh.detection.detectors.model_card import ModelIdentity
from thapcanh.detection.inference.inference_loop import InferenceLoop
from thapcanh.detection.sightings.sighting_recorder import SightingRecorder
from thapcanh.ingest.camera.camera import Camera, CameraSettings
from thapcanh.ingest.camera.picture_health import PictureHealthSettings
from thapcanh.ingest.clock import Clock
from thapcanh.ingest.decoding.adaptive import adaptive_decoding_settings
from thapcanh.ingest.decoding.hardware import HardwareDecoding
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.recording.packet_recorder import PacketRecorder
from thapcanh.ingest.sources.registry import opener_of

log = logging.getLogger(__name__)
CALLED = "somebody called from near"  # why a camera is awake
PREROLL_SLACK_S = 10.0  # a clip starts at a keyframe, and confirmation takes some looks


class WatchedCameras:
    """Starts, changes and stops this worker's cameras."""

    def __init__(
        self,
        place: CameraShare,
        loop: InferenceLoop,
        model: ModelIdentity,
        new_id: Callable[[], str],
        clock: Clock,
        *,
        habits_of: Callable[[str], HabitMap | None] = lambda _: None,
        has_witness: bool = False,
        recorder: PacketRecorder | None = None,
        sightings: SightingRecorder | None = None,
        events: CameraEvents | None = None,
        views: ReferenceViewStore | None = None,
    ) -> None:
        self._place = place
        self._loop = loop
        self._model = model
        self._new_id = new_id
        self._clock = clock
        self._habits_of = habits_of
        self._has_witness = has_witness
        self._recorder = recorder
        self._sightings = sightings
        self._events = events
        self.views = views or ReferenceViewStore(None)
        self._own_objects = OnvifObjects()
        self._cameras: dict[str, Camera] = {}
        self._scenes: dict[str, CameraPipeline] = {}
        self._totals = CameraTotals()
        self.hardware = HardwareDecoding()
        self._decode_slots = threading.BoundedSemaphore(max(1, os.cpu_count() or 1))

    def start(self, site: Site) -> None:
        """Start every camera of this worker's share."""
        self._record(site)
        for spec in site.cameras:
            if self._place.has(spec.id):
                self._start_one(site, spec)
        self._listen(site)

    def apply(self, site: Site, changed: Difference) -> None:
        """Do the least that brings the running cameras to the new site."""
        self._stop_many(self._cameras.keys() & (changed.removed | changed.reopened))
        self.views.forget(filter(self._place.has, changed.removed))  # others only left this share
        self._record(site)
        for spec in site.cameras:
            if not self._place.has(spec.id):
                continue
            if spec.id in changed.added | changed.reopened:
                self._start_one(site, spec)
            elif spec.id in changed.rescened:
                self._change_one(site, spec)
        self._listen(site, changed.reopened | changed.rescened)

    def apply_share(self, site: Site) -> frozenset[str]:
        """Start what came into this worker's share, then stop what left it; return what left."""
        self._record(site)
        for spec in site.cameras:
            if self._place.has(spec.id) and spec.id not in self._cameras:
                self._start_one(site, spec)
        left = frozenset(item for item in self._cameras if not self._place.has(item))
        self._stop_many(left)
        self._listen(site)
        return left

    def get(self, camera_id: str) -> Camera | None:
        """Return the running camera, or None."""
        return self._cameras.get(camera_id)

    @property
    def any_turns(self) -> bool:
        """True if one of them is a PTZ camera turned from here."""
        return any(camera.spec.turns for camera in self._cameras.values())

    def look_at(self, turned: Mapping[str, TurnedCamera]) -> None:
        """Set the views of running PTZ cameras; others are home."""
        for camera in self._cameras.values():
            if camera.spec.turns:
                camera.look_at(position_name(turned.get(camera.spec.id)))

    def looked(self, frame: Frame, detections: Detections) -> None:
        """Record the detections of a camera. Runs on the inference thread."""
        camera = self._cameras.get(frame.camera_id)
        if self._sightings is not None and camera is not None:
            self._sightings.observe(frame, detections, is_idle=camera.is_idle)

    def set_calls(self, calls: Mapping[str, NearCall]) -> None:
        """Look harder with those that a call is near to; the others as ever. Told every second."""
        for camera_id, camera in self._cameras.items():
            call, scene = calls.get(camera_id), self._scenes.get(camera_id)
            if scene is not None:
                near = call is not None and call.corroborates
                scene.record_call(call.call if call and near else None, is_near=call is not None)
            if call is not None:
                camera.wake(CALLED)

    def stop(self) -> None:
        """Stop all of them together, so that their waits do not add up."""
        if self._events is not None:
            self._events.stop()
        self._own_objects.stop()
        self._stop_many(list(self._cameras))

    def report(self) -> list[CameraWord]:
        """Return each camera's state, for the centre."""
        facts = [self._facts(camera) for camera in list(self._cameras.values())]
        return cast(list[CameraWord], facts)

    def states(self) -> CameraStates:
        """Return the states whose changes are reported at once."""
        healths = [camera.health() for camera in list(self._cameras.values())]
        return {health.camera_id: (health.state, health.picture) for health in healths}

    def figures(self) -> dict[str, Any]:
        """Return sums over all cameras, including stopped ones."""
        return self._totals.figures(camera.health() for camera in list(self._cameras.values()))

    def _change_one(self, site: Site, spec: CameraConfig) -> None:
        """Replace the pipeline; also the camera if its need of every picture changed."""
        scene = self._scene(site, spec)
        if scene.needs_every_picture != self._scenes[spec.id].needs_every_picture:
            self._stop_many([spec.id])
            self._start_one(site, spec)
        else:
            self._show_to(scene, site.rules_of(spec), self._cameras[spec.id])

    def _start_one(self, site: Site, spec: CameraConfig) -> None:
        scene = self._scene(site, spec)
        camera = Camera(
            spec,
            clock=self._clock,
            open_source=opener_of(spec, site.camera_networks),
            on_frame=self._notice,
            on_packet=partial(self._recorder.offer, spec.id) if self._recorder else None,
            settings=CameraSettings(
                preroll_s=site.evidence.before_s + site.evidence.after_s + PREROLL_SLACK_S,
                preroll_max_bytes=int(site.evidence.preroll_max_mb * 1_000_000),
                picture=PictureHealthSettings(sight=tamper_settings(spec)),
                sleep=None if scene.needs_every_picture else adaptive_decoding_settings(site.looks),
                decode_slots=self._decode_slots,
                hardware=self.hardware.following(site.decode),
            ),
        )
        self._cameras[spec.id] = camera
        self._show_to(scene, site.rules_of(spec), camera)
        self.views.recall(camera)
        camera.start()

    def _record(self, site: Site) -> None:
        """Record those of this worker's cameras that the site wants recorded."""
        recorded = [spec for spec in self._own(site) if site.recording.has(spec)]
        if self._recorder is not None:
            self._recorder.record([spec.id for spec in recorded])
        if self._sightings is not None:
            self._sightings.follow(recorded if site.recording.sightings else ())

    def _listen(self, site: Site, again: frozenset[str] = frozenset()) -> None:
        """Follow cameras' own events and objects; resubscribe those in `again`."""
        self._own_objects.follow(site, self._own(site), self.get)
        if self._events is not None:
            self._events.follow(site, self._own(site), self.get, again)

    def _own(self, site: Site) -> list[CameraConfig]:
        return [spec for spec in site.cameras if self._place.has(spec.id)]

    def _notice(self, frame: Frame) -> None:
        """Run the rules that need every picture. Runs on the camera's thread."""
        scene = self._scenes.get(frame.camera_id)
        if scene is not None:
            scene.glance(frame)
        camera = self._cameras.get(frame.camera_id)
        self._loop.notice(frame.camera_id, is_calm=camera is not None and camera.is_calm)

    def _scene(self, site: Site, spec: CameraConfig) -> CameraPipeline:
        belief = BeliefSources(habits=self._habits_of(spec.id), has_witness=self._has_witness)
        return CameraPipeline(spec, site.rules_of(spec), self._model, self._new_id, belief=belief)

    def _show_to(self, scene: CameraPipeline, rules: Sequence[Rule], camera: Camera) -> None:
        self._scenes[scene.camera_id] = scene
        scene.own_objects = self._own_objects.near
        rank = min((rule.priority for rule in rules), default=3)
        self._loop.add(scene, camera.newest, rank, wake=camera.wake)

    def _stop_many(self, camera_ids: Iterable[str]) -> None:
        leaving = [self._cameras.pop(camera_id) for camera_id in list(camera_ids)]
        for camera in leaving:
            self._loop.remove(camera.spec.id)
            self._scenes.pop(camera.spec.id, None)
            camera.request_stop()
        for camera in leaving:
            ended = camera.stop()
            self._totals.keep(camera.health())
            if not ended:
                log.warning("camera %s: its thread has not ended yet", camera.spec.id)
        self.views.leave(leaving)

    def _facts(self, camera: Camera) -> dict[str, Any]:
        health = camera.health()
        looks = self._loop.counters_of(camera.spec.id)
        scene = self._scenes.get(camera.spec.id)
        crossings = scene.crossings() if scene else {}
        return {
            "id": camera.spec.id,
            "state": health.state,
            "reason": health.reason,
            "detail": health.detail,
            "picture": health.picture,
            "decoding": health.decoding.mode,
            "decoding_reason": health.decoding.reason,
            "wakes": health.decoding.wakes,
            "wakes_withheld": looks.wakes_withheld if looks else 0,
            "places_judged": scene.habituation.evaluated_places if scene else 0,
            "since": health.since,
            "fps": health.fps,
            "width": health.width,
            "height": health.height,
            "codec": health.codec,
            "last_frame_at": health.last_frame_at,
            "reconnects": health.reconnects,
            "frames_dropped": health.frames_dropped,
            "packets": health.packets,
            "frames_decoded": health.frames_decoded,
            "looks": looks.looks if looks else 0,
            "looks_late": looks.late if looks else 0,
            "look_interval_s": looks.interval_s if looks else None,
            "crossings": {rule: asdict(item) for rule, item in crossings.items()},
            "moving": scene.is_moving_camera if scene else False,
            **(self._events.facts(camera.spec.id) if self._events else {}),
            **self._own_objects.facts(camera.spec.id),
        }
