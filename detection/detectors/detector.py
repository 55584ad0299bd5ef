"""Loading of the site's detector: a tested one, or a clear `DetectorError`."""

import logging
from pathlib import Path

from thapcanh.config.site import ANY_DETECTOR, DetectorConfig, ObjectModelConfig
from thapcanh.detection.detectors.detector_kind import Detector
from thapcanh.detection.detectors.offline_imports import has_ultralytics
from thapcanh.detection.detectors.registry import detector_kind
from thapcanh.detection.errors import DetectorError

NVIDIA_DRIVER = Path("/proc/driver/nvidia/version")
log = logging.getLogger(__name__)


def has_gpu() -> bool:
    """Return whether a detector could use a GPU on this machine."""
    if not NVIDIA_DRIVER.exists() or not has_ultralytics():
        return False
    import torch

    return bool(torch.cuda.is_available())


def load_object_detector(settings: ObjectModelConfig, cache_dir: Path) -> Detector:
    """Return a tested detector that has every class of `labels`. Raise `DetectorError`."""
    detector = load_detector(settings.as_detector(), cache_dir)
    missing = [label for label in settings.labels if label not in detector.labels]
    if missing:
        detector.close()
        raise DetectorError(
            f"detector.objects.labels names {', '.join(missing)}, no class of {settings.weights}"
        )
    return detector


def load_detector(settings: DetectorConfig, cache_dir: Path) -> Detector:
    """Return a tested detector. Raise `DetectorError`."""
    if settings.kind != ANY_DETECTOR:
        return detector_kind(settings.kind).load(settings, cache_dir)
    if settings.weights.endswith(".onnx"):
        return detector_kind("onnx").load(settings, cache_dir)
    if settings.device == "gpu" or (settings.device == "auto" and NVIDIA_DRIVER.exists()):
        from thapcanh.detection.detectors.kinds.ultralytics import NoGpuError

        try:
            return detector_kind("ultralytics").load(settings, cache_dir)
        except NoGpuError as reason:
            log.warning("no GPU to look with (%s); looking on the CPU", reason)
            settings = settings.model_copy(update={"device": "cpu"})
    return detector_kind("openvino").load(settings, cache_dir)
