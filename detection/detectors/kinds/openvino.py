"""Detector kind `openvino`: a processor, or Intel's GPU or NPU."""

from pathlib import Path

from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detectors.detector_kind import Detector, DetectorKind
from thapcanh.detection.detectors.model_card import vouched_weights


def _load(settings: DetectorConfig, cache_dir: Path) -> Detector:
    from thapcanh.detection.detectors.openvino_detector import OpenVinoDetector

    return OpenVinoDetector(vouched_weights(settings), settings, cache_dir)


DETECTOR = DetectorKind(name="openvino", load=_load)
