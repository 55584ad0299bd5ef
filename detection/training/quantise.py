"""Quantisation of an OpenVINO model to INT8 by NNCF; the detection head stays FP32."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from thapcanh.detection.detectors.letterbox import PADDING, letterbox
from thapcanh.detection.detectors.offline_imports import import_openvino
from thapcanh.detection.training.sources import read_pixels

HEAD = ".*model\\.22.*"  # Ultralytics' name of YOLOv8's Detect block
_SAMPLES = 300


def quantise(xml: Path, pictures: Sequence[Path], size_px: int, target: Path) -> Path:
    """Write the INT8 form of `xml` as `target` (and its `.bin`)."""
    openvino = import_openvino()
    import nncf

    model = openvino.Core().read_model(xml)
    chosen = pictures[:: max(1, len(pictures) // _SAMPLES)][:_SAMPLES]
    quantised = nncf.quantize(
        model,
        nncf.Dataset(_Samples(chosen, size_px)),
        preset=nncf.QuantizationPreset.MIXED,
        ignored_scope=nncf.IgnoredScope(patterns=[HEAD]),
        subset_size=len(chosen),
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    openvino.save_model(quantised, target, compress_to_fp16=False)
    return target


class _Samples(Iterable[npt.NDArray[np.float32]]):
    """Pictures as the detector gets them; read again on every pass."""

    def __init__(self, pictures: Sequence[Path], size_px: int) -> None:
        self._pictures = pictures
        self._size_px = size_px

    def __iter__(self) -> Iterator[npt.NDArray[np.float32]]:
        return (model_input(read_pixels(path), self._size_px) for path in self._pictures)


def model_input(pixels: npt.NDArray[np.uint8], size_px: int) -> npt.NDArray[np.float32]:
    """BGR pixels to `(1, 3, height, width)` RGB of 0..1, letterboxed."""
    fit = letterbox(pixels.shape[1], pixels.shape[0], size_px)
    inner = cv2.resize(pixels, (fit.inner_width, fit.inner_height), interpolation=cv2.INTER_LINEAR)
    filled: Any = np.full((fit.input_height, fit.input_width, 3), PADDING, dtype=np.uint8)
    filled[fit.top : fit.top + fit.inner_height, fit.left : fit.left + fit.inner_width] = inner
    ordered = np.ascontiguousarray(filled[..., ::-1].transpose(2, 0, 1))
    scaled: npt.NDArray[np.float32] = ordered[None].astype(np.float32) / np.float32(255)
    return scaled
