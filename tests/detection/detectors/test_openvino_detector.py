"""The shipped weights, truly run: what is seen is what Ultralytics itself would see."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from thapcanh.config.site import DetectorConfig, Device
from thapcanh.detection.detections import Detections
from thapcanh.detection.detectors.detector import load_detector
from thapcanh.detection.detectors.head_decoding import MAX_OVERLAP, MIN_CONFIDENCE
from thapcanh.detection.detectors.kinds.openvino import (
    BATCH,
    MAX_SHAPES,
    OpenVinoDetector,
    batches_of,
)
from thapcanh.detection.detectors.kinds.ultralytics import UltralyticsDetector
from thapcanh.detection.detectors.letterbox import letterbox
from thapcanh.detection.detectors.model_card import vouched_weights
from thapcanh.detection.detectors.offline_imports import import_openvino, import_ultralytics
from thapcanh.detection.errors import DetectorError, InferenceError
from thapcanh.ingest.frame import Frame

SETTINGS = DetectorConfig()


def _fires(detections: Detections) -> list[float]:
    pairs = zip(detections.label, detections.confidence, strict=True)
    return [float(confidence) for label, confidence in pairs if label == "fire"]


def test_a_flame_is_seen_and_calm_is_not(
    detector: OpenVinoDetector, fire_frames: list[Frame]
) -> None:
    found = detector.detect(fire_frames)
    assert max(_fires(found[-3])) > 0.5
    assert max(_fires(found[0]), default=0.0) < 0.25
    burning = found[-3]
    assert burning.camera_id == "made"
    assert burning.at_s == fire_frames[-3].at_s
    assert (burning.width, burning.height) == (fire_frames[-3].width, fire_frames[-3].height)
    assert (np.diff(burning.confidence) <= 0).all()
    assert burning.xyxy.min() >= 0
    assert (burning.xyxy[:, 2] <= burning.width).all()


def test_the_decoding_is_ultralytics_own(
    detector: OpenVinoDetector, fire_frames: list[Frame], cache_dir: Path, tmp_path: Path
) -> None:
    """The same letterboxed picture through the .pt with Ultralytics' predictor on the CPU."""
    weights = tmp_path / "model.pt"
    weights.write_bytes(vouched_weights(SETTINGS).content)
    model = import_ultralytics(cache_dir / "ultralytics").YOLO(str(weights), task="detect")
    for frame in fire_frames[-6::2]:
        fit = letterbox(frame.width, frame.height, SETTINGS.image_size_px)
        picture = fit.fill(frame.planes())
        (theirs,) = model.predict(
            np.ascontiguousarray(picture[:, :, ::-1]),
            imgsz=fit.input_shape,
            conf=MIN_CONFIDENCE,
            iou=MAX_OVERLAP,
            device="cpu",
            verbose=False,
        )
        (ours,) = detector.detect([frame])
        boxes = theirs.boxes.numpy()
        assert len(boxes) == len(ours) > 0
        np.testing.assert_allclose(boxes.conf, ours.confidence, atol=0.02)
        np.testing.assert_allclose(fit.boxes_back(boxes.xyxy), ours.xyxy, atol=2.0)
        assert tuple(model.names[int(index)] for index in boxes.cls) == ours.label


def test_the_gpu_path_sees_the_same_on_the_cpu(
    detector: OpenVinoDetector, fire_frames: list[Frame], cache_dir: Path
) -> None:
    other = UltralyticsDetector(vouched_weights(SETTINGS), SETTINGS, cache_dir, "cpu")
    assert other.labels == detector.labels
    assert other.model == detector.model
    theirs, ours = other.detect(fire_frames[-3:]), detector.detect(fire_frames[-3:])
    for one, two in zip(theirs, ours, strict=True):
        assert one.label[0] == two.label[0] == "fire"
        np.testing.assert_allclose(one.confidence[0], two.confidence[0], atol=0.05)
        np.testing.assert_allclose(one.xyxy[0], two.xyxy[0], atol=0.05 * one.width)
    other.close()


