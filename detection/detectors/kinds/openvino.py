"""OpenVINO detector for a CPU, or Intel's GPU or NPU, without torch.

One compiled model per input shape, the least used evicted. bfloat16 is used where available (half
the cost, equal events, `docs/detection-evaluation.md`) unless the site requires float32; then a
batch of two costs three quarters of two. Owned by one thread.
"""

import logging
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detections import Detections
from thapcanh.detection.detectors.detector_kind import Detector, DetectorKind
from thapcanh.detection.detectors.export import run_time_form
from thapcanh.detection.detectors.head_decoding import detections_of_head
from thapcanh.detection.detectors.letterbox import Letterbox, Picture, letterbox
from thapcanh.detection.detectors.model_card import ModelIdentity, Weights, mapped, vouched_weights
from thapcanh.detection.detectors.offline_imports import import_openvino
from thapcanh.detection.errors import ExportError, InferenceError
from thapcanh.ingest.errors import first_line
from thapcanh.ingest.frame import Frame

MAX_SHAPES = 20  # five shapes of picture, each alone and in batches; about 30 MB each
BATCH = 4
_CPU = "CPU"
_DEVICES = {"gpu": "GPU", "npu": "NPU"}  # of the configuration, as OpenVINO calls them
_ELSEWHERE = {"PERFORMANCE_HINT": "LATENCY"}  # threads and their number are a processor's matter
log = logging.getLogger(__name__)
_Shape = tuple[int, int, int]  # pictures in a batch, height, width


class OpenVinoDetector:
    """Detector with OpenVINO; tested once when constructed."""

    def __init__(self, weights: Weights, settings: DetectorConfig, cache_dir: Path) -> None:
        self.model = ModelIdentity(name=weights.name, sha256=weights.sha256)
        self.size_px = settings.image_size_px
        self._options = _options(settings)
        self._requests: OrderedDict[_Shape, Any] = OrderedDict()
        made = run_time_form(weights, cache_dir)
        self.labels = mapped(made.labels, settings.classes)
        self._openvino = import_openvino()
        self._core = self._openvino.Core()
        self._device = _CPU
        try:
            self._model = self._core.read_model(made.model)
            if settings.device in _DEVICES and self._works_on(_DEVICES[settings.device]):
                return
            self.max_batch = BATCH if self._has_bfloat16(settings) else 1
            self._try_once()
        except RuntimeError as error:
            raise ExportError(
                f"model {self.model.name}: OpenVINO cannot run it: {first_line(error)}"
            ) from error

    def detect(self, frames: Sequence[Frame]) -> list[Detections]:
        """Run inference on the frames, in batches of one shape where that costs less."""
        inferences = [
            (frame, letterbox(frame.width, frame.height, self.size_px)) for frame in frames
        ]
        found: dict[int, Detections] = {}
        for numbers in batches_of([fit.input_shape for _, fit in inferences], self.max_batch):
            some = [inferences[number] for number in numbers]
            for number, head in zip(numbers, self._heads(some), strict=True):
                found[number] = detections_of_head(*inferences[number], head, self.labels)
        return [found[number] for number in range(len(inferences))]

    def close(self) -> None:
        """Release the compiled models."""
        self._requests.clear()

    def _heads(self, inferences: Sequence[tuple[Frame, Letterbox]]) -> list[Any]:
        """Return the heads of pictures of one shape; valid until the next request."""
        try:
            pictures = [fit.fill(frame.planes()) for frame, fit in inferences]
            return self._infer(pictures)
        except (RuntimeError, ValueError, cv2.error) as error:
            cameras = ", ".join(frame.camera_id for frame, _ in inferences)
            raise InferenceError(f"camera {cameras}: {first_line(error)}") from error

    def _infer(self, pictures: Sequence[Picture]) -> list[Any]:
        batch = np.stack(pictures)
        request = self._request(batch.shape[:3])
        request.set_input_tensor(self._openvino.Tensor(batch, shared_memory=True))
        request.infer(share_outputs=True)  # neither copied on the way in nor on the way out
        return list(request.get_output_tensor().data)

    def _request(self, shape: _Shape) -> Any:
        """Return the request compiled for this input shape; the least used shape is evicted."""
        if shape not in self._requests:
            if len(self._requests) >= MAX_SHAPES:
                self._requests.popitem(last=False)
            self._requests[shape] = self._compile(shape)
        self._requests.move_to_end(shape)
        return self._requests[shape]

    def _compile(self, shape: _Shape) -> Any:
        """Compile for uint8 pictures (height × width × RGB); the model scales them."""
        ov = self._openvino
        model = self._model.clone()  # its weights are shared
        size, height, width = shape
        model.reshape([size, 3, height, width])
        steps = ov.preprocess.PrePostProcessor(model)
        tensor = steps.input().tensor()
        tensor.set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
        steps.input().model().set_layout(ov.Layout("NCHW"))
        steps.input().preprocess().convert_element_type(ov.Type.f32).scale(255.0)
        compiled = self._core.compile_model(
            steps.build(), self._device, self._options if self._device == _CPU else _ELSEWHERE
        )
        return compiled.create_infer_request()

    def _works_on(self, device: str) -> bool:
        """Use this device if it runs the model; else log the reason and stay on the CPU."""
        there = sorted(self._core.available_devices)
        self._device, self.max_batch = device, 1
        try:
            if any(one.split(".")[0] == device for one in there):
                self._try_once()
                return True
            why = f"OpenVINO sees {', '.join(there)}"
        except RuntimeError as error:
            why = first_line(error)
        log.warning("no %s to look with (%s); looking on the CPU", device, why)
        self._device = _CPU
        self._requests.clear()
        return False

    def _has_bfloat16(self, settings: DetectorConfig) -> bool:
        can = self._core.get_property(_CPU, "OPTIMIZATION_CAPABILITIES")
        return settings.precision == "auto" and "BF16" in can

    def _try_once(self) -> None:
        fit = letterbox(16, 9, self.size_px)
        grey = np.full((*fit.input_shape, 3), 114, dtype=np.uint8)
        for size in range(1, self.max_batch + 1):  # made now, and not at the first fire
            head = self._infer([grey] * size)[0]
        if head.shape[0] != 4 + len(self.labels):
            raise ExportError(
                f"model {self.model.name}: its head has {head.shape[0]} rows, "
                f"expected {4 + len(self.labels)}: is it a detection model?"
            )


def batches_of(shapes: Sequence[tuple[int, int]], most: int) -> Iterator[list[int]]:
    """Yield the numbers of pictures for each batch; `shapes` are those of their inputs."""
    alike: dict[tuple[int, int], list[int]] = {}
    for number, shape in enumerate(shapes):
        alike.setdefault(shape, []).append(number)
    for numbers in alike.values():
        for first in range(0, len(numbers), most):
            yield numbers[first : first + most]


def _options(settings: DetectorConfig) -> dict[str, object]:
    options: dict[str, object] = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_NUM_THREADS": settings.threads,
        "NUM_STREAMS": 1,
        "ENABLE_CPU_PINNING": False,
    }
    if settings.precision == "float32":  # else OpenVINO takes what the processor does best
        options["INFERENCE_PRECISION_HINT"] = "f32"
    return options


def _load(settings: DetectorConfig, cache_dir: Path) -> Detector:
    return OpenVinoDetector(vouched_weights(settings), settings, cache_dir)


DETECTOR = DetectorKind(name="openvino", load=_load)
