"""The kind `openvino`: a processor, or Intel's GPU or NPU where there is one."""

from pathlib import Path

from config.site import DetectorConfig
from detection.detectors.detector_kind import Detector, DetectorKind
from detection.detectors.model_card import vouched_weights


def _load(settings: DetectorConfig, cache_dir: Path) -> Detector:
    from detection.detectors.openvino_detector import OpenVinoDetector

    return OpenVinoDetector(vouched_weights(settings), settings, cache_dir)


DETECTOR = DetectorKind(name="openvino", load=_load)
