"""Camera of the inference loop: pipeline, newest frame, and wake signal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.detections import Detection, Detections, detections_of
from thapcanh.detection.event import Event, EventPhase
from thapcanh.detection.inference.inference_health import CameraInferences
from thapcanh.detection.inference.region_inference import SAME_THING, merged
from thapcanh.detection.region import overlap
from thapcanh.ingest.frame import Frame

DETECTED_BY_CAMERA = "seen by the camera itself"  # in a reason: the detector saw nothing there
Newest = Callable[[], Frame | None]


class WakeSignal(Protocol):
    """Callback for an inference that saw something; `is_sure` by the rule's confidence."""

    def __call__(self, reason: str, *, is_sure: bool) -> None:
        """Signal it on the inference thread; must not block."""
        ...


@dataclass(slots=True, kw_only=True)
class WatchedCamera:
    """Camera of the loop, with its rank and counters."""

    scene: CameraPipeline
    newest: Newest
    rank: int
    wake: WakeSignal | None = None
    counts: CameraInferences = field(default_factory=CameraInferences)

    def observe(self, frame: Frame, observed: Detections) -> tuple[Detections, list[Event]]:
        """Return the detections with the camera's own objects, and the messages they cause."""
        reported = self.scene.own_objects(frame)
        if not reported:
            return observed, self.scene.observe(frame, observed)
        detected = list(observed.rows())
        alone = [one for one in reported if not any(_is_same(one, row) for row in detected)]
        both = merged(observed, detections_of(frame, reported))
        return both, [_sourced(event, alone) for event in self.scene.observe(frame, both)]


def _sourced(event: Event, alone: Sequence[Detection]) -> Event:
    if event.phase is not EventPhase.RAISED:
        return event
    x, y, width, height = event.box
    raised = Detection(box=(x, y, x + width, y + height), confidence=1.0, label=event.label)
    if not any(_is_same(raised, one) for one in alone):
        return event
    return replace(event, reason=" · ".join(filter(None, (event.reason, DETECTED_BY_CAMERA))))


def _is_same(one: Detection, other: Detection) -> bool:
    return one.label == other.label and overlap(one.box, other.box) > SAME_THING
