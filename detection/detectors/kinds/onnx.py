"""ONNX Runtime detector for `.onnx` weights, or shipped ones that are exported.

Owned by one thread.
"""

import ast
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detections import Detections
from thapcanh.detection.detectors.detector_kind import Detector, DetectorKind
from thapcanh.detection.detectors.export import export
from thapcanh.detection.detectors.head_decoding import detections_of_head
from thapcanh.detection.detectors.letterbox import PADDING, Letterbox, letterbox
from thapcanh.detection.detectors.model_card import ModelIdentity, Weights, mapped, vouched_weights
from thapcanh.detection.errors import DetectorError, ExportError, InferenceError
from thapcanh.ingest.errors import first_line
from thapcanh.ingest.frame import Frame

_PROVIDERS = {
    "tensorrt": "TensorrtExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "rocm": "ROCMExecutionProvider",
    "directml": "DmlExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
log = logging.getLogger(__name__)


class OnnxDetector:
    """Detector with ONNX Runtime; tested once when constructed."""

    max_batch = 1

    def __init__(
        self,
        weights: Weights,
        settings: DetectorConfig,
        cache_dir: Path,
        runtime: Any = None,
    ) -> None:
        """Load the model; tests pass a `runtime` of their own."""
        self.model = ModelIdentity(name=weights.name, sha256=weights.sha256)
        self._runtime = runtime or _library()
        self.device, self._session = self._opened(_content(weights, cache_dir), settings)
        self.labels = mapped(_labels(self._session, weights, cache_dir), settings.classes)
        self._input = self._session.get_inputs()[0]
        height, width = self._input.shape[2:]
        self._fixed = (height, width) if isinstance(height, int) else None
        self.size_px = max(self._fixed) if self._fixed else settings.image_size_px
        self._try_once()

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        """Run one inference per frame, in order."""
        return [self._detect(frame) for frame in frames]

    def close(self) -> None:
        """Release the model."""
        self._session = None

    def _detect(self, frame: Frame) -> Detections:
        fit = letterbox(frame.width, frame.height, self.size_px)
        try:
            head = self._infer(self._filled(frame, fit))
            return detections_of_head(frame, fit, head, self.labels)
        except (self._runtime_error, RuntimeError, ValueError, cv2.error) as error:
            raise InferenceError(f"camera {frame.camera_id}: {first_line(error)}") from error

    def _filled(self, frame: Frame, fit: Letterbox) -> Any:
        picture = fit.fill(frame.planes())
        if self._fixed is None:
            return picture
        height, width = self._fixed
        if picture.shape[0] > height or picture.shape[1] > width:
            raise ValueError(f"the model takes pictures of {width}×{height}, which do not hold it")
        return cv2.copyMakeBorder(
            picture, 0, height - picture.shape[0], 0, width - picture.shape[1],
            cv2.BORDER_CONSTANT, value=(PADDING, PADDING, PADDING),
        )  # fmt: skip

    def _infer(self, picture: Any) -> Any:
        """Return the head `(4 + classes, anchors)` of one RGB uint8 picture."""
        values = np.ascontiguousarray(picture.transpose(2, 0, 1)[None], dtype=np.float32) / 255
        return self._session.run(None, {self._input.name: values})[0][0]

    def _opened(self, content: bytes, settings: DetectorConfig) -> tuple[str, Any]:
        """Return the first provider that runs the model. Raise `DetectorError` if none does."""
        options = self._runtime.SessionOptions()
        options.intra_op_num_threads = settings.threads
        there = self._runtime.get_available_providers()
        refused = []
        for name in _requested(settings):
            provider = _PROVIDERS[name]
            if provider not in there:
                refused.append(f"{name} is not in this ONNX Runtime")
                continue
            try:
                session = self._runtime.InferenceSession(content, options, providers=[provider])
            except Exception as error:  # noqa: BLE001 each provider's library raises its own
                refused.append(f"{name}: {first_line(error)}")
                continue
            if session.get_providers()[0] != provider:  # the library goes on with another by itself
                refused.append(f"{name} does not start")
                continue
            if refused:
                log.warning("looking with ONNX Runtime on %s (%s)", name, "; ".join(refused))
            return name, session
        raise DetectorError(f"model {self.model.name}: ONNX Runtime: {'; '.join(refused)}")

    @property
    def _runtime_error(self) -> type[Exception]:
        found = getattr(self._runtime, "capi", None)
        error: type[Exception] = (
            RuntimeError if found is None else found.onnxruntime_pybind11_state.OnnxRuntimeException
        )
        return error

    def _try_once(self) -> None:
        height, width = self._fixed or letterbox(16, 9, self.size_px).input_shape
        try:
            head = self._infer(np.full((height, width, 3), PADDING, dtype=np.uint8))
        except Exception as error:
            raise ExportError(
                f"model {self.model.name}: ONNX Runtime cannot run it: {first_line(error)}"
            ) from error
        if head.ndim != 2 or head.shape[0] != 4 + len(self.labels):
            raise ExportError(
                f"model {self.model.name}: its head is {head.shape}, expected "
                f"{4 + len(self.labels)} rows: is it a detection model?"
            )


def _requested(settings: DetectorConfig) -> tuple[str, ...]:
    """Return the providers to try in order; the CPU is the default's last."""
    if settings.providers:
        return settings.providers
    return ("cpu",) if settings.device == "cpu" else ("cuda", "cpu")


def _library() -> Any:
    try:
        import onnxruntime
    except ImportError:
        raise DetectorError("ONNX Runtime is not installed: thapcanh[onnx] has it") from None
    onnxruntime.disable_telemetry_events()
    onnxruntime.set_default_logger_severity(3)  # what it falls back to is told by us
    return onnxruntime


def _content(weights: Weights, cache_dir: Path) -> bytes:
    if weights.path.suffix == ".onnx":
        return weights.content
    return export(weights, cache_dir, "onnx").model.read_bytes()


def _labels(session: Any, weights: Weights, cache_dir: Path) -> Sequence[str]:
    """Return the classes in an export's file, else their numbers."""
    if weights.path.suffix != ".onnx":
        return export(weights, cache_dir, "onnx").labels
    facts: Mapping[str, str] = session.get_modelmeta().custom_metadata_map
    try:
        names = ast.literal_eval(facts["names"])
        return [str(names[index]) for index in sorted(names)]
    except (KeyError, ValueError, SyntaxError, TypeError):
        rows = session.get_outputs()[0].shape[1]
        return [f"class_{number}" for number in range(rows - 4 if isinstance(rows, int) else 0)]


def _load(settings: DetectorConfig, cache_dir: Path) -> Detector:
    return OnnxDetector(vouched_weights(settings), settings, cache_dir)


DETECTOR = DetectorKind(name="onnx", load=_load)
