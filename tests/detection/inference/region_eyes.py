"""Drawn pictures, seers of what is red or white in them, and region looks through these."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from tests.detection.detectors.fake_detector import FakeDetector
from thapcanh.detection.detections import Detection, Detections
from thapcanh.detection.inference.region_inference import RegionInference
from thapcanh.ingest.frame import Frame

HINT = Detection(box=(0.60, 0.60, 0.61, 0.62), confidence=0.12, label="fire")


def grey(width: int) -> NDArray[np.uint8]:
    return np.full((width * 9 // 16, width, 3), 60, dtype=np.uint8)


def street(red: tuple[int, int] | None = None) -> NDArray[np.uint8]:
    """A grey picture of 1280×720, with a red point of 12 px whose corner is at `red`."""
    rgb = grey(1280)
    if red is not None:
        x, y = red
        rgb[y : y + 12, x : x + 12] = (230, 90, 20)
    return rgb


def red_seer(frame: Frame) -> list[Detection]:
    """Sees red where it is larger than a fiftieth of the picture's width."""
    bgr = frame.bgr().astype(int)
    lines, columns = np.nonzero(bgr[..., 2] - bgr[..., 0] > 60)
    if not len(lines) or np.ptp(columns) < frame.width / 50:
        return []
    return [_about(lines, columns, frame, "fire", 0.6)]


def plume_seer(confidence: float) -> Callable[[Frame], list[Detection]]:
    """Sees what is white as smoke, wherever the part lies."""

    def see(frame: Frame) -> list[Detection]:
        lines, columns = np.nonzero(frame.bgr().min(axis=2) > 180)
        return [_about(lines, columns, frame, "smoke", confidence)] if len(lines) else []

    return see


def _about(
    lines: NDArray[np.intp],
    columns: NDArray[np.intp],
    frame: Frame,
    label: str,
    confidence: float,
) -> Detection:
    left, right = float(columns.min()), float(columns.max() + 1)
    top, bottom = float(lines.min()), float(lines.max() + 1)
    box = (left / frame.width, top / frame.height, right / frame.width, bottom / frame.height)
    return Detection(box=box, confidence=confidence, label=label)


class Eyes:
    """Region looks.

    A whole picture shows the rows that it is looked at with, a part what `see` says.
    """

    def __init__(self, see: Callable[[Frame], Sequence[Detection]] = red_seer) -> None:
        self._see = see
        self._wholes: dict[str, Sequence[Detection]] = {}
        self._sizes: set[tuple[int, int]] = set()
        self.batches: list[int] = []
        self.detector = FakeDetector(self._seen, max_batch=4)
        self.looks = RegionInference(self._detect, self.detector.size_px)

    def observe(
        self, frame: Frame, *rows: Detection, has_time: Callable[[], bool] = lambda: True
    ) -> list[Detection]:
        ((_, found),) = self.look_at([(frame, rows)], has_time)
        return found

    def look_at(
        self,
        wholes: Sequence[tuple[Frame, Sequence[Detection]]],
        has_time: Callable[[], bool] = lambda: True,
    ) -> list[tuple[str, list[Detection]]]:
        self._wholes = {frame.camera_id: rows for frame, rows in wholes}
        self._sizes = {(frame.width, frame.height) for frame, _ in wholes}
        found = self.looks.observe([frame for frame, _ in wholes], has_time)
        return [(one.camera_id, list(one.rows())) for one in found]

    @property
    def counted(self) -> tuple[int, int]:
        return self.looks.counts.done, self.looks.counts.dropped

    def _detect(self, frames: Sequence[Frame]) -> list[Detections]:
        self.batches.append(len(frames))
        return self.detector.detect(frames)

    def _seen(self, frame: Frame) -> Sequence[Detection]:
        is_whole = (frame.width, frame.height) in self._sizes
        return self._wholes[frame.camera_id] if is_whole else self._see(frame)
