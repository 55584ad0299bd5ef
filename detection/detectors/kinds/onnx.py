"""The kind `onnx`: ONNX Runtime with its execution providers, of the extra `onnx`."""

from pathlib import Path

from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detectors.detector_kind import Detector, DetectorKind
from thapcanh.detection.detectors.model_card import vouched_weights


def _load(settings: DetectorConfig, cache_dir: Path) -> Detector:
    from thapcanh.detection.detectors.onnx_detector import OnnxDetector

    return OnnxDetector(vouched_weights(settings), settings, cache_dir)


DETECTOR = DetectorKind(name="onnx", load=_load)