def test_without_a_gpu_the_cpu_looks_and_one_line_says_so(
    cache_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    loaded = load_detector(DetectorConfig(device="gpu"), cache_dir)
    assert isinstance(loaded, OpenVinoDetector)
    assert [line for line in caplog.messages if "looking on the CPU" in line] == [
        "no GPU to look with (torch sees no CUDA device); looking on the CPU"
    ]


def _frame(make_frame: object, height: int, width: int) -> Frame:
    rgb: NDArray[np.uint8] = np.full((height, width, 3), 90, dtype=np.uint8)
    frame: Frame = make_frame(rgb=rgb)  # type: ignore[operator]
    return frame


def test_every_shape_of_picture_can_be_looked_at(
    detector: OpenVinoDetector, make_frame: object
) -> None:
    sizes = [(64, 64 + 32 * number) for number in range(MAX_SHAPES + 3)]
    sizes += [(90, 160), (33, 71), (1200, 16)]
    for height, width in sizes:
        (found,) = detector.detect([_frame(make_frame, height, width)])
        assert (found.width, found.height) == (width, height)


def test_a_batch_sees_what_looks_alone_see(
    cache_dir: Path, fire_frames: list[Frame], make_frame: object
) -> None:
    alone = load_detector(DetectorConfig(precision="float32"), cache_dir)
    assert alone.max_batch == 1
    together = OpenVinoDetector(vouched_weights(SETTINGS), SETTINGS, cache_dir)
    together.max_batch = BATCH
    square = _frame(make_frame, 90, 90)
    frames = [
        *fire_frames[-3:],
        square,
        *fire_frames[-7:-3],
    ]  # a batch of four, one of three, one alone
    for one, other in zip(alone.detect(frames), together.detect(frames), strict=True):
        assert (one.at_s, one.width) == (other.at_s, other.width)
        assert one.label[:1] == other.label[:1]
        np.testing.assert_allclose(one.confidence[:1], other.confidence[:1], atol=0.05)
        np.testing.assert_allclose(one.xyxy[:1], other.xyxy[:1], atol=0.05 * one.width)
    alone.close()
    together.close()


@pytest.mark.parametrize(
    ("shapes", "most", "batches"),
    [
        ("", 4, []),
        ("aabb", 4, [[0, 1], [2, 3]]),
        ("abaa", 4, [[0, 2, 3], [1]]),
        ("aaaaaaa", 4, [[0, 1, 2, 3], [4, 5, 6]]),
        ("aaaa", 1, [[0], [1], [2], [3]]),
    ],
)
def test_only_alike_pictures_share_a_batch(
    shapes: str, most: int, batches: list[list[int]]
) -> None:
    assert list(batches_of([(ord(shape), 0) for shape in shapes], most)) == batches


def test_a_picture_that_cannot_be_read_is_an_inference_error(
    detector: OpenVinoDetector, make_frame: object
) -> None:
    class Odd:
        camera_id, width, height, at_s, captured_at = "odd", 160, 90, 0.0, 0.0

        def planes(self) -> None:
            raise ValueError("conversion to yuv420p is not implemented\nsecond line")

    with pytest.raises(InferenceError, match=r"^camera odd: conversion to yuv420p .*implemented$"):
        detector.detect([Odd()])  # type: ignore[list-item]


def test_loading_gives_a_detector_that_can_be_closed_twice(cache_dir: Path) -> None:
    loaded = load_detector(SETTINGS, cache_dir)
    assert loaded.model.name == "watch8n"
    loaded.close()
    loaded.close()


def test_loading_missing_weights_is_one_line(cache_dir: Path) -> None:
    with pytest.raises(DetectorError) as told:
        load_detector(DetectorConfig(weights="nowhere.pt"), cache_dir)
    assert "\n" not in str(told.value)


class _OtherCore:
    """OpenVINO with one more device, which is the CPU, or fails."""

    def __init__(self, core: Any, device: str, *, is_broken: bool) -> None:
        self._core = core
        self._device, self._is_broken = device, is_broken
        self.available_devices = ["CPU", device]
        self.used: list[tuple[str, dict[str, object]]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._core, name)

    def compile_model(self, model: Any, device: str, options: dict[str, object]) -> Any:
        self.used.append((device, options))
        if device == self._device and self._is_broken:
            raise RuntimeError("driver too old\nmore")
        return self._core.compile_model(model, "CPU", options)


def _on(
    monkeypatch: pytest.MonkeyPatch, cache_dir: Path, asked: Device, there: str, *, is_broken: bool
) -> tuple[OpenVinoDetector, _OtherCore]:
    openvino = import_openvino()
    core = _OtherCore(openvino.Core(), there, is_broken=is_broken)
    other = SimpleNamespace(**vars(openvino) | {"Core": lambda: core})
    monkeypatch.setattr(
        "thapcanh.detection.detectors.kinds.openvino.import_openvino", lambda: other
    )
    settings = DetectorConfig(kind="openvino", device=asked)
    return OpenVinoDetector(vouched_weights(settings), settings, cache_dir), core


def test_it_looks_on_another_device_where_there_is_one(
    cache_dir: Path, fire_frames: list[Frame], monkeypatch: pytest.MonkeyPatch
) -> None:
    detector, core = _on(monkeypatch, cache_dir, "npu", "NPU", is_broken=False)
    (found,) = detector.detect(fire_frames[-1:])
    assert found.label[0] == "fire"
    assert {device for device, _ in core.used} == {"NPU"}
    assert all("INFERENCE_NUM_THREADS" not in options for _, options in core.used)


@pytest.mark.parametrize(
    ("there", "is_broken", "told"),
    [
        ("NPU", True, "no NPU to look with (driver too old); looking on the CPU"),
        ("GPU.1", False, "no NPU to look with (OpenVINO sees CPU, GPU.1); looking on the CPU"),
    ],
)
def test_a_device_that_is_not_there_or_fails_is_told_and_the_cpu_looks(
    cache_dir: Path,
    fire_frames: list[Frame],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    *,
    there: str,
    is_broken: bool,
    told: str,
) -> None:
    detector, core = _on(monkeypatch, cache_dir, "npu", there, is_broken=is_broken)
    (found,) = detector.detect(fire_frames[-1:])
    assert found.label[0] == "fire"
    assert core.used[-1][0] == "CPU"
    assert [line for line in caplog.messages if "to look with" in line] == [told]
