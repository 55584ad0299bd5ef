"""Ultralytics detector for a GPU, with many cameras in one batch.

Owned by one thread.
"""

import time
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from thapcanh.config.files import put_in_place, replace_file
from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detections import Detections
from thapcanh.detection.detectors.detector_kind import Detector, DetectorKind
from thapcanh.detection.detectors.head_decoding import MAX_BOXES, MAX_OVERLAP, MIN_CONFIDENCE
from thapcanh.detection.detectors.model_card import ModelIdentity, Weights, mapped, vouched_weights
from thapcanh.detection.detectors.offline_imports import (
    ULTRALYTICS_MISSING,
    has_ultralytics,
    import_ultralytics,
)
from thapcanh.detection.errors import DetectorError, ExportError, InferenceError
from thapcanh.ingest.errors import first_line
from thapcanh.ingest.frame import Frame

MAX_BATCH = 16


class NoGpuError(DetectorError):
    """Missing GPU that torch can use."""


class UltralyticsDetector:
    """Detector with Ultralytics on the given torch device; tested once when constructed."""

    max_batch = MAX_BATCH

    def __init__(
        self, weights: Weights, settings: DetectorConfig, cache_dir: Path, device: str
    ) -> None:
        self.model = ModelIdentity(name=weights.name, sha256=weights.sha256)
        self.size_px = settings.image_size_px
        self._device = device
        self._predictor = _model(weights, settings, cache_dir, device)
        names = self._predictor.names
        self.labels = mapped([str(names[one]) for one in sorted(names)], settings.classes)
        self._predict([np.full((64, 64, 3), 114, dtype=np.uint8)])

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        """Run inference in batches of `MAX_BATCH`."""
        found: list[Detections] = []
        for start in range(0, len(frames), MAX_BATCH):
            batch = frames[start : start + MAX_BATCH]
            results = self._predict([frame.bgr() for frame in batch])
            found += [self._detections(*pair) for pair in zip(batch, results, strict=True)]
        return found

    def close(self) -> None:
        """Release the model."""
        self._predictor = None

    def _predict(self, pictures: list[Any]) -> list[Any]:
        try:
            return list(
                self._predictor.predict(
                    pictures,
                    imgsz=self.size_px,
                    device=self._device,
                    half=self._device != "cpu",
                    conf=MIN_CONFIDENCE,
                    iou=MAX_OVERLAP,
                    max_det=MAX_BOXES,
                    verbose=False,
                )
            )
        except RuntimeError as error:
            raise InferenceError(f"device {self._device}: {first_line(error)}") from error

    def _detections(self, frame: Frame, result: Any) -> Detections:
        boxes = result.boxes.cpu().numpy()
        order = np.argsort(-boxes.conf, kind="stable")
        return Detections(
            camera_id=frame.camera_id,
            at_s=frame.at_s,
            captured_at=frame.captured_at,
            inferred_at=time.time(),
            width=frame.width,
            height=frame.height,
            xyxy=boxes.xyxy[order].astype(np.float32).reshape(-1, 4),
            confidence=boxes.conf[order].astype(np.float32),
            label=tuple(self.labels[int(boxes.cls[index])] for index in order),
        )


def load_gpu_detector(
    weights: Weights, settings: DetectorConfig, cache_dir: Path
) -> UltralyticsDetector:
    """Return a detector on the first GPU. Raise `NoGpuError` if none works."""
    if not has_ultralytics():
        raise NoGpuError(ULTRALYTICS_MISSING)
    import_ultralytics(cache_dir / "ultralytics")
    import torch

    if not torch.cuda.is_available():
        raise NoGpuError("torch sees no CUDA device")
    try:
        return UltralyticsDetector(weights, settings, cache_dir, "cuda:0")
    except InferenceError as error:
        raise NoGpuError(str(error)) from error


def _model(weights: Weights, settings: DetectorConfig, cache_dir: Path, device: str) -> Any:
    ultralytics = import_ultralytics(cache_dir / "ultralytics")
    # The checked bytes, not the path: what is loaded is what was hashed.
    folder = cache_dir / f"{weights.name}-{weights.sha256[:16]}-gpu"
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / "model.pt"
    replace_file(checkpoint, weights.content)
    model = ultralytics.YOLO(str(checkpoint), task="detect")
    if device == "cpu" or find_spec("tensorrt") is None:
        return model
    return ultralytics.YOLO(str(_engine(model, checkpoint, settings, device)), task="detect")


def _engine(model: Any, checkpoint: Path, settings: DetectorConfig, device: str) -> Path:
    """Return the TensorRT engine for this card, driver and size, named after them."""
    tensorrt = import_module("tensorrt")
    import torch

    card = torch.cuda.get_device_name(device).replace(" ", "_")
    name = f"{card}-trt{tensorrt.__version__}-{settings.image_size_px}.engine"
    engine = checkpoint.with_name(name)
    if not engine.exists():
        try:
            made = model.export(
                format="engine",
                half=True,
                dynamic=True,
                batch=MAX_BATCH,
                imgsz=settings.image_size_px,
                device=device,
                verbose=False,
            )
        except RuntimeError as error:
            raise ExportError(f"TensorRT: {first_line(error)}") from error
        put_in_place(Path(made), engine)
    return engine


def _load(settings: DetectorConfig, cache_dir: Path) -> Detector:
    return load_gpu_detector(vouched_weights(settings), settings, cache_dir)


DETECTOR = DetectorKind(name="ultralytics", load=_load)
