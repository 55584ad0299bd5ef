"""What a detector of another package is made of; CONTRIBUTING.md shows one.

>>> from thapcanh import detectors
>>> seen = detectors.Detection(box=(0.1, 0.2, 0.3, 0.4), confidence=0.9, label="fire")
>>> seen.box[2]
0.3
"""

from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detections import Detection, Detections, detections_of
from thapcanh.detection.detectors.detector_kind import Detector, DetectorKind
from thapcanh.detection.detectors.model_card import ModelIdentity
from thapcanh.detection.errors import DetectorError, InferenceError
from thapcanh.ingest.frame import Frame

__all__ = [
    "Detection",
    "Detections",
    "Detector",
    "DetectorConfig",
    "DetectorError",
    "DetectorKind",
    "Frame",
    "InferenceError",
    "ModelIdentity",
    "detections_of",
]
