"""Cameras for the loop that looks at them: what it is given, and what it hands over."""

from collections.abc import Callable
from itertools import count

from tests.detection.detectors.fake_detector import FakeDetector
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl
from thapcanh.config.site import InferenceConfig
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.confirmation.belief import BeliefSources
from thapcanh.detection.detections import Detection, Detections
from thapcanh.detection.event import Event
from thapcanh.detection.rules.fire import FireRule
from thapcanh.ingest.frame import Frame

MakeFrame = Callable[..., Frame]
LOOKS = InferenceConfig(interval_s=0.01, deadline_s=5.0)
FLAME = Detection(box=(0.4, 0.4, 0.5, 0.6), confidence=0.9, label="fire")


class Cameras:
    """Cameras whose newest frame is made when asked; keeps what the loop hands over."""

    def __init__(self, make_frame: MakeFrame) -> None:
        self._make_frame = make_frame
        self._numbers = count(1)
        self.handed: list[tuple[Frame, Detections, list[Event]]] = []

    def scene(
        self, camera_id: str, detector: FakeDetector, *, has_witness: bool = False
    ) -> CameraPipeline:
        camera = CameraConfig(id=camera_id, name=camera_id, source=SecretUrl("rtsp://camera/1"))
        ids = count()
        return CameraPipeline(
            camera,
            (FireRule(id="fire"),),
            detector.model,
            lambda: f"{next(ids)}",
            stages=(),
            belief=BeliefSources(has_witness=has_witness),
        )

    def newest(self, camera_id: str) -> Callable[[], Frame]:
        return lambda: self._make_frame(next(self._numbers) / 10, camera_id=camera_id)

    def take(self, frame: Frame, detections: Detections, events: list[Event]) -> None:
        self.handed.append((frame, detections, events))

    def seen(self, camera_id: str) -> int:
        return sum(frame.camera_id == camera_id for frame, _, _ in list(self.handed))
