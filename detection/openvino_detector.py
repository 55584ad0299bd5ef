"""The detector of a CPU: OpenVINO directly, without torch in the process.

Owned by one thread. One compiled model per input shape (cameras mostly share one or two), the
rarest let go. Where the processor has bfloat16 the model computes with it, at half the cost and
with the same events (`docs/detection-evaluation.md`), unless the site asks for float32. Threads are
not pinned, because several workers share the cores.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from config.site import Detector as DetectorSettings
from detection.decode import decode
from detection.detections import Detections
from detection.errors import ExportError, InferenceError
from detection.export import export
from detection.letterbox import Letterbox, Picture, letterbox
from detection.model_card import ModelIdentity, Weights
from detection.offline import import_openvino
from ingest.frame import Frame

MAX_SHAPES = 6
_log = logging.getLogger(__name__)


class OpenVinoDetector:
    """Looks with OpenVINO; made ready and tried once when constructed."""

    max_batch = 1  # the CPU gains nothing from a batch

    def __init__(self, weights: Weights, settings: DetectorSettings, cache_dir: Path) -> None:
        self.model = ModelIdentity(name=weights.name, sha256=weights.sha256)
        self.size_px = settings.image_size_px
        self._options = _options(settings)
        self._requests: OrderedDict[tuple[int, int], Any] = OrderedDict()
        made = export(weights, cache_dir)
        self.labels = made.labels
        self._xml = made.xml
        self._openvino = import_openvino()
        self._core = self._openvino.Core()
        self._try_once()

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        """One look a frame, one after the other."""
        return [self._look(frame) for frame in frames]

    def close(self) -> None:
        """Let the compiled models go."""
        self._requests.clear()

    def _look(self, frame: Frame) -> Detections:
        fit = letterbox(frame.width, frame.height, self.size_px)
        try:
            head = self._infer(fit, fit.fill(frame.planes()))
        except (RuntimeError, ValueError, cv2.error) as error:
            raise InferenceError(f"camera {frame.camera_id}: {_first_line(error)}") from error
        boxes, confidence, class_id = decode(head)
        return Detections(
            camera_id=frame.camera_id,
            at_s=frame.at_s,
            captured_at=frame.captured_at,
            inferred_at=time.time(),
            width=frame.width,
            height=frame.height,
            xyxy=fit.boxes_back(boxes),
            confidence=confidence,
            label=tuple(self.labels[index] for index in class_id),
        )

    def _infer(self, fit: Letterbox, picture: Picture) -> Any:
        request = self._request(fit.input_shape)
        request.infer([picture[None]])
        return request.get_output_tensor().data[0]

    def _request(self, shape: tuple[int, int]) -> Any:
        """The request of the model compiled for this input shape; the rarest shape makes room."""
        if shape not in self._requests:
            if len(self._requests) >= MAX_SHAPES:
                self._requests.popitem(last=False)
            self._requests[shape] = self._compile(shape)
        self._requests.move_to_end(shape)
        return self._requests[shape]

    def _compile(self, shape: tuple[int, int]) -> Any:
        """Pictures enter as they are (uint8, height × width × RGB); the model scales them."""
        ov = self._openvino
        model = self._core.read_model(self._xml)
        model.reshape([1, 3, *shape])
        steps = ov.preprocess.PrePostProcessor(model)
        tensor = steps.input().tensor()
        tensor.set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
        steps.input().model().set_layout(ov.Layout("NCHW"))
        steps.input().preprocess().convert_element_type(ov.Type.f32).scale(255.0)
        compiled = self._core.compile_model(steps.build(), "CPU", self._options)
        return compiled.create_infer_request()

    def _try_once(self) -> None:
        fit = letterbox(16, 9, self.size_px)
        grey = np.full((*fit.input_shape, 3), 114, dtype=np.uint8)
        try:
            head = self._infer(fit, grey)
        except RuntimeError as error:
            raise ExportError(
                f"model {self.model.name}: OpenVINO cannot run it: {_first_line(error)}"
            ) from error
        if head.shape[0] != 4 + len(self.labels):
            raise ExportError(
                f"model {self.model.name}: its head has {head.shape[0]} rows, "
                f"expected {4 + len(self.labels)}: is it a detection model?"
            )


def _options(settings: DetectorSettings) -> dict[str, object]:
    options: dict[str, object] = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": settings.threads,
        "NUM_STREAMS": 1,
        "ENABLE_CPU_PINNING": False,
    }
    if settings.precision == "float32":  # else OpenVINO takes what the processor does best
        options["INFERENCE_PRECISION_HINT"] = "f32"
    return options


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
