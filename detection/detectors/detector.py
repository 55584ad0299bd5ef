"""Loading of the site's detector: a tested one, or a clear `DetectorError`."""

import logging
from pathlib import Path

from thapcanh.config.site import ANY_DETECTOR, DetectorConfig
from thapcanh.detection.detectors.detector_kind import Detector
from thapcanh.detection.detectors.registry import detector_kind

NVIDIA_DRIVER = Path("/proc/driver/nvidia/version")
log = logging.getLogger(__name__)


def has_gpu() -> bool:
    """Return whether a detector could use a GPU on this machine."""
    if not NVIDIA_DRIVER.exists():
        return False
    import torch

    return bool(torch.cuda.is_available())


def load_detector(settings: DetectorConfig, cache_dir: Path) -> Detector:
    """Return a tested detector. Raise `DetectorError`."""
    if settings.kind != ANY_DETECTOR:
        return detector_kind(settings.kind).load(settings, cache_dir)
    if settings.weights.endswith(".onnx"):
        return detector_kind("onnx").load(settings, cache_dir)
    if settings.device == "gpu" or (settings.device == "auto" and NVIDIA_DRIVER.exists()):
        from thapcanh.detection.detectors.ultralytics_detector import NoGpuError

        try:
            return detector_kind("ultralytics").load(settings, cache_dir)
        except NoGpuError as reason:
            log.warning("no GPU to look with (%s); looking on the CPU", reason)
            settings = settings.model_copy(update={"device": "cpu"})
    return detector_kind("openvino").load(settings, cache_dir)
