"""Cameras' own analytics (ONVIF Profile M) as detections for rules.

One thread per camera with `metadata`.
"""

import threading
import time
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from thapcanh.app.camera_events.camera_events import CameraOf, Wake, WakeBudget
from thapcanh.config.camera import CameraConfig
from thapcanh.config.rules import Rule
from thapcanh.config.site import Site
from thapcanh.detection.detections import Detection
from thapcanh.detection.rules.registry import followed_labels
from thapcanh.ingest.backoff import BESIDE_BACKOFF, HOPELESS_BACKOFF, Backoff
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.onvif.event_topics import OnvifEventKind
from thapcanh.ingest.onvif.metadata import CameraObject
from thapcanh.ingest.onvif.metadata_reader import MetadataReader
from thapcanh.ingest.sources.connection import OpenSettings
from thapcanh.ingest.sources.registry import settings_of
from thapcanh.ingest.sources.rtsp_metadata import open_metadata

STOP_WITHIN_S = 5.0
_SURE = frozenset({"fire", "smoke"})
_Way = tuple[str, OpenSettings]


class OnvifObjects:
    """Object readers of a worker. `follow`, `facts` and `stop` belong to its main thread."""

    def __init__(
        self, *, retry: Backoff = BESIDE_BACKOFF, hopeless: Backoff = HOPELESS_BACKOFF
    ) -> None:
        self._retry, self._hopeless = retry, hopeless
        self._readers: dict[str, tuple[_Way, MetadataReader]] = {}
        self._labels: dict[str, frozenset[str]] = {}
        self._camera_of: CameraOf = lambda _: None
        self._cameras = 0
        self._budget = WakeBudget()
        self._judging = threading.Lock()

    def follow(self, site: Site, cameras: Iterable[CameraConfig], camera_of: CameraOf) -> None:
        """Read the boxes of those of these cameras that give them, and of no others."""
        watched = list(cameras)
        self._camera_of, self._cameras = camera_of, len(watched)
        self._labels = {spec.id: _labels(site.rules_of(spec)) for spec in watched if spec.metadata}
        sources = {spec.id: spec for spec in watched if spec.metadata_source is not None}
        ways = {spec.id: _way(site, spec) for spec in sources.values()}
        self._end([item for item, (way, _) in self._readers.items() if ways.get(item) != way])
        for camera_id, spec in sources.items():
            if camera_id not in self._readers and spec.metadata_source is not None:
                way = ways[camera_id]
                opened = partial(open_metadata, spec.metadata_source, way[1])
                reader = MetadataReader(
                    camera_id, opened, self._receive, retry=self._retry, hopeless=self._hopeless
                )
                self._readers[camera_id] = (way, reader)
                reader.start()
        with self._judging:
            self._budget.keep(frozenset(self._readers))

    def near(self, frame: Frame) -> Sequence[Detection]:
        """Return what the camera detected near the frame's time; any thread may call it."""
        reader = self._readers.get(frame.camera_id)
        if reader is None:
            return ()
        return [
            Detection(box=item.box, confidence=item.confidence, label=item.label)
            for item in reader[1].seen.near(frame.captured_at)
        ]

    def facts(self, camera_id: str) -> dict[str, Any]:
        """Return the report fields; `objects` is None without a reader."""
        reader = self._readers.get(camera_id)
        state = reader[1].state if reader else None
        return {
            "objects": state and state.is_on,
            "objects_detail": state and state.detail,
            "objects_received": state.documents if state else 0,
        }

    def stop(self) -> None:
        """End every session."""
        self._end(list(self._readers))

    def _end(self, camera_ids: Sequence[str]) -> None:
        leaving = [self._readers.pop(item)[1] for item in camera_ids]
        for reader in leaving:
            reader.request_stop()
        for reader in leaving:
            reader.stop(STOP_WITHIN_S)

    def _receive(self, camera_id: str, objects: Sequence[CameraObject]) -> None:
        """Wake the camera for a rule's label. Runs on the camera's thread."""
        found = {item.label for item in objects} & self._labels.get(camera_id, frozenset())
        camera = self._camera_of(camera_id) if found else None
        if camera is None or not camera.is_idle:
            return
        kind = OnvifEventKind.FIELD_ENTERED if found & _SURE else OnvifEventKind.MOTION
        with self._judging:
            wake = self._budget.judge(camera_id, kind, time.monotonic(), self._cameras)
        if wake is not Wake.NO:
            camera.wake(f"it saw {min(found)} itself", is_sure=wake is Wake.SURELY)


def _labels(rules: Sequence[Rule]) -> frozenset[str]:
    return followed_labels(rules) | {rule.kind for rule in rules}


def _way(site: Site, spec: CameraConfig) -> _Way:
    """Return what identifies a connection; another one needs another reader."""
    source = spec.metadata_source
    return source.reveal() if source else "", settings_of(spec, site.camera_networks)
