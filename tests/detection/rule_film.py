"""A camera whose looks are told as rows, for tests of the rules about people and vehicles."""

from collections.abc import Sequence
from itertools import count

import av
import numpy as np

from thapcanh.config.camera import CameraConfig, LineConfig, ZoneConfig
from thapcanh.config.rules import Rule
from thapcanh.config.secret import SecretUrl
from thapcanh.detection.camera_pipeline import CameraPipeline
from thapcanh.detection.detections import Detection, detections_of
from thapcanh.detection.detectors.model_card import ModelIdentity
from thapcanh.detection.event import Event, EventPhase
from thapcanh.ingest.frame import Frame

MODEL = ModelIdentity(name="fake", sha256="f" * 64)
AFTERNOON = 1_760_000_400.0  # 2025-10-09 16:00 in Vietnam
BOTTOM_HALF = ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0))
CAMERA = CameraConfig(
    id="gate",
    name="Gate",
    source=SecretUrl("rtsp://camera/1"),
    zones=(ZoneConfig(id="yard", name="Yard", polygon=BOTTOM_HALF),),
    lines=(LineConfig(id="door", name="Door", points=((0.1, 0.6), (0.9, 0.6)), inside=(0.5, 0.9)),),
)


class RuleFilm:
    """Shows a scene one look after the other, every half second."""

    def __init__(self, *rules: Rule, camera: CameraConfig = CAMERA) -> None:
        numbers = count(1)
        self.scene = CameraPipeline(camera, rules, MODEL, lambda: f"id{next(numbers)}")
        self.at_s = 0.0
        self.noon = AFTERNOON

    def observe(self, *rows: Detection, step_s: float = 0.5) -> list[Event]:
        self.at_s += step_s
        frame = _frame(self.at_s, self.noon)
        return self.scene.observe(frame, detections_of(frame, rows))

    def looks(self, seconds: float, *rows: Detection, step_s: float = 0.5) -> list[Event]:
        """The same look again and again, for so many seconds."""
        times = round(seconds / step_s)
        return [event for _ in range(times) for event in self.observe(*rows, step_s=step_s)]

    def walk(self, *places: tuple[float, float]) -> list[Event]:
        """Somebody at one place after the other."""
        return [event for x, y in places for event in self.observe(person(x, y))]


def person(x: float = 0.5, feet: float = 0.8, confidence: float = 0.6) -> Detection:
    return Detection(
        box=(x - 0.05, feet - 0.3, x + 0.05, feet), confidence=confidence, label="person"
    )


def car(x: float = 0.5, wheels: float = 0.8, confidence: float = 0.7) -> Detection:
    return Detection(
        box=(x - 0.1, wheels - 0.15, x + 0.1, wheels), confidence=confidence, label="car"
    )


def told(events: Sequence[Event], phase: EventPhase = EventPhase.RAISED) -> list[Event]:
    return [event for event in events if event.phase is phase]


_PICTURE = av.VideoFrame.from_ndarray(
    np.full((90, 160, 3), 60, dtype=np.uint8), format="rgb24"
).reformat(format="yuv420p")


def _frame(at_s: float, began: float) -> Frame:
    return Frame(
        camera_id="gate",
        picture=_PICTURE,
        width=160,
        height=90,
        at_s=at_s,
        captured_at=began + at_s,
        decoded_at=began + at_s,
    )
