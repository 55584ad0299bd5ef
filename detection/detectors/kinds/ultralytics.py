"""The kind `ultralytics`: an NVIDIA GPU, by TensorRT or torch."""

from pathlib import Path

from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detectors.detector_kind import Detector, DetectorKind
from thapcanh.detection.detectors.model_card import vouched_weights


def _load(settings: DetectorConfig, cache_dir: Path) -> Detector:
    from thapcanh.detection.detectors.ultralytics_detector import load_gpu_detector

    return load_gpu_detector(vouched_weights(settings), settings, cache_dir)


DETECTOR = DetectorKind(name="ultralytics", load=_load)
