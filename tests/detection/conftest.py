"""Frames made on the spot, a clock that stands still until told, and one export for all tests."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.detection.detectors.fake_detector import FakeDetector
from tests.detection.many_cameras import LOOKS, Cameras, MakeFrame
from tests.reference_clips import reference_clip
from tests.shared_folder import folder_of_run
from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detectors.export import export
from thapcanh.detection.detectors.kinds.openvino import OpenVinoDetector
from thapcanh.detection.detectors.model_card import vouched_weights
from thapcanh.detection.inference.inference_loop import InferenceLoop
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.sources.recorded_file import read_file

AFTERNOON = 1_760_000_400.0  # 2025-10-09 16:00 in Vietnam


def _frame(
    at_s: float = 0.0,
    *,
    rgb: NDArray[np.uint8] | None = None,
    camera_id: str = "gate",
    captured_at: float | None = None,
) -> Frame:
    picture = np.full((90, 160, 3), 60, dtype=np.uint8) if rgb is None else rgb
    video = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
    return Frame(
        camera_id=camera_id,
        picture=video,
        width=video.width,
        height=video.height,
        at_s=at_s,
        captured_at=AFTERNOON + at_s if captured_at is None else captured_at,
        decoded_at=AFTERNOON + at_s,
    )


@pytest.fixture(scope="session")
def make_frame() -> MakeFrame:
    """`make_frame(at_s, rgb=..., camera_id=..., captured_at=...)`; grey without a picture."""
    return _frame


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder in which the shipped weights have been exported, once a run."""
    folder = folder_of_run(tmp_path_factory) / "models"
    export(vouched_weights(DetectorConfig()), folder)
    return folder


@pytest.fixture(scope="session")
def detector(cache_dir: Path) -> OpenVinoDetector:
    """The shipped weights on the CPU."""
    return OpenVinoDetector(vouched_weights(DetectorConfig()), DetectorConfig(), cache_dir)


@pytest.fixture(scope="session")
def fire_frames(tmp_path_factory: pytest.TempPathFactory) -> list[Frame]:
    """One frame a second of the clip that this project draws: quiet first, then a flame."""
    path = reference_clip(tmp_path_factory, "fire")
    frames = (piece for piece in read_file(path, "made") if isinstance(piece, Frame))
    return [frame for number, frame in enumerate(frames) if number % 15 == 0]


class StandingClock:
    """Time moves only when a test moves it; waiting lets it pass at once."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s

    def utc(self) -> float:
        return AFTERNOON + self.now_s

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        event.wait(0.001)  # lets the other threads of the test have the processor
        self.now_s += timeout_s
        return event.is_set()


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def cameras(make_frame: MakeFrame) -> Cameras:
    return Cameras(make_frame)


@pytest.fixture
def started(cameras: Cameras) -> Iterator[Callable[..., InferenceLoop]]:
    loops: list[InferenceLoop] = []

    def start(detector: FakeDetector, *camera_ids: str) -> InferenceLoop:
        loop = InferenceLoop(detector, LOOKS, cameras.take)
        for camera_id in camera_ids:
            loop.add(cameras.scene(camera_id, detector), cameras.newest(camera_id))
        loop.start()
        loops.append(loop)
        return loop

    yield start
    for loop in loops:
        assert loop.stop()
